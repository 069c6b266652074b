"""How the doors of a booking open, on the sheet for whoever has no mail: they call for it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from app.db import db
from app.locks.contacts import contacts_of
from app.reports.bookings import BookingView
from app.reports.doors import codes_of_booking
from app.usecases.door_watch import SHOWN_BEFORE
from app.web import booking_codes, context, formats
from app.web.door_opening import doors_of, doors_said, how
from app.web.words import _

WITHOUT_NUMBER = ("by-hand", "off")


def ways_in(view: BookingView) -> Sequence[str]:
    """Return by what its doors open, from when on, and whom to call for it; [] without a lock."""
    coming = [line for line in view.standing if line.ends_at > context.now()]
    doors = doors_of(coming)
    if not doors:
        return []
    codes = booking_codes.shown(view, codes_of_booking(db.session(), view.booking.id))
    live = [one for one in codes if one.is_live]
    if live and all(one.state in WITHOUT_NUMBER for one in live):
        said = doors_said(view, codes)
        return said.sentences if said else []
    halls = {one.door.facility_id for one in doors}
    first = min(line.starts_at for line in coming if line.facility_id in halls)
    return [*how(doors), _from_when(first - SHOWN_BEFORE), *_whom_to_call(halls)]


def _from_when(seen_from: datetime) -> str:
    if seen_from <= context.now():
        return _("番号は、会館に電話して聞いてください。")
    when = formats.ja_day(seen_from) + formats.ja_time(formats.local(seen_from))
    return _("番号は、%(when)sから、会館に電話して聞けます。", when=when)


def _whom_to_call(halls: Collection[int]) -> list[str]:
    said = [
        _("%(hall)s 電話 %(phone)s", hall=hall.name, phone=hall.phone)
        for hall in context.catalogue().facilities
        if hall.id in halls and hall.phone
    ]
    for one in contacts_of(db.session(), halls).values():
        hours = _("（%(hours)s）", hours=one.hours) if one.hours else ""
        said.append(
            _("ドアがあかないのに、会館が電話に出ないとき：%(name)s%(hours)s 電話 %(phone)s",
              name=one.name, hours=hours, phone=one.phone)
        )  # fmt: skip
    return said
