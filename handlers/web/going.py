"""Behind a QR code: where a person may begin, the channels that are on and this page."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.screen import Msg, Value
from handlers.i18n import Words
from handlers.web.page import Entrance, Onward, go_page


@dataclass(frozen=True, slots=True)
class Going:
    """The page of a code; `addresses` are where each channel that is on is opened, by its name."""

    words: Words
    addresses: Mapping[str, str]

    def page(self, code: str, place: str, locale: str) -> str:
        """Return the page for a place's code; `place` is its name in `locale`."""

        def say(key: str, **values: Value) -> str:
            return self.words.text(Msg(key, values), locale)

        entrances = [
            Entrance(
                address,
                say("web.go_on", channel=Msg(f"channel.{channel}")),
                say("web.go_say"),
                say("web.go_first_words", code=code),
            )
            for channel, address in self.addresses.items()
        ]
        here = Onward(f"/?place={code}", say("web.go_here"))
        title = say("web.go_title", place=place)
        return go_page(title, say("web.go_text"), locale, entrances=entrances, here=here)
