"""Programs that book over HTTP without pause, and ask again until they are answered."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.booking.plan import room_day
from app.facilities.catalogue import Catalogue
from app.kernel import clock
from app.kernel.clock import TOKYO
from tests.kill.processes import HOST

Line = dict[str, str]


@dataclass
class Answers:
    """What the bookers were told: status and body by key, and how often nobody answered."""

    by_key: dict[str, tuple[int, Any]] = field(default_factory=dict)
    unanswered: int = 0
    away: int = 0  # 503: asked to come again
    wrong: list[tuple[int, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> int:
        with self.lock:
            return len(self.by_key)


@dataclass(frozen=True)
class Booker:
    """A program with a token, at a port."""

    port: int
    token: str
    answers: Answers
    deadline: float
    slug: str = "midori"

    def book(self, key: str, *lines: Line) -> None:
        """Ask for a booking under a key until there is an answer."""
        while time.monotonic() < self.deadline:
            found = self.ask(key, *lines)
            if found is None:
                with self.answers.lock:
                    self.answers.unanswered += 1
            elif found[0] == 503:
                with self.answers.lock:
                    self.answers.away += 1
            else:
                with self.answers.lock:
                    if found[0] >= 500:
                        self.answers.wrong.append(found)
                    self.answers.by_key[key] = found
                return

    def ask(self, key: str, *lines: Line) -> tuple[int, Any] | None:
        """Ask once; None when the connection broke before the answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=20)
        body = {
            "applicant": {
                "name": "山田 花子", "kana": "ヤマダ ハナコ", "phone": "090-0000-0000",
                "email": f"{key}@example.jp", "applicant_class": "resident",
            },
            "purpose": "meeting", "people": 5, "shown_name": "", "lines": list(lines),
        }  # fmt: skip
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key,
        }
        try:
            connection.request(
                "POST", f"/api/v1/{self.slug}/bookings", json.dumps(body).encode(), headers
            )
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def in_threads(booker: Booker, asked: Sequence[tuple[str, Line]], *, threads: int) -> list[Any]:
    """Let several threads book these one after another; return the threads, running."""
    waiting = iter(asked)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                following = next(waiting, None)
            if following is None:
                return
            booker.book(following[0], following[1])

    running = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    return running


def bookable(found: Catalogue, *rooms: str, facility: str = "chuo") -> Iterator[Line]:
    """Yield slots that can be applied for right now, by the real clock."""
    hall = found.facility_named(facility)
    assert hall is not None
    now = clock.now()
    for on in days_from(now.astimezone(TOKYO).date() + timedelta(days=2)):
        for slug in rooms:
            room = hall.room_named(slug)
            assert room is not None
            plan = room_day(found, hall, room, on)
            for slot in plan.slots:
                window = plan.window(slot.from_minute, "resident")
                if window is not None and window.opens_at <= now < window.closes_at:
                    yield {
                        "facility": facility, "room": slug, "date": on.isoformat(),
                        "from": f"{slot.from_minute // 60}:{slot.from_minute % 60:02d}",
                        "to": f"{slot.to_minute // 60}:{slot.to_minute % 60:02d}",
                    }  # fmt: skip


def days_from(first: date) -> Iterator[date]:
    """Yield the days of the next five weeks."""
    yield from (first + timedelta(days=n) for n in range(35))
