"""The therapy unit: children referred to it, what is planned and held, what is said there."""
