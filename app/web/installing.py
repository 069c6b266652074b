"""What makes the service an app on a telephone, and what works there without a network."""

from pathlib import Path

from flask import Blueprint, Response, current_app, json, url_for
from flask.typing import ResponseReturnValue

from app.web import context
from app.web.access import Access, access
from app.web.rendering import asset_url, page
from app.web.words import _, language

bp = Blueprint("installing", __name__)

ICONS = ((192, "icon-192.png"), (512, "icon-512.png"))


@bp.get("/app.webmanifest")
@access(Access.PUBLIC)
def manifest() -> ResponseReturnValue:
    """Describe the app of this municipality."""
    scope = url_for("public.home")
    told = {
        "id": scope,
        "name": _("%(city)s 施設予約", city=context.municipality_name()),
        "short_name": _("施設予約"),
        "lang": language(),
        "start_url": url_for("bookings.mine"),
        "scope": scope,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [
            {
                "src": asset_url(name),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": "any maskable",
            }
            for size, name in ICONS
        ],
    }
    response = Response(json.dumps(told), content_type="application/manifest+json; charset=utf-8")
    return _public(response)


@bp.get("/sw.js")
@access(Access.PUBLIC)
def worker() -> ResponseReturnValue:
    """Send the worker that keeps codes on the device; it reaches this municipality's pages."""
    program = Path(current_app.static_folder or "static", "keeper.js").read_text("utf-8")
    return _public(Response(program, content_type="text/javascript; charset=utf-8"))


@bp.get("/offline")
@access(Access.PUBLIC)
def offline() -> ResponseReturnValue:
    """Say what can be seen without a network; the worker asks for it before it is gone."""
    return page("keys/offline.html")


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
