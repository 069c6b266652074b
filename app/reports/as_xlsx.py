"""Tables as an Excel workbook: real dates, times and yen; what people wrote stays text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, Generic

import xlsxwriter

from app.reports.columns import Column, Kind, Row, Value

# Formulas and links are made of nobody's words; rows go to disk one by one, not into memory.
OPTIONS: dict[str, Any] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FORMATS = {
    Kind.NUMBER: "#,##0",
    Kind.YEN: '#,##0"円"',
    Kind.PART: "0.0%",
    Kind.DAY: "yyyy/mm/dd",
    Kind.MINUTE: "[h]:mm",  # 24:00 stays 24:00
    Kind.MOMENT: "yyyy/mm/dd hh:mm",
    Kind.HOURS: "[h]:mm",
}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Row]):
    """A named sheet: a table, each of its rows read only when it is written."""

    name: str
    columns: Sequence[Column[Row]]
    rows: Iterable[Row]


Said = tuple[str, Sequence[tuple[str, str]]]  # the name of the sheet, what and its value


def write_xlsx(target: BinaryIO, sheets: Sequence[Sheet[Any]], conditions: Said) -> None:
    """Write a workbook: its tables, and last under which conditions it was made."""
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        styles = {kind: book.add_format({"num_format": f}) for kind, f in FORMATS.items()}
        head = book.add_format({"bold": True, "bottom": 2})
        for one in sheets:
            _table(book.add_worksheet(one.name), one.columns, one.rows, head, styles)
        last = book.add_worksheet(conditions[0])
        last.set_column(0, 0, 24, head)
        last.set_column(1, 1, 60)
        for number, (what, value) in enumerate(conditions[1]):
            last.write_string(number, 0, what)
            last.write_string(number, 1, value)


def _table(
    sheet: Any, columns: Sequence[Column[Row]], rows: Iterable[Row], head: Any, styles: Any
) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, head)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            value = column.value(row)
            if value is not None and value != "":
                write = WRITERS.get(column.kind, _text)
                write(sheet, last, place, value, styles.get(column.kind))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _text(sheet: Any, row: int, place: int, value: Value, style: Any) -> None:
    sheet.write_string(row, place, str(value)[:32_767])  # what a cell of Excel holds


def _number(sheet: Any, row: int, place: int, value: Value, style: Any) -> None:
    assert isinstance(value, int | float)
    sheet.write_number(row, place, value, style)


def _minutes(sheet: Any, row: int, place: int, value: Value, style: Any) -> None:
    assert isinstance(value, int)
    sheet.write_number(row, place, timedelta(minutes=value) / DAY, style)


def _moment(sheet: Any, row: int, place: int, value: Value, style: Any) -> None:
    assert isinstance(value, date | datetime)
    sheet.write_datetime(row, place, value, style)


WRITERS: dict[Kind, Callable[[Any, int, int, Value, Any], None]] = {
    Kind.NUMBER: _number,
    Kind.YEN: _number,
    Kind.PART: _number,
    Kind.DAY: _moment,
    Kind.MINUTE: _minutes,
    Kind.MOMENT: _moment,
    Kind.HOURS: _minutes,
}
