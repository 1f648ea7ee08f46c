"""The second opinion: what contract.md and script.md promise, over plain dicts, nothing of ours."""

from typing import Any

from tests.model.script import (
    ANEW,
    CODES,
    FLOOR,
    LEADS,
    LEFT,
    MARK,
    NOTICE_SECONDS,
    PHOTOS,
    RESTING,
    SCALE,
    TARGETS,
)

Plain = dict[str, Any]


class Book:
    """Everything the world outside may know; `now` is in seconds."""

    def __init__(self) -> None:
        self.people: Plain = {}
        self.officers: Plain = {}
        self.now, self.files, self.forgotten = 0.0, 0, 0

    def arrive(self, who: str) -> None:
        """Somebody opens the page by the QR code of a village of the officers' commune."""
        self.people[who] = {**ANEW, "place": "here:village", "locale": "vi", "token": 0}

    def press(self, who: str, choice: str, token: int) -> None:
        """A choice of the question asked as the `token`-th; an old one has no effect."""
        if token == self.people[who]["token"]:
            self._chosen(self.people[who], choice)

    def _chosen(self, p: Plain, choice: str) -> None:
        at, _, item = p["at"].partition(":")
        if at in CODES:
            p["file"]["answers"][at] = LEFT if choice == "left" else int(choice)
        elif at == "supplement":
            return self._settle(p, item, choice)
        elif at == "language" or (at, choice) == ("hello", "language"):
            other = "en" if p["locale"] == "vi" else "vi"
            p["locale"] = other if at == "hello" else choice
            return _back(p) if at == "language" else None
        elif at == "consent" and choice != "read":
            return self._agree(p) if choice == "agree" else self._forget(p)
        elif at == "village":
            whole = f"{(p['place'] or p['file']['place']).partition(':')[0]}:village"
            p["place"], (p["file"] or p)["place"] = None, whole
        p["title"] = choice if at == "title" else p["title"]
        p["photos_asked"] |= at == "photos"
        p["campaign"] = (p["campaign"] or at + choice == "receiptyes") and choice != "stop"
        if lead := "next" if at in (*CODES, "village") else LEADS.get(at, {}).get(choice):
            _go(p, lead)
        return None

    def _agree(self, p: Plain) -> None:
        # No version of a file is one of another: what was seen of one tells nothing of the other.
        self.files += 1
        p["file"] = {"status": "draft", "answers": {}, "given": {}, "items": {}, "name": None,
                     "place": p["place"], "photos": 0, "moves": [], "version": self.files * 1000,
                     "code": False, "decided": None}  # fmt: skip
        p["place"] = None
        _go(p, "next!")

    def tell(self, who: str, at: str, value: str, child: bool = False) -> None:
        """Free text where it is asked for: a name, a commune; who is under sixteen is forgotten."""
        p = self.people[who]
        if p["at"] == at and child:
            self._forget(p)
        elif p["at"] == at:
            (p["file"] if at == "name" else p)[at] = value
            _go(p, "next")

    def command(self, who: str, word: str, arg: str = "") -> None:
        """A word that means the same at every question."""
        p = self.people[who]
        file, at, waits = p["file"], p["at"], bool(p["file"] and p["file"]["status"] == "submitted")
        if word == "stop":
            p["campaign"] = False
        elif word == "back":
            _back(p)
        elif word == "erase all" and at == "erase" and file:
            self._forget(p)
        elif word == at == "submit":
            _submit(p)
        elif word == at == "withdraw" and waits:
            _move(file, "withdraw", "draft", None)
            _go(p, "summary!")
        elif lead := {
            "continue": "next", "menu": "home!" if file else "hello!", "language": "language",
            "status": "home!" if file else "", "mydata": "mydata",
            "why": "home!" if file and len(file["answers"]) == 10 else "",
            "erase": "erase" if file else "mydata", "submit": "submit" if at == "summary" else "",
            "edit": (arg or "edit") if file and file["status"] == "draft" else "",
            "withdraw": "withdraw" if waits else "home" if at == "withdraw" else "",
        }.get(word):  # fmt: skip
            _go(p, lead)

    def photos(self, who: str, count: int) -> None:
        """Clear photos in one message: to the file while it is open, else refused."""
        p = self.people[who]
        file, status = p["file"], shown(p["file"])
        if status not in ("draft", "returned") or file["photos"] >= PHOTOS:
            return
        file["photos"], p["photos_asked"] = min(file["photos"] + count, PHOTOS), True
        wanted = [c for c, needs in sorted(file["items"].items()) if needs != "answer"]
        at, _, asked = p["at"].partition(":")
        if status == "returned" and wanted:
            self._settle(p, asked if asked in wanted else wanted[0], "keep")
        elif at in ("photos", "supplement"):
            _go(p, "next")

    def _settle(self, p: Plain, code: str, choice: str) -> None:
        del p["file"]["items"][code]
        if choice != "keep":
            p["file"]["answers"][code] = int(choice)
        return _go(p, "next") if p["file"]["items"] else _submit(p)

    def _forget(self, p: Plain) -> None:
        self.forgotten += 1
        p.update({**ANEW, "at": "farewell", "token": p["token"] + 1})

    def look(self, by: str, who: str, via: str) -> None:
        """An officer opens a file, in chat or over the API."""
        if visible(self.people[who]["file"]):
            self.officers[by][via][who] = self.people[who]["file"]["version"]

    def decide(self, by: str, who: str, action: str, via: str, arg: Any = None) -> str:
        """An officer's decision on the version this officer saw: "done", "same" or "refused"."""
        file, officer = self.people[who]["file"], self.officers[by]
        if not visible(file):
            return "refused"
        made, stale = file["decided"], officer[via].get(who) != file["version"]
        given = action == "score" and file["given"].get(arg[0]) == arg[1:]
        same = given or (made and (made["by"], made["action"], made["arg"]) == (by, action, arg))
        if same and (via == "api" or action in ("approve", "reject")):
            return "same"
        if action == "undo":
            may = made and not made["told"] and (made["by"] == by or officer["leader"])
        else:
            may = file["status"] == "submitted" and (action != "approve" or approvable(file))
            may = may and not stale
        if may and not given:
            self._decided(file, by, action, arg)
        if via == "chat" and (may or stale) and (action in ("score", "undo") or not may):
            self.look(by, who, via)
        return ("same" if given else "done") if may else "refused"

    def _decided(self, file: Plain, by: str, action: str, arg: Any) -> None:
        _move(file, action, TARGETS.get(action, "submitted"), by)
        due = self.now + NOTICE_SECONDS
        decided = {"by": by, "action": action, "arg": arg, "due": due, "told": False}
        file["decided"] = decided if action in TARGETS else None
        if action == "score":
            file["given"][arg[0]] = arg[1:]
        elif action != "approve" and action != "reject":
            file["items"] = dict(arg or ())

    def pass_time(self, seconds: float) -> None:
        """Time goes on, or an hour back; due notices leave, and lead on who stands at rest."""
        self.now += seconds
        for p in self.people.values():
            made = p["file"] and p["file"]["decided"]
            if made and not made["told"] and made["due"] <= self.now:
                made["told"] = True
                if p["at"].partition(":")[0] in RESTING:
                    _go(p, "next!" if made["action"] == "return" else "notice!")


def _go(p: Plain, lead: str) -> None:
    to = _first_open(p) if lead.rstrip("!") == "next" else lead.rstrip("!")
    p["trail"] = [] if lead[-1] == "!" else p["trail"] + [p["at"]] * (p["at"] != to)
    p["at"], p["token"] = to, p["token"] + 1


def _back(p: Plain) -> None:
    p["token"] += bool(p["trail"])
    *p["trail"], p["at"] = p["trail"] or [p["at"]]


def _first_open(p: Plain) -> str:
    """What is not known yet is asked next; what is known is never asked again."""
    file, place = p["file"], p["place"] or (p["file"] and p["file"]["place"])
    if file and (file["name"] is None or file["status"] != "draft"):
        left = sorted(file["items"]) if shown(file) == "returned" else []
        return "name" if file["name"] is None else f"supplement:{left[0]}" if left else "home"
    if place is None or not place.endswith(":village"):
        return "village" if place else "place"
    if file is None:
        return "title" if p["title"] is None else "consent"
    rest = "summary" if p["photos_asked"] or file["photos"] else "photos"
    return next((code for code in CODES if code not in file["answers"]), rest)


def _submit(p: Plain) -> None:
    again, p["file"]["code"], p["file"]["decided"] = p["file"]["code"], True, None
    _move(p["file"], "submit", "submitted", None)
    _go(p, "home!" if again or p["campaign"] else "receipt!")


def _move(file: Plain, action: str, target: str, by: str | None) -> None:
    file["status"], file["version"] = target, file["version"] + 1
    file["moves"].append((action, by))


def shown(file: Plain | None) -> str | None:
    """How a file stands for its declarant: a decision counts once its notice has left."""
    hidden = file and file["decided"] and not file["decided"]["told"]
    return "submitted" if hidden else file["status"] if file else None


def visible(file: Plain | None) -> bool:
    """Whether the officers see it: handed in, not taken back, of their place."""
    return bool(file and file["status"] != "draft" and file["place"].startswith("here"))


def points(file: Plain) -> dict[str, int]:
    """Points in force by question: an officer's where there are any; left ones count nothing."""
    own = {c: SCALE[c][o] if o != LEFT else 0 for c, o in file["answers"].items()}
    return own | {c: given[0] for c, given in file["given"].items()}


def approvable(file: Plain) -> bool:
    """Enough points, none below the floor, nothing left open to the village or an officer."""
    waits = {c for c, o in file["answers"].items() if o == LEFT or (c, o) == ("C1", 0)}
    worth = points(file).values()
    return sum(worth) >= MARK and min(worth) >= FLOOR and waits <= set(file["given"])
