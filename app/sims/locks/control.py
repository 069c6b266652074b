"""The control desk: what tests and other programs order of the simulator, as JSON."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.sims.locks.errors import NotPossible
from app.sims.locks.vendor import Vendor
from app.sims.locks.world import instant


def blueprint(sim: Vendor) -> Blueprint:
    """Return what is under /__sim for programs."""
    bp = Blueprint("control", __name__, url_prefix="/__sim")

    @bp.post("/clock")
    def clock() -> ResponseReturnValue:
        return jsonify(moved(sim, asked()))

    @bp.post("/faults")
    def order() -> ResponseReturnValue:
        told = asked()
        count, seconds = told.get("count"), float(told.get("seconds", 0))
        sim.fault(told["mode"], told.get("device_id"), count=count, seconds=seconds)
        return jsonify({"faults": sim.faults()})

    @bp.delete("/faults")
    def lift() -> ResponseReturnValue:
        told = request.get_json(silent=True) or {}
        sim.lift(told.get("mode"), told.get("device_id"))
        return jsonify({"faults": sim.faults()})

    @bp.post("/heartbeat")
    def heartbeat() -> ResponseReturnValue:
        return jsonify({"changed": sim.heartbeat(asked().get("device_id"))})

    @bp.post("/keypad")
    def keypad() -> ResponseReturnValue:
        told = asked()
        return jsonify(sim.keypad(told["device_id"], told["pin"]))

    more(sim, bp)
    bp.register_error_handler(NotPossible, lambda no: (jsonify({"error": str(no)}), 404))
    bp.register_error_handler(ValueError, lambda no: (jsonify({"error": str(no)}), 422))
    bp.register_error_handler(
        KeyError, lambda no: (jsonify({"error": f"{no.args[0]} is missing"}), 422)
    )
    return bp


def more(sim: Vendor, bp: Blueprint) -> None:
    """Add what the vendor's people can do, and what can be looked at."""

    @bp.post("/codes")
    def code() -> ResponseReturnValue:
        told = asked()
        made = sim.code(told["client_id"], told["account"], told.get("redirect_uri", ""))
        return jsonify({"code": made})

    @bp.post("/settings")
    def settings() -> ResponseReturnValue:
        told = asked()
        sim.settings(**{name: told[name] for name in told})
        return jsonify(told)

    @bp.post("/replay")
    def replay() -> ResponseReturnValue:
        return jsonify({"status": sim.replay(asked()["event_id"])})

    @bp.get("/state")
    def state() -> ResponseReturnValue:
        return jsonify({
            "now": instant(sim.world.now),
            "faults": sim.faults(),
            "cloud": sim.cloud(),
            "held": {name: sim.held(name) for name in sim.world.directory.devices},
        })  # fmt: skip


def asked() -> dict[str, Any]:
    """Return what was sent."""
    told = request.get_json(silent=True)
    if not isinstance(told, dict):
        raise ValueError("send a JSON object")
    return told


def moved(sim: Vendor, told: dict[str, Any]) -> dict[str, str]:
    """Move the clock: to an instant, by seconds, or back to the real time."""
    if "now" in told:
        at = datetime.fromisoformat(told["now"])
        if at.tzinfo is None:
            raise ValueError("now needs a time zone")
        (sim.clock.stand_still if told.get("stand_still") else sim.clock.set)(at)
    elif "advance_s" in told:
        sim.clock.advance(seconds=float(told["advance_s"]))
    elif told.get("real"):
        sim.clock.be_real()
    else:
        raise ValueError("say now, advance_s or real")
    return {"now": sim.clock.now().astimezone(UTC).isoformat()}
