"""Faults on order: something goes wrong, at one door or anywhere, once or until it is lifted."""

from collections.abc import Collection

from app.sims.kept import Body
from app.sims.locks.world import World

# How often each happens unless it is said: None until it is lifted.
MODES: dict[str, int | None] = {
    "offline": None,
    "sync_fail": 1,
    "never_webhook": None,
    "pin_replaced": 1,
    "http_500_once": 1,
    "timeout_after_commit": 1,
    "slow": 1,
    "rate_limit": 1,
    "token_expired": 1,
    "conflict": 1,
}
AT_ONCE = ("battery_low", "clock_skew")  # what is a state of the lock and not an order


def order(world: World, mode: str, device: str | None, count: int | None, seconds: float) -> None:
    """Order a fault."""
    if mode not in MODES:
        raise ValueError(f"no such fault: {mode}; there are {', '.join([*MODES, *AT_ONCE])}")
    left = MODES[mode] if count is None else count
    world.faults.append({"mode": mode, "device": device, "left": left, "seconds": seconds})


def standing(world: World, mode: str, devices: Collection[str]) -> Body | None:
    """Return a fault that would happen now, and leave it."""
    for one in world.faults:
        if one["mode"] == mode and (one["device"] is None or one["device"] in devices):
            return one
    return None


def take(world: World, mode: str, devices: Collection[str]) -> Body | None:
    """Return a fault that happens now, once for each time that was ordered."""
    found = standing(world, mode, devices)
    if found is not None and found["left"] is not None:
        found["left"] -= 1
        if found["left"] <= 0:
            world.faults.remove(found)
    return found


def lift(world: World, mode: str | None = None, device: str | None = None) -> None:
    """Take orders back: all, those of a kind, or those of a door."""
    world.faults[:] = [
        one
        for one in world.faults
        if (mode not in (None, one["mode"])) or (device not in (None, one["device"]))
    ]
