"""Who takes the call: pure decisions over waiting calls, counselors and the time."""
