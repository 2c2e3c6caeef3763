"""Plans of support and intervention: written, approved, carried out."""
