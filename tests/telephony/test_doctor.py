"""What `tongdai doctor` says about Asterisk: each fault really caused on a real one."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from hotline import certificates
from hotline.clock import utc_now
from hotline.findings import Finding, Grade, Patient
from hotline.ids import Phone
from hotline.settings import Settings
from telephony import doctor, prompts
from telephony.phones import PhoneAccount, write_accounts
from tests.pbx import Pbx, _asterisk, pbx

__all__ = ["_asterisk", "pbx"]


def _line(of: Settings) -> Finding:
    """What is said about the running Asterisk."""
    return list(doctor.examine(Patient(of, running=1)))[-1]


def test_an_asterisk_that_lets_us_in(pbx: Pbx) -> None:
    found = _line(pbx.settings)
    assert found.grade is Grade.GOOD
    assert str(pbx.settings.ami_port) in found.said


def test_a_recorded_prompt_that_asterisk_cannot_play(pbx: Pbx) -> None:
    file = prompts.folder(pbx.settings) / "heard.wav.mp3"
    file.touch()
    try:
        found = list(doctor.examine(Patient(pbx.settings, running=1)))[2]
    finally:
        file.unlink()
    assert (found.grade, found.subject) == (Grade.ODD, "prompts")
    assert str(file) in found.said


def test_a_wrong_ami_secret(pbx: Pbx) -> None:
    found = _line(pbx.settings.model_copy(update={"ami_secret": SecretStr("wrong")}))
    assert found.grade is Grade.WRONG
    assert "refuses" in found.said
    assert found.advice


def test_a_wrong_ami_secret_of_somebody_elses_asterisk(pbx: Pbx) -> None:
    wrong = {"ami_secret": SecretStr("wrong"), "pbx": "external"}
    found = _line(pbx.settings.model_copy(update=wrong))
    assert "TONGDAI_AMI_SECRET" in found.advice


def test_an_asterisk_that_does_not_answer(pbx: Pbx) -> None:
    found = _line(pbx.settings.model_copy(update={"ami_port": 1}))
    assert found.grade is Grade.WRONG
    assert "does not answer" in found.said
    assert "asterisk.log" in found.advice


def test_another_center_that_can_be_reached_and_one_that_cannot(pbx: Pbx) -> None:
    of = pbx.settings
    sites = f"dn={of.ami_host}:5060:{of.ami_port},ag=127.0.0.1:5060:1"
    there, cut = list(doctor.examine(Patient(of.model_copy(update={"sites": sites}), running=1)))[-2:]
    assert (there.grade, there.subject) == (Grade.GOOD, "site dn")
    assert (cut.grade, cut.subject) == (Grade.WRONG, "site ag")
    assert "serves its own callers alone" in cut.said


def test_a_machine_without_asterisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find", lambda: None)
    (found,) = doctor.examine(Patient(Settings(), running=None))
    assert found.grade is Grade.WRONG
    assert "tongdai pbx install" in found.advice


def test_certificates_that_are_missing_and_that_run_out(tmp_path: Path) -> None:
    """Nothing is said of them where nothing goes over TLS."""
    sealed = "hn=tls://10.1.0.5:5061:5039,dn=tls://10.2.0.5:5061:5039"
    of = Settings(data=tmp_path, sites=sealed)

    def told(of: Settings) -> list[Finding]:
        found = doctor.examine(Patient(of, running=None))
        return [each for each in found if each.subject == "certificates"]

    assert told(Settings(data=tmp_path)) == []
    (missing,) = told(of)
    assert missing.grade is Grade.WRONG
    assert "tongdai pbx certificates" in missing.advice
    certificates.make(of.certificates_dir, {"hn": ["10.1.0.5"]}, utc_now())
    assert [each.grade for each in told(of)] == [Grade.GOOD]
    with_telco = of.model_copy(update={"telco_tls_port": 5063})
    lacks, fine = told(with_telco)
    assert (lacks.grade, "telco-ca.pem" in lacks.said, fine.grade) == (Grade.WRONG, True, Grade.GOOD)
    (of.certificates_dir / "telco-ca.pem").write_bytes((of.certificates_dir / "ca.pem").read_bytes())
    assert [each.grade for each in told(with_telco)] == [Grade.GOOD]
    old = utc_now() - certificates.SITE_LASTS + timedelta(days=10)
    (of.certificates_dir / "hn.pem").unlink()
    certificates.make(of.certificates_dir, {"hn": ["10.1.0.5"]}, old)
    (soon,) = told(of)
    assert (soon.grade, soon.advice) == (Grade.ODD, missing.advice)
    receives, brings = {"pbx": "external", "containers": True}, {"site": "dn"}
    assert [each.grade for each in told(of.model_copy(update=receives))] == [Grade.ODD]
    assert told(of.model_copy(update=receives | brings)) == []


def test_another_center_over_tls_whose_authority_is_not_here(pbx: Pbx, tmp_path: Path) -> None:
    of, sites = (
        pbx.settings,
        f"hn=tls://10.1.0.5:5061:5039,dn=tls://127.0.0.1:5061:{pbx.settings.ami_port}",
    )
    trusting_nobody = {"sites": sites, "certificates": tmp_path, "pbx": "external"}
    found = _line(of.model_copy(update=trusting_nobody))
    assert (found.grade, found.subject) == (Grade.WRONG, "site dn")
    assert "ca.pem" in found.advice


def test_desk_phones_that_may_speak_in_clear(tmp_path: Path) -> None:
    """Nothing is said of phones in browsers, nor of those of other centers."""
    of = Settings(data=tmp_path, demo=False)

    def told(of: Settings) -> list[Grade]:
        found = doctor.examine(Patient(of, running=None))
        return [each.grade for each in found if each.subject == "desk phones"]

    assert told(of) == []
    of.pbx_dir.mkdir(parents=True)
    browser = PhoneAccount(Phone("hn02"), "none-of-anybody", browser=True)
    write_accounts(of, [browser, PhoneAccount(Phone("ag01"), "none-of-anybody")])
    assert told(of) == []
    write_accounts(of, [browser, PhoneAccount(Phone("hn01"), "none-of-anybody")])
    assert told(of) == [Grade.WRONG]
    assert told(of.model_copy(update={"demo": True})) == [Grade.ODD]
    assert told(of.model_copy(update={"phone_tls_port": 5062})) == [Grade.WRONG]
    obliged = {"phone_tls_port": 5062, "phone_tls_obliged": True}
    assert told(of.model_copy(update=obliged)) == [Grade.GOOD]
