"""When the year turns: drafts, what was handed in, and the new year's form."""

from datetime import UTC, datetime

from tests.golden.citizen_after import approved, returned
from tests.golden.script import ANSWERS, SHARP, conversation, handed_in, named, summed_up
from tests.golden.stage import Player, Stage

# In Viet Nam: a minute before midnight, and one after it.
LAST_MINUTE = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
FIRST_MINUTE = datetime(2026, 12, 31, 17, 1, tzinfo=UTC)


def year_turns(stage: Stage) -> None:
    """Let it become 1 January."""
    stage.note("00:01 ngày 1/1/2027", "00:01 on 1 January 2027")
    stage.clock.at = FIRST_MINUTE


async def late_draft(stage: Stage) -> Player:
    """Return a citizen three answers into a form, a minute before the year turns."""
    async with stage.meanwhile("23:59 ngày 31/12, đã trả lời 3 câu", "23:59, three answers given"):
        stage.clock.at = LAST_MINUTE
        stage.clock.forward(seconds=-40)
        who = await named(stage)
        await who.do(*ANSWERS[:3])
    return who


@conversation("vi", "en")
async def year_turns_over_a_draft(stage: Stage) -> None:
    """An answer on its way is kept; the draft goes on in the new year, each answer confirmed."""
    who = await late_draft(stage)
    year_turns(stage)
    await who.do("[3]", stage.t("gì vậy", "what is this"), "[read]", (SHARP,), "nộp", "sửa câu 2")
    await who.do("[carry]", "[agree]", "[same]")
    await who.do(stage.t("vẫn như năm trước", "same as last year"), "quay lại", "[same]")
    await who.do(stage.t("hiếm khi", "rarely"), "[same]", *ANSWERS[4:], "[none]")
    await who.do("[submit]", "nộp", "[no]", "dữ liệu")


@conversation("vi", "en")
async def year_turns_before_handing_in(stage: Stage) -> None:
    """Whoever is a minute late with the word loses nothing; not agreeing anew changes nothing."""
    who = await summed_up(stage)
    stage.clock.at = LAST_MINUTE
    await who.do("[submit]")
    year_turns(stage)
    await who.do("nộp", "[carry]", "[refuse]", "kết quả", "[mydata]", "[home]")
    await who.open()


@conversation("vi", "en")
async def year_turns_at_the_consent(stage: Stage) -> None:
    """Consent was asked for the old year: it does not hold for the new one, and is asked again."""
    who = await stage.neighbour()
    stage.clock.at = LAST_MINUTE
    await who.do("[start]", "[citizen]")
    year_turns(stage)
    await who.do("[agree]", "[citizen]", "[agree]")


@conversation()
async def year_turns_after_handing_in(stage: Stage) -> None:
    """What was handed in is still decided, additions still come, then the next year's begins."""
    who = await handed_in(stage)
    year_turns(stage)
    await returned(stage, who, "2", "1")
    await who.do("menu", "[continue]", (SHARP,), "kết quả")
    await approved(stage, who)
    await who.do("[see]", "[next_year]", "[agree]", "[same]", "dữ liệu")


@conversation()
async def withdrawing_too_late(stage: Stage) -> None:
    """Withdrawing after the period: it is said before that it cannot be handed in again."""
    who = await handed_in(stage)
    year_turns(stage)
    await who.do("rút lại", "rút lại")
