"""One of each thing of the house beside the case of `permission_world`: what its counselors and leads do
all day. The call is the opener's; the report was taken by the opener, another waits."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import alarms, desk_messages, on_call
from hotline.access import Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.clock import local, utc_now
from hotline.db import transaction
from hotline.events import Outcome
from hotline.ids import CallId
from hotline.sealed import KeyRing
from hotline.settings import settings
from hotline.terms import Term
from intake.calls import nuisances, number_flags
from intake.calls.nuisances import NuisanceRow
from intake.calls.number_flags import NumberFlagRow
from intake.forms.taxonomy import Way
from intake.official_reports import official_reports, report_files
from intake.official_reports.official_reports import PLAIN
from intake.official_reports.report_rules import Kind
from intake.recordings import recording_work
from intake.reports import api_clients, reports
from intake.reports.reports import Submitted
from intake.statistics.periods import year
from intake.tables.callbacks import CallbackRow
from intake.tables.official_reports import OfficialReportRow
from intake.tables.reports import ReportRow
from routing import steering
from routing.swaps import SwapRow, SwapState
from tests.dashboard.conftest import Face
from tests.factories import Story
from tests.intake.test_recordings import noise

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def furnish(face: Face, seen: Mapping[str, Viewer], made: dict[str, object], ring: KeyRing) -> None:
    """Adds to `made`."""
    made["today"] = local(utc_now()).date()
    _record_call(str(made["case_call"]))
    made["callback"] = _lose(face, seen["opener"])
    for fill in (_steer, _note_numbers, _swap):
        with transaction(face.db) as session:
            fill(session, seen, made)
    with transaction(face.db) as session:
        _report(session, seen, made, ring)
        _official_report(session, seen, made, ring)


def _official_report(
    session: Session, seen: Mapping[str, Viewer], made: dict[str, object], ring: KeyRing
) -> None:
    """One that is issued, with what would be its files."""
    drafter, signer, now = seen["center_lead"], seen["far_center_lead"], utc_now()
    made["official_report"] = report = official_reports.order(
        session, drafter, Kind.ANNUAL, year(2019), PLAIN, signer.staff_id, (), "p" * 20, now
    )
    report_files.freeze(session, report, b"{}", b"%PDF", ring, now, mails=False)
    digest = session.get_one(OfficialReportRow, report).digest
    official_reports.sign(session, signer, report, digest, settings(), now)
    report_files.issue(session, report, {"pdf": b"%PDF"}, ring, now, mails=False)


def _record_call(call_id: str) -> None:
    for side in ("in", "out"):
        noise(settings().spool_dir / f"{call_id}-{side}.wav", 60)
    recording_work.finish(call_id)


def _lose(face: Face, by: Viewer) -> int:
    """A number of Hà Nội rang in vain."""
    at = utc_now() - timedelta(minutes=5)
    story = Story(number="0987654321", at=at).arrived().waiting().rang(by.phone or "")
    face.tell(story.stopped(by.phone or "").ended(Outcome.ABANDONED))
    with transaction(face.db) as session:
        return session.scalars(select(CallbackRow.id)).one()


def _steer(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    lead, now = seen["lead"], utc_now()
    desk_messages.send(session, lead, "Họp lúc 15 giờ", None, timedelta(minutes=30), now)
    made["desk_message"] = 1
    made["far_center"] = seen["far_lead"].center_id
    term = Term("đông", timedelta(minutes=30))
    steering.set_limit(session, lead, lead.center_id, timedelta(seconds=9), term, now)
    made["order"] = 1
    on_call.put(session, lead.center_id, [(lead.staff_id, "0900000111")], now)
    made["list"] = session.scalar(
        select(on_call.OnCallListRow.id).order_by(on_call.OnCallListRow.id.desc())
    )


def _note_numbers(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    call, lead, now = CallId(str(made["case_call"])), seen["lead"], utc_now()
    nuisances.lower(session, lead, call, min(nuisances.HOURS), now)
    number_flags.put(session, lead, call, "nói khẽ", min(number_flags.DAYS), now)
    session.flush()
    made["nuisance"] = session.scalars(select(NuisanceRow.id)).one()
    made["flag"] = session.scalars(select(NumberFlagRow.id)).one()


def _swap(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    row = SwapRow(
        asked_by=seen["opener"].staff_id,
        asked_of=seen["colleague"].staff_id,
        state=SwapState.ASKED,
        asked_at=utc_now(),
    )
    row.give_day = row.take_day = date(2026, 11, 20)
    row.give_shift, row.take_shift = "morning", "night"
    session.add(row)
    session.flush()
    made["swap"] = row.id


def _report(
    session: Session, seen: Mapping[str, Viewer], made: dict[str, object], ring: KeyRing
) -> None:
    now = utc_now()
    client, _ = api_clients.make(session, "Ứng dụng 111", Way.APP, 60, now)
    for key in ("taken", "waits"):
        sent = Submitted(key, "a" * 64, None, True, {"content": "Em sợ về nhà"}, (PNG,))
        reports.accept(session, client, sent, ring, now)
    rows = {row.idempotency_key: row for row in session.scalars(select(ReportRow))}
    made["report"], made["report_waits"] = rows["taken"].id, rows["waits"].id
    made["report_record"], _ = reports.take(session, seen["opener"], rows["taken"].id, now)
    made["report_reference"] = rows["waits"].reference
    alarms.sound(session, AlarmKind.REPORT, rows["waits"].reference, "danger", None, now)
