"""How long a made-up year takes to write, and whether its published figures come out, on both databases.

    python -m bench.history [--year 2019] [--years 1] [--only sqlite|postgresql]

Read the seconds a year: 20 years are 20 times that, if they stay the same, which `--years 20` shows.
"""

import argparse
import time

from sqlalchemy import func, select

from bench.past import staffed
from bench.search import database
from hotline.clock import utc_now
from hotline.db import reading
from hotline.synthetic import SEED
from intake.history.loading import make
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--year", type=int, default=2019, help="the last one")
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    for name in (asked.only,) if asked.only else ("sqlite", "postgresql"):
        with database(name) as engine:
            staffed(engine)
            for year in range(asked.year - asked.years + 1, asked.year + 1):
                began = time.perf_counter()
                made = make(engine, year, SEED, utc_now())
                print(f"{name} {year}: {made} in {time.perf_counter() - began:.1f} s", flush=True)
            with reading(engine) as session:
                for row in (CallRow, RecordRow, CaseRow):
                    print(
                        f"{row.__tablename__}: {session.scalar(select(func.count()).select_from(row))}"
                    )


if __name__ == "__main__":
    main()
