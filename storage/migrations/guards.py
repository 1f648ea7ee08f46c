"""What the database itself forbids, whoever speaks SQL to it: triggers on both databases.

The moves are those of `dialogs/review.py` as they stood when a schema version was written: a
version is history and must not change with the program, a test holds the newest against the rules.
"""

from dataclasses import dataclass

from alembic import op


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger that refuses `event` on `table` with `words` where `condition` holds."""

    name: str
    table: str
    event: str
    condition: str
    words: str


MOVES_0001 = (
    ("draft", "submitted"),
    ("returned", "submitted"),  # handed in again, or the request taken back
    ("submitted", "draft"),
    ("submitted", "approved"),
    ("submitted", "returned"),
    ("submitted", "rejected"),
    ("approved", "submitted"),
    ("rejected", "submitted"),
)


def _moves(pairs: tuple[tuple[str, str], ...]) -> str:
    allowed = " OR ".join(
        f"(OLD.status = '{source}' AND NEW.status = '{target}')" for source, target in pairs
    )
    return f"OLD.status <> NEW.status AND NOT ({allowed})"


SCHEMA_0001 = (
    Guard("declaration_begins", "declaration", "INSERT", "NEW.status <> 'draft'",
          "a declaration begins as a draft"),
    Guard("declaration_moves", "declaration", "UPDATE OF status", _moves(MOVES_0001),
          "this status cannot follow that one"),
    Guard("audit_kept", "audit", "DELETE", "", "the journal is never shortened"),
    Guard("audit_unchanged", "audit", "UPDATE", "", "the journal is never changed"),
)  # fmt: skip

JOURNAL_0001 = tuple(guard for guard in SCHEMA_0001 if guard.table == "audit")
JOURNAL_0002 = (
    *JOURNAL_0001,
    Guard("audit_head_kept", "audit_head", "DELETE", "", "the journal is never shortened"),
    Guard("audit_head_moves", "audit_head", "UPDATE",
          "NEW.seq <= OLD.seq OR NEW.place <> OLD.place", "the journal is never changed"),
)  # fmt: skip
# Which line of the journal a new one would replace.
SAME_LINE_0001 = "id = NEW.id"
SAME_LINE_0002 = "id = NEW.id OR (place = NEW.place AND seq = NEW.seq)"


def add_guards(guards: tuple[Guard, ...]) -> None:
    """Create the triggers of `guards` in the dialect of the migration."""
    postgresql = op.get_context().dialect.name == "postgresql"
    if postgresql:
        op.execute(_REFUSE)
    add_journal_guards(guards, SAME_LINE_0001)


def add_journal_guards(guards: tuple[Guard, ...], same_line: str) -> None:
    """Create the triggers of `guards` and those that keep the journal whole on this database."""
    postgresql = op.get_context().dialect.name == "postgresql"
    for guard in guards:
        op.execute(_postgresql(guard) if postgresql else _sqlite(guard))
    op.execute(_KEPT_WHOLE if postgresql else _sqlite(_not_replaced(same_line)))


def drop_guards(guards: tuple[Guard, ...]) -> None:
    """Remove the triggers of `guards`."""
    postgresql = op.get_context().dialect.name == "postgresql"
    for guard in guards:
        where = f" ON {guard.table}" if postgresql else ""
        op.execute(f"DROP TRIGGER {guard.name}{where}")
    if postgresql:
        op.execute("DROP TRIGGER audit_kept_whole ON audit")
        op.execute("DROP FUNCTION refuse()")
    else:
        op.execute("DROP TRIGGER audit_not_replaced")


_REFUSE = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$"""
# PostgreSQL can also empty a table at once; SQLite has no such statement.
_KEPT_WHOLE = """CREATE TRIGGER audit_kept_whole BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the journal is never shortened')"""


def _not_replaced(same_line: str) -> Guard:
    """SQLite's REPLACE deletes without asking the triggers; PostgreSQL has no such statement."""
    return Guard(
        "audit_not_replaced",
        "audit",
        "INSERT",
        f"EXISTS (SELECT 1 FROM audit WHERE {same_line})",
        "the journal is never changed",
    )


def _sqlite(guard: Guard) -> str:
    when = f"\nWHEN {guard.condition}" if guard.condition else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}{when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{guard.words}'); END"
    )


def _postgresql(guard: Guard) -> str:
    when = f"WHEN ({guard.condition}) " if guard.condition else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}\n"
        f"FOR EACH ROW {when}EXECUTE FUNCTION refuse('{guard.words}')"
    )
