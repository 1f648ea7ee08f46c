"""Words of the catalogues: marked text in, plain text of a language out."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from dialogs.screen import Fixed, Localised, Lowered, Msg, Text, Value

LOCALES = ("vi", "en")
# "I can do it" keeps its capital inside a sentence too.
ENGLISH_I = re.compile(r"I\b(?!\.)")
FOLDER = Path(__file__).parents[1] / "locales"


class Words:
    """The catalogues of all languages; Vietnamese stands in for what a language lacks."""

    def __init__(self, zone: ZoneInfo, folder: Path = FOLDER) -> None:
        self._zone = zone
        self._catalogues = {locale: _load(folder, locale) for locale in LOCALES}
        # A text that stays is put into words once: 3 us a turn for "Đã ghi: ...".
        self._fixed: dict[str, dict[Fixed, str]] = {locale: {} for locale in LOCALES}

    def text(self, text: Text, locale: str) -> str:
        """Return `text` in `locale`, values filled in; citizens' words stand as they are."""
        # The most frequent first; a chain costs half of a `match` here, and each turn asks often.
        if isinstance(text, str):
            return text
        if isinstance(text, Localised):
            return text.get(locale)
        if isinstance(text, Fixed):
            return self._once(text, locale)
        if isinstance(text, Msg):
            return self._message(text.id, text.values, text.count, locale)
        if isinstance(text, Lowered):
            words = self.text(text.text, locale)
            return words if ENGLISH_I.match(words) else words[:1].lower() + words[1:]
        return text.separator.join(self.text(part, locale) for part in text.parts)

    def _once(self, text: Fixed, locale: str) -> str:
        known = self._fixed[locale]
        words = known.get(text)
        if words is None:
            words = known[text] = self.text(text.text, locale)
        return words

    def every(self, text: Text) -> tuple[str, ...]:
        """Return `text` in every language, in the order of LOCALES."""
        return tuple(self.text(text, locale) for locale in LOCALES)

    def pattern(self, key: str, locale: str) -> str:
        """Return the words of a key with their places still open, for a page to fill in."""
        return self._catalogues[locale].gettext(key)

    def known(self, locale: str | None) -> str | None:
        """Return `locale` if it is one of ours."""
        return locale if locale in LOCALES else None

    def _message(
        self, key: str, values: Mapping[str, Value], count: int | None, locale: str
    ) -> str:
        catalogue = self._catalogues[locale]
        pattern = catalogue.gettext(key) if count is None else catalogue.ngettext(key, key, count)
        if not values and count is None:
            return pattern
        filled = {name: self._value(value, locale) for name, value in values.items()}
        if count is not None:
            filled["count"] = self._value(count, locale)
        return pattern.format_map(filled)

    def _value(self, value: Value, locale: str) -> str:
        match value:
            case int():
                return str(value) if abs(value) < 1000 else format_decimal(value, locale=locale)
            case datetime():
                return value.astimezone(self._zone).strftime("%d/%m/%Y")
            case date():
                return value.strftime("%d/%m/%Y")
            case tuple():
                return ", ".join(self.text(part, locale) for part in value)
        return self.text(value, locale)


def _load(folder: Path, locale: str) -> NullTranslations:
    found = Translations.load(folder, [locale])
    if not isinstance(found, Translations):
        raise MissingCatalogue(locale)
    return found


class MissingCatalogue(RuntimeError):
    """A language's catalogue was not compiled (`make translations` or the launcher does it)."""
