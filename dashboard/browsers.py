"""What a browser says it is, in plain words, so that people tell their own computers apart. Pure.

Nothing depends on it: a browser may say what it likes.
"""

_KINDS = {
    "Zalo": "Zalo",
    "coc_coc_browser": "Cốc Cốc",
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "FxiOS": "Firefox",
    "Firefox": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
"""Each of these says that it is those after it, too."""
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def named(agent: str) -> str:
    """`Chrome · Windows`; what is not known is left out."""
    found = (_first(_KINDS, agent), _first(_SYSTEMS, agent))
    return " · ".join(name for name in found if name)


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for sign, name in names.items() if sign in agent), "")
