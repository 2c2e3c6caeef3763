"""How soon calls to the child line were answered."""

from collections.abc import Mapping

from hotline.events import Outcome
from intake.statistics.tables import Counted, Figures, Table, Tally
from intake.statistics.tallying import MILLISECONDS

_NONE: Mapping[str, int] = {}


def figures(of: Tally, within: int) -> Figures:
    """`within`: seconds in which a call is to be answered. The longest wait is rounded up."""
    calls, waits = of.get(Table.CALLS, _NONE), of.get(Table.WAITS, _NONE)
    all_calls, answered = sum(calls.values()), calls.get(Outcome.ANSWERED, 0)
    if not all_calls:
        return {Table.SERVICE: Counted(), Table.WAITS: Counted()}
    in_time = sum(many for seconds, many in waits.items() if int(seconds) <= within)
    shares = {"answer_rate": answered, "service_level": in_time}
    found: dict[str, int] = {}
    if waits:
        mean = of[Table.SERVICE][MILLISECONDS] / answered / 1000
        found = {"speed_of_answer": round(mean), "longest_answer": max(map(int, waits))}
    return {
        Table.SERVICE: Counted({code: round(1000 * many / all_calls) for code, many in shares.items()}),
        Table.WAITS: Counted(found),
    }
