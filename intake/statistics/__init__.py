"""What the hotline's own reports count, over any period."""
