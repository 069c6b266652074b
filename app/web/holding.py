"""Holding what was chosen, and remembering for the basket's page what could not be had."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import g, session

from app.booking.service.basket_plan import Wish
from app.booking.service.baskets import Chooser
from app.kernel.refusals import Refusal, Refused
from app.usecases.choosing import choose
from app.web import context

Refusals = dict[Wish, tuple[Refusal, ...]]


def hold(wishes: Sequence[Wish], *, all_or_nothing: bool) -> Refusals:
    """Hold what can be had of the wishes; return why not the others."""
    g.pop("basket", None)  # what was read of it is about to change
    g.pop("basket_id", None)
    try:
        return _hold(wishes, all_or_nothing=all_or_nothing)
    except Refused as no:
        return dict.fromkeys(wishes, no.refusals)


def _hold(wishes: Sequence[Wish], *, all_or_nothing: bool) -> Refusals:
    try:
        return _choose(wishes, all_or_nothing=all_or_nothing)
    except Refused as no:
        if "basket.submitted" not in no.codes:
            raise
    context.new_basket()  # it was applied for in another window: this begins a new one
    return _choose(wishes, all_or_nothing=all_or_nothing)


def _choose(wishes: Sequence[Wish], *, all_or_nothing: bool) -> Refusals:
    key = context.basket_key(make=True)
    assert key is not None
    origin = None if g.viewer.is_signed_in else context.network()
    chooser = Chooser(key, context.applicant_class(), origin)
    chosen = choose(
        context.catalogue(), chooser, wishes, now=context.now(), all_or_nothing=all_or_nothing
    )
    g.basket_id = chosen.booking_id
    return chosen.refused


def remember_missed(wishes: Sequence[Wish]) -> None:
    """Keep what could not be had, for the basket's page to tell of; why is looked up there."""
    kept = [[one.room_id, one.on.isoformat(), one.from_minute, one.to_minute] for one in wishes]
    session["missed"] = {**session.get("missed", {}), g.municipality.slug: kept}


def forget_missed() -> None:
    """Forget what could not be had: something else is chosen now."""
    if missed():
        remember_missed(())


def missed() -> list[Wish]:
    """Return what could not be had the last time."""
    kept: list[Any] = session.get("missed", {}).get(g.municipality.slug, [])
    return [Wish(room, date.fromisoformat(on), begins, ends) for room, on, begins, ends in kept]
