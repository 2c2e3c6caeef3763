"""Text without what makes Vietnamese hard to type and to compare. Pure.

What is indexed for the search has its own, wider folding (`intake.search_words`).
"""

from unicodedata import combining, normalize


def plain(text: str) -> str:
    """Small letters without marks: `Đỗ Thị` → `do thi`."""
    bare = normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in bare if not combining(sign))
