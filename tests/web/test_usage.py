"""How much was used, on the screen and in files: the same figures, only of halls of one's own."""

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask

from app.web import usage
from tests.builders import NEXT_MONDAY
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, staff, statements, working
from tests.web.test_office import clerk, table

REPORTS = "/midori/desk/reports/"
MARCH = f"{REPORTS}?from=2027-03-01&to=2027-03-31"


@pytest.fixture(autouse=True)
def some_bookings(app: Flask) -> None:
    with working(app) as found:
        a_booking(found, paid=True)  # 第1会議室 10-12, 800円
        a_booking(found, ("hall", NEXT_MONDAY, (9, 17)), email="taro@example.jp", people=100)
        a_booking(found, facility="kita", email="jiro@example.jp", people=7)


def row_of(page: Visitor, name: str) -> str:
    return next(
        " ".join(one.get_text(" ").split())
        for one in page.page.select("table.usage tr")
        if one.th and one.th.get_text(strip=True) == name
    )


def test_page_and_file_say_the_same(app: Flask):
    page = clerk(app).visit(MARCH)
    assert row_of(page, "第1会議室") == (
        "第1会議室 1 10 2時間 0.6％ 2／338 3.8％ 1／26 800円 800円"
    )
    assert row_of(page, "中央会館の小計").startswith("中央会館の小計 2 110 10時間")
    assert row_of(page, "合計").startswith("合計 3 117 12時間")

    rows = table(page.press("CSV"))

    assert rows[0] == {
        "施設": "中央会館", "部屋": "第1会議室", "件数": "1", "人数": "10", "時間": "2.0",
        "使った区切り": "2", "開いていた区切り": "338", "利用率（区切り）": "0.0059",
        "使った日": "1", "開いていた日": "26", "利用率（日）": "0.0385",
        "調定額": "800", "収納額": "800",
    }  # fmt: skip
    assert (rows[-1]["施設"], rows[-1]["部屋"], rows[-1]["件数"]) == ("合計", "", "3")


@pytest.mark.parametrize(
    ("by", "name", "figures"),
    [
        ("facility", "北会館", "1 7 2時間"),
        ("month", "2027年3月", "3 117 12時間"),
        ("weekday", "月曜日", "3 117 12時間"),
        ("part", "午前", "3 117 7時間"),
        ("purpose", "会議・話し合い", "3 117 12時間"),
        ("class", "市内の方", "3 117 12時間"),
    ],
)
def test_every_grouping(app: Flask, by: str, name: str, figures: str):
    page = clerk(app).visit(f"{MARCH}&by={by}")

    assert row_of(page, name).startswith(f"{name} {figures}"), page.text


def test_columns_are_chosen_and_stay_in_the_files(app: Flask):
    page = clerk(app).visit(f"{MARCH}&col=uses&col=no_shows")

    heads = [one.get_text(strip=True) for one in page.page.select("table.usage thead th")]
    assert heads == ["部屋", "件数", "不来場"]
    assert list(table(page.press("CSV"))[0]) == ["施設", "部屋", "件数", "不来場"]


def test_a_workbook_has_every_grouping_with_the_figures_of_the_page(app: Flask):
    page = clerk(app).visit(MARCH).press("Excel")
    book = openpyxl.load_workbook(io.BytesIO(page.response.data))

    assert book.sheetnames == [
        "部屋別", "施設別", "月別", "曜日別", "時間帯別", "目的別", "利用者区分別",
        "曜日×時間", "減免", "条件",
    ]  # fmt: skip
    rooms = rows_of(book["部屋別"])
    assert rooms["第1会議室"]["件数"] == 1
    assert rooms["第1会議室"]["調定額"] == 800
    assert rows_of(book["施設別"])["中央会館"]["人数"] == 110
    for name in book.sheetnames[1:7]:
        last = list(book[name].values)[-1]
        assert (last[0], last[1]) == ("合計", 3), name
    hours = rows_of(book["曜日×時間"])
    assert hours["10時台"]["火曜"] is None
    assert hours["10時台"]["月曜"] > hours["20時台"]["月曜"] == 0


def rows_of(sheet: Any) -> dict[str, dict[str, Any]]:
    """Return the rows of a sheet by the name in their first column, or second for rooms."""
    heads, *rows = sheet.values
    place = 1 if heads[1] == "部屋" else 0
    return {row[place]: dict(zip(heads, row, strict=True)) for row in rows}


def test_the_charts_say_something_and_have_their_figures_as_tables(app: Flask):
    page = clerk(app).visit(f"{REPORTS}?from=2026-04-01&to=2027-03-31")

    assert "前の年の同じ期間には、利用がありません。" in page.text
    assert "いちばん使われているのは月曜の" in page.text
    assert "いちばん使われているのは中央会館" in page.text
    assert len(page.page.select("svg[role=img]")) == 1
    captions = [one.get_text(strip=True) for one in page.page.select("caption")]
    assert {"月ごとの件数", "利用率のくらべ", "曜日と時間ごとの利用率（％）"} <= set(captions)


def test_a_manager_sees_their_hall_and_nothing_of_others(app: Flask):
    page = staff(app, facility="kita").visit(MARCH)

    assert "北会館" in page.text
    assert "中央会館" not in page.text
    assert row_of(page, "合計").startswith("合計 1 7 2時間")
    page.visit(f"{MARCH}&place=chuo", status=422)
    assert "第1会議室 1 10" not in page.text
    of_room = staff(app, facility="chuo", room="room-2", email="r@example.jp").visit(MARCH)
    assert row_of(of_room, "合計").startswith("合計 0 0")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=x", "日付として読めません"),
        ("from=2027-03-02&to=2027-03-01", "2つの日を入れかえてください"),
        ("from=2020-01-01&to=2027-03-01", "3年分まで"),
        ("from=&to=2027-03-01", "始まりの日を入れてください"),
        ("by=colour", "一覧からえらんでください。"),
    ],
)
def test_what_is_wrong_is_told_and_kept(app: Flask, query: str, said: str):
    for path in (REPORTS, f"{REPORTS}csv", f"{REPORTS}excel"):
        page = clerk(app, email=f"{len(path)}@example.jp").visit(f"{path}?{query}", status=422)
        assert said in page.text


def test_who_took_a_file_is_written_down(app: Flask):
    page = clerk(app).visit(f"{REPORTS}excel")

    assert "利用実績の書き出し" in page.visit("/midori/office/audit").text


def test_long_work_is_told_before_it_begins(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(usage, "AT_ONCE", 2)
    page = clerk(app).visit(MARCH)

    assert "3件を集計しています。" in page.text
    assert not page.page.select("table.usage")
    page.visit(str(page.page.select_one("noscript a")["href"]))
    assert row_of(page, "合計").startswith("合計 3 117")


def test_statements(app: Flask):
    page = clerk(app).visit(MARCH)

    with statements(app) as sent:
        page.visit(MARCH)

    # who looks, how many, uses and closures now and a year before, waivers, what is kept
    assert len(sent) == 8, sent


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask):
    year = f"{REPORTS}?from=2026-04-01&to=2027-03-31"
    assert not faults(app, clerk(app), year, f"{year}&by=part", f"{REPORTS}?from=x")


class TestReady:
    """The two workbooks that the hall managers of the pilot kept by hand."""

    def test_the_list_of_uses_has_a_sheet_for_each_hall(self, app: Flask):
        page = clerk(app).visit(MARCH).press("利用状況（Excel）")
        book = openpyxl.load_workbook(io.BytesIO(page.response.data))

        assert book.sheetnames == ["1 中央会館", "2 北会館", "条件"]
        heads, first, second = book["1 中央会館"].values
        told = dict(zip(heads, first, strict=True))
        assert (told["部屋"], told["申込者"], told["申込人数"]) == ("第1会議室", "山田 花子", 10)
        assert (told["料金"], told["収納額"], told["状態"]) == (800, 800, "予約確定")
        assert dict(zip(heads, second, strict=True))["料金"] == 7000

    def test_statements_have_each_use_and_the_sum_of_each_applicant(self, app: Flask):
        page = clerk(app).visit(MARCH).press("明細書発行用（Excel）")
        book = openpyxl.load_workbook(io.BytesIO(page.response.data))

        assert book.sheetnames == ["明細", "申込者ごとの合計", "条件"]
        heads, *uses = book["明細"].values
        rows = [dict(zip(heads, one, strict=True)) for one in uses]
        assert sorted(one["未納額"] for one in rows) == [0, 800, 7000]
        assert any("400円 × 2時間 800円" in one["料金の内訳"] for one in rows)
        heads, *sums = book["申込者ごとの合計"].values
        assert sum(dict(zip(heads, one, strict=True))["請求額"] for one in sums) == 8600

    def test_only_of_ones_own_halls_and_written_down(self, app: Flask):
        page = staff(app, facility="kita").visit(MARCH).press("利用状況（Excel）")
        book = openpyxl.load_workbook(io.BytesIO(page.response.data))
        assert book.sheetnames == ["1 北会館", "条件"]

        audit = clerk(app).visit("/midori/office/audit").text
        assert "名前の入った表の書き出し" in audit

    def test_too_many_are_told_before_they_are_made(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("app.web.usage_ready.MOST", 2)
        page = clerk(app).visit(MARCH).press("利用状況（Excel）")

        assert "一度に作れるのは2件までです。" in page.text
