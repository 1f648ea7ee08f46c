"""One set of catalogues serves every language, each in its own words."""

from zoneinfo import ZoneInfo

from dialogs.screen import Fixed, Localised, Msg
from handlers.i18n import Words


def test_what_was_put_into_words_in_one_language_is_said_in_the_other() -> None:
    words = Words(ZoneInfo("Asia/Ho_Chi_Minh"))
    stays = Fixed(Localised((("vi", "Hằng tuần"), ("en", "Every week"))))
    said = [words.text(stays, locale) for locale in ("vi", "en", "vi", "en")]
    assert said == ["Hằng tuần", "Every week"] * 2
    agreed = Fixed(Msg("consent.agree"))
    agree = [words.text(agreed, locale) for locale in ("vi", "en")]
    assert agree == [words.text(agreed.text, locale) for locale in ("vi", "en")]
    assert len(set(agree)) == 2
