"""How fast a record is found among a million, on SQLite and PostgreSQL, in the same run.

Records are made up from word lists, most of them with nothing but a number, as on the line; they are
written in bulk, then what a counselor types is searched for through `intake.search`, rights, audit and
extracts included: by a counselor of many years, one of the last week, and a shift lead. With `--years`
the same is asked of the made-up past, whose records have names and few words: half a million of a year.

    python -m bench.search [--records 1000000 | --years 2] [--rounds 20] [--only sqlite|postgresql]
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, insert, text

from bench import past
from bench.times import at, taken
from hotline import db, migrate, sealed_columns
from hotline.access import Viewer
from hotline.db import transaction
from intake.search import search
from intake.search_tokens import tokens
from intake.search_words import indexed
from intake.searching import search_index
from intake.searching.search_index import SearchRow
from intake.tables.calls import CallRow
from intake.tables.records import RecordRow
from tests import factories, postgres

CENTERS, COUNSELORS = 3, 32
WRITTEN = 16
"""One call in so many has a written record (32,078 of 506,957 in 2019)."""
BATCH = 20_000
FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Sùng Giàng Lò Vàng Mùa"
MIDDLE = "Văn Thị Hữu Đức Ngọc Minh Thanh Quang Thu Hồng Kim Xuân A Y Thùy Bảo"
GIVEN = "Đào Hoa Lan Hùng Dũng Tuấn Linh Trang Na Bống Pó Chư Mai Nam Sơn Hà Hải Yến Như Ý Đạt Phúc"
COMMUNE = "Kim Tú Mường Ea Ba Tân Vĩnh Bình"
SYLLABLES = (
    "em con mẹ bố bà ông cháu bị đánh đòn mắng bỏ nhà đi học trường lớp thầy cô bạn hàng xóm nghe khóc"
    " đêm qua hôm nay nhiều lần không dám nói sợ lắm ở với ngoại nội dượng say rượu tiền mạng ảnh quay"
    " phim gửi dọa xã huyện tỉnh công an giúp đỡ tư vấn tâm lý buồn chán muốn chết đau bụng tay chân"
)
QUERIES = {
    "a full name, no marks": "nguyen thi dao",
    "a rare pair": "kim na giang chu",
    "one common word": "em",
    "three common words": "me danh con",
    "a beginning": "tr",
    "a number": "0900000777",
    "last four digits": "4711",
    "not there": "xyzxyz",
}
OF_THE_PAST = {
    "a full name, no marks": "nguyen thi hoa",
    "one common word": "chuyen",
    "three common words": "mo phong ke",
    "a beginning": "tr",
    "last four digits": "4711",
    "not there": "xyzxyz",
}


def some(chance: random.Random, *lists: str) -> str:
    """One word of each list."""
    return " ".join(chance.choice(words.split()) for words in lists)


def told(chance: random.Random) -> dict[str, str]:
    """What a written record holds: a hundred words."""
    return {
        "caller_name": some(chance, FAMILY, MIDDLE, GIVEN),
        "place": f"xã {some(chance, COMMUNE, GIVEN)}",
        "offender": some(chance, FAMILY, MIDDLE, GIVEN),
        "content": some(chance, FAMILY, MIDDLE, GIVEN, *[SYLLABLES] * 80),
    }


def fill(engine: Engine, many: int) -> dict[str, Viewer]:
    """Write them; returns who searches."""
    chance, at = random.Random(111), factories.NOON
    with transaction(engine) as session:
        centers = [factories.center(session, f"C{n}", f"Center {n}") for n in range(CENTERS)]
        people = [
            factories.counselor(session, f"hn{n:02}", centers[n % CENTERS]) for n in range(COUNSELORS)
        ]
        people.append(factories.counselor(session, "hn99", centers[0]))  # of the last week
        lead = factories.shift_lead(session, centers[0])
        key = sealed_columns.search_key(session)
    for start in range(0, many, BATCH):
        calls, records, docs = [], [], []
        for n in range(start, min(many, start + BATCH)):
            newest = n > many - 200
            owner = people[-1] if newest and n % 10 == 0 else people[n % COUNSELORS]
            number = f"+849{n % 90_000_000:08}"
            fields = told(chance) if n % WRITTEN == 0 else {}
            when = at + timedelta(seconds=62 * n)
            calls.append({"id": f"hn-{n}.1", "number": number, "arrived_at": when, "cause": 16})
            records.append(
                {
                    "id": n + 1,
                    "call_id": f"hn-{n}.1",
                    "form_version": 1,
                    "owner_id": owner.staff_id,
                    "center_id": owner.center_id,
                    "state": "closed",
                    "created_at": when,
                    "fields": fields,
                }
            )
            readers = {search_index.person(owner.staff_id), search_index.center(owner.center_id)}
            found_by = tokens(indexed(fields.values()), key) | indexed([number]) | readers
            docs.append({"kind": "record", "ref": n + 1, "words": " ".join(sorted(found_by))})
        with transaction(engine) as session:
            session.execute(insert(CallRow), calls)
            session.execute(insert(RecordRow), records)
            session.execute(insert(SearchRow), docs)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return {"counselor of years": people[0], "counselor of a week": people[-1], "shift lead": lead}


def found(engine: Engine, viewer: Viewer, query: str) -> int:
    """How many it finds."""
    with transaction(engine) as session:
        return len(search(session, viewer, query, factories.NOON).hits)


def measure(
    engine: Engine, viewers: Mapping[str, Viewer], queries: Mapping[str, str], rounds: int
) -> None:
    print(f"{'':24}" + "".join(f"{who:>34}" for who in viewers))
    for what, query in queries.items():
        row = f"{what:24}"
        for viewer in viewers.values():
            hits = found(engine, viewer, query)
            times = taken(partial(found, engine, viewer, query), rounds)
            p95 = at(0.95, times)
            row += f"  {hits:3} hits {statistics.median(times):7.1f} p95 {p95:7.1f} ms"
        print(row)


@contextmanager
def database(name: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="td-bench-") as folder:
        if name == "sqlite":
            engine = db.make_engine(f"sqlite:///{Path(folder) / 'bench.db'}")
            migrate.prepare(engine)
            yield engine
            engine.dispose()
            return
        with postgres.server() as url:
            engine = db.make_engine(url)
            migrate.prepare(engine)
            yield engine
            engine.dispose()


def made_up(engine: Engine, many: int) -> Mapping[str, Viewer]:
    began = time.perf_counter()
    viewers = fill(engine, many)
    print(f"{many} records written in {time.perf_counter() - began:.0f} s")
    return viewers


def of_the_past(engine: Engine, years: int) -> Mapping[str, Viewer]:
    people = past.fill(engine, years)
    return {"counselor of years": people.counselors[0], "shift lead": people.lead}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--years", type=int, default=0, help="of the made-up past, at most 20")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    for name in (asked.only,) if asked.only else ("sqlite", "postgresql"):
        with database(name) as engine:
            print(f"\n{name}:")
            viewers = of_the_past(engine, asked.years) if asked.years else made_up(engine, asked.records)
            measure(engine, viewers, OF_THE_PAST if asked.years else QUERIES, asked.rounds)


if __name__ == "__main__":
    main()
