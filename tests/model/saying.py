"""What people do."""

from tests.model.phone import Event
from tests.model.reference import shown
from tests.model.scene import Deed, Scene
from tests.model.script import CODES
from tests.model.wording import FREE, NAMES, ONWARD, WORDS


class Saying(Scene):
    """Deeds of people; `fault` and `ticks` are what the line does to the message."""

    __slots__ = ()

    def press(self, who: str, choice: str, fault: str = "none", ticks: int = 0) -> Deed:
        """A choice of the screen this person looks at."""
        phone, token = self.phones[who], self.book.people[who]["token"]
        event = self.event({"screen": phone.screen["id"], "choice": choice})
        return self.deed(phone, event, lambda book: book.press(who, choice, token), fault, ticks)

    def press_old(self, who: str, back: int, number: int) -> Deed | None:
        """A choice of a screen shown earlier."""
        phone = self.phones[who]
        past = [p for p in phone.past if p[0]["choices"]]
        if not past:
            return None
        screen, token = past[-1 - back % len(past)]
        choice = screen["choices"][number % len(screen["choices"])]["id"]
        event = self.event({"screen": screen["id"], "choice": choice})
        return self.deed(phone, event, lambda book: book.press(who, choice, token))

    def number(self, who: str, number: int, fault: str = "none", ticks: int = 0) -> Deed | None:
        """The number of a choice, typed."""
        phone, token = self.phones[who], self.book.people[who]["token"]
        choices = phone.screen["choices"]
        if not choices or phone.at in FREE:
            return None
        place = number % len(choices)
        choice = choices[place]["id"]
        event = self.event({"screen": phone.screen["id"], "text": f"{place + 1}"})
        return self.deed(phone, event, lambda book: book.press(who, choice, token), fault, ticks)

    def say(
        self, who: str, word: str, arg: str = "", fault: str = "none", ticks: int = 0
    ) -> Deed | None:
        """A word that means the same at every question; `arg` is the code of a question."""
        phone = self.phones[who]
        if word == "erase all" and phone.at != "erase":
            return None
        text = WORDS[word] + (f" câu {CODES.index(arg) + 1}" if arg else "")
        slash = "/" if phone.at in FREE else ""
        event = self.event({"screen": phone.screen["id"], "text": slash + text})
        return self.deed(phone, event, lambda book: book.command(who, word, arg), fault, ticks)

    def name(self, who: str, number: int, fault: str = "none", ticks: int = 0) -> Deed:
        """Name and year of birth; every ninth is a child."""
        name, born = NAMES[number % len(NAMES)], 2015 if number % 9 == 8 else 1960 + number
        phone = self.phones[who]
        event = self.event({"screen": phone.screen["id"], "text": f"{name} {born}"})
        child = born > 2010
        return self.deed(
            phone, event, lambda book: book.tell(who, "name", name, child), fault, ticks
        )

    def commune_typed(self, who: str, fault: str = "none", ticks: int = 0) -> Deed:
        """Another commune than the officers'."""
        phone = self.phones[who]
        event = self.event({"screen": phone.screen["id"], "text": "phường Hải Châu, Đà Nẵng"})
        return self.deed(phone, event, lambda b: b.tell(who, "place", "far"), fault, ticks)

    def photos(self, who: str, count: int, fault: str = "none", ticks: int = 0) -> Deed:
        """Clear photos in one message."""
        phone = self.phones[who]
        files = [("photo", (f"{n}.jpg", self.stage.photo, "image/jpeg")) for n in range(count)]
        data = {"event_id": self.id(), "screen": phone.screen["id"]}
        event = Event("photos", data=data, files=files)
        return self.deed(phone, event, lambda book: book.photos(who, count), fault, ticks)

    def onward(self, who: str, option: int, fault: str = "none", ticks: int = 0) -> Deed | None:
        """What somebody does next who wants to hand in; None where there is nothing to do."""
        person = self.book.people[who]
        at = person["at"].partition(":")[0]
        if at in CODES:
            return self.press(who, str(option), fault, ticks)
        if at in ONWARD:
            return self.press(who, ONWARD[at], fault, ticks)
        if at == "name":
            return self.name(who, option, fault, ticks)
        if at == "place":
            return self.commune_typed(who, fault, ticks)
        if at == "home" and shown(person["file"]) in ("submitted", "approved", "rejected"):
            return None
        return self.say(who, "submit" if at == "submit" else "continue", "", fault, ticks)

    def later(self, who: str, number: int) -> bool:
        """Keep a press of the present screen back, to arrive whenever the adversary likes."""
        phone = self.phones[who]
        if not phone.screen["choices"]:
            return False
        token = self.book.people[who]["token"]
        choice = phone.screen["choices"][number % len(phone.screen["choices"])]["id"]
        event = self.event({"screen": phone.screen["id"], "choice": choice})
        self.late.append((who, event, lambda book: book.press(who, choice, token)))
        return True

    def arriving(self, number: int) -> Deed | None:
        """A message that was kept back arrives now."""
        if not self.late:
            return None
        who, event, rule = self.late.pop(number % len(self.late))
        return self.deed(self.phones[who], event, rule)
