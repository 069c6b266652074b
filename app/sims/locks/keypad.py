"""Somebody at a door: what the lock answers is what the lock holds, not what the cloud does."""

from app.sims.kept import Body
from app.sims.locks import igloo
from app.sims.locks.accounts import IGLOO, Device
from app.sims.locks.devices import reachable
from app.sims.locks.events import AT_THE_DOOR
from app.sims.locks.heartbeats import contact, note
from app.sims.locks.world import World, epoch_of, instant

MOST_WRONG = 5
LOCKED_OUT = 300  # seconds
OPEN = 20  # seconds a door stays unlocked
UNLOCKED, DENIED = "unlocked", "denied"


def press(world: World, device: Device, pin: str) -> Body:
    """Type a number; the touch wakes the lock afterwards, so that a second try may open it."""
    state, now = world.state(device), world.now
    if state["power"] <= 0:
        return answer(world, device, DENIED, "no_power")
    own = now + state["skew"]
    if own < state["locked_until"]:
        return answer(world, device, "locked_out", "locked_out")
    verdict, person = judged(world, device, pin, own)
    result = opened(world, device) if verdict == "ok" else refused(world, device, own)
    tell(world, device, pin, verdict, person)
    changed = contact(world, device, now) if wakes(world, device) else None
    return answer(world, device, result, verdict) | {
        "woke": changed is not None,
        "changed": changed or 0,
    }


def judged(world: World, device: Device, pin: str, own: float) -> tuple[str, str | None]:
    """Return `ok` or why not, by what the lock holds and by its own clock, and whose it is."""
    if device.door.kind == IGLOO:
        return igloo.admitted(world, device, pin, own), None
    verdict: tuple[str, str | None] = ("unknown", None)
    for code in world.state(device)["memory"].values():
        if code["pin"] == pin:
            verdict = (in_time(code, device, own), str(code["person"]))
            if verdict[0] == "ok":
                break
    return verdict


def in_time(code: Body, device: Device, own: float) -> str:
    """Return `ok`, `not_yet` or `over`; a code without times is always good."""
    if code["starts_at"] is None:
        return "ok"
    if own < epoch_of(code["starts_at"], device.zone):
        return "not_yet"
    return "ok" if own < epoch_of(code["ends_at"], device.zone) else "over"


def opened(world: World, device: Device) -> str:
    """Open for a moment."""
    world.state(device).update(wrong=0, open_until=world.now + OPEN)
    return UNLOCKED


def refused(world: World, device: Device, own: float) -> str:
    """Count a try that was wrong; after some the keypad is deaf for a while."""
    state = world.state(device)
    state["wrong"] += 1
    if state["wrong"] >= MOST_WRONG:
        state.update(wrong=0, locked_until=own + LOCKED_OUT)
    return DENIED


def tell(world: World, device: Device, pin: str, verdict: str, person: str | None) -> None:
    """Keep what happened, for the cloud."""
    at = world.now
    told = AT_THE_DOOR | {"pin": pin, "person": person, "status_info": None}
    if verdict == "ok":
        note(world, device, "unlocked", at, told)
    else:
        note(world, device, "access_denied", at, told | {"status": "failed"})
    if person is not None:
        used = "succeeded" if verdict == "ok" else "failed"
        note(world, device, "access_person_used", at, told | {"status": used})


def wakes(world: World, device: Device) -> bool:
    """Say whether a touch makes the lock speak with the cloud."""
    eager = device.door.wakes or device.door.heartbeat == 0
    return eager and reachable(world, device)


def answer(world: World, device: Device, result: str, reason: str) -> Body:
    """Return what somebody at the door sees."""
    state = world.state(device)
    deaf = state["locked_until"] - state["skew"]
    return {
        "result": result,
        "reason": reason,
        "device_id": device.id,
        "locked_until": instant(deaf) if world.now < deaf else None,
        "woke": False,
        "changed": 0,
    }
