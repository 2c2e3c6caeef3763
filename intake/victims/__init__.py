"""Victims of human trafficking: to whom they are referred, and the figures of all of them."""
