"""What the audit says of doors and of who is called about them: how it was, how it is now."""

from collections.abc import Mapping
from typing import Any

from app.web import context
from app.web.words import _


def doors_said(facts: Mapping[str, Any]) -> list[str]:
    """Return what was and what is of a door, of a contact, or of an account at a vendor."""
    before, after = facts.get("before"), facts.get("after")
    if before and after:
        name = after["name"]
        return [
            _("%(name)s：%(a)s から", name=name, a=_one(before)),
            _("%(b)s へ", b=_one(after)),
        ]
    told = after or before
    if told:
        return [_("%(name)s：%(one)s", name=told["name"], one=_one(told))]
    return [str(facts[one]) for one in ("door", "account") if facts.get(one)]


def _one(told: Mapping[str, Any]) -> str:
    if "phone" in told:
        return " ".join(x for x in (told["name"], told["phone"], told["hours"]) if x)
    window = _(
        "%(a)s分前から%(b)s分後まで", a=told["before_minutes"], b=told["after_minutes"]
    )  # fmt: skip
    return _("、").join([window, _rooms(told["rooms"])])


def _rooms(ids: list[int]) -> str:
    if not ids:
        return _("すべての部屋")
    names = {room.id: room.name for hall in context.catalogue().facilities for room in hall.rooms}
    return _("・").join(names.get(one, _("のせていない部屋")) for one in ids)
