"""Photos: when asked, when not asked, blurry, refused, too many, and what waits for them."""

from tests.golden.script import (
    BLURRED,
    DARK,
    SCENE,
    SHARP,
    asked_first,
    conversation,
    handed_in,
    summed_up,
)
from tests.golden.stage import Stage
from tests.photos_made import page, refused, saved

# It takes a good while to look at.
LARGE = saved(page(5000, 7000), "JPEG")


@conversation("vi", "en")
async def photos_unclear(stage: Stage) -> None:
    """Blurry and dark photos: taken again once, then kept as they are."""
    who = await asked_first(stage, 10)
    await who.do((SHARP, BLURRED, DARK), "[again]", (BLURRED,), "[keep]")


@conversation()
async def photos_taken_again(stage: Stage) -> None:
    """A new photo sent at once takes the place of the blurry one."""
    who = await asked_first(stage, 10)
    await who.do((BLURRED,), (SHARP,))


@conversation("vi", "en")
async def photos_later(stage: Stage) -> None:
    """Photos put off, and added from the summary."""
    who = await asked_first(stage, 10)
    await who.do(stage.t("để sau", "later"), "[photos]", (SHARP,), (SCENE,))


@conversation("vi", "en")
async def photos_refused(stage: Stage) -> None:
    """Files that are no photos, each with what to do instead."""
    who = await asked_first(stage, 10)
    kinds = ("paper.pdf", "clip.mp4", "iphone.heic", "zip.jpg", "nothing.jpg", "no-pixels.jpg")
    await who.do(tuple(refused()[kind][1] for kind in kinds), (refused()["sky.png"][1], SHARP))


@conversation()
async def photos_too_many(stage: Stage) -> None:
    """More photos than a form keeps."""
    who = await asked_first(stage, 10)
    await who.do((SHARP,) * 8, "[photos]", (SCENE,) * 4, (SHARP,))


@conversation()
async def photos_between(stage: Stage) -> None:
    """A photo sent in the middle of the questions is kept, and the question stays."""
    who = await asked_first(stage, 4)
    await who.do((SHARP,), "[3]", (BLURRED,), "[3]", "[3]", "[3]", "[3]", "[3]")


@conversation("vi", "en")
async def photos_after(stage: Stage) -> None:
    """A photo sent after handing in is not kept, and the way to change the form is named."""
    who = await handed_in(stage)
    await who.do((SHARP,))


@conversation()
async def photo_at_submitting(stage: Stage) -> None:
    """A photo at the very last question; digits hand nothing in, a word does."""
    who = await summed_up(stage)
    await who.do("[submit]", "1", "ok", (SHARP,), "nop")


@conversation("vi", "en")
async def submit_waits_for_photo(stage: Stage) -> None:
    """Handing in while a photo is still being looked at: it is handed in right after that."""
    who = await summed_up(stage)
    await who.do("[submit]")
    await who.while_photo_waits(LARGE, "nộp")
