"""Files of the office, opened again: figures, dates, names, and nothing that calculates."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from app.kernel.clock import TOKYO
from app.reports.as_csv import as_csv, cell, safe
from app.reports.as_xlsx import Sheet, write_xlsx
from app.reports.columns import Column, Kind
from app.reports.lines import LineRow

ROW = LineRow(
    line_id=1,
    number="01234567",
    submitted_at=datetime(2027, 3, 1, 9, 5, tzinfo=TOKYO),
    on_date=date(2027, 3, 8),
    starts_at=datetime(2027, 3, 8, 18, tzinfo=TOKYO),
    ends_at=datetime(2027, 3, 9, 0, tzinfo=TOKYO),
    facility="中央会館",
    room="第1会議室",
    state="confirmed",
    applicant_class="resident",
    name="𠮷田 花子",
    kana="ヨシダ ハナコ",
    phone="090-0000-0000",
    people=12,
    purpose="meeting",
    shown_name="",
    notes="",
    due_at=None,
    assessed_yen=1200,
    collected_yen=0,
    owed_yen=1200,
)
COLUMNS: list[Column[LineRow]] = [
    Column("番号", Kind.TEXT, lambda row: row.number),
    Column("利用日", Kind.DAY, lambda row: row.on_date),
    Column("開始", Kind.MINUTE, lambda row: 18 * 60),
    Column("終了", Kind.MINUTE, lambda row: 24 * 60),
    Column("申込", Kind.MOMENT, lambda row: row.submitted_at.replace(tzinfo=None)),
    Column("名前", Kind.TEXT, lambda row: row.name),
    Column("伝えること", Kind.TEXT, lambda row: row.notes),
    Column("人数", Kind.NUMBER, lambda row: row.people),
    Column("料金", Kind.YEN, lambda row: row.assessed_yen),
    Column("時間", Kind.HOURS, lambda row: 150),
    Column("利用率", Kind.PART, lambda row: 0.25),
    Column("期限", Kind.MOMENT, lambda row: row.due_at),
]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", " =1+1"]


def at(*moment: int) -> datetime:
    """Return a moment as a spreadsheet knows it: without a zone."""
    return datetime(*moment)  # type: ignore[arg-type]  # noqa: DTZ001


def text_of(encoding: str, *rows: LineRow, codec: str = "utf-8-sig") -> str:
    return b"".join(as_csv(COLUMNS, rows, encoding)).decode(codec)


def cells(encoding: str, *rows: LineRow, codec: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(encoding, *rows, codec=codec), newline="")))


class TestCsv:
    def test_utf_8_carries_the_mark_by_which_excel_knows_it(self):
        content = b"".join(as_csv(COLUMNS, [ROW], "utf-8"))

        assert content.startswith(b"\xef\xbb\xbf")
        assert cells("utf-8", ROW)[1][5] == "𠮷田 花子"

    def test_values_are_written_as_spreadsheets_read_them(self):
        heads, row = cells("utf-8", ROW)

        assert dict(zip(heads, row, strict=True)) == {
            "番号": "01234567",
            "利用日": "2027-03-08",
            "開始": "18:00",
            "終了": "24:00",
            "申込": "2027-03-01 09:05",
            "名前": "𠮷田 花子",
            "伝えること": "",
            "人数": "12",
            "料金": "1200",
            "時間": "2.5",
            "利用率": "0.25",
            "期限": "",
        }

    def test_numbers_are_bare_and_texts_are_quoted(self):
        line = text_of("utf-8", ROW).splitlines()[1]

        assert '"01234567"' in line
        assert ",12,1200,2.5,0.25," in line

    def test_what_shift_jis_has_no_sign_for_becomes_a_geta(self):
        row = replace(ROW, notes="髙﨑①～〜−葛󠄀😀é")

        found = cells("shift_jis", row, codec="cp932")[1]

        assert found[5] == "〓田 花子"
        assert found[6] == "髙﨑①～～－葛〓〓"

    def test_shift_jis_carries_no_mark(self):
        content = b"".join(as_csv(COLUMNS, [ROW], "shift_jis"))

        assert content.startswith('"番号"'.encode("cp932"))

    def test_lines_quotes_and_commas_stay_within_their_cell(self):
        row = replace(ROW, notes='1行目\n"2行目", 3')

        found = cells("utf-8", row, ROW)

        assert found[1][6] == '1行目\n"2行目", 3'
        assert len(found) == 3

    @pytest.mark.parametrize("text", FORMULAS)
    def test_nothing_that_people_wrote_is_calculated(self, text: str):
        assert safe(text) == f"'{text}"
        assert cells("utf-8", replace(ROW, name=text))[1][5] == f"'{text}"

    @pytest.mark.parametrize("text", ["山田", "A=1", "1-2", "", "1+1", "ーー"])
    def test_ordinary_text_stays_as_it_is(self, text: str):
        assert safe(text) == text

    def test_a_negative_number_stays_a_number(self):
        assert cell(Kind.YEN, -400) == -400

    def test_it_comes_piece_by_piece(self):
        read = []

        def rows() -> Any:
            for number in range(2000):
                read.append(number)
                yield ROW

        pieces = as_csv(COLUMNS, rows(), "utf-8")
        next(pieces)
        next(pieces)

        assert len(read) < 1000


class TestExcel:
    @pytest.fixture
    def book(self) -> openpyxl.Workbook:
        file = io.BytesIO()
        rows = [ROW, replace(ROW, name="=1+1", notes="https://example.jp/")]
        conditions = [("から", "2027-03-01"), ("件数", "2")]
        write_xlsx(file, [Sheet("予約一覧", COLUMNS, rows)], ("条件", conditions))
        file.seek(0)
        return openpyxl.load_workbook(file)

    def test_two_sheets(self, book: openpyxl.Workbook):
        assert book.sheetnames == ["予約一覧", "条件"]
        assert [[c.value for c in row] for row in book["条件"].rows] == [
            ["から", "2027-03-01"],
            ["件数", "2"],
        ]

    def test_dates_and_times_are_dates_and_times(self, book: openpyxl.Workbook):
        sheet = book["予約一覧"]

        assert sheet["B2"].value == at(2027, 3, 8)
        assert sheet["B2"].number_format == "yyyy/mm/dd"
        assert sheet["C2"].value == timedelta(hours=18)
        assert sheet["D2"].value == timedelta(days=1)  # shown as 24:00
        assert sheet["D2"].number_format == "[h]:mm"
        assert sheet["E2"].value == at(2027, 3, 1, 9, 5)

    def test_yen_are_numbers_that_show_yen(self, book: openpyxl.Workbook):
        sheet = book["予約一覧"]

        assert sheet["I2"].value == 1200
        assert sheet["I2"].number_format == '#,##0"円"'
        assert sheet["A2"].value == "01234567"

    def test_nothing_calculates_and_nothing_links(self, book: openpyxl.Workbook):
        sheet = book["予約一覧"]

        assert (sheet["F3"].value, sheet["F3"].data_type) == ("=1+1", "s")
        assert sheet["G3"].hyperlink is None

    def test_the_heading_stays_in_sight_and_filters(self, book: openpyxl.Workbook):
        sheet = book["予約一覧"]

        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == "A1:L3"

    def test_without_rows_there_are_still_headings(self):
        file = io.BytesIO()
        write_xlsx(file, [Sheet("予約一覧", COLUMNS, [])], ("条件", []))
        file.seek(0)

        sheet = openpyxl.load_workbook(file)["予約一覧"]

        assert [cell.value for cell in sheet[1]] == [column.heading for column in COLUMNS]
