"""Locks without network: the number follows from the hours, nobody has to tell the lock.

It can be neither chosen nor taken back, begins and ends on the hour, and only three are
different for the same hours.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from app.sims.kept import Body
from app.sims.locks.accounts import Device
from app.sims.locks.errors import Wrong
from app.sims.locks.world import World, epoch_of

MOST_SAME = 3
MOST_HOURS = 672
FIRST_USE = 24 * 3600  # seconds after its start in which a longer number must be used once


def hourly(starts_at: str, ends_at: str) -> tuple[str, str]:
    """Return times that the lock knows: minutes are cut off, and there is at least an hour."""
    starts, ends = (
        datetime.fromisoformat(one).replace(minute=0, second=0) for one in (starts_at, ends_at)
    )
    ends = max(ends, starts + timedelta(hours=1))
    return starts.isoformat(), ends.isoformat()


def wrong(starts_at: str, ends_at: str) -> list[Wrong]:
    """Return what keeps the lock from knowing times as they are."""
    known = hourly(starts_at, ends_at)
    asked = {"starts_at": (starts_at, known[0]), "ends_at": (ends_at, known[1])}
    return [(name, "must be on the hour") for name, (said, can) in asked.items() if said != can]


def hours(starts_at: str, ends_at: str) -> int:
    """Return how many hours there are between two times."""
    return int(
        (datetime.fromisoformat(ends_at) - datetime.fromisoformat(starts_at)).total_seconds() / 3600
    )


def next_pin(world: World, device: Device, starts_at: str, ends_at: str) -> str | None:
    """Return the next number for the hours, or None when all are given out."""
    issued = world.state(device)["issued"]
    given = [one for one in issued if (one["starts_at"], one["ends_at"]) == (starts_at, ends_at)]
    if len(given) >= MOST_SAME or hours(starts_at, ends_at) > MOST_HOURS:
        return None
    said = f"{starts_at}/{ends_at}/{len(given)}".encode()
    digest = hmac.new(device.id.encode(), said, hashlib.sha256).digest()
    pin = f"{int.from_bytes(digest[:8], 'big') % 10**9:09d}"
    issued.append({"pin": pin, "starts_at": starts_at, "ends_at": ends_at, "used": None})
    return pin


def admitted(world: World, device: Device, pin: str, now: float) -> str:
    """Return `ok`, or why a number does not open the lock at a time by the lock's clock."""
    for one in world.state(device)["issued"]:
        if one["pin"] == pin:
            return judged(one, device, now)
    return "unknown"


def judged(code: Body, device: Device, now: float) -> str:
    """Judge a number that the lock knows, and note its use."""
    starts, ends = (epoch_of(code[name], device.zone) for name in ("starts_at", "ends_at"))
    if now < starts:
        return "not_yet"
    if now >= ends or (code["used"] is None and now >= starts + FIRST_USE):
        return "over"
    code["used"] = code["used"] or now
    return "ok"
