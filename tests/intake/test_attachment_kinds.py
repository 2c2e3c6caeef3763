import pytest

from intake.reports.attachment_kinds import ENDINGS, kind_of

_FTYP = b"\x00\x00\x00\x18ftyp"
KNOWN = {
    b"\xff\xd8\xff\xe0\x00\x10JFIF": "image/jpeg",
    b"\x89PNG\r\n\x1a\n\x00": "image/png",
    b"RIFF\x24\x00\x00\x00WEBPVP8 ": "image/webp",
    _FTYP + b"heic\x00\x00": "image/heic",
    b"%PDF-1.7\n": "application/pdf",
    b"OggS\x00\x02": "audio/ogg",
    b"RIFF\x24\x00\x00\x00WAVEfmt ": "audio/wav",
    b"#!AMR\n\x3c": "audio/amr",
    b"ID3\x04\x00": "audio/mpeg",
    b"\xff\xfb\x90\x64\x00": "audio/mpeg",
    _FTYP + b"M4A \x00\x00": "audio/mp4",
}
OTHERS = (
    b"",
    b"\xff",
    b"\xff\xd8",
    b"<html><script>",
    b"<svg xmlns=",
    b"MZ\x90\x00",
    b"PK\x03\x04",
    b"\x7fELF",
    b"GIF89a",
    b"RIFF\x24\x00\x00\x00AVI LIST",
    _FTYP + b"isom",
    b"\x00\x00\x00\x00ftypheic",
    b"\xff\xfb\xf0\x64",
    b" %PDF-1.7",
)


@pytest.mark.parametrize("content", KNOWN)
def test_a_file_is_what_its_first_bytes_say(content: bytes) -> None:
    assert kind_of(content) == KNOWN[content]


@pytest.mark.parametrize("content", OTHERS)
def test_everything_else_is_nothing(content: bytes) -> None:
    assert kind_of(content) is None


def test_every_kind_has_its_ending() -> None:
    assert set(KNOWN.values()) == ENDINGS.keys()
