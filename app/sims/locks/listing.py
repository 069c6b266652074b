"""Lists, in pages, with how many there are."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from app.sims.kept import Body
from app.sims.locks.errors import general

Query: TypeAlias = Mapping[str, list[str]]

USUAL, MOST = 25, 50
PAGE = ("page", "per_page", "sort")


def listed(found: Sequence[Body], query: Query) -> Body:
    """Return a page of what was found."""
    page = whole(query, "page", 1, 10_000)
    per_page = whole(query, "per_page", USUAL, MOST)
    start = (page - 1) * per_page
    return {
        "data": list(found[start : start + per_page]),
        "meta": {
            "page": page,
            "per_page": per_page,
            "total_count": len(found),
            "total_pages": -(-len(found) // per_page),
        },
    }


def whole(query: Query, name: str, usual: int, most: int) -> int:
    """Return a number of the query; what is out of bounds is moved into them."""
    said = query.get(name, [str(usual)])[-1]
    if not said.isdecimal():
        raise general(400, f"{name} is not a number.", "malformed_request")
    return max(1, min(int(said), most))


def in_order(found: list[Body], query: Query, usual: str, allowed: Sequence[str]) -> list[Body]:
    """Return records in the order that was asked for, a minus before a name turning it round."""
    said = query.get("sort", [usual])[-1]
    name = said.removeprefix("-")
    if name not in allowed:
        raise general(400, f"sort must be one of {', '.join(allowed)}.", "malformed_request")
    return sorted(found, key=lambda one: str(one[name] or ""), reverse=said.startswith("-"))


def only_known(query: Query, *known: str) -> None:
    """Refuse parameters that are not known; the vendor would read past them."""
    for name in query:
        if name not in (*PAGE, *known):
            raise general(400, f"The parameter {name} is not known.", "malformed_request")
