"""`POST /api/v1/reports` as a program meets it, and the inbox as counselors do."""

import base64
import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from dashboard.api import REPORTS
from dashboard.api import reports as api
from dashboard.api.document import document
from dashboard.api.schema import Child, Report, fields_of
from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.forms import forms
from intake.forms.taxonomy import Way
from intake.reports import api_clients
from intake.tables.reports import ReportRow
from tests.dashboard.conftest import Browser, Face

one_database = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
"""What is asked here is decided before any database."""
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 400
REPORT: dict[str, Any] = {
    "content": "Hàng xóm em bị nhốt ngoài ban công",
    "in_danger": True,
    "happened_at": "2026-01-31T21:05:00+07:00",
    "place": "Kim Bôi, Phú Thọ",
    "reporter": {"relation": "neighbor", "contact": "0912 345 678, sau 21 giờ", "anonymous": True},
    "children": [{"name": "Bé Na", "age": 8, "sex": "female", "birth_date": "2018-02-03"}],
    "attachments": [
        {"content": base64.b64encode(PICTURE).decode()},
        {"content": base64.b64encode(b"<script>").decode()},
    ],
}


class Program:
    """A program with a key, or what it believes to be one."""

    def __init__(self, client: TestClient, key: str) -> None:
        self.client, self.key = client, key

    def send(self, body: Any, key: str = '"8e03978e-40d5"', **headers: str) -> Response:
        given = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        answer: Response = self.client.post(
            REPORTS, content=sent, headers={"Content-Type": "application/json"} | given
        )
        if answer.status_code != 201:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
            assert "0912" not in answer.text
        assert str(answer.status_code) in document()["paths"][REPORTS]["post"]["responses"]
        return answer


def program(face: Face, per_minute: int = 60) -> Program:
    with transaction(face.db) as session:
        _, key = api_clients.make(session, "Ứng dụng 111", Way.APP, per_minute, utc_now())
    return Program(face.stranger(), key)


def kept(face: Face) -> int:
    with reading(face.db) as session:
        return session.scalar(select(func.count()).select_from(ReportRow)) or 0


def test_a_report_is_kept_taken_and_written_on(face: Face, an: Browser) -> None:
    sender = program(face)
    first = sender.send(REPORT)
    assert first.status_code == 201, first.text
    told = first.json()
    assert told["attachments"] == [
        {"position": 1, "kept": True, "type": "image/png"},
        {"position": 2, "kept": False, "refused": "type_not_allowed"},
    ]
    assert sender.send(REPORT).json() == told
    assert sender.send(REPORT | {"content": "khác"}).json()["code"] == "idempotency_key_reused"
    assert kept(face) == 1

    inbox = an.get("/inbox").text
    assert told["reference"] in inbox
    assert "Nói trẻ đang nguy hiểm" in inbox
    assert "ban công" not in inbox
    assert "Tin báo: trẻ đang nguy hiểm." in face.browser(face.lead).get("/wallboard/board").text
    (number,) = re.findall(r"/inbox/(\d+)/take", inbox)
    taken = an.post(f"/inbox/{number}/take")
    assert taken.status_code == 303
    late = face.browser(face.binh).post(f"/inbox/{number}/take")
    assert (late.status_code, "trước bạn" in late.text) == (409, True)

    record = taken.headers["location"].removeprefix("/desk?record=")
    for page in (taken.headers["location"], f"/records/{record}"):
        text = an.get(page).text
        assert REPORT["content"] in text
        assert told["reference"] in text
        assert "Tệp 2 không nhận được: không phải ảnh, PDF hay âm thanh." in text
        assert "21:05 31/01/2026" in text
    file = an.get(f"/inbox/{number}/attachments/1")
    assert file.content == PICTURE
    assert file.headers["Content-Type"] == "image/png"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Disposition"] == (
        f"attachment; filename*=UTF-8''{told['reference']}-1.png"
    )
    assert face.browser(face.binh).get(f"/inbox/{number}/attachments/1").status_code == 404


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"content": ""}, "/content", "string_too_short"),
    ({"content": " \n "}, "/content", "string_too_short"),
    ({"content": "a" * 20_001}, "/content", "string_too_long"),
    ({"nonsense": 1}, "/nonsense", "extra_forbidden"),
    ({"in_danger": "yes"}, "/in_danger", "bool_type"),
    ({"happened_at": "2026-01-31T21:05:00"}, "/happened_at", "timezone_aware"),
    ({"happened_at": "2999-01-31T21:05:00Z"}, "/happened_at", "not_a_time"),
    ({"happened_at": "0001-01-01T00:00:00+14:00"}, "/happened_at", "not_a_time"),
    ({"children": [{"age": 121}]}, "/children/0/age", "less_than_equal"),
    ({"children": [{}] * 13}, "/children", "too_long"),
    ({"reporter": {"relation": "ghost"}}, "/reporter/relation", "enum"),
    ({"attachments": [{"content": "…"}]}, "/attachments/0/content", "base64"),
)


@one_database
def test_what_is_wrong_is_said_by_its_place(face: Face) -> None:
    sender = program(face)
    for change, pointer, code in WRONG:
        answer = sender.send(REPORT | change)
        assert (answer.status_code, pointer) == (422, pointer)
        assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert kept(face) == 0


@one_database
def test_what_cannot_be_a_request(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = program(face)
    assert sender.send(REPORT, key="").json()["code"] == "no_idempotency_key"
    assert sender.send(b"{").json()["code"] == "bad_json"
    assert sender.send(b"\xff").status_code == 400
    assert sender.send(REPORT, Content_Type="text/plain").status_code == 415
    monkeypatch.setattr(api, "MAX_BODY", 500)
    assert sender.send(REPORT).status_code == 413
    assert sender.send(iter([b"x" * 300] * 2)).status_code == 413  # without a Content-Length
    for strange in ("", "td111_nobody"):
        refused = Program(sender.client, strange).send(REPORT)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert sender.client.get("/api/v1/reports").status_code == 405
    lost = sender.client.get("/api/v1/nothing")
    assert (lost.status_code, lost.headers["Content-Type"]) == (404, "application/problem+json")
    assert kept(face) == 0


@one_database
def test_a_client_has_its_rate_and_only_ids_are_counted(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, other = program(face, per_minute=2), program(face)
    answers = [sender.send({"content": "a"}, key=f"k{n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert other.send({"content": "b"}).status_code == 201
    names = [str(name, "ascii") for name in bus.client().scan_iter("td.rate.*")]
    assert all(re.fullmatch(r"td\.rate\.api_client\.\d+", name) for name in names)
    monkeypatch.setenv("TONGDAI_REDIS_URL", "unix:///nowhere/valkey.sock")
    from hotline.settings import settings  # the process's own, read anew

    settings.cache_clear()
    bus.client.cache_clear()
    assert sender.send({"content": "c"}, key="k4").status_code == 201  # no limit costs a report


def test_every_field_has_its_place_in_the_form() -> None:
    child = dict.fromkeys(("name", "ethnicity", "school", "address", "condition"), "a")
    child["address_unit"] = "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"
    whole = {
        "content": "a",
        "place": "a",
        "place_unit": "2025:04978",
        "offender": "a",
        "online": True,
        "reporter": REPORT["reporter"] | {"name": "a", "language": "hmn"},
        "children": [child | {"sex": "male", "birth_date": "2018-02-03", "age": 8}],
    }
    fields = fields_of(Report.model_validate_json(json.dumps(whole)))
    assert forms.check(forms.CURRENT, fields) == fields
    assert fields["child.1.address_unit"] == "2024:05065"
    assert fields["offender.1.described"] == "a"
    asked = {field.name for field in forms.CURRENT.child_fields}
    assert {name.split(".")[2] for name in fields if name.startswith("child.")} == asked
    assert set(Child.model_fields) == asked


@one_database
def test_the_document_tells_the_schema_that_checks(face: Face) -> None:
    told = face.stranger().get("/api/v1/openapi.json").json()
    schemas = told["components"]["schemas"]
    assert set(schemas["Report"]["properties"]) == set(Report.model_fields)
    assert schemas["Report"]["required"] == ["content"]
    assert schemas["Report"]["additionalProperties"] is False
