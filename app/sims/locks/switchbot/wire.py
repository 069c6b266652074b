"""The calls of SwitchBot's API v1.1 that are imitated."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.sims.kept import Body
from app.sims.locks.sweeping import acting
from app.sims.locks.switchbot import keys
from app.sims.locks.switchbot.accounts import SwitchBot, owner
from app.sims.locks.vendor import Vendor
from app.sims.locks.world import World

HOOKS = ("setupWebhook", "updateWebhook", "queryWebhook", "deleteWebhook")


def blueprint(sim: Vendor) -> Blueprint:
    """Return what is under /v1.1."""
    bp = Blueprint("switchbot", __name__, url_prefix="/v1.1")

    @bp.get("/devices")
    def devices() -> ResponseReturnValue:
        return answered(sim, lambda world, own: listed(world, own))

    @bp.post("/devices/<device>/commands")
    def command(device: str) -> ResponseReturnValue:
        return answered(sim, lambda world, own: commanded(world, own, device, sent()))

    @bp.post("/webhook/<action>")
    def webhook(action: str) -> ResponseReturnValue:
        return answered(sim, lambda world, own: hooked(world, own, action, sent()))

    return bp


def sent() -> dict[str, Any]:
    """Return what was sent, empty if it was no JSON object."""
    told = request.get_json(force=True, silent=True)
    return told if isinstance(told, dict) else {}


def answered(sim: Vendor, work: Any) -> ResponseReturnValue:
    """Answer a call whose signature is right."""
    line = sim.desk.logged(request.method, request.path, sent() if request.data else None)
    told = [request.headers.get(name, "") for name in ("Authorization", "t", "nonce", "sign")]
    own = owner(sim.world.bots, *told)
    if own is None:
        line["status"] = 401
        return jsonify({"message": "Unauthorized"}), 401
    with acting(sim.world) as world:
        body: Body = work(world, own)
    line.update(status=200, account=own.token)
    return jsonify(body)


def said(code: int, message: str, **body: Any) -> Body:
    """Return an answer; the code in it tells more than HTTP's."""
    return {"statusCode": code, "body": body, "message": message}


def listed(world: World, own: SwitchBot) -> Body:
    """List the keypads with their keys."""
    found = [
        {
            "deviceId": ident,
            "deviceName": name,
            "deviceType": "Keypad Touch",
            "enableCloudService": True,
            "hubDeviceId": f"{ident[:-1]}0",
            "lockDeviceId": f"{ident[:-1]}1",
            "keyList": [keys.shown(world, one) for one in keys.state(world, ident)["keys"]],
        }
        for ident, name in own.devices.items()
    ]
    return said(100, "success", deviceList=found, infraredRemoteList=[])


def commanded(world: World, own: SwitchBot, device: str, told: dict[str, Any]) -> Body:
    """Take a command; what becomes of it is told later."""
    if device not in own.devices:
        return said(152, "device not found")
    name, parameter = told.get("command"), told.get("parameter")
    if told.get("commandType") != "command" or name not in ("createKey", "deleteKey"):
        return said(160, "command is not supported")
    if not isinstance(parameter, dict):
        return said(190, "parameter is missing")
    if wrong := keys.wrong(world, device, name, parameter):
        return said(190, wrong)
    return said(100, "success", commandId=keys.send(world, device, name, parameter))


def hooked(world: World, own: SwitchBot, action: str, told: dict[str, Any]) -> Body:
    """Keep, change, show or forget where answers go."""
    if action not in HOOKS or told.get("action") not in HOOKS:
        return said(190, "unknown action")
    hooks = world["hooks"]
    if action == "queryWebhook":
        return said(100, "success", urls=[one["url"] for one in [hooks.get(own.token)] if one])
    if action == "deleteWebhook":
        hooks.pop(own.token, None)
        return said(100, "success")
    given = told.get("url") or (told.get("config") or {}).get("url")
    if not str(given).startswith(("http://", "https://")):
        return said(190, "url is invalid")
    hooks[own.token] = {"url": str(given)}
    return said(100, "success")
