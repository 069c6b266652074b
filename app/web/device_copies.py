"""What a browser keeps on the device for its owner alone, and how it is let go of."""

from flask import Response, g

from app.identity.codes import keyed_hash
from app.web import context

_LENGTH = 24  # of a mark; it opens nothing, it only tells owners apart


def owner_mark() -> str:
    """Return what tells the viewer from others, everywhere in the service; nobody has none.

    Pages carry it: a worker in the browser throws away what it keeps for anybody else.
    """
    if g.viewer.account_id is None:
        return ""
    mark = keyed_hash(context.settings().secret_key, "device copies", str(g.viewer.account_id))
    return mark[:_LENGTH]


def let_go(response: Response) -> Response:
    """Let the browser delete all that it keeps of us: whoever comes next finds nothing."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
