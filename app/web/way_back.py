"""Where to go after signing in: what was asked for, never another site or municipality."""

from urllib.parse import unquote

from flask import g, url_for

from app.web import context
from app.web.addresses import parts_of


def safe(path: str | None) -> str:
    """Return `path` when it leads to a page of this municipality, else an empty text."""
    if not path or len(path) > 500 or not path.isprintable():
        return ""
    parts = parts_of(path)
    plain = unquote(unquote(parts.path))
    if (
        not parts.path
        or parts.scheme
        or parts.netloc
        or "\\" in plain
        or "//" in plain
        or not plain.isprintable()
    ):
        return ""
    if ".." in plain.split("/") or "." in plain.split("/"):
        return ""
    return path if plain.startswith(f"/{g.municipality.slug}/") else ""


def or_home(path: str | None) -> str:
    """Return a safe `path`, else what this person most likely came for."""
    if found := safe(path):
        return found
    if g.viewer.staff is not None and (links := context.staff_links()):
        return links[0][1]
    return url_for("apply.start") if context.basket() else url_for("bookings.mine")
