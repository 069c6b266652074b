"""The column of keys in the printed book: how each door of a use opens, and what its signs mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.reports.days import Coming
from app.reports.doors import Code, codes_of_lines, doors_at
from app.web import context
from app.web.door_words import STATES, state_of, state_without_code
from app.web.words import _

SIGNS = (
    "ready", "coming", "waiting", "failed", "without", "off", "going", "turn", "over", "not-yet",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeySaid:
    """How one code of a use stands; never its number: paper lies about."""

    state: str
    doors: str  # which, where it has to be said

    @property
    def sign(self) -> str:
        """Return the sign of its state."""
        return STATES[self.state][0]


@dataclass(frozen=True, slots=True)
class KeysOfDay:
    """The keys of a hall's day by use, what is explained of them, and whom to call."""

    by_line: dict[int, list[KeySaid]]
    legend: Sequence[str]
    call: str  # "": nobody but the hall itself, whose own paper this is

    def of(self, line_id: int) -> Sequence[KeySaid]:
        """Return the keys of a use."""
        return self.by_line.get(line_id, ())


def keys_of_day(hall: FacilityInfo, coming: Sequence[Coming]) -> KeysOfDay:
    """Return how the doors of a hall's uses open."""
    codes = codes_of_lines(db.session(), [use.line_id for use in coming])
    by_line = {
        line_id: [_said(code, is_alone=len(theirs) == 1) for code in theirs]
        for line_id, theirs in codes.items()
    }
    doors = doors_at(db.session(), [hall.id])
    for use in coming:
        if use.line_id not in by_line and any(x.leads_to(hall.id, use.room_id) for x in doors):
            state = state_without_code(use, now=context.now())
            by_line[use.line_id] = [KeySaid(state, "")]
    used = {key.state for keys in by_line.values() for key in keys}
    return KeysOfDay(by_line, _legend(used), _call(hall) if by_line else "")


def _said(code: Code, *, is_alone: bool) -> KeySaid:
    """Return a code as its cell says it: what is as it should be needs no name of a door."""
    state = state_of(code, now=context.now())
    missing = [one.name for one in code.doors if one.state != "ready"]
    named = missing if state in ("waiting", "failed") else []
    if not named and not (is_alone and state == "ready"):
        named = [one.name for one in code.doors]
    return KeySaid(state, _("、").join(named))


def _legend(used: set[str]) -> list[str]:
    found = [f"{STATES[key][0]} {STATES[key][1]}" for key in SIGNS if key in used]
    if "by-hand" in used:
        found.append(_("「手わたし」は、職員が鍵をわたします。"))
    return found


def _call(hall: FacilityInfo) -> str:
    helper = context.policy().help
    if not helper.phone or helper.phone == hall.phone:
        return ""
    return f"{helper.name} {helper.phone}"
