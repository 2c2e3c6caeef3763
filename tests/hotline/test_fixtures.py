"""The fixtures that every other test stands on."""

from pathlib import Path

from sqlalchemy import Engine, func, select, text

from hotline import bus, staff
from hotline.db import engine, reading, transaction
from hotline.settings import settings as process_settings
from hotline.staff import CenterRow


def test_the_data_folder_is_the_tests_own(tmp_path: Path) -> None:
    assert process_settings().data == tmp_path / "data"


def test_every_test_starts_with_an_empty_database(db: Engine) -> None:
    assert engine() is db
    with transaction() as session:
        staff.add_center(session, "hn", "Hà Nội")
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(CenterRow)) == 1


def test_vietnamese_text_survives_the_database(db: Engine) -> None:
    with db.connect() as connection:
        assert connection.execute(text("SELECT 'Nguyễn Thị Đào'")).scalar_one() == "Nguyễn Thị Đào"


def test_a_real_valkey_answers_on_the_bus(redis: str) -> None:
    assert redis.startswith("unix://")
    assert bus.client().ping()
    assert bus.client().dbsize() == 0
