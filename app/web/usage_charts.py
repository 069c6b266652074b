"""Charts of usage reports as shapes for SVG, and one sentence each that says what they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.calendar_jp import WEEKDAYS, months_before
from app.reports.usage.heat import Cell, Heat
from app.reports.usage.report import Before, Report
from app.web.usage_columns import UsageRow
from app.web.words import _

TALL, STEP = 160, 44  # of a column chart: its height, and from one month to the next
LONG = 1000  # the longest bar of a comparison
SMALL, TINY = 0.1, 0.01  # parts below which whole percents, then tenths, would all read alike
SHADES = 7  # of the heat map, without the one for nothing


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One month: its column, and where the year before stood (None: nothing then)."""

    x: int
    name: str
    uses: int
    height: int
    uses_before: int
    height_before: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a comparison."""

    name: str
    part: float
    length: int


def trend(report: Report, before: Before) -> list[MonthBar]:
    """Return the months with the year before; nothing where there is only one month."""
    months = sorted(key for key in report.groups["month"] if isinstance(key, date))
    if len(months) < 2:
        return []
    now = {one: report.groups["month"][one].uses for one in months}
    then = {one: _uses_before(before, one) for one in months}
    most = max(1, *now.values(), *then.values())
    return [
        MonthBar(
            n * STEP, _("%(m)s月", m=one.month), now[one], now[one] * TALL // most,
            then[one], then[one] * TALL // most,
        )
        for n, one in enumerate(months)
    ]  # fmt: skip


def trend_said(report: Report, before: Before) -> str:
    """Return how many uses more or less than a year before."""
    now, then = report.total.uses, before.total.uses
    if not then:
        return _("前の年の同じ期間には、利用がありません。")
    percent = round(100 * (now - then) / then)
    if percent == 0:
        return _("前の年の同じ期間と、ほとんど同じ件数です。")
    if percent > 0:
        return _("前の年の同じ期間より%(n)s％多く使われました。", n=percent)
    return _("前の年の同じ期間より%(n)s％少なくなりました。", n=-percent)


def comparison(rows: Sequence[UsageRow]) -> list[Bar]:
    """Return rows by the part of their open slots that was used, the greatest first."""
    known = [(one, one.figures.by_slots) for one in rows]
    ranked = sorted(((one, part) for one, part in known if part is not None), key=lambda x: -x[1])
    most = max((part for _row, part in ranked), default=0) or 1
    return [Bar(one.name, part, round(LONG * part / most)) for one, part in ranked]


def comparison_said(bars: Sequence[Bar]) -> str:
    """Return who is used most and least."""
    if len(bars) < 2:
        return ""
    return _(
        "いちばん使われているのは%(most)s（%(a)s）、いちばん空いているのは%(least)s（%(b)s）です。",
        most=bars[0].name, a=percent(bars[0].part), least=bars[-1].name, b=percent(bars[-1].part),
    )  # fmt: skip


def heat_said(heat: Heat) -> str:
    """Return which hour of which weekday is used most and which least."""
    cells = heat.cells
    if not any(one.minutes for one in cells):
        return ""
    most, least = max(cells, key=_part), min(cells, key=_part)
    return _(
        "いちばん使われているのは%(most)s（%(a)s）、いちばん空いているのは%(least)s（%(b)s）です。",
        most=_when(most), a=percent(_part(most)), least=_when(least), b=percent(_part(least)),
    )  # fmt: skip


def in_cell(cell: Cell, heat: Heat) -> str:
    """Return the figure of a cell in percent; with decimals where all are small."""
    most = max(map(_part, heat.cells), default=0.0)
    decimals = sum(most < one for one in (SMALL, TINY))
    return f"{_part(cell) * 100:.{decimals}f}"


def shade(cell: Cell, heat: Heat) -> int:
    """Return how dark a cell is: 0 for nothing, SHADES for the hour that is used most."""
    most = max(map(_part, heat.cells), default=0.0)
    return 0 if not cell.part else max(1, min(SHADES, round(SHADES * cell.part / most)))


def percent(part: float) -> str:
    """Return a part of a whole as 12.3％."""
    return f"{part * 100:.1f}％"


def _part(cell: Cell) -> float:
    return cell.part or 0.0


def _when(cell: Cell) -> str:
    return _("%(day)s曜の%(hour)s時台", day=WEEKDAYS[cell.weekday], hour=cell.hour)


def _uses_before(before: Before, month: date) -> int:
    earlier = before.months.get(months_before(month, 12))
    return earlier.uses if earlier else 0
