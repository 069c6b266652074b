"""The week's table: a hall's rooms line by line, and the HTML of a line made once for its state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import Flask, current_app, url_for
from jinja2 import Template
from markupsafe import Markup

from app.booking.looking import PartState, Week
from app.facilities.rules import Day
from app.web.grids import DayHead
from app.web.words import _, language

# (state, address or None, what to say instead of the state's word)
WeekCell = tuple[str, str | None, str | None]
_TO_PRESS = frozenset({"free", "partly", "mine"})
ROOM = "ROOM"  # no slug has capitals
MOST_LINES = 4096  # kept in a process, some 3 KB each
MOST_HEADS = 256  # some 2 KB each


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A room's line of the week: for each day its parts, or one cell for the whole day."""

    name: str
    url: str
    note: str | None
    cells: tuple[tuple[WeekCell, ...], ...]


def week_rows(week: Week) -> list[WeekRow]:
    """Return the lines of the week's table."""
    # Put together from one address: there are hundreds, and each would cost a look at all routes.
    first = week.days[0].on
    pattern = url_for("looking.room_day", facility=week.facility.slug, room=ROOM, on=first)
    rows = []
    for one in week.rooms:
        url = pattern.replace(ROOM, one.room.slug)
        stem = url.removesuffix(first.isoformat())
        cells = tuple(
            _day_cells(day, parts, stem) for day, parts in zip(week.days, one.days, strict=True)
        )
        note = _("%(n)s人", n=one.room.capacity) if one.room.capacity else None
        rows.append(WeekRow(one.room.name, url, note, cells))
    return rows


def register(app: Flask) -> None:
    """Let the table's template take its lines and the heads of its columns from here."""
    app.jinja_env.globals["week_line"] = week_line
    app.jinja_env.globals["week_heads"] = week_heads


def week_line(row: WeekRow, days: Sequence[date], parts: Sequence[str]) -> Markup:
    """Return the HTML of a line.

    Most lines read as they did before the last booking, and a line is most of the work.
    """
    return _week_line(row, tuple(days), tuple(parts), language())


@lru_cache(maxsize=MOST_LINES)
def _week_line(
    row: WeekRow, days: tuple[date, ...], parts: tuple[str, ...], read_in: str
) -> Markup:
    return _drawn(current_app.jinja_env.get_template("ui/week_line.html"), row, days, parts)


def week_heads(days: Sequence[DayHead], parts: Sequence[str]) -> Markup:
    """Return the HTML of the heads of the columns; every reader of a week sees the same."""
    return _week_heads(tuple(days), tuple(parts), language())


@lru_cache(maxsize=MOST_HEADS)
def _week_heads(days: tuple[DayHead, ...], parts: tuple[str, ...], read_in: str) -> Markup:
    return _drawn(current_app.jinja_env.get_template("ui/week_heads.html"), days, parts)


def _drawn(template: Template, *values: object) -> Markup:
    """Return what a template's macro `drawn` makes of these values."""
    macro = template.module.drawn  # type: ignore[attr-defined]
    return Markup(macro(*values))  # noqa: S704 - our own template, which escapes


def _day_cells(day: Day, parts: Sequence[PartState], stem: str) -> tuple[WeekCell, ...]:
    if day.closed_because:
        return (("closed", None, _("休館 %(name)s", name=day.closed_because)),)
    there = stem + day.on.isoformat()
    return tuple((one.state, there if one.state in _TO_PRESS else None, None) for one in parts)
