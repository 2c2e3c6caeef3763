from hotline.access import Action, Role
from hotline.access_page import PAGE, page


def test_the_page_shows_the_rules_as_they_are() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m hotline.access_page"


def test_no_role_and_no_action_is_left_out() -> None:
    lines = page().splitlines()
    assert all(sum(line.startswith(f"| {action} |") for line in lines) == 2 for action in Action)
    assert all(any(line.startswith(f"- `{role}`") for line in lines) for role in Role)
    (treat,) = (line for line in lines if line.startswith("| treat | See the children"))
    assert "nobody else does" in treat
