"""What the doctor says of documents."""

import pytest

from hotline.findings import Grade, Patient
from hotline.settings import Settings
from intake.documents import doctor, typefaces


def test_documents_are_really_made_and_a_missing_typeface_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typefaces.ensure_installed()
    patient = Patient(Settings(), running=None)
    (found,) = doctor.examine(patient)
    assert (found.grade, found.subject) == (Grade.GOOD, "documents")
    monkeypatch.setattr(typefaces, "_FILE", "NoSuchSerif.ttf")
    (found,) = doctor.examine(patient)
    assert (found.grade, "tongdai typefaces" in found.advice) == (Grade.ODD, True)
