"""What the handbook for a client's developer says is what the interface does."""

import json
import re

from dashboard.api import REPORTS
from dashboard.api.document import document
from dashboard.api.schema import Report, ReportAnswer
from hotline.settings import ROOT
from intake.reports import attachments
from intake.reports.attachment_kinds import ENDINGS

_HANDBOOK = (ROOT / "docs" / "reports-api.md").read_text("utf-8")


def test_its_examples_are_valid() -> None:
    sent = re.search(r"-d '(\{.*?\})'\n", _HANDBOOK, re.DOTALL)
    answered = re.search(r"201 Created\n(\{.*?\})\n", _HANDBOOK, re.DOTALL)
    assert sent is not None
    assert answered is not None
    body = re.sub(r"'\"\$\(.*?\)\"'", "AAAA", sent[1])
    assert Report.model_validate_json(body).in_danger
    assert ReportAnswer.model_validate(json.loads(answered[1])).reference


def test_it_names_every_status_and_limit() -> None:
    told = {
        status for row in re.findall(r"^\| ([\d, ]+) \|", _HANDBOOK, re.M) for status in row.split(", ")
    }
    responses = document()["paths"][REPORTS]["post"]["responses"]
    assert told == set(responses) - {"201"}
    assert f"At most {attachments.MOST}, each at most {attachments.LARGEST >> 20} MB" in _HANDBOOK
    named = re.search(r"MB: ([^.]*)\.", _HANDBOOK)
    assert named is not None
    assert len(named[1].split(",")) == len(ENDINGS)
