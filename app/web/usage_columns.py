"""The columns of usage reports, and what their rows are called, whatever they are grouped by."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l

from app.kernel.calendar_jp import WEEKDAYS
from app.reports.columns import Column, Kind
from app.reports.usage.figures import Figures
from app.web import context
from app.web.words import _

GROUPED_BY = {
    "room": _l("部屋"),
    "facility": _l("施設"),
    "month": _l("月"),
    "weekday": _l("曜日"),
    "part": _l("時間帯"),
    "purpose": _l("目的"),
    "class": _l("利用者区分"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a report; `of`: which two numbers a part is made of."""

    id: str
    name: str
    kind: Kind
    value: Callable[[Figures], int | float | None]
    of: Callable[[Figures], tuple[int, int]] | None = None
    is_usual: bool = True


MEASURES = (
    Measure("uses", _l("件数"), Kind.NUMBER, lambda f: f.uses),
    Measure("people", _l("人数"), Kind.NUMBER, lambda f: f.people),
    Measure("minutes", _l("時間"), Kind.HOURS, lambda f: f.minutes),
    Measure("by_minutes", _l("利用率（時間）"), Kind.PART, lambda f: f.by_minutes,
            lambda f: (f.minutes, f.minutes_open), is_usual=False),
    Measure("by_slots", _l("利用率（区切り）"), Kind.PART, lambda f: f.by_slots,
            lambda f: (f.slots, f.slots_open)),
    Measure("by_days", _l("利用率（日）"), Kind.PART, lambda f: f.by_days,
            lambda f: (f.days, f.days_open)),
    Measure("assessed", _l("調定額"), Kind.YEN, lambda f: f.assessed_yen),
    Measure("collected", _l("収納額"), Kind.YEN, lambda f: f.collected_yen),
    Measure("cancelled", _l("取り消し"), Kind.NUMBER, lambda f: f.cancelled, is_usual=False),
    Measure("lapsed", _l("期限切れ"), Kind.NUMBER, lambda f: f.lapsed, is_usual=False),
    Measure("no_shows", _l("不来場"), Kind.NUMBER, lambda f: f.no_shows, is_usual=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One row of a report: what it is called (a hall stands before its rooms), and its figures."""

    hall: str
    name: str
    figures: Figures


def chosen(ids: Sequence[str], by: str) -> list[Measure]:
    """Return the columns that are shown; those that a grouping does not have are left out."""
    wanted = [one for one in MEASURES if (one.id in ids if ids else one.is_usual)]
    if not wanted:
        wanted = [one for one in MEASURES if one.is_usual]
    lacking = {"part": ("by_slots", "by_days"), "purpose": ("by_days",), "class": ("by_days",)}
    missing = lacking.get(by, ())
    found = [one for one in wanted if one.id not in missing]
    is_by_part = by == "part" and len(found) < len(wanted) and "by_minutes" not in ids
    return _with_minutes(found) if is_by_part else found


def _with_minutes(found: Sequence[Measure]) -> list[Measure]:
    """Return columns with the part of the time, where the parts of slots and days are not known."""
    kept = {one.id for one in found} | {"by_minutes"}
    return [one for one in MEASURES if one.id in kept]


def rows(by: str, groups: Mapping[Hashable, Figures]) -> list[UsageRow]:
    """Return the rows of a grouping in the order people expect, named."""
    return [
        UsageRow(*name, groups[key])
        for key, name in _named(by, groups)
        if key in groups and not groups[key].is_empty
    ]


def columns(measures: Sequence[Measure], by: str) -> list[Column[UsageRow]]:
    """Return the columns of a file: what a part is made of stands beside it."""
    found: list[Column[UsageRow]] = []
    if by == "room":
        found.append(Column(_("施設"), Kind.TEXT, lambda row: row.hall, 20))
    found.append(Column(str(GROUPED_BY[by]), Kind.TEXT, lambda row: row.name, 20))
    for one in measures:
        found += _files_columns(one)
    return found


def _files_columns(one: Measure) -> list[Column[UsageRow]]:
    value = one.value
    found: list[Column[UsageRow]] = [
        Column(str(one.name), one.kind, lambda row: value(row.figures), 14)
    ]
    parts = {"by_slots": (_("使った区切り"), _("開いていた区切り")),
             "by_days": (_("使った日"), _("開いていた日"))}  # fmt: skip
    if one.of and one.id in parts:
        of, (used, open_) = one.of, parts[one.id]
        found = [
            Column(used, Kind.NUMBER, lambda row: of(row.figures)[0]),
            Column(open_, Kind.NUMBER, lambda row: of(row.figures)[1]),
            *found,
        ]
    return found


def _named(by: str, groups: Mapping[Hashable, Figures]) -> list[tuple[Hashable, tuple[str, str]]]:
    """Return every key that may have a row with its names, in order."""
    catalogue, policy = context.catalogue(), context.policy()
    if by in ("room", "facility"):
        listed = [(one, room) for one in catalogue.facilities for room in one.rooms]
        listed += [(one, room) for one in catalogue.former for room in one.rooms]
        if by == "room":
            names: dict[Hashable, tuple[str, str]] = {}
            for one, room in listed:
                names.setdefault(room.id, (one.name, room.name))
            return list(names.items())
        return list({one.id: ("", one.name) for one, _room in listed}.items())
    if by == "month":
        months = sorted(key for key in groups if isinstance(key, date))
        return [(one, ("", _("%(y)s年%(m)s月", y=one.year, m=one.month))) for one in months]
    if by == "weekday":
        return [(n, ("", _("%(day)s曜日", day=name))) for n, name in enumerate(WEEKDAYS)]
    known = {
        "part": {one.id: one.name for one in policy.parts_of_day},
        "purpose": {one.id: one.name for one in policy.purposes},
        "class": {one.id: one.name for one in policy.applicant_classes},
    }[by]
    others = [key for key in groups if key not in known]
    return [
        *((key, ("", name)) for key, name in known.items()),
        *((key, ("", str(key) or _("その他"))) for key in sorted(map(str, others))),
    ]
