"""What is chosen as its page shows it: held uses with their fees, and what is not to be had."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import g, url_for

from app.booking.looking import RoomOnDay, rooms_on_days
from app.booking.models import BookingLine
from app.booking.near import covering, nearest
from app.booking.plan import room_day
from app.booking.queries import held_lines
from app.booking.rules.availability import Kind
from app.booking.service.application import facts_of
from app.booking.service.basket_plan import Wish, minute_of
from app.booking.service.permits import permit_rule
from app.booking.service.waivers import Monthly
from app.db import db
from app.fees.rules import Quote, QuoteLine, Undetermined
from app.kernel.refusals import Refusal
from app.web import context
from app.web.answers import answers_so_far
from app.web.holding import missed
from app.web.offer import applicant, granted_here
from app.web.pressed import Alternative, alternative, wanted
from app.web.sentences import sentence
from app.web.words import _

MOST_WITH_OFFERS = 3  # of those that can't be had; each costs a look around


class Use:
    """A room and time of the basket's page."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.hall, self.room = context.catalogue().room(wish.room_id)

    @property
    def fields(self) -> dict[str, str]:
        """Return what a button of it sends."""
        return {
            "facility": self.hall.slug,
            "room": self.room.slug,
            "on": self.wish.on.isoformat(),
            "at": f"{self.wish.from_minute}-{self.wish.to_minute}",
            "back": url_for("booking.basket"),
        }


class Held(Use):
    """A use that is held."""

    def __init__(self, wish: Wish, line: BookingLine, monthly: Monthly) -> None:
        super().__init__(wish)
        self.line = line
        self.monthly = monthly  # of all that is held: the first uses a right first

    @cached_property
    def fee(self) -> Quote | Undetermined:
        """Return its fee line by line, or what the rules leave open."""
        plan = room_day(context.catalogue(), self.hall, self.room, self.wish.on)
        run = plan.run(self.wish.from_minute, self.wish.to_minute)
        if run is None:
            return Undetermined("slot", _("時間の区切りが変わりました。"))
        said = answers_so_far(context.basket())
        tariff = plan.tariff(context.today()).document
        granted = granted_here(self.line, tariff, self.monthly)
        found = plan.quote(
            run, facts_of(applicant(), said, self.line, granted, requested_on=context.today())
        )
        if isinstance(found, Quote):
            self.monthly.count(found.waived, self.wish.on)
        return found

    @property
    def yen(self) -> int | None:
        """Return the fee; None while the rules leave it open."""
        return self.fee.total_yen if isinstance(self.fee, Quote) else None

    @property
    def permit_days(self) -> int | None:
        """Return within how many days staff answer, where the use needs their permit."""
        plan = room_day(context.catalogue(), self.hall, self.room, self.wish.on)
        purpose = answers_so_far(context.basket()).purpose or None
        found = permit_rule(plan, applicant().applicant_class, purpose)
        return found.days if found else None

    @property
    def lines(self) -> tuple[QuoteLine, ...]:
        """Return the lines of the fee."""
        return self.fee.lines if isinstance(self.fee, Quote) else ()

    @property
    def because(self) -> str:
        """Return why the fee is not known."""
        return self.fee.because if isinstance(self.fee, Undetermined) else ""


class Gone(Use):
    """A use that is not held: its time ran out, or it could not be had."""

    def __init__(self, wish: Wish, day: RoomOnDay, *, was_held: bool) -> None:
        super().__init__(wish)
        self.was_held = was_held
        self._states = covering(day.states, wish.from_minute, wish.to_minute)
        self.alternatives: list[Alternative] = []

    @property
    def is_free(self) -> bool:
        """Say whether it can be had now."""
        return bool(self._states) and all(one.kind is Kind.FREE for one in self._states)

    @property
    def is_chosen(self) -> bool:
        """Say whether it was had since."""
        return bool(self._states) and all(one.kind is Kind.MINE for one in self._states)

    @property
    def why(self) -> str:
        """Return why it is not to be had, or that it is free again."""
        if self.is_free:
            return _("とっておく時間が過ぎました。いまは空いています。")
        reasons = (one.refusal for one in self._states if one.refusal)
        return sentence(next(reasons, Refusal("slot.unknown")))

    @property
    def near_url(self) -> str:
        """Return where more of what is near is shown."""
        wish = self.wish
        return url_for(
            "looking.near", facility=self.hall.slug, room=self.room.slug, on=wish.on,
            at=f"{wish.from_minute}-{wish.to_minute}",
        )  # fmt: skip

    def look_around(self) -> None:
        """Find what is free instead."""
        wish = self.wish
        asked = wanted(self.hall, self.room, wish.on, wish.from_minute, wish.to_minute)
        near = nearest(db.session(), context.catalogue(), asked, context.looker())
        back = url_for("booking.basket")
        self.alternatives = [alternative(one, asked, back) for one in near.all[:3]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Everything on the basket's page."""

    held: list[Held]
    gone: list[Gone]
    until: datetime | None  # the first of the holds runs out
    may_extend: bool

    @property
    def total_yen(self) -> int | None:
        """Return the sum of the fees that are known; None: not one is."""
        known = [one.yen for one in self.held if one.yen is not None]
        return sum(known) if known else None

    @property
    def is_open(self) -> bool:
        """Say whether the rules leave a fee open."""
        return any(one.yen is None for one in self.held)


def chosen() -> Chosen:
    """Return what this browser has chosen."""
    draft = context.basket()
    every, until = held_lines(db.session(), draft.id) if draft else ([], {})
    lines = _listed(every)
    standing = [line for line in lines if line.id in until and until[line.id] > context.now()]
    first = min((until[line.id] for line in standing), default=None)
    g.basket_summary = context.BasketSummary(len(lines), first)  # the head need not read again
    lost = [_wish(line) for line in lines if line not in standing]
    monthly = Monthly(db.session(), g.viewer.account_id)
    return Chosen(
        held=[Held(_wish(line), line, monthly) for line in standing],
        gone=_gone(lost, missed()),
        until=first,
        may_extend=bool(standing) and draft is not None and draft.extended_at is None,
    )


def _listed(lines: Sequence[BookingLine]) -> list[BookingLine]:
    """Return the lines whose rooms are still offered."""
    offered = {room.id for hall in context.catalogue().facilities for room in hall.rooms}
    return [line for line in lines if line.room_id in offered]


def _wish(line: BookingLine) -> Wish:
    catalogue = context.catalogue()
    begins = minute_of(line.starts_at, line.on_date, catalogue)
    ends = minute_of(line.ends_at, line.on_date, catalogue)
    return Wish(line.room_id, line.on_date, begins, ends)


def _gone(lost: Iterable[Wish], never_had: Iterable[Wish]) -> list[Gone]:
    """Return what is not held as it stands now; one query, and a look around for the first few."""
    wishes = [(wish, True) for wish in lost] + [(wish, False) for wish in never_had]
    places = [(*context.catalogue().room(wish.room_id), wish.on) for wish, _was_held in wishes]
    days = rooms_on_days(db.session(), context.catalogue(), places, context.looker())
    found = [
        Gone(wish, day, was_held=was_held)
        for (wish, was_held), day in zip(wishes, days, strict=True)
    ]
    shown = [one for one in found if not one.is_chosen]
    for one in [one for one in shown if not one.is_free][:MOST_WITH_OFFERS]:
        one.look_around()
    return shown
