"""The lines of a calendar as HTML, made once for what they say: a month has a thousand cells."""

from collections.abc import Sequence
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from flask import Flask, current_app
from markupsafe import Markup

from app.kernel.spans import clock_text
from app.web.calendar_rows import DayCell, Entry, Free, Row
from app.web.words import language

MOST_LINES = 1024  # of a day, kept in a process, some 8 KB each
MOST_CELLS = 16384  # of weeks and months, some 1 KB each
FINEST = 15  # minutes of the narrowest column
COARSEST = 60


class Ways(NamedTuple):
    """Where presses lead from a hall's rows; "" leads nowhere."""

    booking: str  # then the number
    choose: str  # then the line: to choose what is to be moved
    closure: str  # then the id
    free: str  # what a free place is pressed for: "", book, close, move
    target: str  # then the place
    marked: int  # the line that is being moved
    may_drag: bool

    def to_free(self, row: Row, cell: DayCell, free: Free | None = None) -> str:
        """Return where a press on a free place leads; without hours, to choose them there."""
        if self.free == "book":
            place = f"room={row.room_id}&on={cell.on}"
            if free:
                place = f"use={row.room_id}.{cell.on}.{free.begins}.{free.ends}"
        elif self.free == "close":
            hours = f"&from={clock_text(free.begins)}&to={clock_text(free.ends)}" if free else ""
            place = f"room={row.room_id}&first={cell.on}{hours}"
        else:
            place = f"room={row.room_id}&on={cell.on}{f'&from={free.begins}' if free else ''}"
        return self.target + place


class Axis(NamedTuple):
    """The hours of a day's view: minutes of its edges and of a column."""

    begins: int
    ends: int
    unit: int

    @property
    def hours(self) -> list[int]:
        """Return the hours that stand above the columns."""
        return list(range(self.begins // 60, self.ends // 60))

    @property
    def of_an_hour(self) -> int:
        """Return the columns of an hour."""
        return 60 // self.unit

    def column(self, minute: int) -> int:
        """Return the column in which a minute lies, or after which it ends."""
        inside = min(max(minute, self.begins), self.ends)
        return (inside - self.begins) // self.unit


class Piece(NamedTuple):
    """A cell of the day's view: columns wide, with what is in it."""

    columns: int
    entry: Entry | None
    free: Free | None


def register(app: Flask) -> None:
    """Let templates draw lines from here."""
    app.jinja_env.globals["calendar_line"] = calendar_line
    app.jinja_env.globals["calendar_day_line"] = calendar_day_line


def axis(rows: Sequence[Row]) -> Axis:
    """Return the hours that a day's rows need; nine to five when nothing is open."""
    edges = {
        edge
        for row in rows
        for cell in row.cells
        for one in both(cell)
        for edge in (one.begins, min(one.ends, 24 * 60))
    } or {9 * 60, 17 * 60}
    begins, ends = min(edges) // 60 * 60, -(-max(edges) // 60) * 60
    finest = gcd(COARSEST, *(edge % 60 for edge in edges))
    return Axis(begins, max(ends, begins + 60), finest if finest >= FINEST else FINEST)


def pieces(cell: DayCell, hours: Axis) -> list[Piece]:
    """Return the cells of a room's day: entries and free stretches, and nothing between them.

    What shares the floor at once (two parts of a hall) is drawn as one; minutes between columns
    are drawn to the next, the words say them exactly.
    """
    found: list[Piece] = []
    at = 0
    for one in sorted(both(cell), key=lambda x: (x.begins, x.ends)):
        first = max(hours.column(one.begins), at)
        until = hours.column(one.ends + hours.unit - 1)
        if until <= first:
            continue
        if first > at:
            found.append(Piece(first - at, None, None))
        if isinstance(one, Free):
            found.append(Piece(until - first, None, one))
        else:
            found.append(Piece(until - first, one, None))
        at = until
    width = hours.column(hours.ends)
    return [*found, Piece(width - at, None, None)] if at < width else found


def both(cell: DayCell) -> list[Entry | Free]:
    """Return what takes a room on a day and what is free of it."""
    return [*cell.entries, *cell.free]


def calendar_line(row: Row, ways: Ways, view: str) -> Markup:
    """Return the HTML of a room's line in a week or month."""
    read_in, head = language(), row._replace(cells=())
    cells = (_cell(cell, head, ways, view, read_in) for cell in row.cells)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(row.name, Markup("").join(cells))


def calendar_day_line(row: Row, ways: Ways, hours: Axis) -> Markup:
    """Return the HTML of a room's line in a day."""
    return _day_line(row, ways, hours, language())


@lru_cache(maxsize=MOST_CELLS)
def _cell(cell: DayCell, row: Row, ways: Ways, view: str, read_in: str) -> Markup:
    return _drawn("desk/_calendar_days.html", cell, row, ways, view)


@lru_cache(maxsize=MOST_LINES)
def _day_line(row: Row, ways: Ways, hours: Axis, read_in: str) -> Markup:
    found = pieces(row.cells[0], hours)
    return _drawn("desk/_calendar_hours.html", row, found, ways)


def _drawn(template: str, *values: object) -> Markup:
    """Return what a template's macro `drawn` makes of these values."""
    macro = current_app.jinja_env.get_template(template).module.drawn  # type: ignore[attr-defined]
    return Markup(macro(*values))  # noqa: S704 - our own template, which escapes
