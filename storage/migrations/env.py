"""How Alembic runs our migrations: on a connection it is given, or as SQL text (offline).

`storage/migrate.py` opens the transaction and holds the lock; nothing here connects to anything.
"""

from alembic import context

from storage.models import metadata


def run_online() -> None:
    """Migrate on `config.attributes["connection"]`, inside the transaction that is open there."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


def run_offline() -> None:
    """Write the SQL for `config.attributes["dialect"]` to the configured output."""
    context.configure(
        dialect_name=context.config.attributes["dialect"],
        target_metadata=metadata,
        literal_binds=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
