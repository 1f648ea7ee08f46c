"""The pages as text: both faces, both languages, nothing inline, light for slow networks."""

import gzip
import json
import re
from pathlib import Path

import pytest

from dialogs.screen import Msg
from handlers.web import page
from handlers.web.page import (
    DOOR_WORDS,
    PAGE_WORDS,
    STATIC,
    DoorState,
    Entrance,
    Onward,
    Surface,
    chat_page,
    go_page,
    message_page,
    officer_door_page,
)

TEMPLATES = Path(page.__file__).parent / "templates"
EVIL = "</script><script>alert(1)</script>\"'&<b>"


def words_with(text: str = "{key} {locale}") -> dict[str, dict[str, str]]:
    keys = [m.id for m in (*PAGE_WORDS, *DOOR_WORDS)]
    return {lang: {k: text.format(key=k, locale=lang) for k in keys} for lang in ("vi", "en")}


def all_pages() -> dict[str, str]:
    words = words_with()
    return {
        "citizen": chat_page(surface="citizen", locale="vi", words=words),
        "officer": chat_page(surface="officer", locale="en", words=words),
        "door": officer_door_page(
            state="open", locale="vi", words=words, name="An", role="Cán bộ", place="Hải Châu"
        ),
        "message": message_page("Không có", "Dòng 1\nDòng 2", "vi", link=("/", "Về trang đầu")),
        "go": go_page(
            "Làm phiếu: tổ 12",
            "Làm ở đâu cũng được.",
            "vi",
            entrances=[Entrance("https://zalo.me/1", "Mở Zalo", "Nhắn:", "bắt đầu 20242-012")],
            here=Onward("/?place=20242-012", "Làm ở đây"),
        ),
    }


def embedded_words(html: str) -> object:
    found = re.search(r'<script type="application/json" id="words">(.*?)</script>', html, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("surface", "base", "locale"),
    [("citizen", "/chat", "vi"), ("officer", "/officer/chat", "en")],
)
def test_each_face_talks_to_its_own_routes_in_its_language(
    surface: Surface, base: str, locale: str
) -> None:
    html = chat_page(surface=surface, locale=locale, words=words_with())
    assert f'data-surface="{surface}" data-base="{base}"' in html
    assert f'<html lang="{locale}">' in html


def test_the_page_carries_its_words_in_every_language_and_no_others() -> None:
    words = words_with()
    html = chat_page(surface="citizen", locale="vi", words=words)
    keys = {m.id for m in PAGE_WORDS}
    assert embedded_words(html) == {
        lang: {key: text for key, text in texts.items() if key in keys}
        for lang, texts in words.items()
    }


def test_words_cannot_leave_their_place() -> None:
    words = {lang: dict.fromkeys(texts, EVIL) for lang, texts in words_with().items()}
    html = chat_page(surface="citizen", locale="vi", words=words)
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert embedded_words(html) == {
        lang: dict.fromkeys((m.id for m in PAGE_WORDS), EVIL) for lang in words
    }


def test_a_name_on_the_door_and_a_message_cannot_become_markup() -> None:
    door = officer_door_page(
        state="open", locale="vi", words=words_with(), name=EVIL, role=EVIL, place=EVIL
    )
    assert "<script>" not in door + message_page(EVIL, EVIL, "vi")


def test_a_missing_word_or_language_is_an_error() -> None:
    words = words_with()
    with pytest.raises(KeyError):
        chat_page(surface="citizen", locale="fr", words=words)
    del words["en"]["web.send"]
    with pytest.raises(KeyError):
        chat_page(surface="citizen", locale="vi", words=words)


@pytest.mark.parametrize("name", ["citizen", "officer", "door", "message"])
def test_no_page_has_an_inline_script_style_handler_or_outside_address(name: str) -> None:
    html = all_pages()[name]
    assert re.findall(r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>", html) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
    assert re.findall(r'(?:src|href|action)="(?!/|#|")[^"]*"', html) == []


def test_every_file_a_page_names_exists() -> None:
    named = {n for html in all_pages().values() for n in re.findall(r'"/static/([^"#]+)', html)}
    assert named - {f.name for f in STATIC.iterdir()} == set()


def test_every_icon_named_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "icons.svg").read_text("utf-8")))
    source = "".join(f.read_text("utf-8") for f in [*STATIC.glob("*.js"), *TEMPLATES.iterdir()])
    used = set(re.findall(r'\bicon\("(\w+)"', source)) | {"camera", "picture"}
    assert used == sprite


def test_the_listed_words_are_exactly_those_the_page_uses() -> None:
    source = "".join(f.read_text("utf-8") for f in [*STATIC.glob("*.js"), TEMPLATES / "chat.html"])
    used = set(re.findall(r'"(web\.\w+)"', source)) | set(re.findall(r"'(web\.\w+)'", source))
    faces = str(page._FACES)  # the words that differ between the two faces
    used |= set(re.findall(r"'(web\.\w+)'", faces))
    shortcuts = {"web.my_data", "web.help", "web.queue", "web.stats"}
    used |= {f"{key}_send" for key in shortcuts}
    used |= {f"web.{kind}{kept}" for kind in ("waiting", "busy") for kept in ("", "_kept")}
    assert used == {m.id for m in PAGE_WORDS}


def test_no_word_is_listed_twice() -> None:
    keys = [m.id for m in (*PAGE_WORDS, *DOOR_WORDS)]
    assert len(keys) == len(set(keys))
    assert all(m == Msg(m.id) for m in (*PAGE_WORDS, *DOOR_WORDS))


@pytest.mark.parametrize("state", ["expired", "spent", "unknown"])
def test_a_closed_door_has_words_and_no_button(state: DoorState) -> None:
    html = officer_door_page(state=state, locale="vi", words=words_with(), name="An")
    assert f"web.door_{state}_text vi" in html
    assert "<form" not in html
    assert "An</dd>" not in html


def test_the_open_door_names_the_officer_and_posts_to_the_given_address() -> None:
    html = officer_door_page(
        state="open",
        locale="vi",
        words=words_with(),
        action="/officer/abc",
        name="Nguyễn Văn An",
        role="Cán bộ phường",
        place="phường Hải Châu",
    )
    assert '<form method="post" action="/officer/abc">' in html
    assert re.findall(r"<dd>(.*?)</dd>", html) == [
        "Nguyễn Văn An",
        "Cán bộ phường",
        "phường Hải Châu",
    ]


def test_the_first_load_weighs_at_most_60_kb() -> None:
    """Every file of the page compressed by itself, as it travels, with words longer than ours."""
    html = chat_page(surface="officer", locale="vi", words=words_with("Câu trả lời {key}" * 3))
    files = [html.encode(), *(f.read_bytes() for f in STATIC.iterdir() if f.is_file())]
    assert sum(len(gzip.compress(content)) for content in files) <= 60_000


def test_no_script_builds_markup_from_text() -> None:
    source = "".join(f.read_text("utf-8") for f in STATIC.glob("*.js"))
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\("
    assert re.findall(sinks, source) == []
