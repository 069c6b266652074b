"""Lists, the newest first, in pages."""

from app.sims.stripe.errors import missing
from app.sims.stripe.params import Reader, integer, text
from app.sims.stripe.world import Body

PAGE: dict[str, Reader] = {"limit": integer(1, 100), "starting_after": text}
USUAL = 10


def listed(found: list[Body], asked: Body, url: str) -> Body:
    """Return a page of what was found, given the oldest first."""
    newest = found[::-1]
    filters = {name: value for name, value in asked.items() if name not in PAGE}
    left = [one for one in newest if all(one[name] == wish for name, wish in filters.items())]
    if after := asked.get("starting_after"):
        ids = [one["id"] for one in left]
        if after not in ids:
            raise missing("object", after, "starting_after")
        left = left[ids.index(after) + 1 :]
    most = asked.get("limit", USUAL)
    return {"object": "list", "data": left[:most], "has_more": len(left) > most, "url": url}
