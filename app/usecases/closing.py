"""Staff keep rooms from booking, or open them again; nobody gives way without being named."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.floor import Closure, Displacement
from app.booking.models import Booking
from app.booking.rules.keeping import Keep, read, refusals
from app.booking.service import keeping
from app.booking.service.ending import locked
from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refusal, Refused
from app.usecases.cancelling import cancel_at_once


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be kept, why, and what becomes of each booked line in the way."""

    facility_id: int
    kind: str
    name: str
    keep: Keep
    stay: Collection[int] = ()  # lines that stay; the closure goes around them
    give_way: Collection[int] = ()  # lines that the hall cancels, everything paid back
    form_key: str = ""


def close(catalogue: Catalogue, wanted: Wanted, *, actor: Actor, now: datetime) -> int:
    """Keep rooms from booking and return the closure; the same form sent twice is one.

    All free floor is taken. Raises Refused when a booking stands in the way that is neither to
    stay nor to give way, and then nothing has changed.
    """
    today = now.astimezone(catalogue.zone).date()
    if refused := refusals(wanted.keep, today=today):
        raise Refused(*refused)
    assert actor.account_id is not None
    made_by = actor.account_id

    def work(session: Session) -> int:
        if (before := _of_form(session, wanted)) is not None:
            return before
        gone = _make_way(session, catalogue, wanted, now=now)
        closure = _made(session, wanted, made_by, now=now)
        if closure is None:  # the same form was quicker
            return _of_form(session, wanted) or 0
        for booking, line_ids in gone.items():
            _displace(session, catalogue, booking, line_ids, closure, actor=actor, now=now)
        keeping.fill(session, catalogue, closure, wanted.keep, now=now)
        _only_known_are_left(session, catalogue, wanted, now=now)
        _note(
            session, "closure.made", closure, actor=actor, now=now,
            facts={
                **wanted.keep.document(),
                "gave_way": sorted(wanted.give_way),
                "stay": sorted(wanted.stay),
            },
        )  # fmt: skip
        return closure.id

    return in_transaction(work)


def fill_again(catalogue: Catalogue, facility_id: int, closure_id: int, *, now: datetime) -> int:
    """Take what became free of what a closure keeps; return how many pieces of floor.

    Raises Refused when the hall has no such closure.
    """

    def work(session: Session) -> int:
        closure = _locked(session, facility_id, closure_id)
        if closure.asked is None or closure.ended_at is not None:
            return 0
        keep = keeping.known(catalogue, read(closure.asked))
        return keeping.fill(session, catalogue, closure, keep, now=now)

    return in_transaction(work)


def fill_all(catalogue: Catalogue, *, now: datetime) -> int:
    """Let every closure of the municipality take what became free; return how many pieces."""
    today = now.astimezone(catalogue.zone).date().isoformat()
    current: list[tuple[int, int]] = in_transaction(
        lambda session: [
            (row[0], row[1])
            for row in session.execute(
                select(Closure.facility_id, Closure.id)
                .where(
                    Closure.tenant_id == current_tenant(),
                    Closure.asked.isnot(None),
                    Closure.ended_at.is_(None),
                    Closure.asked["last"].astext >= today,
                )
                .order_by(Closure.id)
            )
        ]
    )
    return sum(fill_again(catalogue, hall, one, now=now) for hall, one in current)


def open_again(
    catalogue: Catalogue, facility_id: int, closure_id: int, *, actor: Actor, now: datetime
) -> None:
    """Give back what a closure keeps from now on; asked again nothing differs.

    Raises Refused when the hall has no such closure.
    """

    def work(session: Session) -> None:
        closure = _locked(session, facility_id, closure_id)
        if closure.ended_at is None:
            keeping.open_again(session, closure, now=now)
            _note(session, "closure.ended", closure, actor=actor, now=now, facts=closure.asked)

    in_transaction(work)


def note_call(
    facility_id: int, closure_id: int, line_id: int, *, is_called: bool, actor: Actor, now: datetime
) -> None:
    """Write down that somebody who had to give way was called, or that they were not.

    Raises Refused when nobody of this line had to give way.
    """

    def work(session: Session) -> None:
        closure = _locked(session, facility_id, closure_id)
        found = session.scalar(
            select(Displacement)
            .where(
                Displacement.tenant_id == current_tenant(),
                Displacement.closure_id == closure.id,
                Displacement.booking_line_id == line_id,
            )
            .with_for_update()
        )
        if found is None:
            raise Refused(Refusal("closure.unknown"))
        if (found.called_at is not None) == is_called:
            return
        found.called_at = now if is_called else None
        found.called_by = actor.account_id if is_called else None
        action = "displacement.called" if is_called else "displacement.not_called"
        _note(session, action, closure, actor=actor, now=now, facts={"lines": [line_id]})

    in_transaction(work)


def _made(session: Session, wanted: Wanted, made_by: int, *, now: datetime) -> Closure | None:
    """Return the closure once it is written, or None when its form was sent before."""
    return session.scalar(
        insert(Closure)
        .values(
            tenant_id=current_tenant(),
            facility_id=wanted.facility_id,
            kind=wanted.kind,
            name=wanted.name,
            created_at=now,
            made_by=made_by,
            asked=wanted.keep.document(),
            form_key=wanted.form_key or None,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "form_key"])
        .returning(Closure)
    )


def _of_form(session: Session, wanted: Wanted) -> int | None:
    if not wanted.form_key:
        return None
    return session.scalar(
        select(Closure.id).where(
            Closure.tenant_id == current_tenant(), Closure.form_key == wanted.form_key
        )
    )


def _make_way(
    session: Session, catalogue: Catalogue, wanted: Wanted, *, now: datetime
) -> dict[int, list[int]]:
    """Lock the bookings that give way, then the floor; return their lines by booking.

    Raises Refused when something stands in the way that was not named.
    """
    in_the_way = keeping.lines_in(keeping.taken(session, catalogue, wanted.keep, now=now))
    if set(in_the_way) - {*wanted.stay, *wanted.give_way}:
        raise Refused(Refusal("closure.in_the_way"))
    gone: dict[int, list[int]] = defaultdict(list)
    for line_id, booking_id in sorted(in_the_way.items()):
        if line_id in wanted.give_way:
            gone[booking_id].append(line_id)
    for booking_id in sorted(gone):
        locked(session, booking_id)
    spaces = keeping.spaces_of(catalogue, wanted.keep.room_ids)
    occupancy.in_turn(session, spaces, alone=True)
    return gone


def _displace(
    session: Session,
    catalogue: Catalogue,
    booking_id: int,
    line_ids: list[int],
    closure: Closure,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    ends = cancel_at_once(
        session, catalogue, booking_id, line_ids, actor=actor, now=now, by_facility=True
    )
    has_mail = session.get_one(Booking, (current_tenant(), booking_id)).account_id is not None
    session.add_all(
        Displacement(
            tenant_id=current_tenant(), closure_id=closure.id, booking_line_id=end.line.id,
            at=now, is_mailed=has_mail,
        )
        for end in ends
    )  # fmt: skip


def _only_known_are_left(
    session: Session, catalogue: Catalogue, wanted: Wanted, *, now: datetime
) -> None:
    """Raise Refused when somebody booked in the very moment; then it is looked at anew."""
    left: Mapping[int, int] = keeping.lines_in(
        keeping.taken(session, catalogue, wanted.keep, now=now)
    )
    if set(left) - set(wanted.stay):
        raise Refused(Refusal("closure.in_the_way"))


def _locked(session: Session, facility_id: int, closure_id: int) -> Closure:
    found = session.scalar(
        select(Closure)
        .where(
            Closure.tenant_id == current_tenant(),
            Closure.facility_id == facility_id,
            Closure.id == closure_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("closure.unknown"))
    return found


def _note(
    session: Session,
    action: str,
    closure: Closure,
    *,
    actor: Actor,
    now: datetime,
    facts: Mapping[str, object] | None = None,
) -> None:
    audit.note(
        session, actor, action, subject="facility", subject_id=closure.facility_id, now=now,
        facts={"closure": closure.id, "kind": closure.kind, **(facts or {})},
    )  # fmt: skip
