"""The simulator's own page: doors to try, what the centre and the locks hold, buttons of fate."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel.clock import TOKYO
from app.sims.kept import Body
from app.sims.locks.doors import cards, recent
from app.sims.locks.errors import NotPossible
from app.sims.locks.sweeping import acting
from app.sims.locks.telling import answer, clock_time, moment
from app.sims.locks.vendor import Vendor

Seen: TypeAlias = dict[str, Body]  # what somebody saw last at each door

MOST_DIGITS = 12
NEW_BATTERY = 100


def blueprint(sim: Vendor) -> Blueprint:
    """Return the page and its buttons."""
    bp = Blueprint("console", __name__, url_prefix="/__sim")
    doing = buttons(sim)
    last: Seen = {}

    @bp.get("/")
    def console() -> ResponseReturnValue:
        return console_page(sim, last)

    @bp.post("/doors/<door>/keypad")
    def keypad(door: str) -> ResponseReturnValue:
        return typed_at(sim, last, door)

    @bp.post("/do/<action>")
    def press(action: str) -> ResponseReturnValue:
        door = request.form.get("id", "")
        try:
            doing[action](door)
        except KeyError:
            return console_page(sim, last, "そのようなボタンはありません。", 404)
        except (NotPossible, ValueError) as no:
            return console_page(sim, last, str(no), 422)
        return redirect(f"/__sim/{'#door-' + door if door else ''}", code=303)

    return bp


def typed_at(sim: Vendor, last: Seen, door: str) -> ResponseReturnValue:
    """Take a digit at a keypad, or try what was typed."""
    typed, pressed = digits(request.form.get("pin", "")), request.form.get("press", "open")
    if pressed != "open":
        after = typed[:-1] if pressed == "back" else (typed + digits(pressed))[:MOST_DIGITS]
        return console_page(sim, last, typed={door: after})
    if not typed:
        return console_page(sim, last, "番号を押してから「開ける」を押してください。", 422)
    try:
        found = sim.keypad(door, typed)
        last[door] = {
            "opened": found["result"] == "unlocked",
            "words": answer(found),
            "at": clock_time(sim.world.now),
        }
    except NotPossible as no:
        return console_page(sim, last, str(no), 422)
    return redirect(f"/__sim/#door-{door}", code=303)


def buttons(sim: Vendor) -> dict[str, Callable[[str], object]]:
    """Return what each button does with the door it is pressed for."""
    return {
        "ten": lambda _: sim.clock.advance(seconds=600),
        "at": lambda _: sim.clock.set(wished_time()),
        "real": lambda _: sim.clock.be_real(),
        "heartbeat": sim.heartbeat,
        "cut": lambda door: sim.fault("offline", door),
        "back": lambda door: sim.lift("offline", door),
        "drain": lambda door: sim.drain(door, 0 if is_low(sim, door) else 10),
        "battery": lambda door: sim.drain(door, NEW_BATTERY),
    }


def is_low(sim: Vendor, door: str) -> bool:
    """Say whether a battery was drained once already."""
    with sim.world.lock:
        return bool(sim.world.state(sim.world.directory.device(door))["power"] <= 10)


def wished_time() -> datetime:
    """Return the time that was chosen; raises ValueError in words for people."""
    try:
        return datetime.fromisoformat(request.form.get("at", "")).replace(tzinfo=TOKYO)
    except ValueError:
        raise ValueError("日にちと時刻をえらんでください。") from None


def digits(typed: str) -> str:
    """Return the digits of what was typed, wide ones too."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", typed))


def console_page(
    sim: Vendor,
    last: Seen,
    wrong: str = "",
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
) -> ResponseReturnValue:
    """Show the doors."""
    with acting(sim.world) as world:
        page = render_template(
            "console.html",
            now=moment(world.now),
            field=datetime.fromtimestamp(world.now, TOKYO).strftime("%Y-%m-%dT%H:%M"),
            moved=not sim.clock.is_real,
            doors=cards(sim),
            events=recent(sim),
            last=last,
            typed=typed or {},
            wrong=wrong,
        )
    return page, status
