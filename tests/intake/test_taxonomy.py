from intake.taxonomy import (
    COUNSELING,
    INTERVENTION,
    KEYS,
    ChiCategory,
    Disposition,
    Problem,
    chi,
    chi_of_call,
)


def test_eight_keys_close_a_call_each_in_its_own_way() -> None:
    assert list(KEYS) == list("12345678")
    assert len(set(KEYS.values())) == 8
    assert Disposition.ESCALATED not in KEYS.values()


def test_every_problem_belongs_to_one_group_and_one_chi_category() -> None:
    assert set(INTERVENTION) | set(COUNSELING) == set(Problem)
    assert not set(INTERVENTION) & set(COUNSELING)
    assert all(isinstance(chi(problem), ChiCategory) for problem in Problem)


def test_a_call_without_a_problem_is_non_counseling() -> None:
    assert chi_of_call(Disposition.THANKS, None) is ChiCategory.NON_COUNSELING
    assert chi_of_call(Disposition.PRANK, Problem.VIOLENCE) is ChiCategory.NON_COUNSELING
    assert chi_of_call(Disposition.COUNSELING, None) is ChiCategory.NON_COUNSELING
    assert chi_of_call(Disposition.ESCALATED, Problem.VIOLENCE) is ChiCategory.VIOLENCE
