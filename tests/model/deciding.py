"""What officers do, over the API and in their chat."""

from typing import Any

from tests.model.phone import Divergence, Phone
from tests.model.reference import Book, visible
from tests.model.scene import Deed, Scene
from tests.model.wording import body_of, known_of, sentence


class Deciding(Scene):
    """Deeds of officers; the API is asked about the version read last."""

    __slots__ = ()

    def look(self, by: str, who: str) -> Deed | None:
        """Read a file over the API."""
        number = self.seen.ids.get(who)
        if number is None:
            return None

        async def act() -> str:
            answer = await self.api(by, "GET", f"/{number}")
            if answer.status_code == 200:
                self.officers[by].versions[who] = answer.json()["version"]
            return "done" if answer.status_code == 200 else "refused"

        def rule(book: Book) -> str:
            book.look(by, who, "api")
            return "done" if visible(book.people[who]["file"]) else "refused"

        return Deed(act, rule)

    def decide(self, by: str, who: str, action: str, arg: Any = None) -> Deed | None:
        """Decide over the API, on the version read last."""
        number = self.seen.ids.get(who)
        if number is None:
            return None
        body = {"version": self.officers[by].versions.get(who, 1)} | body_of(action, arg)
        if action == "undo":
            body = {}

        async def act() -> str:
            answer = await self.api(by, "POST", f"/{number}/{action}", json=body)
            return "done" if answer.status_code == 200 else "refused"

        def rule(book: Book) -> str:
            done = book.decide(by, who, action, "api", known_of(action, arg))
            return "refused" if done == "refused" else "done"

        return Deed(act, rule)

    def chat(
        self, by: str, who: str, action: str, arg: Any = None, fault: str = "none", ticks: int = 0
    ) -> Deed | None:
        """Open a file or decide on it in the officer's chat, naming its code."""
        code = self.seen.codes.get(who)
        if code is None:
            return None
        phone = self.officers[by].phone
        words = sentence(action, code, arg)

        async def act() -> None:
            if action == "undo":
                await self._officer_says(phone, f"mở {code}")
            await self._officer_says(phone, words, fault, ticks)
            for _, reason in arg if action == "return" else ():
                ids = [c["id"] for c in phone.screen["choices"]]
                if reason in ids:
                    body = {"screen": phone.screen["id"], "choice": reason}
                    phone.hear(await phone.deliver(self.event(body)))

        def rule(book: Book) -> None:
            if action in ("open", "undo"):
                book.look(by, who, "chat")
            if action != "open":
                book.decide(by, who, action, "chat", known_of(action, arg))

        return Deed(act, rule)

    async def _officer_says(
        self, phone: Phone, text: str, fault: str = "none", ticks: int = 0
    ) -> None:
        event = self.event({"screen": phone.screen.get("id"), "text": text})
        phone.hear(await phone.deliver(event, fault, ticks))

    async def api(self, by: str, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.officers[by].hired.token}"}
        address = f"/api/v1/declarations{path}"

        async def ask() -> Any:
            client = self.stage.client()
            client.cookies.clear()
            return await client.request(method, address, headers=headers, **content)

        answer = await self.stage.asking(ask)
        if answer.status_code >= 500:
            raise Divergence(f"{address}: {answer.status_code} {answer.text}")
        return answer
