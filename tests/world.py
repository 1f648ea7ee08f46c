"""A whole program for tests: real database, photo store and loops; only the clock is ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.app import Program, run_program
from bot.settings import Settings
from dialogs.model import CommuneInfo
from storage import officers, places
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.seams import Seams, to_ms
from tests.databases import Template, url_in

# An odd number of 256 bits: its multiples differ from each other in every digit.
STEP = 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95
COMMUNE = "20242"
VILLAGE = "20242-012"
START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
ANSWER_BY = date(2026, 11, 30)


@dataclass(slots=True)
class Clock:
    """Time that stands still until a test moves it."""

    at: datetime = START

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self.at

    def forward(self, **span: float) -> None:
        """Move on by `timedelta(**span)`."""
        self.at += timedelta(**span)


@dataclass(slots=True)
class Chance:
    """Randomness that is the same in every run."""

    drawn: int = 0

    def token(self) -> str:
        """Return 64 hex characters, different each time."""
        self.drawn += 1
        return f"{self.drawn * STEP:064x}"[-64:]


@dataclass(slots=True)
class World:
    """The program with its clock."""

    program: Program
    clock: Clock
    chance: Chance = field(default_factory=Chance)

    async def officer_link(self, role: str = "commune_officer", place: str = COMMUNE) -> str:
        """Return the address of a one-time officer link of a new officer."""
        token, parts = self.chance.token(), self.program.parts
        at_ms = to_ms(self.clock.at)

        async def work(connection: Connection) -> None:
            number = await officers.add_officer(
                connection,
                name="Cán bộ mẫu",
                role=role,  # type: ignore[arg-type]
                place=place,
                at_ms=at_ms,
            )
            await officers.add_credential(
                connection,
                token=token,
                officer_id=number,
                kind="link",
                at_ms=at_ms,
                expires_ms=at_ms + 900_000,
            )

        await parts.database.write(work)
        return f"/officer/{token}"


def settings_in(folder: Path, **values: object) -> Settings:
    """Return settings for a program that lives in `folder`."""
    return Settings(
        var_dir=folder,
        secret_key="a secret for tests only, long enough",
        database_url=url_in(folder),
        photo_store=f"{folder}/photos",
        **values,  # type: ignore[arg-type]
    )


async def make_template(url: str) -> None:
    """Fill the empty database at `url`: migrated, with one commune and its villages."""
    await migrate(url)
    database = Database(url, Seams())
    await database.start()
    await database.write(_add_commune)
    await database.stop()


async def _add_commune(connection: Connection) -> None:
    villages = [(f"{COMMUNE}-{n:03}", f"tổ {n}", "residential_group") for n in range(1, 19)]
    await places.add_villages(connection, villages)  # type: ignore[arg-type]
    info = CommuneInfo(
        COMMUNE,
        controller="UBND phường Hải Châu",
        reviewers="ban xét tổ",
        contact_name="cô Mẫu, tổ 12",
        contact_phone="0000 000 000",
        answer_by=ANSWER_BY,
    )
    await places.set_info(connection, info)


@asynccontextmanager
async def running(folder: Path, template: Template, **values: object) -> AsyncIterator[World]:
    """Run a program in `folder` on a copy of `template`."""
    await asyncio.to_thread(template.put, folder)
    clock, chance = Clock(), Chance()
    seams = Seams(now=clock.now, token=chance.token)
    async with run_program(settings_in(folder, **values), seams=seams) as program:
        yield World(program, clock, chance)
