"""What was tried of each kind, and what came of it: a line of the table."""

from dataclasses import dataclass, field

_REFUSED = range(400, 500)
_MOST_SAID = 8


@dataclass(slots=True)
class Row:
    """`tried` = `refused` + `taken` + `failed` + `unanswered`. `wrong`: what must not have happened."""

    attack: str
    tried: int = 0
    refused: int = 0
    """With an answer that says so: a status of 4xx, the way to the log-in page, a SIP refusal."""
    taken: int = 0
    """Answered as anything else is: odd text in a field for text is no offence."""
    failed: int = 0
    """A status of 5xx."""
    unanswered: int = 0
    deaths: int = 0
    rows_lost: int = 0
    wrong: list[str] = field(default_factory=list)

    def answered(
        self, what: str, status: int, *, must_refuse: bool = False, refused: bool = False
    ) -> None:
        """`status`: of HTTP or SIP; 0 is none. `refused`: it says so in another way."""
        self.tried += 1
        if status == 0:
            self.unanswered += 1
        elif status >= 500 and not refused:
            self.failed += 1
            self.wrong.append(f"{status}: {what}")
        elif refused or status in _REFUSED:
            self.refused += 1
        else:
            self.taken += 1
            if must_refuse:
                self.wrong.append(f"not refused but {status}: {what}")

    @property
    def clean(self) -> bool:
        return not (self.wrong or self.deaths or self.rows_lost)


_COLUMNS = ("tried", "refused", "taken", "silent", "5xx", "deaths", "rows lost")


def show(row: Row | None = None) -> None:
    """A line of the table; without a row its head."""
    attack, cells = "attack", list(_COLUMNS)
    if row is not None:
        attack = row.attack
        counts = (row.tried, row.refused, row.taken, row.unanswered, row.failed)
        cells = [str(each) for each in (*counts, row.deaths, row.rows_lost)]
    print(f"{attack:44}" + "".join(f"{cell:>11}" for cell in cells), flush=True)
    said = row.wrong if row else []
    for each in said[:_MOST_SAID]:
        print(f"  WRONG {each[:300]!r}", flush=True)
    if len(said) > _MOST_SAID:
        print(f"  and {len(said) - _MOST_SAID} more", flush=True)
