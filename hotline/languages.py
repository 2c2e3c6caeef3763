"""The languages besides Vietnamese in which callers are helped. Pure."""

LANGUAGES = ("hmn", "tyz", "nut", "mtq", "jra", "rad", "khm", "cja", "en")
"""H'Mông, Tày, Nùng, Mường, Gia Rai, Ê đê, Khơme, Chăm, English: ISO 639 codes."""
