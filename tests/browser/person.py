"""Somebody at a real browser: does what a person does, and notices whatever goes wrong there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    Playwright,
    Request,
)

from requirements.chromium import find_chromium

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
Size = tuple[int, int]
PHONE: Size = (360, 740)
DESKTOP: Size = (1366, 768)
PATIENCE_MS = 20_000
Tongue = Literal["vi", "en"]
REGIONS: dict[Tongue, str] = {"vi": "vi-VN", "en": "en-GB"}
TWO_FRAMES = """() => new Promise(
  done => requestAnimationFrame(() => requestAnimationFrame(done)))"""


class ChromiumMissing(Exception):
    """No browser on PATH: the suite fails, since a promise nobody checked is none."""


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Give the machine's Chromium, headless; ChromiumMissing without one."""
    path = find_chromium()
    if path is None:
        raise ChromiumMissing("no Chromium on PATH: run `python3 requirements/chromium.py`")
    browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
    try:
        yield browser
    finally:
        browser.close()


@dataclass(slots=True)
class Person:
    """A page of one context. `troubles` fills with errors, refusals of the policy, strangers."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    @classmethod
    def join(cls, context: BrowserContext, url: str) -> "Person":
        """Open a tab of `context` for the site at `url`."""
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        person = cls(page, url)
        page.on("console", lambda message: person._read_console(message))
        page.on("pageerror", lambda error: person.troubles.append(f"error: {error}"))
        page.on("request", lambda request: person._meet(request))
        return person

    @classmethod
    def come(
        cls,
        browser: Browser,
        url: str,
        *,
        tongue: Tongue = "vi",
        size: Size = PHONE,
    ) -> "Person":
        """Come with a fresh browser of this language and size (CSS pixels)."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=REGIONS[tongue],
            reduced_motion="reduce",
        )
        return cls.join(context, url)

    def _read_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")

    def _meet(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "blob" and parts.netloc != urlsplit(self.url).netloc:
            self.troubles.append(f"stranger: {request.url}")

    def leave(self) -> None:
        """Close the browser's context."""
        self.page.context.close()

    def go(self, path: str) -> None:
        """Open a page of the chat and wait for what it asks."""
        self.look_at(path)
        self.page.locator(".present").wait_for()

    def look_at(self, path: str) -> None:
        """Open any page: a path, or an address of the site."""
        self.page.goto(path if path.startswith("http") else self.url + path)

    def enter(self, link: str) -> None:
        """Use a one-time officer link by its button."""
        self.look_at(link)
        self.page.click("#enter")
        self.page.locator(".present").wait_for()

    def say(self, text: str) -> None:
        """Type something, send it by Enter and wait for the answer."""
        self.page.fill("#answer", text)
        self.page.press("#answer", "Enter")
        self.wait_answer()

    def press(self, choice: str | int) -> None:
        """Tap the choice with this id, or the button with this number, and wait for the answer."""
        buttons = self.choices
        found = buttons.nth(choice - 1) if isinstance(choice, int) else self._choice(choice)
        found.click()
        self.wait_answer()

    def _choice(self, id: str) -> Locator:
        """Return the button whose id is `id`, or begins with it (`open` of `open:12`)."""
        exact = f'.present [data-choice="{id}"], .present [data-choice^="{id}:"]'
        return self.page.locator(exact).first

    def choose_photos(self, *photos: bytes) -> None:
        """Take photos from the phone, as far as the preview."""
        files: Sequence[FilePayload] = [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": data}
            for n, data in enumerate(photos, 1)
        ]
        self.page.set_input_files("#photo", files)
        self.page.locator("#previews li").nth(len(photos) - 1).wait_for()

    def send_photos(self) -> None:
        """Send what stands in the preview and wait for the verdict."""
        self.page.click("#send-photos")
        self.wait_answer()

    def wait_answer(self) -> None:
        """Wait until the last thing said is not the person's own."""
        self.page.locator("#log > .mine:last-child").wait_for(state="detached")

    def wait_for(self, selector: str) -> None:
        """Wait until `selector` is seen."""
        self.page.locator(selector).first.wait_for()

    def speak(self, tongue: Tongue) -> None:
        """Switch the page to `tongue`, unless it is there already."""
        if self.lang != tongue:
            before = self.screen
            self.page.click(f'[data-locale="{tongue}"]')
            self.page.locator(f'.present[data-screen="{before}"]').wait_for(state="detached")

    @property
    def size(self) -> Size:
        """Return the size of the window in CSS pixels."""
        found = self.page.viewport_size
        assert found is not None, "a headless page has a window"
        return found["width"], found["height"]

    def resize(self, size: Size) -> None:
        """Make the window `size`, if it is not."""
        if size != self.size:
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            # What a person sees is what stands after the page has been laid out anew.
            self.page.evaluate(TWO_FRAMES)

    @property
    def choices(self) -> Locator:
        """Return the buttons of the present question."""
        return self.page.locator(".present [data-choice]")

    @property
    def present(self) -> str:
        """Return the words of the present question."""
        return self.page.locator(".present .text").inner_text()

    @property
    def screen(self) -> str | None:
        """Return the id of the present question."""
        return self.page.locator(".present").get_attribute("data-screen")

    @property
    def lang(self) -> str | None:
        """Return the language the document names as its own."""
        return self.page.locator("html").get_attribute("lang")

    @property
    def focused(self) -> str:
        """Return id, or else choice, or else class of what has the keyboard."""
        found = "(e => e.id || e.dataset.choice || e.className)(document.activeElement)"
        return str(self.page.evaluate(found))

    @property
    def mine(self) -> list[str]:
        """Return everything the person said, oldest first."""
        said = self.page.locator(".mine .text").all_inner_texts()
        return [text.split("\n")[-1] for text in said]
