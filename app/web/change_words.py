"""What follows from a change of a booking, in words: the money, where it is paid, the rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.booking.models import Booking, BookingLine
from app.booking.policy import Terms
from app.booking.service.changed import LineChange
from app.booking.terms import terms_agreed, terms_on
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.payments.service import paid_yen
from app.web import context, formats
from app.web.outcomes import ask_the_hall, share
from app.web.refund_words import how_back
from app.web.words import _


@dataclass(frozen=True, slots=True)
class Stood:
    """How things stood before a change was tried; its rows can't be read afterwards."""

    hall: FacilityInfo
    terms: Terms
    fee_yen: int  # of the whole booking
    is_paid: bool
    booking_id: int


def stood(booking: Booking, line: BookingLine) -> Stood:
    """Return how a booking and the line to be changed stand."""
    hall, _room = context.catalogue().known_room(line.room_id)
    terms = terms_agreed(hall, line.terms_version_id, line.on_date)
    is_paid = paid_yen(db.session(), booking.id) > 0
    return Stood(hall, terms, booking.fee_yen, is_paid, booking.id)


def money(before: Stood, made: Sequence[LineChange]) -> str:
    """Return whether it costs more or less, and what of a payment comes back."""
    more, back = sum(x.more_yen for x in made), sum(x.back_yen for x in made)
    if more > 0:
        return _("%(yen)s 高くなります。", yen=formats.yen(more))
    if more == 0:
        return _("料金は変わりません。")
    less = formats.yen(-more)
    if back == -more:
        return _("%(yen)s 安くなります。", yen=less)
    if back:
        part = share(round(100 * back / -more))
        text = _("%(less)s 安くなり、はらった分から %(back)s（差額の%(part)s）を返します。")
        return text % {"less": less, "back": formats.yen(back), "part": part}
    if not before.terms.cancellation.refunds:
        return _("%(less)s 安くなります。%(ask)s", less=less, ask=ask_the_hall(before.hall))
    return _("%(less)s 安くなりますが、はらった料金は返りません。", less=less)


def beside(one: LineChange, made: Sequence[LineChange]) -> list[str]:
    """Return which other uses of the booking become different with the one that is shown."""
    said = []
    for other in made:
        if other.line_id == one.line_id:
            continue
        room = context.catalogue().known_room(other.after.room_id)[1].name
        day = f"{formats.ja_day(other.after.on)} {room}"
        text = _("%(day)s の枠も変わります（%(a)s人から%(b)s人、%(c)s から %(d)s）。")
        if other.before.fee_yen == other.after.fee_yen:
            text = _("%(day)s の枠も変わります（%(a)s人から%(b)s人）。料金は同じです。")
        said.append(
            text % {
                "day": day, "a": other.before.people, "b": other.after.people,
                "c": _yen(other.before.fee_yen), "d": _yen(other.after.fee_yen),
            }
        )  # fmt: skip
    return said


def _yen(fee_yen: int | None) -> str:
    return formats.yen(fee_yen) if fee_yen is not None else _("未定")


def follows(
    before: Stood, one: LineChange, made: Sequence[LineChange], *, several: bool
) -> list[str]:
    """Return what else becomes different: the whole of several uses, another hall's rules."""
    said = []
    more = sum(x.more_yen for x in made)
    if several and more:
        sides = {"a": formats.yen(before.fee_yen), "b": formats.yen(before.fee_yen + more)}
        said.append(_("予約全体では、%(a)s から %(b)s になります。") % sides)
    if any(x.back_yen for x in made) and before.is_paid:
        said += how_back(before.booking_id)
    hall, _room = context.catalogue().known_room(one.after.room_id)
    if hall.id != before.hall.id:
        said += _elsewhere(before, hall, terms_on(hall, one.after.on).document)
    return said


def _elsewhere(before: Stood, hall: FacilityInfo, after: Terms) -> list[str]:
    said = [_("取り消しなどの決まりは、%(hall)sのものに変わります。", hall=hall.name)]
    if not before.is_paid and before.terms.payment.where != after.payment.where:
        said.append(_("はらうところは、%(where)sに変わります。", where=after.payment.where))
    is_new = after.notes and after.notes != before.terms.notes
    return [*said, after.notes] if is_new else said
