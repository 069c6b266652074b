"""What follows from applying, in words: by when and where to pay, what cancelling brings back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from app.booking.policy import Terms
from app.booking.rules.days import Place, closing
from app.booking.rules.refunds import steps as refund_steps
from app.facilities.catalogue import FacilityInfo
from app.web import context, formats
from app.web.words import _


@dataclass(frozen=True, slots=True)
class UseAt:
    """A use as far as its outcomes depend on it."""

    facility: FacilityInfo
    terms: Terms
    on: date
    starts_at: datetime
    fee_yen: int
    room: str = ""  # slug


@dataclass(frozen=True, slots=True)
class CancellingWords:
    """What cancelling means at one hall, for its first use."""

    facility: FacilityInfo
    on: date
    sentences: tuple[str, ...]
    citation: str


def deadline(instant: datetime) -> str:
    """Return a moment before which something is possible: the day alone when it is its end."""
    moment = formats.local(instant)
    ends_a_day = moment.hour == moment.minute == 0
    return formats.ja_until(instant) if ends_a_day else formats.ja_moment(instant)


def places_to_pay(uses: Iterable[UseAt]) -> list[str]:
    """Return where the fees are paid, each place once, with the hall when there are several."""
    uses = [use for use in uses if use.fee_yen]
    several = len({use.facility.id for use in uses}) > 1
    return list(
        dict.fromkeys(
            _("%(hall)s：%(where)s", hall=use.facility.name, where=use.terms.payment.where)
            if several
            else use.terms.payment.where
            for use in uses
        )
    )


def cancelling(uses: Iterable[UseAt]) -> list[CancellingWords]:
    """Return the rules of cancelling for the first use at each hall."""
    first: dict[int, UseAt] = {}
    for use in uses:
        first.setdefault(use.facility.id, use)
    return [
        CancellingWords(
            use.facility, use.on, tuple(_cancelling(use)), use.terms.cancellation.citation
        )
        for use in first.values()
    ]


def until(use: UseAt) -> datetime:
    """Return the moment before which residents cancel a use by themselves."""
    place = Place(context.catalogue(), use.facility)
    return closing(use.terms.cancellation.until, use.on, use.starts_at, place)


def _cancelling(use: UseAt) -> list[str]:
    end = until(use)
    if end > context.now():
        said = [_("%(day)sまで、ご自分で取り消せます。", day=deadline(end))]
    else:
        phone = use.facility.phone
        said = [_("取り消しは、会館（%(phone)s）へのお電話で受け付けます。", phone=phone)]
    return said + (_refunds(use) if use.fee_yen else [])


def _refunds(use: UseAt) -> list[str]:
    """Return what comes back of a paid fee, from the best to the last; what is over is left out."""
    if not use.terms.cancellation.refunds:
        return [ask_the_hall(use.facility)]
    place = Place(context.catalogue(), use.facility)
    steps = refund_steps(use.terms.cancellation, use_day=use.on, room=use.room, place=place)
    said: list[str] = []
    for day, percent in steps:
        if day < context.today():
            continue
        if percent is None:
            text = _(
                "%(day)sまでは、はらったあとの取り消しを会館（%(phone)s）へのお電話で受け付けます。"
                "いくら返るかは会館が決めます。"
            )
            told = text % {"day": formats.ja_date(day), "phone": use.facility.phone}
            said.append(_("そのあと、%(told)s", told=told) if said else told)
        elif percent:
            text = _("%(day)sまでに取り消すと、はらった料金の%(share)sを返します。")
            said.append(text % {"day": formats.ja_date(day), "share": share(percent)})
    if not said:
        return [_("はらった料金は、取り消しても返りません。")]
    if steps[-1][0] < use.on or steps[-1][1] == 0:
        said.append(_("そのあとの取り消しでは、料金は返りません。"))
    return said


def ask_the_hall(facility: FacilityInfo) -> str:
    """Return what is said where no rule of refunds was published: not that nothing comes back."""
    phone = facility.phone
    return _("はらったあとに返るお金は、会館（%(phone)s）におたずねください。", phone=phone)


def share(percent: int) -> str:
    """Return 全額, 半額 or a percentage."""
    return {100: _("全額"), 50: _("半分")}.get(percent, _("%(n)s％", n=percent))
