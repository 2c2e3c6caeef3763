"""What a file is by its first bytes, whatever its sender calls it. Pure.

Only pictures, PDF and sound are known here; nothing else is taken in. Signatures: RFC 2083 (PNG),
RFC 9649 (WebP), ITU-T T.81 Annex B (JPEG), ISO 32000-1 7.5.2 (PDF), RFC 3533 (Ogg), RFC 2361 (WAVE),
RFC 4867 5.1 (AMR), ISO/IEC 14496-12 4.3 (the `ftyp` box of HEIC and M4A), ID3v2.4 3.1 and
ISO/IEC 11172-3 2.4.1.3 (MP3).
"""

_BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}
"""The major brand in an ISO base media file; of other brands it is mostly a film."""
_LONGEST_BRAND_BOX = 4096

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
}
"""Every kind that is taken in → the ending of its file's name."""


def kind_of(content: bytes) -> str | None:
    """The media type, a key of `ENDINGS`; None for what is none of them."""
    for at, signature, kind in _BEGINNINGS:
        if content[at : at + len(signature)] == signature:
            return kind
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp" and 8 < int.from_bytes(content[:4], "big") <= _LONGEST_BRAND_BOX:
        return _BRANDS.get(content[8:12])
    return "audio/mpeg" if _is_mp3_frame(content) else None


def _is_mp3_frame(content: bytes) -> bool:
    """Eleven bits of sync, MPEG 1 or 2, layer III, a bit rate and a sampling rate that exist."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE6 != 0xE2:
        return False
    version, rate, sampling = content[1] >> 3 & 3, content[2] >> 4, content[2] >> 2 & 3
    return version != 1 and rate not in (0, 15) and sampling != 3
