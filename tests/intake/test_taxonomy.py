from intake.forms.taxonomy import (
    CHI,
    COUNSELING,
    INTERVENTION,
    KEYS,
    ChiCategory,
    Disposition,
    Problem,
    chi_of_record,
)


def test_eight_keys_close_a_call_each_in_its_own_way() -> None:
    assert list(KEYS) == list("12345678")
    assert len(set(KEYS.values())) == 8
    assert Disposition.ESCALATED not in KEYS.values()


def test_every_problem_belongs_to_one_group_and_one_chi_category() -> None:
    assert set(INTERVENTION) | set(COUNSELING) == set(Problem)
    assert not set(INTERVENTION) & set(COUNSELING)
    assert set(CHI) == set(Problem)


def test_a_record_counts_by_its_main_problem_and_without_one_as_a_non_counseling_contact() -> None:
    assert chi_of_record(Disposition.THANKS, None) is ChiCategory.NON_COUNSELING
    assert chi_of_record(Disposition.PRANK, Problem.VIOLENCE) is ChiCategory.NON_COUNSELING
    assert chi_of_record(Disposition.COUNSELING, None) is ChiCategory.NON_COUNSELING
    assert chi_of_record(Disposition.ESCALATED, Problem.VIOLENCE) is ChiCategory.VIOLENCE
    assert chi_of_record(None, Problem.LAW) is ChiCategory.ACCESSIBILITY
    assert chi_of_record(None, None) is None
