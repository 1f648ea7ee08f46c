"""What readiness and the doctor ask the database: does it work, and does work pile up?"""

from dataclasses import dataclass

from sqlalchemy import func, select, union_all

from storage.database import Connection
from storage.models import INBOX_WAITING, audit, due, evidence, inbox


@dataclass(frozen=True, slots=True)
class Backlog:
    """Since when the oldest waits (milliseconds since 1970; None: nothing waits).

    `job_ms` is the time the oldest open job was due, which may lie ahead.
    """

    turn_ms: int | None
    photo_ms: int | None
    job_ms: int | None


async def get_backlog(connection: Connection) -> Backlog:
    """Return what waits in the inbox, among the photos and among the jobs."""
    turns = select(func.min(inbox.c.at_ms)).where(inbox.c.status == INBOX_WAITING)
    photos = select(func.min(evidence.c.at_ms)).where(evidence.c.verdict == "pending")
    jobs = select(func.min(due.c.due_ms)).where(due.c.done_ms.is_(None))
    turn_ms, photo_ms, job_ms = [
        (await connection.execute(query)).scalar_one() for query in (turns, photos, jobs)
    ]
    return Backlog(turn_ms, photo_ms, job_ms)


async def newest_ms(connection: Connection) -> int | None:
    """Return the latest moment any message or journal line was written at."""
    moments = union_all(select(func.max(inbox.c.at_ms)), select(func.max(audit.c.at_ms)))
    rows = (await connection.execute(moments)).scalars().all()
    return max((moment for moment in rows if moment is not None), default=None)
