"""Pages: one template, sent whole or as the named block that htmx asks for."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from jinja2 import StrictUndefined
from jinja2_fragments.flask import render_block

from app.identity.permissions import Permission, may_somewhere
from app.web import context
from app.web.device_copies import owner_mark


def page(
    template: str, *, fragment: str | None = None, status: int = 200, **values: Any
) -> Response:
    """Render `template`, or only its block `fragment` when htmx is asking for a part.

    The server chooses the block, never the client; a page that names none is always sent whole.
    """
    if fragment is not None and wants_fragment():
        html = render_block(template, fragment, **values)
    else:
        html = render_template(template, **values)
    response = make_response(html, status)
    response.vary.add("HX-Request")
    return response


def wants_fragment() -> bool:
    """Say whether htmx asks for a part of a page (not for a whole one after Back)."""
    return "HX-Request" in request.headers and request.headers.get("HX-Request-Type") != "full"


def register(app: Flask) -> None:
    """Set up the templates: undefined names are errors, these names are always there."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset_url"] = asset_url

    @app.context_processor
    def always() -> dict[str, Any]:
        settings = context.settings()
        return {
            "municipality": Sign() if g.get("municipality") else None,
            "viewer": Onlooker(),
            "basket_summary": Summary(),
            "large_text": request.cookies.get("text") == "large",
            "page_help": None,
            "assets_local": settings.assets_local,
            "is_demo_service": settings.demo,
            "demo_mailbox_url": settings.demo_mailbox_url,
            "now": context.now(),
        }


class Sign:
    """What the head and foot of a page say about the municipality."""

    @property
    def name(self) -> str:
        """Return its name."""
        return str(g.municipality.name)

    @property
    def slug(self) -> str:
        """Return its path."""
        return str(g.municipality.slug)

    @property
    def is_demo(self) -> bool:
        """Say whether this is a demonstration."""
        return context.settings().demo

    @property
    def help_name(self) -> str:
        """Return whom to call."""
        return context.policy().help.name

    @property
    def help_phone(self) -> str:
        """Return the number to call."""
        return context.policy().help.phone

    @property
    def help_hours(self) -> str:
        """Return when somebody answers."""
        return context.policy().help.hours


class Onlooker:
    """What the head of a page says about who looks at it."""

    @property
    def is_signed_in(self) -> bool:
        """Say whether this is a known person."""
        return bool(g.viewer.is_signed_in)

    @property
    def email(self) -> str:
        """Return their address."""
        return str(g.viewer.email)

    @property
    def staff_name(self) -> str:
        """Return the name of staff, in a session that was proved as theirs."""
        return str(g.viewer.staff.name) if g.viewer.staff else ""

    @property
    def mark(self) -> str:
        """Return what tells them from others, for what their browser keeps for them."""
        return owner_mark()

    def may(self, permission: str) -> bool:
        """Say whether they hold a permission anywhere, for what a page offers."""
        return may_somewhere(g.viewer, Permission(permission))

    @property
    def staff_links(self) -> list[tuple[str, str]]:
        """Return where staff may go from here."""
        return context.staff_links()


class Summary:
    """The basket in the head of a page; read only when a template shows it."""

    @property
    def count(self) -> int:
        """Return how many uses are held."""
        return self._read().count

    @property
    def until(self) -> Any:
        """Return until when the first of them is kept."""
        return self._read().until

    def _read(self) -> context.BasketSummary:
        if "basket_summary" not in g:
            g.basket_summary = context.basket_summary()
        return g.basket_summary  # type: ignore[no-any-return]


def asset_url(path: str) -> str:
    """Return the address of a static file, marked by its content so that it can be kept."""
    folder = current_app.static_folder or "static"
    return url_for("static", filename=path, v=_mark(f"{folder}/{path}"))


@cache
def _mark(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
