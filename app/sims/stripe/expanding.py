"""`expand[]`: ids replaced by the objects they name."""

from collections.abc import Iterable

from app.sims.stripe.errors import invalid
from app.sims.stripe.world import Body, World, shown

EXPANDABLE = {
    "checkout.session": {"payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {"payment_intent": "payment_intent"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
}


def expanded(world: World, body: Body, paths: Iterable[str]) -> Body:
    """Return a copy of an object or a list with what was asked for in place of ids."""
    answer = shown(body)
    for path in paths:
        steps = path.split(".")
        if answer["object"] != "list":
            expand(world, answer, steps, path)
        elif steps[0] == "data" and len(steps) > 1:
            for one in answer["data"]:
                expand(world, one, steps[1:], path)
        else:
            raise not_expandable(path)
    return answer


def expand(world: World, body: Body, steps: list[str], path: str) -> None:
    """Replace one id in a copy, and go on inside."""
    kind = EXPANDABLE.get(body["object"], {}).get(steps[0])
    if kind is None:
        raise not_expandable(path)
    if isinstance(body[steps[0]], str):
        body[steps[0]] = shown(world.find(kind, body[steps[0]]))
    if len(steps) > 1 and body[steps[0]] is not None:
        expand(world, body[steps[0]], steps[1:], path)


def not_expandable(path: str) -> Exception:
    """Return the error of something that is not an id."""
    return invalid(f"This property cannot be expanded ({path}).", param="expand")
