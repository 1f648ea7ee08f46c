"""What reaches us and what we say, and where each conversation stands."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.models.base import Id, metadata, partial

# What reached us, before anything is decided about it.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(64), nullable=False, server_default=""),
    Column("sender", String(64), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("raw", Text),
    Column("said", Text),
    Column("status", SmallInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("error", String(200)),
    Column("at_ms", BigInteger, nullable=False),
    Column("shard", SmallInteger, nullable=False, server_default="0"),
    UniqueConstraint("external_id", "channel", "bot"),
    Index("ix_inbox_sender", "sender", "id"),
    partial("ix_inbox_waiting", "sender", "id", where="status = 0"),
    partial("ix_inbox_dead", "id", where="status = 2"),
    # On SQLite one process takes all shards and never asks for one.
    Index("ix_inbox_shard", "shard", "id", postgresql_where=text("status = 0")).ddl_if(
        dialect="postgresql"
    ),
)

# One row a shard, locked by the process that works on it (PostgreSQL).
shard = Table(
    "shard",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
)

# What we say. One row a message; for channels that are fetched from, a row is sent when written.
# On the others `attempts` counts the claims and fences each, `lease_ms` ends the present one,
# `due_ms` is the earliest next one, `error` says why the last one failed or what it waits for,
# `ref` is the platform's id. `kind`: 0 an answer, 1 a notice nobody asked for.
outbox = Table(
    "outbox",
    metadata,
    Column("inbox_id", Id, primary_key=True, autoincrement=False),
    Column("n", SmallInteger, primary_key=True, autoincrement=False),
    Column("conversation_id", Id, nullable=False),
    Column("reply_to", Id),
    Column("number", Integer),
    Column("payload", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("due_ms", BigInteger),
    Column("lease_ms", BigInteger),
    Column("error", String(40)),
    Column("ref", String(80)),
    Index("ix_outbox_conversation", "conversation_id", "inbox_id"),
    partial("ix_outbox_queued", "at_ms", where="status = 'queued'"),
    partial(
        "ix_outbox_open",
        "conversation_id",
        "inbox_id",
        "n",
        where="status IN ('queued', 'sending')",
    ),
    sqlite_with_rowid=False,
)

# When a person on a channel we send on last did something, and why nothing can be sent to them.
contact = Table(
    "contact",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("acted_ms", BigInteger),
    Column("stopped", String(40)),
    Column("stopped_ms", BigInteger),
)

# One bot or account that sends: how fast it may, until when it may not, how much of the month's
# share is spent. `next_ms` is when the message after the last would be due at an even pace.
outlet = Table(
    "outlet",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("bot", String(64), primary_key=True),
    Column("next_ms", BigInteger, nullable=False, server_default="0"),
    Column("paused_ms", BigInteger),
    Column("paused_for", String(40)),
    Column("month", String(7), nullable=False, server_default=""),
    Column("sent", Integer, nullable=False, server_default="0"),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("sender", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("bot", String(64), nullable=False, server_default=""),
    Column("shard", SmallInteger, nullable=False),
    Column("person_id", Id, ForeignKey("person.id")),
    Column("officer_id", Id, ForeignKey("officer.id")),
    Column("state", Text, nullable=False),
    Column("state_version", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    # When it joined its person by a code; empty where the person began in it.
    Column("linked_ms", BigInteger),
    UniqueConstraint("sender", "channel", "bot"),
    partial("ix_conversation_person", "person_id", where="person_id IS NOT NULL"),
    partial("ix_conversation_officer", "officer_id", where="officer_id IS NOT NULL"),
)
