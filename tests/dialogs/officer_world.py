"""A small world for officers: files in a dict, Needs answered from it, effects applied to it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dialogs
from dialogs.changes import changed
from dialogs.criteria import CriteriaSet, parse_criteria_set
from dialogs.effects import Effect, Show
from dialogs.engine import advance
from dialogs.events import Chosen, Event, Typed
from dialogs.facts import (
    CountFiles,
    Facts,
    FindFiles,
    LastDecided,
    Need,
    PlaceFacts,
    PlaceOf,
    Rules,
    WaitingFiles,
)
from dialogs.foresee import foresee
from dialogs.model import (
    CommuneInfo,
    Counts,
    Declaration,
    Evidence,
    File,
    Officer,
    Person,
    Queue,
    QueueLine,
    Role,
)
from dialogs.places import Commune, Province, Village
from dialogs.receipts import ending
from dialogs.rights import covers
from dialogs.screen import Fixed, Joined, Localised, Lowered, Msg, Screen, Text
from dialogs.state import State
from storage.conversations import decode_state, encode_state

NOW = datetime(2026, 11, 4, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 4)
RULES = Rules()
COMMUNE = "20242"
VILLAGE = "20242-012"
TOML = Path(dialogs.__file__).parent / "criteria_sets" / "citizen_2026.toml"
CRITERIA = parse_criteria_set(TOML.name, tomllib.loads(TOML.read_text("utf-8")))
# Options (from 0) that give 86 points without a provisional one.
ANSWERS = dict(zip(CRITERIA.codes, (2, 3, 2, 2, 2, 2, 3, 2, 2, 3), strict=True))
PROVINCE = Province("48", "Đà Nẵng", "city")


def officer(
    number: int = 1, role: Role = "commune_officer", place: str = COMMUNE, name: str = "Lê Văn Sáu"
) -> Officer:
    """Return an officer."""
    return Officer(number, name, role, place)


def declaration(**values: Any) -> Declaration:
    """Return a submitted file with 86 points, `values` changed."""
    file = Declaration(
        id=1,
        public_id="p1",
        title=CRITERIA.title,
        period=2026,
        criteria=CRITERIA.version,
        status="submitted",
        version=3,
        commune=COMMUNE,
        village=VILLAGE,
        code="KH26-7F3K-2M",
        submitted_at=NOW - timedelta(days=7),
        answers=ANSWERS,
    )
    return changed(file, **values)


def a_file(name: str = "Nguyễn Thị Hoa", **values: Any) -> File:
    """Return a file as an officer finds it."""
    return File(declaration(**values), Person(7, name, 1965), "tổ 12")


def wordings(text: Text) -> tuple[str, ...]:
    """Return a text in its languages; texts of the catalogue stand as their keys."""
    match text:
        case Localised(texts):
            return tuple(words for _, words in texts)
        case Lowered(inner) | Fixed(inner):
            return wordings(inner)
        case Joined():
            return tuple(words for part in text.parts for words in wordings(part))
        case Msg(key):
            return (key, key)
    return (text,)


def facts(**values: Any) -> Facts:
    """Return facts at noon of an ordinary day."""
    plain = Facts(
        now=NOW,
        today=TODAY,
        token="0123456789abcdef" * 4,
        inbox=1,
        rules=RULES,
        sets={CRITERIA.version: CRITERIA},
        open_titles=(CRITERIA,),
        wordings=wordings,
    )
    return changed(plain, **values)


@dataclass
class World:
    """The files of a commune; several officers may talk to it, each with an own conversation."""

    files: dict[int, File] = field(default_factory=dict)
    difficult: bool = False
    now: datetime = NOW
    villages: tuple[Village, ...] = (
        Village("20242-003", "Tổ 3", "residential_group"),
        Village(VILLAGE, "Tổ 12", "residential_group"),
    )

    def add(self, *files: File) -> "World":
        """Put files in."""
        self.files |= {f.declaration.id: f for f in files}
        return self

    def answer(self, need: Need[Any]) -> Any:
        """Answer a Need as storage would."""
        match need:
            case FindFiles(scope, wanted):
                return self._find(scope, wanted)
            case WaitingFiles(scope):
                return self._queue(scope)
            case CountFiles(scope, period):
                return self._counts(scope, period)
            case LastDecided(number):
                return self._last(number)
            case PlaceOf(code):
                commune = Commune(COMMUNE, "Hải Châu", "ward", PROVINCE)
                village = next((v for v in self.villages if v.code == code), None)
                info = CommuneInfo(COMMUNE, difficult=self.difficult)
                return PlaceFacts(commune, village, self.villages, info)
        raise AssertionError(need)

    def _within(self, scope: str) -> list[File]:
        files = self.files.values()
        return [f for f in files if covers(scope, f.declaration.commune, f.declaration.village)]

    def _find(self, scope: str, wanted: str) -> tuple[File, ...]:
        found = [f for f in self._within(scope) if _ends(f.declaration.code, wanted)]
        found.sort(key=lambda f: f.declaration.status != "submitted")
        return tuple(found[:5])

    def _queue(self, scope: str) -> Queue:
        waiting = [f for f in self._within(scope) if f.declaration.status == "submitted"]
        waiting.sort(key=lambda f: f.declaration.submitted_at or NOW)
        codes = [f.declaration.code or "" for f in waiting]
        lines = tuple(self._line(f, codes) for f in waiting[:5])
        return Queue(len(waiting), sum(x.days > RULES.overdue_days for x in lines), lines)

    def _line(self, file: File, codes: list[str]) -> QueueLine:
        own = file.declaration
        code, since = own.code or "", own.submitted_at or self.now
        return QueueLine(
            id=own.id,
            code=code,
            ending=ending(code, codes),
            name=file.person.name or "",
            village=file.village_name,
            title=own.title,
            total=86,
            photos=own.photos,
            blurry=sum(e.verdict == "blurry" for e in own.evidence),
            days=(self.now - since).days,
        )

    def _counts(self, scope: str, period: int) -> Counts:
        by: dict[str, int] = {}
        for file in self._within(scope):
            status = file.declaration.status
            by[status] = by.get(status, 0) + 1
        return Counts(scope, period, by)

    def _last(self, number: int) -> File | None:
        made = [
            (f.declaration.decision.at, f)
            for f in self.files.values()
            if f.declaration.decision
            and f.declaration.decision.officer == number
            and not f.declaration.decision.told
        ]
        return max(made, key=lambda pair: pair[0])[1] if made else None

    def apply(self, effects: tuple[Effect, ...]) -> None:
        """Change the files as storage would."""
        for number, file in self.files.items():
            found = {FindFiles("", ""): (file,), PlaceOf(COMMUNE): self.answer(PlaceOf(COMMUNE))}
            after = foresee(facts(found=found), effects)
            self.files[number] = after.found[FindFiles("", "")][0]

    def told(self, number: int = 1) -> None:
        """Let the notice of file `number` leave."""
        file = self.files[number]
        assert file.declaration.decision is not None
        decision = changed(file.declaration.decision, told=True)
        own = changed(file.declaration, decision=decision)
        self.files[number] = changed(file, declaration=own)


def _ends(code: str | None, wanted: str) -> bool:
    return code is not None and code.replace("-", "").endswith(wanted.replace("-", ""))


@dataclass
class Talk:
    """One officer's conversation with the world; `who` None is an officer no more."""

    world: World
    who: Officer | None = field(default_factory=officer)
    state: State = field(default_factory=lambda: State(flow="officer", step="desk"))
    screen: Screen = field(default_factory=lambda: Screen(()))
    effects: tuple[Effect, ...] = ()
    needs: int = 0

    def event(self, event: Event) -> tuple[Text, ...]:
        """Let something happen; return the lines shown."""
        found: dict[Need[Any], Any] = {}
        while True:
            now = facts(officer=self.who, found=found, now=self.world.now)
            turn = advance(self.state, event, now)
            if not isinstance(turn, Need):
                break
            found[turn] = self.world.answer(turn)
        self.needs = max(self.needs, len(found))
        self.world.apply(turn.effects)
        self.effects = tuple(e for e in turn.effects if not isinstance(e, Show))
        # A state lives through JSON between two turns.
        self.state = decode_state(encode_state(turn.state))
        shown = [e.screen for e in turn.effects if isinstance(e, Show)]
        self.screen = shown[-1] if shown else Screen(())
        return self.screen.lines

    def say(self, text: str) -> tuple[Text, ...]:
        """Type something; return the lines shown."""
        return self.event(Typed(text))

    def press(self, choice: str) -> tuple[Text, ...]:
        """Press a button of the present screen; return the lines shown."""
        return self.event(Chosen(choice, self.state.screen))


def keys(lines: tuple[Text, ...]) -> list[str]:
    """Return the keys of catalogue texts, other texts as they are."""
    return [line.id if isinstance(line, Msg) else str(line) for line in lines]


def values(lines: tuple[Text, ...], key: str) -> Mapping[str, Any]:
    """Return the values of the line `key`."""
    return next(line.values for line in lines if isinstance(line, Msg) and line.id == key)


def choice_ids(screen: Screen) -> list[str]:
    """Return the ids of the choices of a screen."""
    return [c.id for c in screen.choices]


def photo(number: int, verdict: Any = "clear") -> Evidence:
    """Return a photo."""
    return Evidence(f"e{number}", 1, verdict)


def criteria_with(**values: Any) -> CriteriaSet:
    """Return the sample set, changed."""
    return changed(CRITERIA, **values)


PHOTOS = (photo(1), photo(2, "blurry"), photo(3))


def two_waiting() -> World:
    """Return a world where Hoa's file is the oldest and Tư's the next."""
    later = a_file("Trần Văn Tư", id=2, code="KH26-RRRR-5K", submitted_at=NOW - timedelta(days=1))
    return World().add(a_file(evidence=PHOTOS), later)


def status(world: World, number: int = 1) -> str:
    """Return where file `number` stands."""
    return world.files[number].declaration.status
