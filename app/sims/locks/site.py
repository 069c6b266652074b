"""What listens: the vendor's API, its token desk, and the simulator's own pages."""

from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from app.sims.locks import consent, console, control
from app.sims.locks.desk import Call
from app.sims.locks.switchbot import wire
from app.sims.locks.vendor import Vendor
from app.sims.serving import Dropped, careful, cut

METHODS = ["GET", "POST", "PUT", "DELETE"]


def site(sim: Vendor) -> Flask:
    """Return the application that serves a simulator."""
    app = Flask(__name__, template_folder="html", static_folder=None)

    @app.get("/")
    def home() -> ResponseReturnValue:
        return redirect("/__sim/")

    @app.route("/<path:rest>", methods=METHODS)
    def call(rest: str) -> Response:
        return called(sim, f"/{rest}")

    app.register_blueprint(consent.blueprint(sim))
    app.register_blueprint(wire.blueprint(sim))
    app.register_blueprint(control.blueprint(sim))
    app.register_blueprint(console.blueprint(sim))
    app.after_request(careful)
    return app


def called(sim: Vendor, path: str) -> Response:
    """Answer a call of the API."""
    body = request.get_json(force=True, silent=True) if request.data else None
    query = {name: request.args.getlist(name) for name in request.args}
    try:
        reply = sim.desk.answer(Call(request.method, path, body, query, dict(request.headers)))
    except Dropped:
        return cut()
    answer = jsonify(reply.body) if reply.body is not None else Response(status=204)
    answer.status_code = reply.status
    answer.headers.update(reply.headers)
    return answer
