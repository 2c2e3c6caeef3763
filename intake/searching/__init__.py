"""What of records and cases can be found again: words, names, places, and marks of likeness."""
