"""The hypothesis state machine: which deeds, in which order, over how bad a line."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.model.phone import FAULTS
from tests.model.script import CODES
from tests.model.stage import Stage
from tests.model.story import Story
from tests.model.wording import REASONS

# The program is started again far more rarely than a line is bad.
faults = st.sampled_from([*["none"] * 18, *["twice"] * 3, *["again"] * 6, *["cut"] * 9, "restart"])
whoever = st.integers(0, 2)
officers = st.sampled_from(["o1", "o2"])
ticks = st.integers(0, 9)
small = st.integers(0, 40)
# Mostly answers that pass.
options = st.sampled_from([3, 2, 3, 2, 3, 2, 1, 0])
# The option of every answer but of one question: what passes, or just does not.
files = st.sampled_from([(3, -1), (2, -1), (1, -1), (1, -1), (3, 7), (3, 7), (3, 0), (3, 4)])
# More people than these do not come.
PEOPLE = 5
WORDS = (
    "continue", "menu", "status", "why", "help", "language", "stop", "mydata", "erase", "edit",
    "submit", "withdraw", "back", "back",
)  # fmt: skip
# A whole walk is stuck after so many times the patience for one thing.
STUCK = 20.0
SECONDS = (61, 60, 59, 1, 30, 3600, -3600)
REJECTED = ("Chưa dự lớp nào", "Chưa đủ minh chứng")
SCORED = ("có giấy chứng nhận", "tổ đã xác nhận")


class Machine(RuleBasedStateMachine):
    """One sequence on a stage that many sequences share."""

    stage: ClassVar[Stage]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.story = Story(self.stage)
        self.broken = False

    def do(self, *work: Any) -> None:
        """Run coroutines one after the other on the program's loop."""
        for one in work:
            try:
                self.stage.run(_bounded(one, self.stage.patience * STUCK))
            except BaseException:
                self.broken = True
                raise

    def who(self, number: int) -> str:
        """Return the person with this number, counted round."""
        return f"p{number % len(self.story.phones) + 1}"

    def comer(self, number: int) -> str:
        """Return somebody who comes only now, once there are too many one of those there."""
        if len(self.story.phones) >= PEOPLE:
            return self.who(number)
        return self.stage.run(self.story.arrive())

    @initialize(people=st.integers(1, 3), far=st.integers(0, 18), line=st.integers(0, 10**9))
    def begin(self, people: int, far: int, line: int) -> None:
        """Let people come, and the first get some way."""
        self.do(self.story.begin(people, line))
        for _ in range(far):
            self.do(self._onward("p1", 3))

    async def _onward(self, who: str, option: int, fault: str = "none", ticks: int = 0) -> None:
        await self.story.happen(self.story.onward(who, option, fault, ticks))

    @rule(n=whoever, many=st.integers(1, 16), option=options, fault=faults, ticks=ticks)
    def walk(self, n: int, many: int, option: int, fault: str, ticks: int) -> None:
        """Go on for some replies; the line is bad at the first."""
        for nth in range(many):
            bad = fault if nth == 0 else "none"
            self.do(self._onward(self.who(n), (option + nth % 2) % 4, bad, ticks))

    @rule(n=whoever, choice=small, fault=faults, ticks=ticks)
    def press(self, n: int, choice: int, fault: str, ticks: int) -> None:
        """Press any choice of the present screen."""
        who, choices = self.who(n), self.story.phones[self.who(n)].screen["choices"]
        if choices:
            chosen = choices[choice % len(choices)]["id"]
            self.do(self.story.happen(self.story.press(who, chosen, fault, ticks)))

    @rule(n=whoever, number=small, fault=faults, ticks=ticks)
    def number(self, n: int, number: int, fault: str, ticks: int) -> None:
        """Type the number of a choice."""
        self.do(self.story.happen(self.story.number(self.who(n), number, fault, ticks)))

    @rule(n=whoever, back=small, choice=small)
    def press_old(self, n: int, back: int, choice: int) -> None:
        """Press a button of an earlier screen."""
        self.do(self.story.happen(self.story.press_old(self.who(n), back, choice)))

    @rule(n=whoever, word=st.sampled_from(WORDS), fault=faults, ticks=ticks)
    def say(self, n: int, word: str, fault: str, ticks: int) -> None:
        """Say a word that means the same everywhere."""
        self.do(self.story.happen(self.story.say(self.who(n), word, "", fault, ticks)))

    @rule(n=whoever, number=small, by=st.integers(1, 3), option=options)
    def edit(self, n: int, number: int, by: int, option: int) -> None:
        """Mend one answer by its number, mostly one that was given, and to another one."""
        who, file = self.who(n), self.story.book.people[self.who(n)]["file"]
        given = dict(file["answers"]) if file else {}
        code = sorted(given)[number % len(given)] if given and number % 4 else CODES[number % 10]
        self.do(self.story.happen(self.story.say(who, "edit", code)))
        if self.story.phones[who].at == code:
            other = (given[code] + by) % 4 if code in given else option
            self.do(self.story.happen(self.story.press(who, str(other))))

    @rule(n=whoever, number=small, fault=faults, ticks=ticks)
    def name(self, n: int, number: int, fault: str, ticks: int) -> None:
        """Say a name where it is asked for."""
        if self.story.phones[self.who(n)].at == "name":
            self.do(self.story.happen(self.story.name(self.who(n), number, fault, ticks)))

    @rule(n=whoever, many=st.integers(1, 3), fault=faults, ticks=ticks)
    def photos(self, n: int, many: int, fault: str, ticks: int) -> None:
        """Send photos at whatever question."""
        self.do(self.story.happen(self.story.photos(self.who(n), many, fault, ticks)))

    @rule(n=whoever, number=small)
    def keep_back(self, n: int, number: int) -> None:
        """Press something that arrives much later."""
        self.story.later(self.who(n), number)

    @precondition(lambda self: self.story.late)
    @rule(number=small)
    def arrive_late(self, number: int) -> None:
        """What was kept back arrives."""
        self.do(self.story.happen(self.story.arriving(number)))

    @rule(who=st.sampled_from(["p1", "p1", "o1", "o2"]), number=small)
    def echo(self, who: str, number: int) -> None:
        """An old message arrives once more."""
        self.do(self.story.echo(who, number))

    @rule(n=whoever, first=small, second=small)
    def both(self, n: int, first: int, second: int) -> None:
        """Two presses of one screen at once, and a word in between."""
        who, choices = self.who(n), self.story.phones[self.who(n)].screen["choices"]
        pressed = [choices[i % len(choices)]["id"] for i in (first, second) if choices]
        self.do(self.story.happen(*(self.story.press(who, chosen) for chosen in pressed)))

    @rule(option=options, decided=st.booleans(), struck=st.integers(0, 9))
    def crowd(self, option: int, decided: bool, struck: int) -> None:
        """Everybody goes on at once, somebody's officer decides meanwhile, a process may die."""
        story = self.story
        deeds = [story.onward(who, option) for who in story.phones]
        decision = story.decide("o1", "p1", "approve") if decided else None
        self.do(story.happen(*deeds, decision, struck=struck))

    @rule(n=whoever, news=st.booleans(), after=st.sampled_from(["", "withdraw", "stop", "stop"]))
    def hand_in(self, n: int, news: bool, after: str) -> None:
        """Go on until it is handed in; perhaps withdraw, or want to hear no more of campaigns."""
        who = self.comer(n) if news else self.who(n)
        self.do(self.story.walk_to_end(who, news=news))
        for word in (after, after if after == "withdraw" else ""):
            if word:
                self.do(self.story.happen(self.story.say(who, word)))

    @rule(n=whoever, file=files, by=officers, scored=st.booleans(), again=st.booleans())
    def review(self, n: int, file: tuple[int, int], by: str, scored: bool, again: bool) -> None:
        """Hand in what passes, or just does not; an officer looks, perhaps scores, and approves."""
        who, worth = self.comer(n), ("C1", 8, SCORED[0])
        self.do(self.story.walk_to_end(who, *file))
        decisions = [("score", worth)] * scored + [("approve", None)] * (1 + again)
        for action, arg in decisions:
            self.do(self.story.happen(self.story.look(by, who)))
            self.do(self.story.happen(self.story.decide(by, who, action, arg)))

    @rule(n=whoever, by=officers, what=small, details=small, seconds=st.sampled_from([59, 60, 61]))
    def regret(self, n: int, by: str, what: int, details: int, seconds: int) -> None:
        """Decide, and take it back when its notice is just about to leave, or has just left."""
        who, (action, arg) = self.who(n), _decision(what, details)
        self.do(self.story.walk_to_end(who))
        self.do(self.story.happen(self.story.look(by, who)))
        self.do(self.story.happen(self.story.decide(by, who, action, arg)))
        self.do(self.story.pass_time(seconds))
        self.do(self.story.happen(self.story.decide(by, who, "undo")))

    @rule(n=whoever)
    def erase(self, n: int) -> None:
        """Erase everything, by words."""
        who = self.who(n)
        for word in ("erase", "erase all"):
            self.do(self.story.happen(self.story.say(who, word)))

    @rule(
        by=officers, n=whoever, what=small, details=small, look=st.booleans(), again=st.booleans()
    )
    def decide(self, by: str, n: int, what: int, details: int, look: bool, again: bool) -> None:
        """Decide over the API, mostly on what was just read; a program may say it twice."""
        who, (action, arg) = self.who(n), _decision(what, details)
        if look:
            self.do(self.story.happen(self.story.look(by, who)))
        for _ in range(1 + again):
            self.do(self.story.happen(self.story.decide(by, who, action, arg)))

    @rule(
        by=officers,
        n=whoever,
        what=small,
        details=small,
        look=st.booleans(),
        fault=faults,
        ticks=ticks,
    )
    def chat(
        self, by: str, n: int, what: int, details: int, look: bool, fault: str, ticks: int
    ) -> None:
        """Decide in chat, mostly on what was just opened."""
        who, (action, arg) = self.who(n), _decision(what, details)
        if look:
            self.do(self.story.happen(self.story.chat(by, who, "open")))
        self.do(self.story.happen(self.story.chat(by, who, action, arg, fault, ticks)))

    @rule(n=whoever, first=small, second=small, details=small, withdraw=st.booleans())
    def duel(self, n: int, first: int, second: int, details: int, withdraw: bool) -> None:
        """Both officers decide at once, while the person perhaps withdraws."""
        story, who = self.story, self.who(n)
        self.do(story.happen(story.look("o1", who)), story.happen(story.look("o2", who)))
        decided = [
            story.decide(by, who, *_decision(what, details))
            for by, what in (("o1", first), ("o2", second))
        ]
        leaves = story.say(who, "withdraw") if withdraw else None
        self.do(story.happen(*decided, leaves))

    @rule(seconds=st.sampled_from(SECONDS))
    def clock(self, seconds: int) -> None:
        """Time goes on, or an hour back."""
        self.do(self.story.pass_time(seconds))

    @precondition(lambda self: self.story.steps % 5 == 4)
    @rule()
    def restart(self) -> None:
        """Stop the program and start it again."""
        self.do(self.story.restart())

    def teardown(self) -> None:
        """Everybody can reach the end, lists and figures fit, then the sequence is counted."""
        if not self.broken and self.story.phones:
            self.do(self.story.check_figures(), self.story.walk_to_end("p1"))
        type(self).steps += self.story.steps


async def _bounded(work: Coroutine[Any, Any, None], seconds: float) -> None:
    """Let nothing hang: whatever a person does is answered soon."""
    async with asyncio.timeout(seconds):
        await work


def _decision(what: int, details: int) -> tuple[str, Any]:
    action = ("approve", "score", "return", "reject", "undo", "approve", "undo")[what % 7]
    code = CODES[details % 10]
    match action:
        case "return":
            codes = sorted({code, CODES[details // 4 % 10]})
            return action, tuple((c, REASONS[(details + n) % 3]) for n, c in enumerate(codes))
        case "reject":
            return action, REJECTED[details % 2]
        case "score":
            return action, (code, 10 - details % 7, SCORED[details % 2])
    return action, None


__all__ = ["FAULTS", "Machine"]
