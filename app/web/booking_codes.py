"""The codes of one booking as staff see them, and what they may do with each."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.identity.permissions import Permission
from app.reports.bookings import BookingView
from app.reports.doors import Code
from app.web import context, halls
from app.web.door_words import state_of

AGAIN, AWAY, BY_HAND = "again", "away", "by-hand"


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code, how it stands, and which deeds are offered."""

    code: Code
    state: str
    deeds: tuple[str, ...]


def shown(view: BookingView, codes: Sequence[Code]) -> list[CodeShown]:
    """Return those codes of a booking that let somebody into rooms which the viewer sees."""
    mine = {line.line_id for line in view.lines}
    found = []
    for code in codes:
        if code.line_ids & mine:
            state = state_of(code, now=context.now())
            deeds = _offered(code, state) if may_handle(view, code) else ()
            found.append(CodeShown(code, state, deeds))
    return found


def may_handle(view: BookingView, code: Code) -> bool:
    """Say whether every room that a code is for is the viewer's to let people into."""
    lines = [line for line in view.lines if line.line_id in code.line_ids]
    places = {(line.facility_id, line.room_id) for line in lines}
    return len(lines) == len(code.line_ids) and halls.may_at(Permission.KEYS, places)


def _offered(code: Code, state: str) -> tuple[str, ...]:
    if state in ("over", "going"):
        return ()
    if state == "by-hand":
        return (AGAIN,)
    if state == "off":
        return (AGAIN, BY_HAND)
    # A key box has the number that it was turned to: made anew it would be the same.
    return (AWAY, BY_HAND) if code.is_box else (AGAIN, AWAY, BY_HAND)
