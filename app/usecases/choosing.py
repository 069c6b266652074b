"""A resident holds rooms and times, lets them go, or keeps them a little longer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.booking.service import baskets, equipment
from app.booking.service.basket_plan import Chosen, Wish
from app.booking.service.baskets import Chooser
from app.booking.service.equipment import Used
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue


def choose(
    catalogue: Catalogue,
    chooser: Chooser,
    wishes: Sequence[Wish],
    *,
    now: datetime,
    all_or_nothing: bool = False,
) -> Chosen:
    """Hold what can be had of the wishes at once; raises Refused when nothing may be held."""

    return in_transaction(
        lambda session: baskets.hold(
            session, catalogue, chooser, wishes, now=now, all_or_nothing=all_or_nothing
        )
    )


def let_go(catalogue: Catalogue, basket_key: str, wish: Wish, *, now: datetime) -> None:
    """Give back what the basket holds of a room between two minutes of a day."""
    in_transaction(lambda session: baskets.release(session, catalogue, basket_key, wish, now=now))


def keep_longer(basket_key: str, *, now: datetime) -> None:
    """Keep the basket for another while, once; raises Refused the second time."""
    in_transaction(lambda session: baskets.extend(session, basket_key, now=now))


def use_equipment(basket_key: str, by_line: Mapping[int, Used], *, now: datetime) -> None:
    """Keep what each line uses beside its room; raises Refused when the basket is gone."""
    in_transaction(lambda session: equipment.note_used(session, basket_key, by_line, now=now))


def answer(basket_key: str, said: Mapping[str, Any], *, now: datetime) -> None:
    """Keep an answer about the use on the basket; raises Refused when the basket is gone."""
    in_transaction(lambda session: baskets.note_answers(session, basket_key, said, now=now))
