"""What counselors write down of a call, or of what came another way."""
