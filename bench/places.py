"""How fast a place is found while it is typed, and whether it is: `python -m bench.places`.

Every twentieth unit is typed without marks, letter by letter from the second on: its label, its name
with its province, its name alone. Printed: the processor time of one look-up, and how often the unit
stands first and is shown at all when everything is typed.
"""

import statistics
import time
from collections.abc import Callable

from bench.times import at
from hotline.units import Unit
from intake.forms.place_finding import find
from intake.forms.places import choosable, label
from intake.search_words import words

SHOWN = 8
EVERY = 20
_TYPED: dict[str, Callable[[Unit], str]] = {
    "label": lambda one: " ".join(words(label(one))),
    "name, province": lambda one: " ".join(words(f"{one.bare_name} {label(one.province)}")),
    "name": lambda one: " ".join(words(one.bare_name)),
}


def main() -> None:
    began = time.thread_time()
    find("")
    print(f"the units learned in {1000 * (time.thread_time() - began):.0f} ms")
    for what, typed in _TYPED.items():
        times, first, there = [], 0, 0
        units = choosable()[::EVERY]
        for one in units:
            line = typed(one)
            for end in range(2, len(line) + 1):
                began = time.thread_time()
                found = find(line[:end], SHOWN)
                times.append(1000 * (time.thread_time() - began))
            first += one in found[:1]
            there += one in found
        many = len(units)
        print(
            f"{what:16} {len(times):7} look-ups, median {statistics.median(times):.2f} p95"
            f" {at(0.95, times):.2f} max {max(times):.1f} ms;"
            f" first {first / many:.1%}, shown {there / many:.1%}"
        )


if __name__ == "__main__":
    main()
