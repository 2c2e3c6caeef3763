"""What can be asked and answered: versioned forms, the codes of the hotline, places."""
