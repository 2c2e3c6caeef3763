"""What people ask of what is kept about them, and what they are answered."""
