"""What the browser tests share: one seeded demo to copy, a browser, people who come with it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.person import Person, launched
from tests.browser.site import Site, make_seeded

Come = Callable[..., Person]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a migrated installation with the demo in it, served by nobody."""
    return make_seeded(tmp_path_factory.mktemp("seeded"))


# Of a module, not of the session: while it lives, no other test may run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    with sync_playwright() as playwright, launched(playwright) as found:
        yield found


@pytest.fixture(scope="module")
def shared_site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running demo for tests that leave it running."""
    site = Site.copy(seeded, tmp_path_factory.mktemp("shared") / "var")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def site(seeded: Path, tmp_path: Path) -> Iterator[Site]:
    """A running demo of the test's own, to be broken."""
    site = Site.copy(seeded, tmp_path / "var")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def come(browser: Browser) -> Iterator[Come]:
    """Let people come, each with a fresh browser (see `Person.come`); they leave with the test."""
    here: list[Person] = []

    def come(url: str, **wishes: object) -> Person:
        here.append(Person.come(browser, url, **wishes))  # type: ignore[arg-type]
        return here[-1]

    yield come
    for person in here:
        person.leave()
