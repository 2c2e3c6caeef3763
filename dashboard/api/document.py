"""The interface as an OpenAPI 3.1 document, made of the same models that check the requests."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from dashboard.api import REPORTS
from dashboard.api.problems import MEDIA_TYPE, ProblemDetails
from dashboard.api.schema import Report, ReportAnswer
from intake.reports import attachments
from intake.reports.attachment_kinds import ENDINGS

_PROBLEMS = {
    400: "no Idempotency-Key, or the body is no JSON",
    401: "no key of a client, or it is revoked",
    408: "the request did not come to its end in time",
    413: "the request is too large",
    415: "the request is not application/json",
    422: "a field is wrong, or the Idempotency-Key came with another body before",
    429: "too many reports of this client: send it again after Retry-After seconds",
    500: "something is broken here: send the same again later",
    503: "the hotline cannot keep reports now: send it again after Retry-After seconds",
}
_REF = "#/components/schemas/{model}"


@cache
def document() -> dict[str, Any]:
    wanted = [(Report, "validation"), (ReportAnswer, "serialization"), (ProblemDetails, "serialization")]
    _, schemas = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reports to the child helpline 111",
            "version": "1",
            "description": "For the public app and web forms: brings a report into the inbox.",
        },
        "paths": {REPORTS: {"post": _submit()}},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"client": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"client": []}],
    }


def _submit() -> dict[str, Any]:
    kept = f"at most {attachments.MOST} files of {attachments.LARGEST} bytes, {', '.join(ENDINGS)}"
    return {
        "operationId": "submit_report",
        "summary": "Send one report",
        "description": (
            "Answers 201 once the report is kept. The same Idempotency-Key with the same body, byte for "
            f"byte, gives the same answer and no second report. Of its attachments are kept {kept}; the "
            "answer says so for each, and the report is kept without the others."
        ),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "one random word per report, as a UUID; the same when it is sent again",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _of("Report")}}},
        "responses": {
            "201": {
                "description": "the report is kept",
                "content": {"application/json": {"schema": _of("ReportAnswer")}},
            },
            **{str(status): _problem(status, told) for status, told in _PROBLEMS.items()},
        },
    }


def _problem(status: int, told: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": told,
        "content": {MEDIA_TYPE: {"schema": _of("ProblemDetails")}},
    }
    if status in (429, 503):
        made["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return made


def _of(model: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=model)}
