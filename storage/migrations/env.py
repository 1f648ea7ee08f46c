"""How Alembic runs our migrations: on the connection it is given.

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


run_online()
