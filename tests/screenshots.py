"""Take the pictures: `python -m tests.screenshots [--out FOLDER] [--all FOLDER]`.

Every screen in both languages, on a phone and on a desk, three of them in dark colours too, go to
`--all` (made anew each time, not committed). The few of the README are put together from those and
written, small, to `--out`.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Route, sync_playwright

from tests.browser import story
from tests.browser.person import DESKTOP, PHONE, Person, Size, Tongue, launched
from tests.browser.site import Site, make_seeded
from tests.browser.story import SPOKEN

DARK = ("question", "summary", "file")
SIZES = {"phone": PHONE, "desktop": DESKTOP}
GAP = 24
PAPER = (220, 216, 204)
COLOURS = 128


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture of the README: screens side by side, `width` pixels wide in all."""

    name: str
    screens: tuple[str, ...]
    width: int


SHEETS = (
    Sheet("citizen.png", ("phone-vi-question", "phone-vi-verdict", "phone-vi-summary"), 1080),
    Sheet("citizen-en.png", ("phone-en-hello", "phone-en-question", "phone-en-summary"), 1080),
    Sheet("officer.png", ("desktop-vi-file",), 1100),
    Sheet("officer-en.png", ("desktop-en-file",), 1100),
    Sheet("dark.png", ("phone-vi-question-dark", "phone-vi-file-dark"), 720),
    Sheet("told.png", ("phone-vi-asked-for", "phone-vi-result", "phone-vi-why"), 1080),
)


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes the screens of one walk into `folder`, numbered in the order of the walk."""

    folder: Path
    size_name: str
    tongue: Tongue
    taken: list[str]

    def see(self, name: str, person: Person) -> None:
        """Take the screen called `name`, in dark colours too if it is one of `DARK`."""
        self._take(name, person)
        if name in DARK:
            person.page.emulate_media(color_scheme="dark")
            self._take(f"{name}-dark", person)
            person.page.emulate_media(color_scheme="light")

    def _take(self, name: str, person: Person) -> None:
        self.taken.append(name)
        person.page.mouse.move(1, 1)  # the pointer of the last press would tint a button
        full = f"{self.size_name}-{self.tongue}-{name}.png"
        # Photos are fetched after the words; a picture of a gap would be no picture of ours.
        for image in person.page.locator("img:visible").all():
            image.evaluate("image => image.decode()")
        person.page.screenshot(path=self.folder / full, animations="disabled", caret="hide")


def take_all(site: Site, browser: Browser, folder: Path) -> None:
    """Walk in both languages at both sizes and take every screen."""
    for size_name, size in SIZES.items():
        for tongue in SPOKEN:
            camera = Camera(folder, size_name, tongue, [])
            with _pair(browser, site, tongue=tongue, size=size) as (citizen, officer):
                _walk(site, citizen, officer, camera)
            print(f"{size_name} {tongue}: {len(camera.taken)} pictures")


@contextmanager
def _pair(
    browser: Browser, site: Site, *, tongue: Tongue, size: Size
) -> Iterator[tuple[Person, Person]]:
    people = [Person.come(browser, site.url, tongue=tongue, size=size) for _ in range(2)]
    try:
        yield people[0], people[1]
    finally:
        for person in people:
            person.leave()


def _walk(site: Site, citizen: Person, officer: Person, camera: Camera) -> None:
    words, see = SPOKEN[camera.tongue], camera.see
    story.stray(citizen, words, see)
    citizen.page.context.clear_cookies()
    code = story.declare(citizen, words, see)
    link = site.officer_link()
    story.ask_for_more(officer, words, see, link=link, code=code)
    story.mend(citizen, see)
    story.approve(officer, words, see, code=code)
    story.learn(citizen, words, see)
    _trouble(citizen, words, see)
    officer.look_at(link)
    see("door-spent", officer)
    story.vanish(citizen, words, see)


def _trouble(person: Person, words: story.Words, see: Callable[[str, Person], None]) -> None:
    """Show the link to keep, the bar of a lost network and a refusal."""
    person.page.click("#keep-open")
    see("keep", person)
    person.page.keyboard.press("Escape")
    person.page.context.set_offline(True)
    person.page.fill("#answer", words.why)
    person.page.press("#answer", "Enter")
    person.wait_for("#net .net-row")
    person.wait_for(".mine.waits .state:not(:empty)")
    see("offline", person)
    person.page.context.set_offline(False)
    person.page.locator("#net .net-row").wait_for(state="detached")
    person.wait_answer()

    def refuse(route: Route) -> None:
        route.continue_(post_data='{"event_id": 0}')

    person.page.route("**/chat/events", refuse, times=1)
    person.say(words.why)
    see("refused", person)


def make_sheets(folder: Path, out: Path) -> None:
    """Put the README's pictures together from the screens in `folder`."""
    out.mkdir(parents=True, exist_ok=True)
    for sheet in SHEETS:
        images = [Image.open(folder / f"{name}.png").convert("RGB") for name in sheet.screens]
        _compress(_beside(images), sheet.width).save(out / sheet.name, optimize=True)
        print(f"{out / sheet.name}: {(out / sheet.name).stat().st_size // 1000} KB")


def _beside(images: list[Image.Image]) -> Image.Image:
    width = sum(image.width for image in images) + GAP * (len(images) + 1)
    whole = Image.new("RGB", (width, max(image.height for image in images) + 2 * GAP), PAPER)
    left = GAP
    for image in images:
        whole.paste(image, (left, GAP))
        left += image.width + GAP
    return whole


def _compress(image: Image.Image, width: int) -> Image.Image:
    """Return the picture at most `width` wide, in few colours: text stays sharp, files small."""
    scale = min(1, width / image.width)
    smaller = image.resize((round(image.width * scale), round(image.height * scale)))
    return smaller.quantize(COLOURS, dither=Image.Dither.NONE)


def main() -> None:
    """Serve a fresh demo, take everything, write the README's pictures."""
    parser = argparse.ArgumentParser(description="The pictures of the README, from a real browser")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--all", type=Path, default=Path("var/screenshots"))
    asked = parser.parse_args()
    shutil.rmtree(asked.all, ignore_errors=True)
    asked.all.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(make_seeded(Path(folder) / "var"))
        site.start()
        try:
            with sync_playwright() as playwright, launched(playwright) as browser:
                take_all(site, browser, asked.all)
        finally:
            site.stop()
    make_sheets(asked.all, asked.out)


if __name__ == "__main__":
    main()
