"""A door's code as its applicant reads it: how it stands, its digits, its doors, its window."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from app.facilities.catalogue import FacilityInfo
from app.locks.contacts import DoorContact
from app.locks.models import AccessGrant, Door
from app.locks.openings import Opening, sign_of
from app.locks.ports import BOX
from app.locks.states import GrantState, is_over
from app.usecases.door_watch import SHOWN_BEFORE, URGENT
from app.usecases.keys import has_code, may_show
from app.web import context, formats
from app.web.booked import Booked, BookedLine
from app.web.words import _

# by_hand: no code will open it, staff have a key. on_its_way: known, not yet in every lock.
Standing = Literal["over", "not_yet", "by_hand", "preparing", "on_its_way", "ready"]

DoorKind = Literal["entrance", "room", "box"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A door as it is drawn and named."""

    kind: DoorKind
    name: str
    place: str
    photo: str = ""  # a data: link, so that it goes with the page where there is no network


@dataclass(frozen=True, slots=True)
class Card:
    """One code of a booking."""

    grant_id: int
    standing: Standing
    starts_at: datetime  # of the window in which it opens
    ends_at: datetime
    doors: tuple[Picture, ...]
    rooms: tuple[str, ...]
    hall: str
    phone: str
    is_box: bool
    is_changed: bool
    is_urgent: bool  # nearly time, and not ready
    version: int  # of what is wanted of it
    contact: DoorContact | None = None  # who helps when the hall does not answer
    use: tuple[datetime, datetime] | None = None  # what was booked; the window is around it
    others_until: datetime | None = None  # somebody else has the room right before
    others_are_in: bool = False  # by now, until then
    others_from: datetime | None = None  # or right after
    sign: str = ""  # of the code, for the copy that a device keeps
    digits: str = ""
    url: str = ""

    @property
    def groups(self) -> str:
        """Return the digits as they are read: 482 913."""
        size = len(self.digits) if len(self.digits) <= 4 else 3
        parts = [self.digits[n : n + size] for n in range(0, len(self.digits), size or 1)]
        return " ".join(parts)

    @property
    def spoken(self) -> str:
        """Return the digits one by one, for who hears them."""
        return "、".join(self.digits)

    @property
    def shown_from(self) -> datetime:
        """Return from when on it may be seen."""
        return self.starts_at - SHOWN_BEFORE

    @property
    def parts(self) -> tuple[str, str, str]:
        """Return 12月5日（土）, 12時50分から, 15時10分まで: a narrow screen breaks between them."""
        first, last = formats.local(self.starts_at), formats.local(self.ends_at)
        until = "" if first.date() == last.date() else formats.ja_day(last.date())
        return (
            formats.ja_day(first.date()),
            _("%(time)sから", time=formats.ja_time(first)),
            _("%(day)s%(time)sまで", day=until, time=formats.ja_time(last)),
        )

    @property
    def neighbours(self) -> list[str]:
        """Return why it opens for fewer minutes before or after the use than it would."""
        said = []
        if self.others_until is not None:
            time = formats.ja_time(formats.local(self.others_until))
            said.append(
                _("%(time)sまでは、ほかの人が使っています。", time=time)
                if self.others_are_in
                else _("%(time)sまでは、ほかの人が使います。", time=time)
            )
        if self.others_from is not None:
            time = formats.ja_time(formats.local(self.others_from))
            said.append(_("%(time)sからは、ほかの人が使います。", time=time))
        return said

    @property
    def hours(self) -> str:
        """Return the hours that were booked: 10時から11時まで."""
        if self.use is None:
            return ""
        first, last = self.use
        return _("%(a)sから%(b)sまで", a=formats.ja_time(first), b=formats.ja_time(last))

    @property
    def named(self) -> str:
        """Return the names of its doors."""
        return "、".join(one.name for one in self.doors)

    @property
    def window(self) -> str:
        """Return 12月5日（土）12時50分から15時10分まで."""
        return "".join(self.parts)


def cards(
    found: Booked, openings: Collection[Opening], changed: Collection[int],
    photos: Mapping[int, bytes], contacts: Mapping[int, DoorContact],
) -> list[Card]:  # fmt: skip
    """Return the codes of a booking without their digits; `changed` got other ones meanwhile.

    `photos` are JPEGs by door; a door without one is drawn. `contacts` are by hall.
    """
    return [
        replace(
            _card(found, one, photos, is_changed=one.grant.id in changed),
            contact=contacts.get(one.grant.facility_id),
        )
        for one in openings
    ]


def filled(card: Card, told: Mapping[int, tuple[str | None, str | None]]) -> Card:
    """Return a card with what may be shown of it; what was taken away meanwhile has nothing."""
    if card.standing not in ("ready", "on_its_way"):
        return card
    pin, url = told.get(card.grant_id, (None, None))
    if not pin and not url:
        return replace(card, standing="preparing")
    return replace(card, digits=pin or "", url=url or "")


def mark(found: Collection[Card]) -> str:
    """Return what changes when a page with these codes would read otherwise; it tells nothing."""
    said = repr(
        [(x.grant_id, x.standing, x.window, x.is_urgent, x.version, x.is_changed) for x in found]
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _card(found: Booked, one: Opening, photos: Mapping[int, bytes], *, is_changed: bool) -> Card:
    lines = [x for x in found.lines if x.line.id in one.lines]
    hall = next((x.facility for x in lines if x.facility), None)
    starts_at, ends_at = _window(one.grant)
    standing = _standing(one.grant, now=context.now())
    return Card(
        grant_id=one.grant.id,
        standing=standing,
        starts_at=starts_at,
        ends_at=ends_at,
        doors=tuple(_picture(one, door, photos.get(door.id)) for door in one.doors),
        rooms=tuple(dict.fromkeys(x.room for x in lines)),
        hall=lines[0].hall if lines else "",
        phone=_phone(hall),
        is_box=one.provider == BOX,
        is_changed=is_changed or one.is_another,
        is_urgent=standing == "preparing" and starts_at - URGENT <= context.now(),
        version=one.grant.version,
        sign=sign_of(one.grant),
        use=_use(lines),
        others_until=_others_until(one, lines),
        others_are_in=_full_start(one, lines) <= context.now(),
        others_from=_others_from(one, lines),
    )


def _others_until(one: Opening, lines: Sequence[BookedLine]) -> datetime | None:
    """Return until when a neighbour keeps a code from opening as early as its doors would."""
    at = one.grant.starts_at
    return at if at > max(_full_start(one, lines), context.now()) else None


def _full_start(one: Opening, lines: Sequence[BookedLine]) -> datetime:
    """Return from when on a code would open if nobody were in the room before."""
    first = min((x.line.starts_at for x in lines), default=one.grant.starts_at)
    return first - timedelta(minutes=max(door.before_minutes for door in one.doors))


def _use(lines: Sequence[BookedLine]) -> tuple[datetime, datetime] | None:
    if not lines:
        return None
    return min(x.line.starts_at for x in lines), max(x.line.ends_at for x in lines)


def _others_from(one: Opening, lines: Sequence[BookedLine]) -> datetime | None:
    """Return from when on a neighbour keeps a code from opening as long as its doors would."""
    last = max((x.line.ends_at for x in lines), default=one.grant.ends_at)
    full = last + timedelta(minutes=max(door.after_minutes for door in one.doors))
    return one.grant.ends_at if one.grant.ends_at < full else None


def _standing(grant: AccessGrant, *, now: datetime) -> Standing:
    if grant.state == GrantState.ENDED or is_over(grant.ends_at, grant.effective_to, now=now):
        return "over"
    if grant.is_by_hand or grant.is_blocked:
        return "by_hand"
    if now < grant.starts_at - SHOWN_BEFORE:
        return "not_yet"
    if grant.state == GrantState.FAILED:
        return "by_hand"
    if not may_show(grant, now=now) or not has_code(grant):
        return "preparing"
    is_told = grant.told_version == grant.version
    return "ready" if grant.state == GrantState.READY and is_told else "on_its_way"


def _window(grant: AccessGrant) -> tuple[datetime, datetime]:
    """Return when it opens: as the vendor made it, once the vendor knows what is wanted."""
    if grant.told_version == grant.version and grant.effective_from and grant.effective_to:
        return grant.effective_from, grant.effective_to
    return grant.starts_at, grant.ends_at


def _picture(one: Opening, door: Door, jpeg: bytes | None) -> Picture:
    shared: DoorKind = "entrance" if door.is_shared else "room"
    kind: DoorKind = "box" if one.provider == BOX else shared
    return Picture(kind, door.name, door.place, formats.jpeg_link(jpeg) if jpeg else "")


def _phone(hall: FacilityInfo | None) -> str:
    return hall.phone if hall else str(context.policy().help.phone)


def seen_from(found: Booked) -> datetime | None:
    """Return from when on codes of a booking that has none yet may be seen at the latest."""
    first = min((one.line.starts_at for one in found.coming), default=None)
    return None if first is None else first - SHOWN_BEFORE


def until(found: Collection[Card]) -> datetime | None:
    """Return when the last number that is shown opens nothing any more."""
    return max((one.ends_at for one in found if one.digits), default=None)
