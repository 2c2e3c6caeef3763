"""The softphone's pure parts: SIP messages, digest, SDP, sound, and the commands' arguments."""

import wave
from array import array
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import BadInput
from hotline.ids import Phone
from telephony.phones import PhoneAccount
from telephony.softphone import keys, message, sdp, sound
from telephony.softphone.caller import from_value
from telephony.softphone.command import chosen, duration
from telephony.softphone.digest import authorization

INVITE = (
    b"INVITE sip:hn01@127.0.0.1 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKabc\r\n"
    b'f: "Nguy\xe1\xbb\x85n \\"Nam\\"" <sip:0912345678@127.0.0.1;user=phone>;tag=from1\r\n'
    b"t: <sip:hn01@127.0.0.1>\r\n"
    b"i: call-1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Subject: folded\r\n over two\r\n\tlines\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\n"
)


def test_reads_a_request_with_compact_names_and_folded_lines() -> None:
    read = message.parse(INVITE)
    assert (read.method, read.uri) == ("INVITE", "sip:hn01@127.0.0.1")
    assert read.call_id == "call-1"
    assert read.branch == "z9hG4bKabc"
    assert read.sequence == (7, "INVITE")
    assert read.get("subject") == "folded over two lines"
    assert read.body == b"v=0\n"
    assert message.user(read.get("From")) == "0912345678"
    assert message.display_name(read.get("From")) == 'Nguyễn "Nam"'
    assert message.parameter(read.get("From"), "tag") == "from1"
    assert message.parameter(read.get("To"), "tag") == ""


def test_response_copies_what_must_be_copied_and_adds_our_tag_once() -> None:
    made = message.response(message.parse(INVITE), 180, "Ringing", "ours")
    again = message.parse(made.to_bytes())
    assert (again.status, again.reason) == (180, "Ringing")
    assert message.parameter(again.get("To"), "tag") == "ours"
    assert again.sequence == (7, "INVITE")
    assert "tag=" not in message.response(message.parse(INVITE), 100, "Trying", "ours").get("To")


@pytest.mark.parametrize(
    "junk", [b"", b"\r\n\r\n", b"hello", b"SIP/2.0 abc OK\r\n\r\n", b"\xff\xfe\x00 x y"]
)
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(BadInput):
        message.parse(junk)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(BadInput):
        message.parse(b"INVITE sip:x SIP/2.0\r\n" + data)


def test_hostile_bytes_go_through_unchanged() -> None:
    sent = message.Message(method="INVITE", uri="sip:111@x")
    sent.headers = [("From", '"\udcff\r\n <b>" <sip:0@x>')]
    assert b'From: "\xff\r\n <b>" <sip:0@x>\r\n' in sent.to_bytes()


def test_from_of_a_withheld_number_and_of_a_quoted_name() -> None:
    assert from_value(None, None, "h") == '"Anonymous" <sip:anonymous@anonymous.invalid>'
    assert from_value("09", 'a"b\\', "h") == '"a\\"b\\\\" <sip:09@h>'
    assert message.display_name(from_value("09", 'a"b\\', "h")) == 'a"b\\'


def test_digest_of_the_rfc() -> None:
    """RFC 2617 §3.5, and the same without qop."""
    asked = {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "qop": "auth"}
    told = authorization(
        asked,
        user="Mufasa",
        secret="Circle Of Life",
        method="GET",
        uri="/dir/index.html",
        cnonce="0a4f113b",
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in told
    del asked["qop"]
    told = authorization(
        asked, user="Mufasa", secret="Circle Of Life", method="GET", uri="/dir/index.html"
    )
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in told


def test_challenge_is_taken_apart() -> None:
    read = message.challenge('Digest realm="asterisk", nonce="1/2=", algorithm=MD5, qop="auth"')
    assert read["realm"] == "asterisk"
    assert read["nonce"] == "1/2="
    assert read["qop"] == "auth"


def test_sdp_there_and_back() -> None:
    media = sdp.read(sdp.describe("127.0.0.1", 4000, direction="sendonly"))
    assert media == sdp.Media("127.0.0.1", 4000, (8, 0, 101), "sendonly", keys=101)
    assert media.mirrored == "recvonly"
    assert media.payload == 8
    assert sdp.read(b"v=0\r\nm=video 1 RTP/AVP 96\r\n") is None
    only_ulaw = sdp.read(b"c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/AVP 0 101\r\n")
    assert only_ulaw is not None
    assert (only_ulaw.host, only_ulaw.payload, only_ulaw.keys) == ("10.0.0.1", 0, None)


def test_a_key_goes_down_grows_longer_and_ends_three_times() -> None:
    """Event, end bit and volume, duration in samples (RFC 4733 §2.3)."""
    said = [(at[0], at[1] >> 7, int.from_bytes(at[2:])) for at in keys.events("#")]
    assert said == [(11, 0, 160 * n) for n in range(1, 6)] + [(11, 1, 960)] * 3


@pytest.mark.parametrize("key", ["", "A", "12", ","])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(BadInput):
        keys.events(key)


@pytest.mark.parametrize("payload", [0, 8])
def test_tone_survives_coding(payload: int) -> None:
    coded = sound.tone(440).coded(payload)
    assert len(coded) % sound.FRAME == 0
    heard = sound.decode(coded, payload)
    assert sound.share(heard, 440) > 0.95
    assert sound.share(heard, 620) < 0.05
    assert abs(sound.loudness(heard) - 0.3 / 2**0.5) < 0.01


def test_silence_is_silent() -> None:
    heard = sound.decode(sound.silence().coded(8), 8)
    assert sound.loudness(heard) < 0.001
    assert sound.share(array("h", bytes(320)), 440) == 0


def test_wav_of_another_rate_is_brought_to_8_khz(tmp_path: Path) -> None:
    file = tmp_path / "tone.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(16000)
        mono = sound.tone(440).samples
        out.writeframes(
            array("h", (value for sample in mono for value in (sample, 0, sample, 0))).tobytes()
        )
    assert sound.share(sound.wav(file).samples, 440) > 0.9
    with pytest.raises(BadInput, match="not a WAV file"):
        sound.wav(tmp_path / "missing.wav")


@pytest.mark.parametrize(
    ("text", "seconds"), [("2s", 2), ("500ms", 0.5), ("1.5m", 90), ("20", 20), ("0s", 0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text, "--talk") == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1s", "2h", "7200", "1e9"])
def test_wrong_durations_name_their_option(text: str) -> None:
    with pytest.raises(BadInput, match="--talk"):
        duration(text, "--talk")


def test_some_of_the_phones() -> None:
    accounts = [PhoneAccount(Phone(f"hn0{number}"), "secret-secret") for number in (1, 2, 3)]
    assert [account.phone for account in chosen(accounts, "hn03, hn01")] == ["hn01", "hn03"]
    assert chosen(accounts, "") == accounts
    with pytest.raises(BadInput, match="hn09"):
        chosen(accounts, "hn01,hn09")


@pytest.mark.parametrize(
    ("phone", "secret"),
    [("hn1", "x" * 8), ("hn01\n", "x" * 8), ("hn01", "short"), ("hn01", "a;bcdefghi")],
)
def test_phone_accounts_that_asterisk_could_misread_are_refused(phone: str, secret: str) -> None:
    with pytest.raises(BadInput):
        PhoneAccount(Phone(phone), secret)
    assert "secret" not in repr(PhoneAccount(Phone("hn01"), "secret-secret"))
