"""API tokens as an operator sees them: whose they are, never what they are."""

from sqlalchemy import and_, exists, select

from dialogs.model import Officer
from storage.database import Connection
from storage.models import credential, officer
from storage.officers import Listed

_COLUMNS = tuple(officer.c[n] for n in ("id", "name", "role", "place", "locale"))


async def list_tokens(connection: Connection) -> list[Listed]:
    """Return the holders of API tokens by id, revoked ones included."""
    holds = exists().where(
        and_(credential.c.officer_id == officer.c.id, credential.c.kind == "api")
    )
    query = select(*_COLUMNS, officer.c.revoked_ms).where(holds).order_by(officer.c.id)
    rows = await connection.execute(query)
    return [Listed(Officer(*row[:5]), row[5] is not None) for row in rows]
