"""An office's own program: fetches what was handed to it, answers, reports; nobody else's."""

import json
import re

import pytest
from httpx import Response

from hotline import keyring
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from hotline.settings import ROOT, settings
from intake.handovers import case_handovers, office_systems
from intake.handovers.case_handovers import Draft
from intake.handovers.handover_care import limits
from intake.handovers.handover_states import Doing, Situation, WhyRefused
from intake.handovers.handover_views import Way
from intake.records import records
from tests.dashboard.conftest import Face

KIM_BOI = "2025:04978"
_HANDBOOK = (ROOT / "docs" / "handovers-api.md").read_text("utf-8")


def _key(face: Face, unit: str) -> str:
    with transaction(face.db) as session:
        ring = keyring.recording_keys(settings())
        return office_systems.make(session, "UBND", unit, "https://a.example", ring, utc_now()).key


def _sent(face: Face) -> tuple[str, CaseId]:
    record = face.record_of(face.past(face.an), face.an)
    case = face.open_case(record, face.an)
    now = utc_now()
    with transaction(face.db) as session:
        told = {"caller_name": "Cô Đào", "child.1.name": "Bé Na"}
        records.autosave(session, face.an, record, 0, told, now)
        draft = Draft(KIM_BOI, "UBND", Way.SYSTEM, "Cô Đào kể bé bị đánh", "")
        seen = case_handovers.prepare(session, face.an, case, draft).digest
        sent = case_handovers.send(session, face.an, case, draft, seen, limits(settings()), now)
        return sent[0], case


def _ask(face: Face, key: str, path: str, body: object = None) -> Response:
    client, headers = face.stranger(), {"Authorization": f"Bearer {key}"}
    address = f"/api/v1/handovers/{path}"
    answer: Response = (
        client.get(address, headers=headers)
        if body is None
        else client.post(address, content=json.dumps(body), headers=headers)
    )
    return answer


def test_a_program_fetches_accepts_and_reports(face: Face) -> None:
    reference, case = _sent(face)
    key = _key(face, "2025:25")  # the province's reaches its communes'
    got = _ask(face, key, reference)
    assert (got.status_code, got.json()["state"]) == (200, "opened")
    assert got.json()["packet"]["children"] == [{"name": "Bé Na"}]
    assert "Đào" not in got.text
    told = {"id": "w1", "situation": "safe", "doing": "visited"}
    assert _ask(face, key, f"{reference}/reports", told).status_code == 409  # not accepted yet
    for _ in range(2):
        accepted = _ask(face, key, f"{reference}/answer", {"answer": "accepted"})
        assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    for _ in range(2):
        assert _ask(face, key, f"{reference}/reports", told).status_code == 201
    wrong = _ask(face, key, f"{reference}/reports", {**told, "id": "w2", "doing": "flew"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/doing")
    page = face.browser(face.an).get(f"/cases/{case}").text
    assert "Xã đã nhận" in page
    assert page.count("Trẻ an toàn · Đã đến tận nơi") == 3  # newest, in its history, on the spine


def test_a_program_refuses_and_sees_it_no_more(face: Face) -> None:
    (reference, _), key = _sent(face), _key(face, KIM_BOI)
    empty = _ask(face, key, f"{reference}/answer", {"answer": "refused"})
    assert (empty.status_code, empty.json()["errors"][0]["pointer"]) == (422, "/why")
    assert _ask(face, key, f"{reference}/answer", {"answer": "maybe"}).status_code == 422
    refused = _ask(face, key, f"{reference}/answer", {"answer": "refused", "why": "not_here"})
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    assert _ask(face, key, reference).status_code == 404


@pytest.mark.parametrize("unit", ["2025:00004", "2025:01"])
def test_what_was_handed_to_others_does_not_exist(face: Face, unit: str) -> None:
    reference, _ = _sent(face)
    other = _ask(face, _key(face, unit), reference)
    assert (other.status_code, other.json()["code"]) == (404, "not_found")
    assert _ask(face, "td111_guessed", reference).status_code == 401


def test_the_handbook_names_every_code(face: Face) -> None:
    named = set(re.findall(r"`(\w+)`", _HANDBOOK))
    assert {*Situation, *Doing, *WhyRefused} <= named
