"""Bugs in how the two databases are used: locks, commits, shards, the second wall."""

from tests.mutants.mutant import seed

SQLITE = "storage/test_sqlite.py"
PRAGMAS = f"{SQLITE}::test_every_connection_syncs_each_commit_and_overwrites_what_is_deleted"
SEVERAL = "storage/test_postgresql.py"
SHARDS = f"{SEVERAL}::test_two_workers_take_different_shards_and_a_dead_one_lets_go"
COUNTED = f"{SEVERAL}::test_what_two_processes_count_at_once_is_counted_each_time"
WALLS = "storage/test_walls.py"

MUTANTS = (
    seed(
        "deferred begin",
        "who reads and then writes is refused at once by another program's commit",
        "storage/sqlite.py",
        'begin="BEGIN IMMEDIATE", name="writes"',
        'begin="BEGIN", name="writes"',
        f"{SQLITE}::test_what_a_write_has_read_nobody_changes_before_it_commits",
    ),
    seed(
        "commits are not synced",
        "a power cut takes back what people were told is kept",
        "storage/lanes.py",
        '"PRAGMA synchronous=FULL"',
        '"PRAGMA synchronous=OFF"',
        PRAGMAS,
    ),
    seed(
        "commits are synced now and then",
        "with NORMAL the log of the last commits may be gone after a power cut",
        "storage/lanes.py",
        '"PRAGMA synchronous=FULL"',
        '"PRAGMA synchronous=NORMAL"',
        PRAGMAS,
    ),
    seed(
        "foreign keys are not checked",
        "answers without a file, and files without a person",
        "storage/lanes.py",
        '    "PRAGMA foreign_keys=ON",\n',
        "",
        PRAGMAS,
    ),
    seed(
        "deleted words stay in free pages",
        "an erased person can be read with a hex editor",
        "storage/lanes.py",
        '"PRAGMA secure_delete=ON"',
        '"PRAGMA secure_delete=OFF"',
        PRAGMAS,
        "storage/test_forget.py::test_erasing_a_draft_removes_rows_photos_and_words[sqlite]",
    ),
    seed(
        "the log keeps what is erased",
        "an erased person can be read in the file beside the database",
        "storage/erasing.py",
        "wal_checkpoint(TRUNCATE)",
        "wal_checkpoint(PASSIVE)",
        "storage/test_forget.py::test_erasing_a_draft_removes_rows_photos_and_words[sqlite]",
    ),
    seed(
        "workers wait for each other's shards",
        "the second process answers nobody while the first one works",
        "storage/shards.py",
        ".with_for_update(of=shard, skip_locked=True)",
        ".with_for_update(of=shard)",
        SHARDS,
    ),
    seed(
        "shards are not locked",
        "two processes answer the same person",
        "storage/shards.py",
        "    .with_for_update(of=shard, skip_locked=True)\n",
        "",
        SHARDS,
    ),
    seed(
        "the first worker takes every shard",
        "the others only watch",
        "storage/shards.py",
        "most=ceil(SHARDS / workers)",
        "most=SHARDS // min(workers, 1)",
        SHARDS,
    ),
    seed(
        "messages of other shards are taken",
        "the locks protect nothing",
        "storage/inbox.py",
        "postgresql=_waiting(_IS_OURS, *among)",
        "postgresql=_waiting(*among)",
        SHARDS,
    ),
    seed(
        "a claim sees the past",
        "who waited for a lock does not see what was committed before it was had",
        "storage/postgresql.py",
        'self._claims = _seeing(self._engine, "READ COMMITTED")',
        'self._claims = _seeing(self._engine, "REPEATABLE READ")',
        f"{SEVERAL}::test_a_claim_that_waited_for_a_shard_sees_what_was_done_meanwhile",
    ),
    seed(
        "a write is not tried again",
        "two officers of two communes refuse each other for no reason",
        "storage/postgresql.py",
        "                if not gone.again:\n                    raise\n",
        "                raise\n",
        COUNTED,
    ),
    seed(
        "writes see each other's halves",
        "two that count at once count once",
        "storage/postgresql.py",
        'self._writes = _seeing(self._engine, "REPEATABLE READ")',
        'self._writes = _seeing(self._engine, "READ COMMITTED")',
        COUNTED,
    ),
    seed(
        "a deadlock is nobody's fault and everybody's error",
        "who was chosen by the server to give way is refused",
        "storage/postgresql.py",
        '_AGAIN = ("40001", "40P01")',
        '_AGAIN = ("40001",)',
        f"{SEVERAL}::test_two_that_lock_each_other_out_both_get_through",
    ),
    seed(
        "the owner walks through the wall",
        "without FORCE the policies do not hold for the program itself",
        "storage/migrations/versions/0006_shards.py",
        '            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")\n',
        "",
        f"{WALLS}::test_a_query_that_forgets_the_place_sees_its_own_all_the_same",
    ),
    seed(
        "the wall has a hole where photos are",
        "evidence of another commune is one forgotten condition away",
        "storage/migrations/versions/0006_shards.py",
        '    "evidence": _OF_FILE,\n',
        "",
        f"{WALLS}::test_every_table_of_files_stands_behind_the_wall",
    ),
    seed(
        "the wall stands for the next job too",
        "an officer's place hides other people's files from whoever writes next",
        "storage/walls.py",
        '        await raise_wall(connection, "")\n',
        "",
        f"{WALLS}::test_what_is_written_together_with_walled_work_is_free",
    ),
    seed(
        "old rows are never sorted into shards",
        "what waited during the upgrade is taken by two processes",
        "storage/migrations/versions/0006_shards.py",
        "    _sort_in()\n    if op",
        "    if op",
        "storage/test_upgrades.py::test_an_upgrade_from_any_version_loses_nothing",
    ),
)
