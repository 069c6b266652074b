"""Who books over HTTP: residents by the forms of the pages, and programs by the API."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from urllib.parse import urlencode
from uuid import uuid4

from bench.load import Answer, Connection, Result, request

TENANT, HALL = "bench", "hall"
ANSWERS = {"purpose": "meeting", "people": "10", "name": "", "notes": ""}
FIELDS = {"purpose": "purpose", "people": "people", "name": "shown_name", "notes": "notes"}
SAID = {"purpose": "meeting", "people": 10, "shown_name": "", "notes": ""}
APPLICANT = {
    "name": "山田 花子",
    "kana": "ヤマダ ハナコ",
    "phone": "090-0000-0000",
    "email": "program@example.jp",
    "applicant_class": "resident",
}
_HIDDEN = re.compile(r'name="(basket|lines|agreed_yen)" value="([^"]*)"')


@dataclass(frozen=True)
class Wanted:
    """A room and a period of a day."""

    room: str
    on: date
    at: str  # minutes: 540-720

    @property
    def line(self) -> dict[str, str]:
        """Return it as a program asks for it."""
        begins, ends = (int(minute) for minute in self.at.split("-"))
        clock = {"from": f"{begins // 60:02}:00", "to": f"{ends // 60:02}:00"}
        return {"facility": HALL, "room": self.room, "date": f"{self.on}", **clock}

    @property
    def form(self) -> dict[str, str]:
        """Return what pressing it sends."""
        day = f"/{TENANT}/facilities/{HALL}/days/{self.on}"
        return {"facility": HALL, "room": self.room, "on": f"{self.on}", "at": self.at, "back": day}


class Resident:
    """One browser of a signed-in resident."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie

    def books(self, connection: Connection, result: Result, wanted: Wanted) -> str:
        """Choose and apply; return the number of the booking, or nothing when it was taken."""
        status = self._post(connection, result, "basket/lines", wanted.form, fragment=True)[0]
        if status != 200:
            return ""
        page = self._get(connection, result, "apply/check")
        while page[0] == 303 and (asked := re.search(r"/apply/([a-z]+)$", page[1]["location"])):
            name = asked[1]
            self._post(connection, result, f"apply/{name}", {FIELDS[name]: ANSWERS[name]})
            page = self._get(connection, result, "apply/check")
        marks = dict(_HIDDEN.findall(page[2].decode()))
        done = self._post(connection, result, "apply/check", marks)
        if done[0] != 303:
            return ""
        return done[1]["location"].rstrip("/").split("/")[-2]

    def _get(self, connection: Connection, result: Result, path: str) -> Answer:
        return self._ask(connection, result, request("GET", self._at(path), cookie=self.cookie))

    def _post(
        self,
        connection: Connection,
        result: Result,
        path: str,
        form: dict[str, str],
        *,
        fragment: bool = False,
    ) -> Answer:
        headers = {"HX-Request": "true"} if fragment else {}
        body = urlencode(form).encode()
        raw = request("POST", self._at(path), body=body, cookie=self.cookie, headers=headers)
        return self._ask(connection, result, raw)

    def _ask(self, connection: Connection, result: Result, raw: bytes) -> Answer:
        answer = connection.ask(raw)
        result.count(answer[0])
        for line in answer[1].get("set-cookie", "").split("\n"):
            if line.startswith("kaikan="):
                self.cookie = line.partition(";")[0]
        return answer

    def _at(self, path: str) -> str:
        return f"/{TENANT}/{path}"


class Program:
    """A program of the municipality: one request, one booking."""

    def __init__(self, token: str) -> None:
        self.token = token

    def books(self, connection: Connection, result: Result, wanted: Wanted) -> str:
        """Apply; return the number of the booking, or nothing when it was taken."""
        body = json.dumps({"applicant": APPLICANT, **SAID, "lines": [wanted.line]}).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": str(uuid4()),
            "Content-Type": "application/json",
        }
        raw = request("POST", f"/api/v1/{TENANT}/bookings", body=body, headers=headers)
        status, _headers, told = connection.ask(raw)
        result.count(status)
        return str(json.loads(told)["number"]).replace("-", "") if status == 201 else ""


class Books(Protocol):
    """Whoever can book."""

    def books(self, connection: Connection, result: Result, wanted: Wanted) -> str:
        """Return the number of the booking, or nothing when it was taken."""
        ...


class Shelf:
    """Free slots that are handed out one by one to whoever asks."""

    def __init__(self, slots: Iterator[Wanted]) -> None:
        self._slots = slots
        self._lock = threading.Lock()

    def take(self) -> Wanted:
        """Return the next one."""
        with self._lock:
            return next(self._slots)
