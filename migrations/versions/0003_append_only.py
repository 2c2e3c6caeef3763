"""append-only: what stands on a case's timeline is neither changed nor deleted, by whomever

Revision: 0003, after 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"

KEPT = ("case_event", "case_plan_result", "victim_referral", "victim_referral_result")

_REFUSE = """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


SEALED = "therapy_note"
"""Of what is sealed the header alone is written anew when the keys change (`hotline.sealed`): its first
79 bytes."""
_ALL_BUT_KEYS = "UPDATE OF id, meeting_id, word, written_by, written_at, corrects_id"
_BODY = "substr(NEW.sealed, 80) <> substr(OLD.sealed, 80)"


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(_REFUSE)

    def refuse(table: str, name: str, what: str, when: str = "") -> None:
        made = f"CREATE TRIGGER {table}_no_{name} BEFORE {what} ON {table}"
        only = f"WHEN ({when})" if when else ""
        refused = (
            f"FOR EACH ROW {only} EXECUTE FUNCTION refuse_change()"
            if postgresql
            else f"{only} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        op.execute(f"{made} {refused}")

    for table in KEPT:
        for what in ("UPDATE", "DELETE"):
            refuse(table, what.lower(), what)
    refuse(SEALED, "delete", "DELETE")
    refuse(SEALED, "update", _ALL_BUT_KEYS)
    refuse(SEALED, "other_body", "UPDATE OF sealed", _BODY)
