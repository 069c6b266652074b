"""The service's own first page: which municipality?"""

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from app.web.access import Access, access
from app.web.rendering import page

bp = Blueprint("entry", __name__)


@bp.get("/")
@access(Access.PUBLIC)
def municipalities() -> ResponseReturnValue:
    """List the municipalities; where there is only one, go there."""
    known = current_app.extensions["municipalities"].known()
    if len(known) == 1:
        return redirect(url_for("public.home", municipality=known[0].slug), code=303)
    return page("entry/municipalities.html", known=known)
