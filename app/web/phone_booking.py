"""What a manager has noted while somebody is on the telephone: who, which uses, what for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import request

from app.booking.plan import room_day
from app.booking.rules.availability import Busy
from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.identity.queries import entitlements_of
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.reports.callers import Caller, caller_of, registered
from app.usecases import booking_for
from app.usecases.applying import NotAllWishes
from app.web import context, formats, halls
from app.web.phone_free import why_not
from app.web.sentences import sentences
from app.web.staff_forms import as_day, printable, signed_number
from app.web.words import _

MOST_USES = 30
SHAPING = ("add", "without", "more", "times")
NEW = Caller(None, "", "", "", "", None, None, "", "", None, None)
BusyFloor = Mapping[int, Sequence[Busy]]


@dataclass(frozen=True, slots=True)
class Noted:
    """One use that was noted, in words, with why it can't be had."""

    value: str
    text: str
    problems: Sequence[str]


class PhoneBooking:
    """The form as it was sent, or begun by an address that names a place and no person."""

    def __init__(self, hall: FacilityInfo) -> None:
        self.hall = hall
        self.given = request.values
        self.caller = self._caller()
        self.name = self._said("name", self.caller.name)
        self.kana = self._said("kana", self.caller.kana)
        self.phone = text_ja.phone(self._said("phone", self.caller.phone))
        self.shown_name = self._said("shown_name", self.caller.shown_name)
        self.purpose = self._said("purpose", self.caller.purpose)
        self.people = self._said("people", str(self.caller.people or ""))
        self.notes = self._said("notes", "")
        self.not_added = ""
        self.values = list(dict.fromkeys(self._uses()))[:MOST_USES]
        self.wishes = [wish for one in self.values if (wish := _wish(hall, one))]
        self.problems: list[str] = []
        self.by_use: dict[int, list[str]] = {}

    @property
    def is_sent(self) -> bool:
        """Say whether somebody pressed something that asks for an answer."""
        return (request.method == "POST" and not self.is_shaped) or "check" in self.given

    @property
    def is_shaped(self) -> bool:
        """Say whether what was pressed only adds a use, takes one off, or shows times."""
        return any(name in self.given for name in SHAPING)

    @property
    def agreed_yen(self) -> int | None:
        """Return the sum that stood on the page when it was pressed."""
        return signed_number(self.given.get("yen", ""))

    @property
    def is_known(self) -> bool:
        """Say whether the caller was found and not typed."""
        return self.caller is not NEW

    def missing(self) -> dict[str, str]:
        """Return what is still to be asked on the telephone, by field."""
        found = {}
        if not self.name:
            found["name"] = _("お名前を入力してください。")
        if not self.kana:
            found["kana"] = _("ふりがなを入力してください。")
        elif not self.is_known and not text_ja.is_kana(self.kana):
            found["kana"] = _("ふりがなは、ひらがなかカタカナで入力してください。")
        if len(text_ja.digits(self.phone)) < 9:
            found["phone"] = _("電話番号を入力してください。")
        if self.purpose not in {one.id for one in context.policy().purposes}:
            found["purpose"] = _("何に使うかをえらんでください。")
        if not self._people():
            found["people"] = _("人数を、数字で入力してください。")
        return found

    def applicant(self) -> Applicant:
        """Return who it is for; somebody registered keeps the class that they have."""
        caller = self.caller
        account, policy = caller.account_id, context.policy()
        known = policy.class_named(self._said("class", caller.applicant_class))
        chosen = known.id if known else policy.default_class().id
        if account is not None:
            chosen = caller.applicant_class or policy.default_class().id
        rights = entitlements_of(db.session(), account) if account is not None else ()
        return Applicant(account, chosen, self.name, self.kana, self.phone, rights)

    def answers(self) -> Answers:
        """Return what the use is."""
        return Answers(self.purpose, self._people() or 1, self.shown_name, self.notes)

    def as_noted(self, key: str) -> booking_for.Noted:
        """Return what is to be booked; only of a form in which nothing is missing."""
        return booking_for.Noted(key, self.applicant(), self.wishes, self.answers())

    def refuse(self, no: Refused) -> None:
        """Keep what can't be had, at each use where it belongs to one."""
        if isinstance(no, NotAllWishes):
            self.by_use = {n: sentences(refusals) for n, refusals in no.by_line}
        else:
            self.problems = sentences(no.refusals)

    def look_at_floor(self) -> None:
        """Keep which uses are taken, while it can't be known yet whether all else fits."""
        whys = {n: why_not(self.hall, one) for n, one in enumerate(self.wishes)}
        self.by_use = {n: [why] for n, why in whys.items() if why}

    def place(self) -> dict[str, list[str]]:
        """Return what was chosen before it was known who calls, as values of an address."""
        chosen = {name: self.given.getlist(name)[:1] for name in ("room", "on")}
        return {"use": self.values, **chosen}

    def noted(self) -> list[Noted]:
        """Return the uses in words."""
        return [
            Noted(
                f"{one.room_id}.{one.on}.{one.from_minute}.{one.to_minute}",
                self._words(one),
                self.by_use.get(n, ()),
            )
            for n, one in enumerate(self.wishes)
        ]

    def _words(self, one: Wish) -> str:
        room = next(x.name for x in self.hall.rooms if x.id == one.room_id)
        span = formats.ja_minutes_span(one.from_minute, one.to_minute)
        return f"{formats.ja_date(one.on)} {span} {room}"

    def _caller(self) -> Caller:
        asked = self.given.get("caller", "")
        scope, session = halls.scope(Permission.BOOK_FOR_OTHERS), db.session()
        if asked.startswith("b") and asked[1:].isascii() and asked[1:].isdecimal():
            return caller_of(session, asked[1:], scope=scope) or NEW
        if asked.startswith("r") and asked[1:].isascii() and asked[1:].isdecimal():
            # By telephone too: an address that only counts up would leaf through the town.
            one = registered(session, min(int(asked[1:]), 2**62))
            same = one and text_ja.digits(one.phone) == text_ja.digits(self.given.get("tel", ""))
            return one if one and same else NEW
        return NEW

    def _said(self, name: str, otherwise: str) -> str:
        return " ".join(printable(self.given.get(name, otherwise)).split())[:200]

    def _people(self) -> int:
        plain = text_ja.plain_number(self.people).removesuffix("人")
        return int(plain[:6]) if plain.isascii() and plain.isdecimal() else 0

    def _uses(self) -> list[str]:
        added = [self.given.get(name, "") for name in ("room", "on", "from", "to")]
        gone = self.given.get("without", "")
        pressed = [*self.given.getlist("use"), self.given.get("more", "")]
        noted = [one for one in pressed if one and one != gone]
        if "add" not in self.given or not all(added):
            return noted
        wish = _wish(self.hall, ".".join(added))
        self.not_added = why_not(self.hall, wish) if wish else _("日にちを確かめてください。")
        return noted if self.not_added else [*noted, ".".join(added)]


def _wish(hall: FacilityInfo, value: str) -> Wish | None:
    """Return the use that an address names; None when there is no such thing."""
    parts = value.split(".")
    on = as_day(parts[1]) if len(parts) == 4 else None
    numbers = [signed_number(one) for one in (parts[0], *parts[2:])]
    if on is None or None in numbers:
        return None
    room_id, begins, ends = (int(one or 0) for one in numbers)
    known = any(room.id == room_id for room in hall.rooms)
    return Wish(room_id, on, begins, ends) if known else None


def times_of(hall: FacilityInfo, room_id: int, on: date) -> tuple[list[int], list[int]]:
    """Return when uses of a room may begin and end on a day, in minutes."""
    room = next(one for one in hall.rooms if one.id == room_id)
    slots = room_day(context.catalogue(), hall, room, on).slots
    begins = sorted({slot.from_minute for slot in slots})
    return begins, sorted({slot.to_minute for slot in slots})
