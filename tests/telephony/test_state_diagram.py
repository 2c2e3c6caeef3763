from telephony.callstates import CALL, LEG, WATCH
from telephony.state_diagram import PAGE, page


def test_the_page_shows_the_tables_as_they_are() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m telephony.state_diagram"


def test_every_entry_is_an_arrow() -> None:
    arrows = [line for line in page().splitlines() if " --> " in line and "[*]" not in line]
    assert len(arrows) == len(LEG) + len(CALL) + len(WATCH)
