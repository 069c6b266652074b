"""Where a person is on the way from basket to booking; kept in the session, words only."""

from dataclasses import dataclass

from flask import g, session, url_for

from app.web import context
from app.web.answers import Asked, Asking
from app.web.words import _

SIGN_IN, CHECK = "sign-in", "check"
BASKET = "booking.basket"


@dataclass(frozen=True, slots=True)
class Position:
    """The names of the steps and which of them this is, from 1; `now` 0: none of them."""

    names: tuple[str, ...]
    now: int


def begin(asking: Asking) -> None:
    """Lay out the way for this basket: what is asked, who it is, the check."""
    known = g.viewer.is_signed_in and g.viewer.resident_id is not None
    steps = [*asking.to_ask(), *(() if known else (SIGN_IN,)), CHECK]
    session["journey"] = {**session.get("journey", {}), g.municipality.slug: steps}


def end() -> None:
    """Forget the way: it led to a booking."""
    ways: dict[str, list[str]] = session.get("journey", {})
    session["journey"] = {k: v for k, v in ways.items() if k != g.municipality.slug}


def steps() -> list[str]:
    """Return the ids of the steps of the way that was begun."""
    found: list[str] = session.get("journey", {}).get(g.municipality.slug, [])
    return found


def position(step: str) -> Position | None:
    """Return where on the way a step is; None when it is beside it or the way is one step long."""
    way = steps()
    if step not in way or len(way) < 2:
        return None
    return Position(tuple(name(one) for one in way), way.index(step) + 1)


def before(step: str) -> str:
    """Return the address of what came before a step: another question, or the basket."""
    way = steps()
    earlier = way[: way.index(step)] if step in way else []
    asked = [one for one in earlier if one not in (SIGN_IN, CHECK)]
    if asked:
        return url_for("apply.ask", question=asked[-1])
    return url_for(BASKET)


def without_basket() -> str:
    """Return where to go when nothing is chosen: what was just applied for, or the basket.

    Who chose again since has a new key: an old booking must not look like the answer to that.
    """
    number = session.get("made", {}).get(g.municipality.slug)
    if number and context.basket_key() is None:
        return url_for("bookings.done", number=number)
    return url_for(BASKET)


def check_url() -> str:
    """Return the address of the check page."""
    return url_for("check.show")


def following(asking: Asking, answered: Asked | None = None) -> str:
    """Return the address of what comes next: the next open question, or the check."""
    values = dict(asking.values)
    if answered:
        values |= dict.fromkeys(answered.keys)
    found = next((one for one in asking.questions if not one.is_answered(values)), None)
    return url_for("apply.ask", question=found.id) if found else check_url()


def name(step: str) -> str:
    """Return the short name of a step."""
    names = {
        "purpose": _("目的"),
        "people": _("人数"),
        "equipment": _("備品・設備"),
        "waiver": _("減免の申請"),
        "name": _("案内板の名前"),
        "notes": _("伝えたいこと"),
        "money": _("入場料と商売"),
        SIGN_IN: _("メールの確認"),
        CHECK: _("内容を確かめる"),
    }
    return names.get(step) or _("会館からの質問")
