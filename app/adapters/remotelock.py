"""RemoteLOCK as a vendor of locks: bookings or access persons, over its HTTP API (version 1)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from app.adapters import remotelock_words as words
from app.adapters.remotelock_http import MOST_PAGES, Caller
from app.adapters.remotelock_telling import Telling
from app.adapters.remotelock_tokens import Site
from app.locks.ports import (
    SKEW,
    AccountView,
    Capabilities,
    CodeRequest,
    Consent,
    DeviceInfo,
    IssuedCode,
    LockConflict,
    LockEvent,
    LockInvalid,
    LockNotFound,
    LockTransient,
)

BOOKINGS: Final = "bookings"


class RemoteLock:
    """Implements locks.ports.LockProvider for one account."""

    name = "remotelock"

    def __init__(self, account: AccountView, site: Site, now: Callable[[], datetime]) -> None:
        self._http = Caller(account, site, now)
        self._zone = ZoneInfo(account.zone)
        self._by_bookings, self._now = account.mode == BOOKINGS, now

    @property
    def consent(self) -> Consent:
        """The page where the owner of an account lets us in."""
        return self._http.desk

    @property
    def telling(self) -> Telling:
        """Where its notices go, set by us."""
        return Telling(self._http)

    def forget(self) -> None:
        """Give connections back."""
        self._http.close()

    def capabilities(self, device_ref: str) -> Capabilities:
        """Return what codes of a lock can be, by its kind and its heartbeat."""
        found = self._http.get(f"/devices/{device_ref}")
        return words.capabilities(words.device(found["data"], self._zone))

    def list_devices(self) -> Sequence[DeviceInfo]:
        """Return every lock; of any type, for a filter would hide some."""
        return [words.device(one, self._zone) for one in self._http.pages("/devices")]

    def issue(self, wanted: CodeRequest) -> IssuedCode:
        """Make a code at the first door, then open the others with the same one."""
        try:
            return self._made(wanted)
        except LockNotFound as error:
            raise LockInvalid("no_device") from error

    def _made(self, wanted: CodeRequest) -> IssuedCode:
        if not self._by_bookings:
            made = self._http.post("/access_persons", words.person(wanted, self._zone))
            return self._completed(wanted, made, is_new=True)
        try:
            made = self._http.post("/bookings", words.booking(wanted, self._zone))
        except LockConflict as error:
            if error.code != "duplicate":
                raise
            return self._completed(wanted, self._held(wanted, error))
        return self._completed(wanted, made, is_new=True)

    def _held(self, wanted: CodeRequest, conflict: LockConflict) -> dict[str, Any]:
        """Return what the vendor holds under our key already; raises `conflict` when it is over."""
        try:
            made = self._http.get(f"/bookings/{wanted.key}")
        except LockNotFound as error:
            raise LockTransient("conflict") from error
        if words.is_over(made):
            self._ended("bookings", made)
            raise conflict
        return made

    def reschedule(self, refs: Mapping[str, Any], wanted: CodeRequest) -> IssuedCode:
        """Move the window; what comes back is the truth, also another number."""
        kind, ref = words.refs_of(refs)
        body = words.moved(kind, wanted, self._zone)
        return self._completed(wanted, self._http.put(f"/{kind}/{ref}", body))

    def revoke(self, refs: Mapping[str, Any]) -> Literal["done", "pending", "impossible"]:
        """Deactivate, which keeps the history; a lock that sleeps holds the code until it wakes."""
        kind, ref = words.refs_of(refs)
        try:
            found = self._http.get(f"/{kind}/{ref}")
            found = self._ended(kind, found)
            person = words.person_ref(kind, found)
            accesses = self._accesses(person) if person else []
        except LockNotFound:
            return "done"
        return words.after_revoking(accesses)

    def _ended(self, kind: str, found: dict[str, Any]) -> dict[str, Any]:
        """Deactivate what was not yet, whatever time the vendor believes it is.

        A code that is over by a clock that runs ahead opens again when that clock is put right.
        """
        if words.is_deactivated(found):
            return found
        try:
            return self._http.put(f"/{kind}/{found['data']['id']}/deactivate", {})
        except LockInvalid:
            if words.ended_before(found, self._now() - SKEW, self._zone):
                return found
            raise

    def fetch(self, refs: Mapping[str, Any]) -> IssuedCode | None:
        """Return a code as it stands; None when it is not there or was deactivated."""
        kind, ref = words.refs_of(refs)
        try:
            found = self._http.get(f"/{kind}/{ref}")
            if words.is_over(found):
                return None
            return self._seen(kind, found, self._accesses(words.person_ref(kind, found)))
        except LockNotFound:
            return None

    def find(self, wanted: CodeRequest) -> IssuedCode | None:
        """Return what was made under a key, completed where the call broke off half-way."""
        if self._by_bookings:
            try:
                made = self._http.get(f"/bookings/{wanted.key}")
            except LockNotFound:
                return None
            if words.is_deactivated(made):
                return None
            if words.is_over(made):  # by the vendor's clock: it is there to be taken away
                return self._seen(BOOKINGS, made, self._accesses(words.person_ref(BOOKINGS, made)))
            return self._completed(wanted, made)
        name = words.name_of_person(wanted)
        named = [one for one in self._http.pages("/access_persons") if words.name(one) == name]
        for extra in named[1:]:  # two calls went through although the first one's answer was lost
            self._http.put(f"/access_persons/{extra['id']}/deactivate", {})
        return self._completed(wanted, {"data": named[0]}) if named else None

    def hints(self, headers: Mapping[str, str], raw: bytes) -> Sequence[str]:
        """Return the id that a notice names; nothing else of it is believed, for it is unsigned."""
        return words.hints(raw)

    def event(self, ref: str) -> LockEvent | None:
        """Return an event as the vendor keeps it."""
        try:
            return words.event(self._http.get(f"/events/{ref}")["data"], self._zone)
        except LockNotFound:
            return None

    def events(self, since: str | None) -> Sequence[LockEvent]:
        """Return what happened after an event, the oldest first; without one, the last page.

        What stands on the page of that event is returned again: a lock that was offline tells
        late, and the vendor puts it where it happened and not where it came in.
        """
        found: list[LockEvent] = []
        for page in self._http.each_page("/events", most=1 if since is None else MOST_PAGES):
            found += [words.event(one, self._zone) for one in page]
            if any(one["id"] == since for one in page):
                break
        return found[::-1]

    def _completed(
        self, wanted: CodeRequest, made: Mapping[str, Any], *, is_new: bool = False
    ) -> IssuedCode:
        """Let the code of a first door open the others too; asked again it adds what is missing.

        What is new opens nothing yet but the door that it was booked for: nobody needs to ask.
        """
        kind = words.kind_of(made)
        person = words.person_ref(kind, made)
        accesses = [] if is_new else self._accesses(person)
        has = {words.opened(one) for one in accesses}
        missing = [door for door in wanted.doors if door not in has]
        if kind == BOOKINGS and not accesses:
            missing = list(wanted.doors[1:])  # the first door's access is the booking's own
        for door in missing:
            try:
                self._http.post(f"/access_persons/{person}/accesses", words.access(door))
            except LockConflict:
                continue  # it was added by a call whose answer was lost
        for extra in accesses:
            if words.opened(extra) not in wanted.doors:
                self._http.delete(f"/access_persons/{person}/accesses/{extra['id']}")
        if missing or is_new:
            accesses = self._accesses(person)
        return self._seen(kind, made, accesses, wanted.doors)

    def _seen(
        self, kind: str, found: Mapping[str, Any], accesses: Sequence[Mapping[str, Any]],
        doors: Sequence[str] = (),
    ) -> IssuedCode:  # fmt: skip
        return words.issued(kind, found, accesses, doors, self._zone)

    def _accesses(self, person: str) -> list[Mapping[str, Any]]:
        return list(self._http.pages(f"/access_persons/{person}/accesses"))
