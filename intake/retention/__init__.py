"""How long what is kept is kept, what holds it longer, and what proves that it is gone."""
