"""The wave picture of a recording's side as the path of an SVG. Pure."""

HEIGHT = 40
"""Of one lane, in the picture's own units; its width is one unit for each peak."""


def wave_path(peaks: bytes) -> str:
    """One upright stroke for each peak around the lane's middle; silence is a dot's height."""
    middle = HEIGHT / 2
    strokes = (max(0.5, peak / 255 * (middle - 2)) for peak in peaks)
    return "".join(
        f"M{place}.5 {middle - half:.1f}v{2 * half:.1f}" for place, half in enumerate(strokes)
    )
