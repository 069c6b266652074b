"""What listens: the API, the pages of customers, and the simulator's own."""

from flask import Flask, Response, jsonify, request

from app.sims.serving import Dropped, careful, cut
from app.sims.stripe import console, later, pages
from app.sims.stripe.errors import StripeError
from app.sims.stripe.form import nested
from app.sims.stripe.provider import Stripe


def site(sim: Stripe) -> Flask:
    """Return the application that serves a simulator."""
    app = Flask(__name__, template_folder="html", static_folder=None)

    @app.route("/v1/<path:rest>", methods=["GET", "POST", "DELETE"])
    def call(rest: str) -> Response:
        return called(sim, f"/v1/{rest}")

    app.register_blueprint(pages.blueprint(sim))
    app.register_blueprint(later.blueprint(sim))
    app.register_blueprint(console.blueprint(sim))
    app.after_request(careful)
    return app


def called(sim: Stripe, path: str) -> Response:
    """Answer a call of the API."""
    given = request.form if request.method == "POST" else request.args
    try:
        params = nested(given.items(multi=True))
        reply = sim.desk.answer(request.method, path, params, dict(request.headers))
    except StripeError as no:
        answer = jsonify({"error": no.error})
        answer.status_code = no.status
        return answer
    except Dropped:
        return cut()
    answer = jsonify(reply.body)
    answer.status_code = reply.status
    answer.headers.update(reply.headers)
    return answer
