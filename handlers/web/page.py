"""The pages people open in a browser, as HTML text: the chat, the officer's door, a plain message.

No page holds an inline script or style, so a Content-Security-Policy without `unsafe-inline` serves
them: `script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialogs.screen import Msg

Surface = Literal["citizen", "officer"]
DoorState = Literal["open", "expired", "spent", "unknown"]
Words = Mapping[str, Mapping[str, str]]

STATIC: Final = Path(__file__).parent / "static"

PAGE_WORDS: Final[tuple[Msg, ...]] = (
    Msg("web.title"),
    Msg("web.title_officer"),
    Msg("web.officer_face"),
    Msg("web.language_name"),
    Msg("web.languages"),
    Msg("web.skip"),
    Msg("web.chat"),
    Msg("web.first_what"),
    Msg("web.first_who"),
    Msg("web.first_what_officer"),
    Msg("web.first_who_officer"),
    Msg("web.noscript"),
    Msg("web.opening"),
    Msg("web.newer"),
    Msg("web.answer_label"),
    Msg("web.answer_hint"),
    Msg("web.answer_hint_officer"),
    Msg("web.send"),
    Msg("web.length"),
    Msg("web.too_long"),
    Msg("web.from_me"),
    Msg("web.from_us"),
    Msg("web.progress"),
    Msg("web.edit"),
    Msg("web.edit_label"),
    Msg("web.edit_send"),
    Msg("web.back_send"),
    Msg("web.sending"),
    Msg("web.uploading"),
    Msg("web.working"),
    Msg("web.kept"),
    Msg("web.failed"),
    Msg("web.failed_why"),
    Msg("web.take_back"),
    Msg("web.foreign"),
    Msg("web.send_again"),
    Msg("web.discard"),
    Msg("web.waiting"),
    Msg("web.waiting_kept"),
    Msg("web.busy"),
    Msg("web.busy_kept"),
    Msg("web.retry"),
    Msg("web.resume_bad"),
    Msg("web.session_over"),
    Msg("web.photo"),
    Msg("web.camera"),
    Msg("web.gallery"),
    Msg("web.photos_chosen"),
    Msg("web.photos_mine"),
    Msg("web.photo_number"),
    Msg("web.photo_remove"),
    Msg("web.photo_too_big"),
    Msg("web.photos_send"),
    Msg("web.photos_add"),
    Msg("web.photos_cancel"),
    Msg("web.viewer"),
    Msg("web.viewer_open"),
    Msg("web.viewer_count"),
    Msg("web.previous"),
    Msg("web.next"),
    Msg("web.close"),
    Msg("web.my_data"),
    Msg("web.my_data_send"),
    Msg("web.help"),
    Msg("web.help_send"),
    Msg("web.queue"),
    Msg("web.queue_send"),
    Msg("web.stats"),
    Msg("web.stats_send"),
    Msg("web.keep"),
    Msg("web.keep_title"),
    Msg("web.keep_text"),
    Msg("web.keep_label"),
    Msg("web.keep_warning"),
    Msg("web.copy"),
    Msg("web.copied"),
)

DOOR_WORDS: Final[tuple[Msg, ...]] = (
    Msg("web.door_open_title"),
    Msg("web.door_open_text"),
    Msg("web.door_name"),
    Msg("web.door_role"),
    Msg("web.door_place"),
    Msg("web.door_enter"),
    Msg("web.door_once"),
    Msg("web.door_expired_title"),
    Msg("web.door_expired_text"),
    Msg("web.door_spent_title"),
    Msg("web.door_spent_text"),
    Msg("web.door_unknown_title"),
    Msg("web.door_unknown_text"),
)

_FACES: Final[Mapping[Surface, Mapping[str, object]]] = {
    "citizen": {
        "base": "/chat",
        "title_key": "web.title",
        "first_what": "web.first_what",
        "first_who": "web.first_who",
        "hint": "web.answer_hint",
        "shortcuts": ("web.my_data", "web.help"),
    },
    "officer": {
        "base": "/officer/chat",
        "title_key": "web.title_officer",
        "first_what": "web.first_what_officer",
        "first_who": "web.first_who_officer",
        "hint": "web.answer_hint_officer",
        "shortcuts": ("web.queue", "web.stats", "web.help"),
    },
}


def _environment() -> Environment:
    """Templates of this folder, escaping everything; an unknown name is an error, never a blank."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return found


_TEMPLATES: Final = _environment()
_MODULES: Final = tuple(sorted(f.name for f in STATIC.glob("*.js") if f.name != "chat.js"))


def chat_page(*, surface: Surface, locale: str, words: Words) -> str:
    """Return the chat for citizens (`/`) or officers (`/officer`) in `locale`.

    `words` is `{"vi": {key: text}, "en": {...}}` with every key of `PAGE_WORDS` in every language:
    all of them travel with the page, so that a change of language needs no reload. Raises
    `KeyError` when a key or `locale` is missing.
    """
    chosen = {lang: {m.id: texts[m.id] for m in PAGE_WORDS} for lang, texts in words.items()}
    return _TEMPLATES.get_template("chat.html").render(
        surface=surface,
        locale=locale,
        w=chosen[locale].__getitem__,
        page_words=chosen,
        modules=_MODULES,
        **_FACES[surface],
    )


def officer_door_page(
    *,
    state: DoorState,
    locale: str,
    words: Words,
    action: str = "",
    name: str = "",
    role: str = "",
    place: str = "",
) -> str:
    """Return the page behind a one-time officer link; looking at it spends nothing.

    With state `open` it says whose link it is (`name`, `role` and `place` as they are to be read)
    and offers one button that posts to `action` (empty: the page's own address). The other states
    say what happened and whom to ask. `words` needs every key of `DOOR_WORDS` in `locale`.
    """
    w = words[locale].__getitem__
    facts = ((w("web.door_name"), name), (w("web.door_role"), role), (w("web.door_place"), place))
    return _TEMPLATES.get_template("door.html").render(
        state=state,
        locale=locale,
        w=w,
        title=w(f"web.door_{state}_title"),
        text=w(f"web.door_{state}_text"),
        action=action,
        facts=facts,
    )


@dataclass(frozen=True, slots=True)
class Entrance:
    """A channel to begin on: its address, what the button says, what to type there and why."""

    address: str
    label: str
    say: str
    code: str


@dataclass(frozen=True, slots=True)
class Onward:
    """An address on this site and the words of its button."""

    address: str
    label: str


def go_page(
    title: str, text: str, locale: str, *, entrances: Sequence[Entrance], here: Onward
) -> str:
    """Return the page behind a QR code where there is a choice of channels; all texts in `locale`.

    Nothing goes to an address outside before the person presses it.
    """
    return _TEMPLATES.get_template("go.html").render(
        title=title, text=text, locale=locale, entrances=entrances, here=here
    )


def message_page(title: str, text: str, locale: str, *, link: tuple[str, str] | None = None) -> str:
    """Return a page that only says something: not found, closed, an unknown QR code.

    `title` and `text` are already in `locale`; `text` keeps its line breaks. `link` is an address
    on this site and its label, shown as the one thing to do next.
    """
    return _TEMPLATES.get_template("message.html").render(
        title=title, text=text, locale=locale, link=link
    )
