"""The codes of one booking as staff see them, and what they may do with each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.identity.permissions import Permission
from app.reports.bookings import BookingView
from app.reports.doors import Code
from app.web import context, halls
from app.web.door_words import state_of

AGAIN, AWAY, BY_HAND = "again", "away", "by-hand"
GONE = ("going", "turn")  # of door_words.STATES: taken away, a lock or box may know it still


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code, how it stands, and which deeds are offered."""

    code: Code
    state: str
    deeds: tuple[str, ...]
    is_before: bool = False  # another stands in its place

    @property
    def is_live(self) -> bool:
        """Say whether it is the code that there is to be; one that goes opens nothing."""
        return self.state not in GONE


def shown(view: BookingView, codes: Sequence[Code]) -> list[CodeShown]:
    """Return those codes of a booking that let somebody into rooms which the viewer sees.

    Those that are to open come first, those taken away last.
    """
    mine = {line.line_id for line in view.lines}
    found = []
    for code in codes:
        if code.line_ids & mine:
            state = state_of(code, now=context.now())
            deeds = _offered(code, state) if may_handle(view, code) else ()
            found.append(CodeShown(code, state, deeds))
    live = [one for one in found if one.is_live]
    gone = [_with_place(one, live) for one in found if not one.is_live]
    # The number of a key box is the same before and after, and one that nobody knows is gone.
    return [*live, *(one for one in gone if not (one.code.is_box and _is_nothing(one)))]


def _is_nothing(box: CodeShown) -> bool:
    return box.is_before or box.code.grant.shown_at is None


def _with_place(gone: CodeShown, live: Sequence[CodeShown]) -> CodeShown:
    return replace(gone, is_before=any(one.code.line_ids & gone.code.line_ids for one in live))


def may_handle(view: BookingView, code: Code) -> bool:
    """Say whether every room that a code is for is the viewer's to let people into."""
    lines = [line for line in view.lines if line.line_id in code.line_ids]
    places = {(line.facility_id, line.room_id) for line in lines}
    return len(lines) == len(code.line_ids) and halls.may_at(Permission.KEYS, places)


def _offered(code: Code, state: str) -> tuple[str, ...]:
    if state in ("over", *GONE):
        return ()
    if state == "by-hand":
        return (AGAIN,)
    if state == "off":
        return (AGAIN, BY_HAND)
    # A key box has the number that it was turned to: made anew it would be the same.
    return (AWAY, BY_HAND) if code.is_box else (AGAIN, AWAY, BY_HAND)
