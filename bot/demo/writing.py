"""One declaration of the demo, written the way real ones are: effects, rules, journal and all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.demo.people import Case
from dialogs.criteria import CriteriaSet
from dialogs.effects import (
    AttachEvidence,
    BeginDeclaration,
    ConsentText,
    Effect,
    NoticeTold,
    SaveAnswer,
    ScheduleNotice,
    SetPerson,
)
from dialogs.facts import Rules
from dialogs.model import Declaration, Officer, Verdict
from dialogs.places import Commune
from dialogs.review import approve, asked, reject, request_additions, submit, withdraw
from dialogs.state import State
from storage import conversations, declarations, evidence, inbox
from storage.conversations import Conversation
from storage.database import Connection
from storage.demo import Numbers, get_numbers, mark_demo
from storage.effects import TurnWrite, apply_decision, apply_turns
from storage.evidence import Keys
from storage.inbox import Arrival
from storage.seams import Seams, to_ms

CONSENT = ConsentText("demo-1", "Dữ liệu mẫu, không có người thật. Sample data, nobody real.", "vi")
CHANNEL = "web"
BEGUN_BEFORE = timedelta(minutes=12)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that is already kept: where, how large, and what was seen of it."""

    keys: Keys
    size: tuple[int, int]
    original_sha256: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when the demo plays; `now` is aware, days are counted back from it."""

    connection: Connection
    seams: Seams
    commune: Commune
    criteria: CriteriaSet
    officer: Officer
    now: datetime
    zone: ZoneInfo
    photos: Mapping[Case, tuple[Photo, ...]]

    @property
    def period(self) -> int:
        """The year the declarations are for."""
        return self.now.astimezone(self.zone).year


async def write_case(stage: Stage, case: Case, hour: int) -> int:
    """Write a whole declaration up to where its case has it; return its row id.

    `hour` (0 to 23) sets files of one day apart.
    """
    handed_in = _moment(stage, case.submitted or 0, hour)
    begun = handed_in - BEGUN_BEFORE
    person = _Writer(stage, case, stage.seams.token()[:22])
    numbers = await person.begin(begun)
    if case.submitted is not None:
        await person.hand_in(handed_in, numbers)
    if case.withdrawn is not None:
        await person.take_back(_moment(stage, case.withdrawn, hour))
    if case.decided is not None:
        await person.decide(_moment(stage, case.decided, hour))
    await mark_demo(stage.connection, [numbers.declaration])
    return numbers.declaration


def _moment(stage: Stage, days: int, hour: int) -> datetime:
    """Return a moment `days` ago, never in the future, earlier the larger `hour` is."""
    return stage.now - timedelta(days=days, hours=hour / 4, minutes=5)


@dataclass(slots=True)
class _Writer:
    """Writes one case; every turn is a message of an invented conversation."""

    stage: Stage
    case: Case
    public_id: str
    sender: str = ""
    seen: int = 1

    async def begin(self, at: datetime) -> Numbers:
        """Open the conversation and the draft, then write name, answers and photos."""
        stage, case = self.stage, self.case
        self.sender = stage.seams.token()
        new = Conversation(0, CHANNEL, "", self.sender, 1, State())
        await conversations.add_conversations(stage.connection, [new])
        village = f"{stage.commune.code}-{case.village:03}" if case.village else None
        begun = BeginDeclaration(
            case_title(stage),
            stage.period,
            stage.criteria.version,
            stage.commune.province.code,
            stage.commune.code,
            village,
            case.village_text,
            self.public_id,
            CONSENT,
        )
        await self._turn((begun,), at)
        numbers = await get_numbers(stage.connection, self.public_id)
        await self._turn(tuple(self._answered(numbers)), at)
        await self._attach(numbers, at)
        return numbers

    def _answered(self, numbers: Numbers) -> Iterator[Effect]:
        case = self.case
        yield SetPerson(numbers.person, case.name, case.born, case.settled)
        for code, option in zip(self.stage.criteria.codes, case.answers, strict=False):
            yield SaveAnswer(numbers.declaration, code, option - 1)

    async def _attach(self, numbers: Numbers, at: datetime) -> None:
        photos = self.stage.photos.get(self.case, ())
        if not photos:
            return
        ids = tuple(self.stage.seams.token()[:22] for _ in photos)
        await self._turn((AttachEvidence(numbers.declaration, ids, ids, None),), at)
        for number, photo in zip(ids, photos, strict=True):
            await evidence.set_kept(
                self.stage.connection,
                number,
                verdict=photo.verdict,
                keys=photo.keys,
                size=photo.size,
                original_sha256=photo.original_sha256,
            )

    async def hand_in(self, at: datetime, numbers: Numbers) -> None:
        """Submit the draft as its person would."""
        stage, case = self.stage, self.case
        codes = stage.criteria.codes
        draft = Declaration(
            id=numbers.declaration,
            public_id=self.public_id,
            title=case_title(stage),
            period=stage.period,
            criteria=stage.criteria.version,
            status="draft",
            version=1,
            commune=stage.commune.code,
            answers={c: option - 1 for c, option in zip(codes, case.answers, strict=True)},
        )
        token = stage.seams.token()
        effects = submit(draft, stage.criteria, difficult=False, now=at, token=token)
        await self._turn(effects, at)

    async def take_back(self, at: datetime) -> None:
        """Withdraw the file to draft as its person would."""
        await self._turn(withdraw(await self._file(), now=at), at)

    async def decide(self, at: datetime) -> None:
        """Decide as the officer would, with the notice already told."""
        file = await self._file()
        effects = tuple(e for e in self._decision(file, at) if not isinstance(e, ScheduleNotice))
        told = NoticeTold(file.id)
        await apply_decision(self.stage.connection, (*effects, told), now=at)

    def _decision(self, file: Declaration, at: datetime) -> tuple[Effect, ...]:
        stage, case, by = self.stage, self.case, self.stage.officer
        if case.status == "approved":
            return approve(
                file, stage.criteria, by, seen=file.version, now=at, difficult=False,
                rules=Rules(), via="chat", scores=case.scores,
            )  # fmt: skip
        if case.status == "rejected":
            return reject(
                file, by, seen=file.version, reason=case.reason, now=at, rules=Rules(), via="chat"
            )
        items = tuple(asked(criterion, reason) for criterion, reason in case.items)
        return request_additions(
            file, stage.criteria, by, seen=file.version, items=items, now=at,
            today=at.astimezone(stage.zone).date(), rules=Rules(), via="chat",
        )  # fmt: skip

    async def _file(self) -> Declaration:
        scope = self.stage.commune.code
        found = await declarations.get_file(
            self.stage.connection, scope=scope, public_id=self.public_id
        )
        assert found is not None, "the file was handed in a moment ago"
        return found.declaration

    async def _turn(self, effects: tuple[Effect, ...], at: datetime) -> None:
        """Write effects as a turn: a message came in, and was answered without words."""
        connection, external = self.stage.connection, self.stage.seams.token()[:32]
        arrival = Arrival(CHANNEL, self.sender, external, "", to_ms(at))
        kept = await inbox.add(connection, [arrival])
        number = await conversations.get_id(connection, self.sender)
        assert number is not None, "the conversation was added before"
        state = self._state()
        message, _ = kept[external]
        turn = TurnWrite(message, number, self.seen, state, effects, (), None)
        await apply_turns(connection, [turn], now=at)
        self.seen += 1

    def _state(self) -> State:
        """Return where the person stands: at rest, or at the first question without an answer."""
        codes, given = self.stage.criteria.codes, len(self.case.answers)
        if given < len(codes):
            return State(step="criterion", arg=codes[given])
        return State(step="summary" if self.case.status == "draft" else "home")


def case_title(stage: Stage) -> str:
    """Return the title all cases of the demo are for."""
    return stage.criteria.title
