"""The state machine on Zalo: what only a platform of somebody else's does to people and to us."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.machine import Machine, faults, officers, options, small, ticks, whoever
from tests.model.machine import _decision as decision_of
from tests.model.zalo_stage import FAILURES
from tests.model.zalo_story import ZaloStory


class ZaloMachine(Machine):
    """Everything of the web, said on Zalo, and messages of ours that fail."""

    story: ZaloStory

    def __init__(self) -> None:
        super().__init__()
        self.story = ZaloStory(self.stage)

    @rule(
        n=whoever,
        failure=st.sampled_from(sorted(FAILURES)),
        times=st.sampled_from([1, 1, 2, 3]),
        option=options,
    )
    def unheard(self, n: int, failure: str, times: int, option: int) -> None:
        """Go on while messages of ours fail."""
        deed = self.story.onward(self.who(n), option)
        self.do(self.story.failing(failure, times, deed))

    @rule(
        n=whoever, failure=st.sampled_from(sorted(FAILURES)), word=st.sampled_from(["menu", "help"])
    )
    def told_late(self, n: int, failure: str, word: str) -> None:
        """Ask for something twice while the first answer fails."""
        who = self.who(n)
        self.do(self.story.failing(failure, 1, self.story.say(who, word)))

    @rule(n=whoever, by=officers, what=small, details=small, seconds=st.sampled_from([1, 61]))
    def away(self, n: int, by: str, what: int, details: int, seconds: int) -> None:
        """Hand in and leave; what is decided meanwhile is heard on coming back."""
        story, who = self.story, self.who(n)
        action, arg = decision_of(what, details)
        self.do(story.walk_to_end(who))
        self.do(story.leave(who))
        self.do(story.happen(story.look(by, who)))
        self.do(story.happen(story.decide(by, who, action, arg)))
        self.do(story.pass_time(seconds))
        self.do(story.come_back(who))

    @rule(n=whoever, option=options, many=st.integers(1, 3), fault=faults, ticks=ticks)
    def haste(self, n: int, option: int, many: int, fault: str, ticks: int) -> None:
        """Photos and the next answer at once."""
        who = self.who(n)
        if self.story.phones[who].at == "photos":
            self.do(self.story.happen(self.story.photos(who, many, fault, ticks)))
            self.do(self.story.happen(self.story.onward(who, option)))
