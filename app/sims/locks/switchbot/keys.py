"""Keys of a keypad: a command is taken at once, and what became of it is told later."""

import secrets
from typing import Any
from uuid import uuid4

from app.sims.kept import Body
from app.sims.locks import faults
from app.sims.locks.switchbot.accounts import SwitchBot
from app.sims.locks.world import World

DELAY, TIMEOUT = 3.0, 60.0  # seconds until a keypad answers, or is given up
TIMED = ("timeLimit", "disposable")
KINDS = (*TIMED, "permanent", "urgent")


def state(world: World, device: str) -> Body:
    """Return what a keypad holds, and what is under way to it."""
    fresh: Body = {"keys": [], "under_way": [], "last": 0}
    return world["keypads"].setdefault(device, fresh)


def wrong(world: World, device: str, command: str, told: dict[str, Any]) -> str:
    """Return what is wrong with a command, empty if nothing is."""
    keys = state(world, device)["keys"]
    if command == "deleteKey":
        known = any(str(one["id"]) == str(told.get("id")) for one in keys)
        return "" if known else "no such key"
    name, password = told.get("name"), str(told.get("password", ""))
    checks = {
        "name": bool(name) and all(one["name"] != name for one in keys),
        "type": told.get("type") in KINDS,
        "password": password.isdecimal() and 6 <= len(password) <= 12,
        "startTime, endTime": told.get("type") not in TIMED or good_times(told),
    }
    return ", ".join(f"invalid {one}" for one, good in checks.items() if not good)


def good_times(told: dict[str, Any]) -> bool:
    """Say whether a key has times, in seconds, in their order."""
    starts, ends = told.get("startTime"), told.get("endTime")
    whole = isinstance(starts, int) and isinstance(ends, int)
    return whole and len(str(starts)) == len(str(ends)) == 10 and starts < ends  # type: ignore


def send(world: World, device: str, command: str, told: dict[str, Any]) -> str:
    """Send a command on its way; return its id."""
    result, wait = "success", DELAY
    if faults.take(world, "offline", {device}):
        result, wait = "timeout", TIMEOUT
    elif faults.take(world, "sync_fail", {device}):
        result = "failed"
    ident = f"CMD{secrets.token_hex(8).upper()}"
    told_to = {"id": ident, "command": command, "told": told, "result": result}
    state(world, device)["under_way"].append(told_to | {"due": world.now + wait})
    return ident


def sweep(world: World, owners: dict[str, SwitchBot]) -> bool:
    """Let keypads answer whose time it is; say whether one did."""
    answered = False
    for owner in owners.values():
        for device in owner.devices:
            waiting = state(world, device)["under_way"]
            for job in [one for one in waiting if one["due"] <= world.now]:
                waiting.remove(job)
                if job["result"] == "success":
                    carry_out(world, device, job)
                report(world, owner, device, job)
                answered = True
    return answered


def carry_out(world: World, device: str, job: Body) -> None:
    """Do what a command said."""
    kept, told = state(world, device), job["told"]
    if job["command"] == "deleteKey":
        kept["keys"][:] = [one for one in kept["keys"] if str(one["id"]) != str(told["id"])]
        return
    kept["last"] += 1
    names = ("name", "type", "password", "startTime", "endTime")
    key = {name: told.get(name) for name in names} | {"id": kept["last"]}
    kept["keys"].append(key | {"createTime": int(world.now), "password": str(told["password"])})


def report(world: World, owner: SwitchBot, device: str, job: Body) -> None:
    """Promise the answer of a keypad to the owner's webhook."""
    hook = world["hooks"].get(owner.token)
    if hook is None or faults.take(world, "never_webhook", {device}):
        return
    # The vendor's own sample has a blank after deleteKey.
    named = {"deleteKey": "deleteKey "}.get(job["command"], job["command"])
    context = {
        "deviceType": "WoKeypad",
        "deviceMac": device,
        "eventName": named,
        "commandId": job["id"],
        "result": job["result"],
        "timeOfSample": int(world.now * 1000),
    }
    world.deliveries.append(
        {
            "id": str(uuid4()),
            "event": job["id"],
            "type": "changeReport",
            "url": hook["url"],
            "state": "held" if world.holding else "waiting",
            "attempts": [],
            "body": {"eventType": "changeReport", "eventVersion": "1", "context": context},
        }
    )


def shown(world: World, key: Body) -> Body:
    """Return a key as the list of devices shows it; its number is sealed."""
    over = key["endTime"] is not None and key["endTime"] <= world.now
    return {
        "id": str(key["id"]),
        "name": key["name"],
        "type": key["type"],
        "password": "c2VhbGVk",
        "iv": "00000000000000000000000000000000",
        "status": "expired" if over else "normal",
        "createTime": key["createTime"],
    }


def press(world: World, device: str, pin: str) -> Body:
    """Type a number at a keypad."""
    kept, reason = state(world, device), "unknown"
    for key in kept["keys"]:
        if key["password"] == pin:
            reason = judged(key, world.now)
            if reason == "ok" and key["type"] == "disposable":
                kept["keys"].remove(key)
            break
    result = "unlocked" if reason == "ok" else "denied"
    return {"result": result, "reason": reason, "device_id": device, "locked_until": None}


def judged(key: Body, now: float) -> str:
    """Return `ok`, `not_yet` or `over`."""
    if key["startTime"] is None:
        return "ok"
    if now < key["startTime"]:
        return "not_yet"
    return "ok" if now < key["endTime"] else "over"
