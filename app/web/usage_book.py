"""A usage report as a workbook: a sheet for each grouping, hours x weekdays, and waivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.kernel.calendar_jp import WEEKDAYS
from app.reports.as_xlsx import Sheet
from app.reports.columns import Column, Kind
from app.reports.usage.figures import Figures, sum_of
from app.reports.usage.heat import Cell
from app.reports.usage.report import GROUPS, Report
from app.reports.waived import Waived
from app.web import context
from app.web.usage_columns import GROUPED_BY, UsageRow, chosen, columns, rows
from app.web.words import _


class WaivedRow(NamedTuple):
    """What was waived at a hall for a reason."""

    hall: str
    waiver: str
    uses: int
    people: int
    yen: int


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour over the seven weekdays."""

    hour: int
    cells: Sequence[Cell]


def sheets(report: Report, waived: Sequence[Waived], ids: Sequence[str]) -> list[Sheet[Any]]:
    """Return the sheets of a report, the groupings first."""
    found: list[Sheet[Any]] = []
    for by in GROUPS:
        some = with_sums(by, rows(by, report.groups[by]), report.total)
        found.append(Sheet(_("%(by)s別", by=GROUPED_BY[by]), columns(chosen(ids, by), by), some))
    hours = [
        HourRow(hour, [row[n] for row in report.heat.rows])
        for n, hour in enumerate(report.heat.hours)
    ]
    found.append(Sheet(_("曜日×時間"), _hour_columns(), hours))
    found.append(Sheet(_("減免"), _waived_columns(), waived_rows(waived)))
    return found


def with_sums(by: str, some: Sequence[UsageRow], total: Figures) -> list[UsageRow]:
    """Return rows with the sums of halls among rooms, and the whole last."""
    found: list[UsageRow] = []
    if by != "room":
        return [*some, UsageRow("", _("合計"), total)]
    for hall in dict.fromkeys(one.hall for one in some):
        of_hall = [one for one in some if one.hall == hall]
        found += [*of_hall, UsageRow(hall, _("小計"), sum_of(one.figures for one in of_hall))]
    return [*found, UsageRow(_("合計"), "", total)]


def waived_rows(waived: Sequence[Waived]) -> list[WaivedRow]:
    """Return what was waived, with the names of halls and reasons."""
    catalogue = context.catalogue()
    halls = {one.id: one.name for one in (*catalogue.former, *catalogue.facilities)}
    names = {
        one["id"]: one["name"]
        for hall in catalogue.facilities
        for version in hall.documents["fees"]
        for one in version.document.get("waivers", ())
    }
    return [
        WaivedRow(
            halls.get(one.facility_id, ""), names.get(one.waiver, one.waiver), one.uses,
            one.people, one.yen,
        )
        for one in waived
    ]  # fmt: skip


def _waived_columns() -> list[Column[WaivedRow]]:
    return [
        Column(_("施設"), Kind.TEXT, lambda row: row.hall, 20),
        Column(_("減免"), Kind.TEXT, lambda row: row.waiver, 20),
        Column(_("件数"), Kind.NUMBER, lambda row: row.uses),
        Column(_("申込者の数"), Kind.NUMBER, lambda row: row.people),
        Column(_("減免した額"), Kind.YEN, lambda row: row.yen),
    ]


def _hour_columns() -> list[Column[HourRow]]:
    found: list[Column[HourRow]] = [
        Column(_("時間"), Kind.TEXT, lambda row: _("%(hour)s時台", hour=row.hour))
    ]
    return found + [_weekday_column(n, name) for n, name in enumerate(WEEKDAYS)]


def _weekday_column(n: int, name: str) -> Column[HourRow]:
    return Column(_("%(day)s曜", day=name), Kind.PART, lambda row: row.cells[n].part, 10)
