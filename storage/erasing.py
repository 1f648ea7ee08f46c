"""Erasing on disk: what is overwritten in the database must not stay in its log."""

import sqlite3
from contextlib import closing

# Readers and the writer are waited for this long; longer would be felt in the chat.
PATIENCE_SECONDS = 0.25


def empty_log(file: str) -> bool:
    """Move everything of the write-ahead log into the database at `file` and empty the log.

    False when a reader or the writer kept it busy. Blocks; run it in a thread.
    """
    with closing(sqlite3.connect(file, PATIENCE_SECONDS, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
