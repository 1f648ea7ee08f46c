"""What an installation has on disk of what a browser sent, read beside the running server."""

import sqlite3
from contextlib import closing

from pydantic import SecretStr

from bot.settings import Settings
from storage.inbox import event_key
from tests.browser.person import Person
from tests.browser.site import Site


def count_kept(site: Site, event_id: str) -> int:
    """Return how many messages of the inbox came under this event id of a page."""
    secret = (site.folder / "secret_key").read_text("ascii").strip()
    key = Settings(secret_key=SecretStr(secret)).derive_key("inbox")
    with closing(sqlite3.connect(f"file:{site.folder}/khaihoc.db?mode=ro", uri=True)) as found:
        rows = found.execute("SELECT external_id, sender FROM inbox").fetchall()
    return sum(external == event_key(key, sender, event_id) for external, sender in rows)


def last_event(person: Person) -> str:
    """Return the event id under which the page sent what the person said last."""
    found = person.page.locator(".mine").last.get_attribute("data-event")
    assert found is not None, "everything said since the page was opened has its event id"
    return found
