"""The way in: the municipality's first page, larger text."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from app.web import context
from app.web.access import Access, access
from app.web.rendering import page

bp = Blueprint("public", __name__)


@bp.get("/")
@access(Access.PUBLIC)
def home() -> ResponseReturnValue:
    """Show the first page: one search, then the halls."""
    return page("public/home.html", facilities=context.catalogue().facilities)


@bp.post("/text-size")
@access(Access.PUBLIC)
def text_size() -> ResponseReturnValue:
    """Make all text larger, or as it was."""
    response = redirect(request.referrer or "./", code=303)
    large = request.form.get("size") == "large"
    response.set_cookie("text", "large" if large else "normal", max_age=365 * 86400, samesite="Lax")
    return response
