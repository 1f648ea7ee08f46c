"""The main job as two people live it in their browsers, from the QR code to "why".

Each chapter shows every screen it comes to with `see(name, person)`: the suite inspects there, the
screenshots are taken there. Choices are pressed by id, so the chapters read the same in each
language; what is typed stands in `Words`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.demo.pictures import draw_certificate
from bot.seed import VILLAGE
from tests.browser.person import Person, Tongue

See = Callable[[str, Person], None]
TITLE = "citizen"


@dataclass(frozen=True, slots=True)
class Words:
    """What the two of them type, in one language."""

    tongue: Tongue
    place: str
    weekly: str
    submit: str
    queue: str
    open: str
    back_for_more: str
    approve: str
    why: str
    my_data: str
    erase: str
    help: str


SPOKEN: dict[Tongue, Words] = {
    "vi": Words(
        tongue="vi",
        place="hai chau da nang",
        weekly="hang tuan",
        submit="nop",
        queue="hồ sơ chờ",
        open="mo {}",
        back_for_more="bo sung {}",
        approve="duyet {}",
        why="vi sao",
        my_data="du lieu",
        erase="xóa hết",
        help="?",
    ),
    "en": Words(
        tongue="en",
        place="hai chau da nang",
        weekly="weekly",
        submit="submit",
        queue="queue",
        open="open {}",
        back_for_more="return {}",
        approve="approve {}",
        why="why",
        my_data="mydata",
        erase="erase all",
        help="?",
    ),
}


@cache
def sharp() -> bytes:
    """Return a photo of a certificate that reads well."""
    return draw_certificate(1, "clear")


@cache
def unclear() -> bytes:
    """Return another one, too blurred to read."""
    return draw_certificate(2, "blurry")


def declare(citizen: Person, words: Words, see: See) -> str:
    """Go from the QR code to the receipt; return the receipt code."""
    arrive(citizen, words, see)
    name_oneself(citizen, see)
    answer_all(citizen, words, see)
    add_photos(citizen, see)
    return hand_in(citizen, words, see)


def arrive(citizen: Person, words: Words, see: See) -> None:
    """Follow the village's QR code, choose the language and the title, read, agree."""
    citizen.go(f"/go/{VILLAGE}")
    if citizen.lang != words.tongue:
        citizen.press("language")
    see("hello", citizen)
    citizen.press("start")
    see("title", citizen)
    citizen.press(TITLE)
    see("consent", citizen)
    citizen.press("read")
    see("consent-in-full", citizen)
    citizen.press("agree")


def name_oneself(citizen: Person, see: See) -> None:
    """Type the name without its marks and pick the right one."""
    see("name", citizen)
    citizen.say("nguyen thi hoa 65")
    see("name-pick", citizen)
    citizen.press("name0")


def answer_all(citizen: Person, words: Words, see: See) -> None:
    """Answer the ten questions: tapped, by number, by word; ask once what one means."""
    see("question", citizen)
    citizen.say(words.help)
    see("explained", citizen)
    citizen.press(3)
    citizen.say("3")
    citizen.say(words.weekly)
    see("question-later", citizen)
    for _ in range(7):
        citizen.press(3)


def add_photos(citizen: Person, see: See) -> None:
    """Send two photos, one of them blurred, and keep that one all the same."""
    see("photos", citizen)
    citizen.choose_photos(sharp(), unclear())
    see("preview", citizen)
    citizen.send_photos()
    see("verdict", citizen)
    citizen.press("keep")


def hand_in(citizen: Person, words: Words, see: See) -> str:
    """Mend the third answer from the conversation, then submit by the word."""
    see("summary", citizen)
    citizen.page.locator(".edit").nth(2).click()
    citizen.wait_answer()
    see("edit", citizen)
    citizen.press(4)
    citizen.press("submit")
    see("confirm", citizen)
    citizen.say(words.submit)
    see("receipt", citizen)
    code = citizen.page.locator(".present .code").inner_text()
    citizen.press("yes")
    see("status", citizen)
    return code


def ask_for_more(officer: Person, words: Words, see: See, *, link: str, code: str) -> None:
    """Come in by the one-time link, open the file from the queue, ask for a better photo."""
    officer.look_at(link)
    see("door", officer)
    officer.page.click("#enter")
    officer.wait_for(".present")
    officer.speak(words.tongue)
    see("desk", officer)
    officer.say(words.queue)
    see("queue", officer)
    officer.say(words.open.format(code))
    see("file", officer)
    officer.page.locator(".present .thumb, .ours .thumb").last.click()
    see("photo", officer)
    officer.page.keyboard.press("Escape")
    officer.say(words.back_for_more.format(code))
    see("which", officer)
    officer.say("2")
    see("reason", officer)
    officer.press(1)
    see("returned", officer)


def mend(citizen: Person, see: See) -> None:
    """Be told without doing anything, send the photo that was asked for."""
    citizen.wait_for(".present [data-pick]")
    see("asked-for", citizen)
    citizen.choose_photos(sharp())
    citizen.send_photos()
    see("mended", citizen)


def approve(officer: Person, words: Words, see: See, *, code: str) -> None:
    """Open the file again and approve it."""
    officer.say(words.open.format(code))
    see("file-again", officer)
    officer.say(words.approve.format(code))
    see("approved", officer)


def learn(citizen: Person, words: Words, see: See) -> None:
    """Be told again, see the result, ask why."""
    citizen.wait_for('.present [data-choice="see"]')
    see("told", citizen)
    citizen.press("see")
    see("result", citizen)
    citizen.say(words.why)
    see("why", citizen)


def vanish(citizen: Person, words: Words, see: See) -> None:
    """See everything that is held, have it erased, leave."""
    citizen.say(words.my_data)
    see("my-data", citizen)
    citizen.press("erase")
    see("erase", citizen)
    citizen.say(words.erase)
    see("farewell", citizen)


def stray(citizen: Person, words: Words, see: See) -> None:
    """Take the other turnings: another place, no agreement, an unknown code, spent links."""
    citizen.go(f"/go/{VILLAGE}")
    if citizen.lang != words.tongue:
        citizen.press("language")
    citizen.press("elsewhere")
    see("place", citizen)
    citizen.say(words.place)
    see("place-found", citizen)
    citizen.say("chợ trên mây")
    see("place-unknown", citizen)
    for name, path in (("unknown-code", "/go/nowhere"), ("unknown-door", "/officer/nothing")):
        citizen.look_at(path)
        see(name, citizen)
