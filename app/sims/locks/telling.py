"""What the page says: times, what happened at a door, and how things stand with a lock."""

from datetime import datetime

from app.kernel.clock import TOKYO
from app.sims.kept import Body

WEEKDAYS = "月火水木金土日"
RESULTS = {
    "ok": "開きました",
    "unknown": "開きません。この番号は、錠の中にありません。",
    "not_yet": "開きません。この番号が使える時間の前です。",
    "over": "開きません。この番号が使える時間は終わりました。",
    "locked_out": "開きません。5回まちがえたので、しばらく使えません。",
    "no_power": "開きません。電池がありません。",
}
EVENTS = {
    "access_person_synced": "番号が錠に伝わりました",
    "access_person_sync_failed": "番号が錠に伝わりませんでした",
    "access_guest_late_sync": "時間になりましたが、番号がまだ錠に入っていません",
    "access_denied": "開きませんでした",
    "unlocked": "開きました",
    "connectivity": "またつながりました",
    "power_level_low": "電池が少なくなりました",
}


def answer(found: Body) -> str:
    """Return what somebody sees at a keypad; a touch may have told the lock a number."""
    said = RESULTS[found["reason"]]
    if found["result"] != "unlocked" and found.get("changed"):
        return f"{said}いま錠がつながり、番号が入りました。もう一度押してください。"
    return said


def moment(epoch: float) -> str:
    """Return an instant as people here write it."""
    at = datetime.fromtimestamp(epoch, TOKYO)
    return f"{at.month}月{at.day}日（{WEEKDAYS[at.weekday()]}）{at:%H:%M}"


def clock_time(epoch: float) -> str:
    """Return the time of day."""
    return f"{datetime.fromtimestamp(epoch, TOKYO):%H:%M}"


def window(starts_at: str | None, ends_at: str | None) -> str:
    """Return from when to when a number opens; an end on the same day is a time only."""
    if not (starts_at and ends_at):
        return "いつでも"
    starts, ends = (datetime.fromisoformat(one) for one in (starts_at, ends_at))
    day = f"{ends.month}月{ends.day}日 " if ends.date() != starts.date() else ""
    return f"{starts.month}月{starts.day}日 {starts:%H:%M}から{day}{ends:%H:%M}まで"


def every(seconds: int) -> str:
    """Return how often a lock comes."""
    if seconds % 3600 == 0:
        return f"{seconds // 3600}時間ごと"
    return f"{seconds // 60}分ごと"


def happened(kind: str, status: str) -> str:
    """Return an event in words."""
    if kind == "connectivity" and status == "failed":
        return "つながりません"
    return EVENTS.get(kind, kind)
