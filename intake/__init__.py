"""Calls as they are kept, records, cases, recordings: what the hotline does with a call."""
