"""Calls as they are kept: folded from the events of the line, shown, owed back, wished for."""
