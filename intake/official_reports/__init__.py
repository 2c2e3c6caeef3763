"""The house's own reports as documents: drafted, signed off, numbered, issued, withdrawn, and when."""
