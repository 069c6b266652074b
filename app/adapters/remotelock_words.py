"""What RemoteLOCK's JSON means in our words, and ours in its: local times, counts, events."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.locks.ports import (
    Capabilities,
    CodeRequest,
    DeviceInfo,
    DoorState,
    IssuedCode,
    LockEvent,
    LockInvalid,
    LockTransient,
)

Json = Mapping[str, Any]
DEACTIVATED: Final = "deactivated"
OVER: Final = (DEACTIVATED, "expired")
ALGORITHM: Final = "igloo_lock"  # its code is reckoned by the lock: by the hour, never taken back
EVENTS: Final[Mapping[str, str]] = {
    "access_person_synced": "synced", "access_person_sync_failed": "sync_failed",
    "access_guest_late_sync": "sync_failed", "access_person_used": "used",
    "access_denied": "denied", "unlocked": "used", "power_level_low": "battery_low",
    "connectivity": "other",
}  # fmt: skip
MOST_BYTES: Final = 65_536
LONGEST_REF: Final = 80


def booking(wanted: CodeRequest, zone: ZoneInfo) -> dict[str, Any]:
    """Return the body that makes a booking under our own id."""
    return {"type": "booking", "id": wanted.key, "attributes": _booked(wanted, zone)}


def person(wanted: CodeRequest, zone: ZoneInfo) -> dict[str, Any]:
    """Return the body that makes an access guest; its name carries our key."""
    told = {"name": name_of_person(wanted), **_window(wanted, zone)}
    return {"type": "access_guest", "attributes": told | _pin(wanted)}


def moved(kind: str, wanted: CodeRequest, zone: ZoneInfo) -> dict[str, Any]:
    """Return the body that moves a code to another window."""
    if kind == "bookings":
        told = {"device_id": wanted.doors[0], "validation": False, **_window(wanted, zone)}
        return {"type": "booking", "attributes": told}
    return {"type": "access_guest", "attributes": _window(wanted, zone)}


def access(device_ref: str) -> dict[str, Any]:
    """Return the body that lets a code open one more lock."""
    return {"attributes": {"accessible_type": "lock", "accessible_id": device_ref}}


def name_of_person(wanted: CodeRequest) -> str:
    """Return the name by which a guest is found again: number of the booking and our key."""
    return f"{wanted.label} {wanted.key}"


def name(found: Json) -> str:
    """Return the name of a guest."""
    return str(found.get("attributes", {}).get("name", ""))


def kind_of(made: Json) -> str:
    """Return under which path something is kept."""
    return "bookings" if made["data"].get("type") == "booking" else "access_persons"


def refs_of(refs: Mapping[str, Any]) -> tuple[str, str]:
    """Return the path and id that a code was kept under; raises LockInvalid when there is none."""
    for kind, key in (("bookings", "booking"), ("access_persons", "person")):
        if refs.get(key):
            return kind, str(refs[key])
    raise LockInvalid("no_refs")


def person_ref(kind: str, found: Json) -> str:
    """Return the access person behind a code; raises LockTransient while there is none yet."""
    data = found["data"]
    ref = data["id"] if kind == "access_persons" else data["attributes"].get("access_person_id")
    if not ref:
        raise LockTransient("no_person_yet")
    return str(ref)


def is_over(found: Json) -> bool:
    """Say whether a code was taken away, or its time has gone."""
    return found["data"]["attributes"].get("status") in OVER


def is_deactivated(found: Json) -> bool:
    """Say whether a code was taken away."""
    return bool(found["data"]["attributes"].get("status") == DEACTIVATED)


def ended_before(found: Json, at: datetime, zone: ZoneInfo) -> bool:
    """Say whether a code's time was gone at `at`; by its own end, not by the vendor's clock."""
    told = found["data"]["attributes"]
    ends = told.get("available_ends_at") or told.get("ends_at")
    return bool(ends) and _moment(ends, zone) <= at


def opened(one: Json) -> str:
    """Return the lock that an access is for."""
    return str(one["attributes"].get("accessible_id", ""))


def issued(
    kind: str, found: Json, accesses: Sequence[Json], doors: Sequence[str], zone: ZoneInfo
) -> IssuedCode:
    """Return a code as it stands: its number and its window are theirs, whatever we asked for."""
    told, ref = found["data"]["attributes"], str(found["data"]["id"])
    holder = person_ref(kind, found)
    states = {opened(one): _state(one["attributes"]) for one in accesses}
    states |= {door: states.get(door, "pending") for door in doors}
    starts = told.get("available_starts_at") or told["starts_at"]
    ends = told.get("available_ends_at") or told["ends_at"]
    failed = [door for door, state in states.items() if state == "failed"]
    return IssuedCode(
        refs={"booking" if kind == "bookings" else "person": ref, "holder": holder},
        state=_worst(list(states.values())),
        effective_from=_moment(starts, zone),
        effective_to=_moment(ends, zone),
        doors=states,
        pin=str(told["pin"]) if told.get("pin") else None,
        url=_page(told.get("universal_access_key_url")),
        holder_ref=holder,
        detail="sync_failed" if failed else "",
    )


def after_revoking(accesses: Sequence[Json]) -> Literal["done", "pending", "impossible"]:
    """Return whether locks have forgotten a code: each does when it wakes; some never can."""
    if any(one["attributes"].get("accessible_type") == ALGORITHM for one in accesses):
        return "impossible"
    return "done" if all(_has_heard(one["attributes"]) for one in accesses) else "pending"


def _has_heard(told: Json) -> bool:
    """Say whether every lock of an access knows; that none is counted yet tells nothing."""
    count = int(told.get("devices_count") or 0)
    return count > 0 and told.get("devices_synced_count") == count


def _page(url: object) -> str | None:
    """Return a page that a person may be led to; that of a stand-in is on this machine."""
    found = urlsplit(url) if isinstance(url, str) else urlsplit("")
    is_here = found.scheme == "http" and found.hostname in ("127.0.0.1", "localhost")
    return str(url) if found.scheme == "https" or is_here else None


def device(one: Json, zone: ZoneInfo) -> DeviceInfo:
    """Return a lock as the vendor last heard of it."""
    told = one["attributes"]
    seen = told.get("connected_at") or told.get("last_seen_at")
    battery = told.get("power_level")
    return DeviceInfo(
        ref=str(one["id"]),
        name=str(told.get("name", "")),
        kind=str(one.get("type", "")),
        is_online=told.get("alive") if told.get("alive") is not None else told.get("connected"),
        seen_at=_moment(seen, zone) if seen else None,
        battery=None if battery is None else max(0, min(100, int(battery))),
        lead_time=timedelta(seconds=int(told.get("heartbeat_interval") or 0)),
        is_alone=one.get("type") == ALGORITHM,
    )


def capabilities(lock: DeviceInfo) -> Capabilities:
    """Return what codes of a lock can be."""
    by_algorithm = lock.kind == ALGORITHM
    return Capabilities(
        choose_pin=not by_algorithm,
        pin_min=9 if by_algorithm else 4,
        pin_max=9 if by_algorithm else 10,
        async_confirm=not by_algorithm,
        window_enforced_by_lock=True,
        revocable=not by_algorithm,
        grain=timedelta(hours=1) if by_algorithm else timedelta(seconds=1),
        max_window=timedelta(days=28 if by_algorithm else 366),
        max_codes_same_window=3 if by_algorithm else None,
        multi_door_single_pin=not by_algorithm,
        lead_time=timedelta(0) if by_algorithm else lock.lead_time,
    )


def hints(raw: bytes) -> Sequence[str]:
    """Return the id of the event that a notice names; raises LockInvalid when it is no notice."""
    if len(raw) > MOST_BYTES:
        raise LockInvalid("too_long")
    try:
        ref = json.loads(raw)["data"]["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LockInvalid("no_notice") from None
    if not isinstance(ref, str) or not 0 < len(ref) <= LONGEST_REF or not ref.isprintable():
        raise LockInvalid("no_notice")
    if not ref.isascii() or not all(one.isalnum() or one in "-_" for one in ref):
        raise LockInvalid("no_notice")
    return [ref]


def event(one: Json, zone: ZoneInfo) -> LockEvent:
    """Return an event in our words."""
    told = one["attributes"]
    word = str(one.get("type", "")).removesuffix("_event")
    lock, holder = told.get("publisher_id"), told.get("associated_resource_id")
    if told.get("publisher_type") != "lock":  # somebody used a door: then he is who tells
        lock, holder = holder, lock
    return LockEvent(
        ref=str(one["id"]),
        kind=EVENTS.get(word, "other"),
        at=_moment(told["occurred_at"], zone),
        device_ref=lock,
        holder_ref=holder,
    )


def _booked(wanted: CodeRequest, zone: ZoneInfo) -> dict[str, Any]:
    told = {"name": wanted.label, "device_id": wanted.doors[0], "validation": False}
    return told | _window(wanted, zone) | ({"pin": wanted.pin} if wanted.pin else {})


def _pin(wanted: CodeRequest) -> dict[str, Any]:
    return {"pin": wanted.pin} if wanted.pin else {"generate_pin": True}


def _window(wanted: CodeRequest, zone: ZoneInfo) -> dict[str, Any]:
    """Return a window as its locks tell the time: local, without a zone, in whole seconds."""
    return {
        "starts_at": _local(wanted.starts_at, zone), "ends_at": _local(wanted.ends_at, zone)
    }  # fmt: skip


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()


def _moment(told: str, zone: ZoneInfo) -> datetime:
    found = datetime.fromisoformat(told.replace("Z", "+00:00"))
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _state(told: Json) -> DoorState:
    """Return how far one lock is. Right after a call all counts are 0, which is not "synced"."""
    every = int(told.get("devices_count") or 0)
    if int(told.get("devices_failed_sync_count") or 0) > 0:
        return "failed"
    return "ready" if 0 < every == int(told.get("devices_synced_count") or 0) else "pending"


def _worst(states: Sequence[DoorState]) -> DoorState:
    if "failed" in states:
        return "failed"
    return "ready" if states and all(one == "ready" for one in states) else "pending"
