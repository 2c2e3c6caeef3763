"""What `tongdai doctor` can say about retention: for what no period is set, and so is kept for ever."""

from collections.abc import Iterator

from hotline.findings import Finding, Grade, Patient
from intake.retention.erasing import rules_of


def examine(patient: Patient) -> Iterator[Finding]:
    """Raises SetupError for a period that is too short."""
    unset = [rule for rule in rules_of(patient.settings) if not rule.runs]
    if not unset:
        yield Finding(Grade.GOOD, "retention", "every class of what is kept has a period")
        return
    yield Finding(
        Grade.GOOD if patient.settings.demo else Grade.ODD,
        "retention",
        f"no period is set for {', '.join(rule.kept for rule in unset)}: kept for ever",
        "what is kept how long is for the ministry to say: "
        + ", ".join(rule.variable for rule in unset),
    )
