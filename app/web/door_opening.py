"""How the doors of a booking open, for whoever is on the line when it was just made or paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db import db
from app.reports.bookings import BookingView, LineView
from app.reports.doors import DoorView, doors_at
from app.usecases.door_watch import SHOWN_BEFORE
from app.usecases.planning_doors import HORIZON
from app.web import context, formats
from app.web.booking_codes import CodeShown
from app.web.door_words import NOT_DECIDED
from app.web.words import _


@dataclass(frozen=True, slots=True)
class DoorsSaid:
    """How the doors open, in sentences, and whether there is a number to read aloud or will be."""

    sentences: Sequence[str]
    has_number: bool


def doors_said(view: BookingView, codes: Sequence[CodeShown]) -> DoorsSaid | None:
    """Return what to say of the doors of a booking; None: its rooms have none with a lock."""
    coming = [line for line in view.standing if line.ends_at > context.now()]
    doors = doors_of(coming)
    if not doors:
        return None
    live = [one for one in codes if one.is_live]
    numbered = [one for one in live if one.state not in ("by-hand", "off")]
    if live and not numbered:
        return DoorsSaid([_("鍵は、職員が手でわたします。")], has_number=False)
    begins = min(line.starts_at for line in coming)
    return DoorsSaid(
        [*how(doors), *_when(view, doors, numbered, begins)],
        has_number=any(one.deeds for one in numbered),
    )


def doors_of(coming: Sequence[LineView]) -> list[DoorView]:
    """Return the doors with locks that lead to these uses."""
    every = doors_at(db.session(), {line.facility_id for line in coming}) if coming else []
    return [one for one in every if any(one.leads_to(x.facility_id, x.room_id) for x in coming)]


def how(doors: Sequence[DoorView]) -> list[str]:
    """Return which doors open by a number, and which boxes hold a key."""
    locks = [one.door.name for one in doors if not one.is_box]
    boxes = [one.door.name for one in doors if one.is_box]
    said = []
    if locks:
        said.append(_("ドア（%(doors)s）は、番号であきます。", doors=_("、").join(locks)))
    if boxes:
        said.append(
            _("キーボックス（%(boxes)s）に番号を合わせると、なかに鍵があります。",
              boxes=_("、").join(boxes))
        )  # fmt: skip
    return said


def _when(
    view: BookingView, doors: Sequence[DoorView], codes: Sequence[CodeShown], begins: datetime
) -> list[str]:
    """Return when the number is ready, and from when on it can be read aloud."""
    if view.booking.state in NOT_DECIDED:
        return [_("番号は、予約が決まってから用意します（料金があれば、受け取ったあと）。")]
    if not codes and view.is_due_again:
        return [_("番号は、のこりの料金を受け取ったあとで用意します。")]
    if not codes and begins - HORIZON > context.now():
        return [_("番号は、使う日の%(n)s日前に用意します。", n=HORIZON.days)]
    said = [_ready(doors, codes)]
    shown_from = min((one.code.grant.starts_at for one in codes), default=begins) - SHOWN_BEFORE
    if shown_from > context.now():
        when = formats.ja_day(shown_from) + formats.ja_time(formats.local(shown_from))
        said.append(_("番号は、%(when)sから見られます。", when=when))
        if view.booking.account_id is None:
            said.append(_("メールのない人です。見られるようになったら、電話で伝えてください。"))
    return said


def _ready(doors: Sequence[DoorView], codes: Sequence[CodeShown]) -> str:
    if codes and all(one.state == "ready" for one in codes):
        return _("番号の用意はできています。")
    minutes = max((one.door.lead_seconds or 0) + 59 for one in doors) // 60
    if minutes:
        return _("番号を用意しています。長いときで%(n)s分かかります。", n=minutes)
    return _("番号を用意しています。ふつうは数分でできます。")
