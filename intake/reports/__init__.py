"""What programs send in, its files, and who takes it."""
