"""The table of handovers: who may say what when, and what of a case leaves the hotline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import Conflict
from intake.handovers import handover_packets
from intake.handovers.handover_packets import BLOT, Packet
from intake.handovers.handover_states import SHOWN, TABLE, UNANSWERED, State, Turn, after

FIELDS = {
    "caller_name": "Nguyễn Thị Đào",
    "call_back": "gọi 0987 654 321 sau 21 giờ",
    "place_unit": "2025:04978",
    "place": "Thôn Bãi, cạnh nhà cô Đào",
    "problem": "violence",
    "content": "Chị NGUYEN THI DAO ở 0987.654.321 nghe bé khóc.",
}


def _packet(**changed: object) -> Packet:
    plain = {
        "number": "2026-HN-000001",
        "center": "Hà Nội",
        "received_at": "2026-11-20T12:00:00+00:00",
        "fields": FIELDS,
        "told_by": [FIELDS],
        "children": [{"name": "Bé Na", "ethnicity": "Mường", "school": "Tiểu học", "age": "8"}],
        "offenders": [{"described": "Cha dượng", "relation": "step_parent"}],
        "reachable": True,
        "summary": FIELDS["content"],
        "request": "Đến nhà ngay tối nay",
        "risk": "emergency",
    }
    return handover_packets.packet(**{**plain, **changed})  # type: ignore[arg-type]


def test_every_state_is_reached_from_sent() -> None:
    reached, fresh = set(), {State.SENT}
    while fresh:
        reached |= fresh
        fresh = {after(state, turn) for state in fresh for turn in TABLE[state]} - reached
    assert reached == set(State) == set(TABLE)


@given(st.lists(st.sampled_from(Turn)))
def test_nothing_is_answered_that_was_not_opened_and_what_is_over_stays_over(turns: list[Turn]) -> None:
    state, opened = State.SENT, False
    for turn in turns:
        before = state
        try:
            state = after(state, turn)
        except Conflict:
            continue
        opened |= turn is Turn.OPEN
        assert state not in (State.ACCEPTED, State.REFUSED) or opened
        assert before in SHOWN or state is before
        assert before in UNANSWERED or state not in UNANSWERED


def test_only_what_the_commune_needs_leaves_the_hotline() -> None:
    made = _packet()
    assert made.children == ({"name": "Bé Na", "age": "8"},)
    assert made.summary == f"Chị {BLOT} ở {BLOT} nghe bé khóc."
    assert made.place == f"Thôn Bãi, cạnh nhà {BLOT}"
    text = str(handover_packets.as_json(made))
    for secret in ("Đào Thị", "NGUYEN", "654", "Mường", "Tiểu học"):
        assert secret not in text
    assert handover_packets.from_json(handover_packets.as_json(made)) == made


def test_of_the_quick_report_goes_along_what_happened_and_what_is_asked_and_not_who_told() -> None:
    told = {
        "caller_name": "Đào Thị X",
        "ethnicity": "Mường",
        "others.1.other_child": "Bé Ba",
        "events": "Chị Nguyễn Thị Đào gọi lúc 20 giờ",
        "done.2.at": "20:15",
        "done.2.action": "Gọi công an xã",
        "asked.1.whom": "Công an xã",
        "proposals": "Đưa bé đi khám",
    }
    made = _packet(report=told)
    assert made.report == (
        {"part": "events", "text": f"Chị {BLOT} gọi lúc 20 giờ"},
        {"part": "done", "at": "20:15", "action": "Gọi công an xã"},
        {"part": "asked", "whom": "Công an xã"},
        {"part": "proposals", "text": "Đưa bé đi khám"},
    )
    assert handover_packets.from_json(handover_packets.as_json(made)) == made
    assert _packet().report == ()


def test_the_digest_changes_with_every_word() -> None:
    assert _packet().digest == _packet().digest
    assert _packet().digest != _packet(request="Đến nhà ngay").digest


@pytest.mark.parametrize(
    ("text", "secret", "hidden"),
    [
        ("Cô Ba kể", "Cô Ba", f"{BLOT} kể"),
        ("co ba ke; CÔ  BA", "Cô Ba", f"{BLOT} ke; {BLOT}"),
        ("Ba nói ba lần", "Ba", "Ba nói ba lần"),
        ("bà Bảy, Bảy Bà", "Bà Bảy", f"{BLOT}, Bảy Bà"),
        ("Anh Đạt, Đạtx", "Dat", f"Anh {BLOT}, Đạtx"),
        ("sinh 2018, nhà số 12", "Đào", "sinh 2018, nhà số 12"),
    ],
)
def test_a_name_is_blotted_out_as_a_whole_with_marks_or_without(
    text: str, secret: str, hidden: str
) -> None:
    assert handover_packets.blotted(text, [secret]) == hidden


@given(st.text(max_size=60), st.text(min_size=3, max_size=20))
def test_blotting_never_fails_and_adds_nothing_but_blots(text: str, secret: str) -> None:
    hidden = handover_packets.blotted(text, [secret])
    assert set(hidden) <= set(text) | set(BLOT)


def test_what_was_kept_before_packets_told_of_adults_was_about_children() -> None:
    kept = handover_packets.as_json(_packet(adults=True))
    assert handover_packets.from_json(kept).adults
    del kept["adults"]
    assert not handover_packets.from_json(kept).adults
