"""Which conversations of a person hear a notice."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from handlers.channel import Channel, Window
from handlers.ears import choose_ears
from handlers.web.channel import WebChannel
from handlers.zalo.channel import ZaloBot, ZaloOa
from storage.conversations import Ear

HOUR = 3_600_000
NOW = 1_000 * HOUR
WEB, OTHER_WEB = Ear("web", "", "w1"), Ear("web", "", "w2")


@dataclass
class Nobody:
    """Stands where nothing is sent."""


def channels() -> dict[str, Channel]:
    nothing = cast(Any, Nobody())
    window = Window(48 * HOUR, 168 * HOUR)
    return {
        "web": WebChannel(),
        "zalo_bot": ZaloBot(nothing, nothing, "1", 5.0, 3000),
        "zalo_oa": ZaloOa(nothing, nothing, "2", 50.0, window),
    }


def bot(hours_ago: float, stopped: str | None = None) -> Ear:
    return Ear("zalo_bot", "1", "zb:a", NOW - int(hours_ago * HOUR), stopped)


def oa(hours_ago: float, stopped: str | None = None, sender: str = "zo:a") -> Ear:
    return Ear("zalo_oa", "2", sender, NOW - int(hours_ago * HOUR), stopped)


@pytest.mark.parametrize(
    ("ears", "chosen"),
    [
        ([], []),
        ([WEB, OTHER_WEB], [WEB, OTHER_WEB]),
        # Zalo is told beside the web page, which nobody may have open.
        ([WEB, oa(1)], [WEB, oa(1)]),
        # Of two that are free the one last used.
        ([bot(5), oa(1)], [oa(1)]),
        ([bot(1), oa(5)], [bot(1)]),
        # What would cost goes by the other channel, however long it was not used.
        ([bot(500), oa(49)], [bot(500)]),
        ([bot(500), oa(47)], [oa(47)]),
        # Nor where somebody has left.
        ([bot(500), oa(1, "unfollowed")], [bot(500)]),
        ([bot(1, "422"), oa(2)], [oa(2)]),
        # None is free: it waits where they were last.
        ([oa(49), oa(60, sender="zo:b")], [oa(49)]),
        ([oa(1, "unfollowed")], [oa(1, "unfollowed")]),
        # A channel that is switched off is told nothing.
        ([Ear("telegram", "3", "tg:a"), WEB], [WEB]),
    ],
)
def test_a_notice_goes_where_it_is_free_and_waits_where_none_is(
    ears: list[Ear], chosen: list[Ear]
) -> None:
    assert list(choose_ears(ears, channels(), now_ms=NOW)) == chosen
