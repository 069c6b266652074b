"""The office of a municipality: the list and its files, usage, letters, audit, bad input."""

import csv
import io
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.db import db
from app.db.audit import AuditEntry
from app.kernel.clock import TOKYO
from app.notify.models import Delivery
from tests.builders import NEXT_MONDAY
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, clerk, staff, statements, working
from tests.usecases import steps

LIST = "/midori/office/bookings"
APRIL = date(2027, 4, 5)


@pytest.fixture
def several(app: Flask) -> dict[str, str]:
    """A paid, an unpaid, a free and a cancelled booking; one lies in April."""
    with working(app) as found:
        made = {
            "paid": a_booking(found, ("room-1", NEXT_MONDAY, (10, 12)), paid=True, people=10),
            "unpaid": a_booking(
                found, ("hall", NEXT_MONDAY, (18, 22)), email="taro@example.jp", name="𠮷田 進",
                people=100, shown_name="=cmd|' /C calc'!A0", notes="+81は使えません",
            ),
            "free": a_booking(found, ("lobby", NEXT_MONDAY, (13, 16)), people=4, shown_name=""),
            "april": a_booking(found, ("room-2", APRIL, (10, 12)), people=7),
            "cancelled": a_booking(found, ("kitchen", NEXT_MONDAY, (9, 10)), paid=True),
        }  # fmt: skip
        numbers_by_name = {name: str(one.booking.number) for name, one in made.items()}
        steps.cancel(found, made["cancelled"])
    return numbers_by_name


def numbers(page: Visitor) -> list[str]:
    return [head.get_text().replace("-", "") for head in page.page.select("tbody th a")]


def table(page: Visitor) -> list[dict[str, str]]:
    assert page.response
    codec = "cp932" if "shift_jis" in page.response.content_type else "utf-8-sig"
    return list(csv.DictReader(io.StringIO(page.response.data.decode(codec), newline="")))


class TestTheList:
    def test_without_filters_it_is_this_month(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(LIST)

        wanted = ("cancelled", "paid", "free", "unpaid")
        assert numbers(page) == [several[one] for one in wanted]
        assert page.field("から")["value"] == "2027-03-01"
        assert page.field("まで")["value"] == "2027-03-31"

    def test_totals(self, app: Flask, several: dict[str, str]):
        text = clerk(app).visit(LIST).text

        assert "件数 4件 人数（取り消しをのぞく） 114人" in text
        assert "調定額 6,050円 収納額 1,300円" in text  # 800 + 5,000 + half of 500; 800 + 500

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("from=&to=", {"paid", "unpaid", "free", "april", "cancelled"}),
            ("from=2027-04-01&to=", {"april"}),
            ("of=request&from=2027-03-01&to=2027-03-01&state=unpaid", {"unpaid", "april"}),
            ("state=cancelled", {"cancelled"}),
            ("paid=to_refund", {"cancelled"}),
            ("paid=free", {"free"}),
            ("facility=kita", set()),
            ("facility=chuo&room=chuo/hall", {"unpaid"}),
            ("applicant=outsider", set()),
            ("q=吉田", set()),
            ("q=%F0%A0%AE%B7田", {"unpaid"}),
            ("from=２０２７／３／８&to=2027年3月8日", {"paid", "unpaid", "free", "cancelled"}),
        ],
    )
    def test_filters(self, app: Flask, several: dict[str, str], query: str, expected: set[str]):
        page = clerk(app).visit(f"{LIST}?{query}")

        assert set(numbers(page)) == {several[one] for one in expected}

    def test_a_number_finds_its_booking(self, app: Flask, several: dict[str, str]):
        wanted = several["paid"]
        page = clerk(app).visit(LIST).fill("番号・名前・電話", f"{wanted[:4]}-{wanted[4:]}")

        page.press("しぼりこむ")

        assert numbers(page) == [wanted]

    def test_headings_sort_both_ways_and_keep_the_filters(
        self, app: Flask, several: dict[str, str]
    ):
        page = clerk(app).visit(f"{LIST}?q=山田")

        dear = page.press("調定額").press("調定額")

        assert dear.page.select_one("th[aria-sort=descending]")
        assert numbers(dear)[0] == several["paid"]
        assert dear.field("番号・名前・電話")["value"] == "山田"
        assert dear.field("から")["value"] == "2027-03-01"

    def test_pages(self, app: Flask, monkeypatch: pytest.MonkeyPatch, several: dict[str, str]):
        monkeypatch.setattr("app.web.office.ROWS", 2)
        page = clerk(app).visit(LIST)
        first = numbers(page)

        assert "1から2件目（全4件）" in page.text
        second = numbers(page.press("次へ"))

        assert len({*first, *second}) == 4
        assert numbers(page.press("前へ")) == first

    def test_another_municipality_is_not_there(self, app: Flask, several: dict[str, str]):
        page = clerk(app, slug="aoba").visit("/aoba/office/bookings?from=&to=")

        assert "この条件の予約はありません" in page.text
        page.visit(f"/aoba/office/bookings?q={several['paid']}")
        assert numbers(page) == []

    def test_statements(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(LIST)

        with statements(app) as sent:
            page.visit(LIST)

        assert len(sent) == 3, sent  # who looks, totals, rows


class TestBadInput:
    @pytest.mark.parametrize(
        ("query", "label", "said"),
        [
            ("from=2027-02-30", "から", "「2027-02-30」は日付として読めません"),
            ("to=24:00", "まで", "「24:00」は日付として読めません"),
            ("from=0001-01-01", "から", "「0001-01-01」は日付として読めません"),
            ("to=9999-12-31", "まで", "「9999-12-31」は日付として読めません"),
            ("from=2027-03-31&to=2027-03-01", "まで", "「から」より前の日です"),
            ("facility=nowhere", "施設", "この施設はありません"),
            ("room=chuo/nowhere", "部屋", "この部屋はありません"),
            ("facility=kita&room=chuo/room-1", "部屋", "えらんだ施設の部屋ではありません"),
            ("state=draft", "状態", "一覧からえらんでください"),
            ("paid=x", "代金", "一覧からえらんでください"),
            ("applicant=x", "利用者区分", "一覧からえらんでください"),
            ("of=x", "期間", "一覧からえらんでください"),
            ("q=12", "番号・名前・電話", "4けた以上"),
        ],
    )
    def test_it_is_said_beside_the_field_and_kept(
        self, app: Flask, query: str, label: str, said: str
    ):
        page = clerk(app).visit(f"{LIST}?{query}", status=422)

        assert said in page.text
        assert page.field(label)["aria-invalid"] == "true"
        assert page.title.startswith("エラー：")
        typed = dict(part.split("=") for part in query.split("&"))
        for name, value in typed.items():
            field = page.page.select_one(f"main input[name='{name}']")
            assert field is None or field["value"] == value

    @pytest.mark.parametrize("path", ["csv", "excel"])
    def test_files_of_bad_filters_are_the_page_with_what_is_wrong(self, app: Flask, path: str):
        page = clerk(app).visit(f"{LIST}/{path}?from=x", status=422)

        assert "「x」は日付として読めません" in page.text
        with working(app):
            assert db.session.scalars(select(AuditEntry.id)).all() == []

    def test_an_order_that_is_none(self, app: Flask):
        clerk(app).visit(f"{LIST}?sort=1;drop", status=422)

    @pytest.mark.parametrize("typed", ["2", "0", "-1", "x", "99999999999999999999", "1.0"])
    def test_a_page_that_is_none(self, app: Flask, several: dict[str, Any], typed: str):
        page = clerk(app).visit(f"{LIST}?page={typed}", status=404)

        assert "このページはありません" in page.text
        assert len(numbers(page.press("最初のページを見る"))) == 4

    def test_an_encoding_that_is_none(self, app: Flask):
        clerk(app).visit(f"{LIST}/csv?encoding=utf-7", status=404)

    @pytest.mark.parametrize(
        "query", ["from=x", "number=123", "from=2027-03-02&to=2027-03-01", "before=x", "deed=x"]
    )
    def test_of_the_audit(self, app: Flask, query: str):
        clerk(app).visit(f"/midori/office/audit?{query}", status=422)


class TestCsv:
    def test_it_holds_what_the_list_shows(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(LIST).press("CSV")

        rows = {row["予約番号"].replace("-", ""): row for row in table(page)}

        assert set(rows) == {several[one] for one in several if one != "april"}
        paid = rows[several["paid"]]
        assert {key: paid[key] for key in ("利用日", "曜日", "開始", "終了", "施設", "部屋")} == {
            "利用日": "2027-03-08", "曜日": "月", "開始": "10:00", "終了": "12:00",
            "施設": "中央会館", "部屋": "第1会議室",
        }  # fmt: skip
        assert (paid["状態"], paid["利用者区分"], paid["目的"]) == (
            "予約確定", "市内の方", "会議・話し合い",
        )  # fmt: skip
        assert (paid["人数"], paid["調定額"], paid["収納額"]) == ("10", "800", "800")
        assert paid["申込日時"] == "2027-03-01 09:00"

    def test_its_sums_are_the_totals_of_the_page(self, app: Flask, several: dict[str, str]):
        rows = table(clerk(app).visit(f"{LIST}/csv"))

        assert sum(int(row["調定額"]) for row in rows) == 6050
        assert sum(int(row["収納額"]) for row in rows) == 1300
        assert sum(int(row["人数"]) for row in rows if row["状態"] != "取り消し") == 114

    def test_the_same_filters_and_order(self, app: Flask, several: dict[str, str]):
        rows = table(clerk(app).visit(f"{LIST}/csv?from=&to=&state=unpaid&sort=-use"))

        found = [row["予約番号"].replace("-", "") for row in rows]
        assert found == [several["april"], several["unpaid"]]

    def test_nothing_in_it_calculates(self, app: Flask, several: dict[str, str]):
        (row,) = table(clerk(app).visit(f"{LIST}/csv?room=chuo/hall"))

        assert row["案内板にのせる名前"] == "'=cmd|' /C calc'!A0"
        assert row["会館に伝えること"] == "'+81は使えません"

    def test_shift_jis(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(LIST)
        assert "Shift_JISにない文字（𠮷など）は〓になります" in page.text

        page.press("CSV（Shift_JIS）")

        assert page.response
        assert page.response.content_type == "text/csv; charset=shift_jis"
        assert {row["名前"] for row in table(page)} == {"山田 花子", "〓田 進"}

    def test_its_name_tells_municipality_and_period(self, app: Flask):
        page = clerk(app).visit(f"{LIST}/csv")

        assert page.response
        given = page.response.headers["Content-Disposition"]
        assert given.startswith(
            "attachment; filename=\"bookings-midori-2027-03-01-2027-03-31.csv\"; filename*=UTF-8''"
        )
        assert unquote(given.split("''")[1]) == (
            "みどり市_予約一覧_2027-03-01から2027-03-31まで.csv"
        )
        assert page.response.headers["Cache-Control"] == "private, no-store"

    def test_it_is_sent_while_it_is_read(
        self, app: Flask, several: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ):
        client = clerk(app).client
        monkeypatch.setattr("app.reports.as_csv.CHUNK_ROWS", 1)

        answer = client.get(f"{LIST}/csv", buffered=False)

        assert answer.is_streamed
        assert answer.headers.get("Content-Length") is None
        pieces = list(answer.iter_encoded())
        assert len(pieces) == 1 + 4 + 1  # the mark, four rows, the rest
        answer.close()

    def test_a_download_that_breaks_off_gives_its_connection_back(
        self, app: Flask, several: dict[str, str]
    ):
        client = clerk(app).client

        for _time in range(70):  # more than the pool has connections
            answer = client.get(f"{LIST}/csv", buffered=False)
            next(answer.iter_encoded())
            answer.close()

        with app.app_context():
            assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    @pytest.mark.parametrize(("path", "count"), [("csv", 4), ("excel", 5)])
    def test_statements(self, app: Flask, several: dict[str, str], path: str, count: int):
        page = clerk(app).visit(LIST)

        with statements(app) as sent:
            page.visit(f"{LIST}/{path}")
            assert page.response
            assert page.response.data  # read to its end

        # who looks, (how many, for a workbook,) how many for the audit, the audit, the rows
        assert len(sent) == count, sent

    def test_who_took_it_is_written_down(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(f"{LIST}/csv?state=unpaid&q=%F0%A0%AE%B7田")

        with working(app):
            noted = db.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "bookings.exported")
            ).one()
            found = (noted.actor_kind, noted.subject, noted.facts)
        assert found == (
            "staff",
            "export",
            {
                "format": "csv",
                "encoding": "utf-8",
                "filters": {
                    "of": "use", "from": "2027-03-01", "to": "2027-03-31", "state": "unpaid",
                    "q": "*", "sort": "use",
                },
                "rows": 1,
            },
        )  # fmt: skip
        text = page.visit("/midori/office/audit").text
        assert "予約一覧の書き出し 管理 太郎 clerk@example.jp CSV 1件" in text
        assert "状態 支払い待ち" in text


class TestExcel:
    def test_the_same_rows_with_real_dates_and_figures(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(LIST).press("Excel")

        assert page.response
        book = openpyxl.load_workbook(io.BytesIO(page.response.data))
        assert book.sheetnames == ["予約一覧", "条件"]
        heads, *rows = [[cell.value for cell in row] for row in book["予約一覧"].rows]
        found = [dict(zip(heads, row, strict=True)) for row in rows]
        assert sum(row["調定額"] for row in found) == 6050
        assert sum(row["収納額"] for row in found) == 1300
        dates = {row["利用日"].replace(tzinfo=TOKYO) for row in found}
        assert dates == {datetime(2027, 3, 8, tzinfo=TOKYO)}
        assert "=cmd|' /C calc'!A0" in {row["案内板にのせる名前"] for row in found}
        assert "𠮷田 進" in {row["名前"] for row in found}

    def test_the_second_sheet_says_which_rows_these_are(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit(f"{LIST}/excel?facility=chuo&state=unpaid")

        assert page.response
        book = openpyxl.load_workbook(io.BytesIO(page.response.data))
        said = dict([cell.value for cell in row] for row in book["条件"].rows)
        assert said == {
            "期間": "使う日", "から": "2027-03-01", "まで": "2027-03-31", "施設": "中央会館",
            "状態": "支払い待ち", "件数": "1", "作った日時": "2027-03-01 09:00",
            "作った人": "clerk@example.jp",
        }  # fmt: skip

    def test_more_than_a_workbook_bears_is_said(
        self, app: Flask, several: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("app.web.office_files.MOST_IN_A_WORKBOOK", 3)

        page = clerk(app).visit(f"{LIST}/excel", status=422)

        assert "Excelの表は3件までです" in page.text


class TestLetters:
    def fail(self, app: Flask) -> None:
        with working(app) as found:
            db.session.execute(update(Delivery).values(state="failed", error="550 no such user"))
            db.session.execute(
                text(
                    "insert into procrastinate_jobs (queue_name, task_name, args, status) values"
                    " ('kaikan', 'deliver_letter',"
                    " jsonb_build_object('tenant_id', cast(:t as int)), 'failed')"
                ),
                {"t": found.tenant_id},
            )
            db.session.commit()

    def test_each_with_its_booking_and_whom_to_call(self, app: Flask, several: dict[str, str]):
        self.fail(app)

        page = clerk(app).visit("/midori/office/letters")

        assert "申し込みの控え" in page.text
        assert "取り消しのお知らせ" in page.text
        assert "taro@example.jp 550 no such user" in page.text
        assert "できなかった処理が 1 件あります" in page.text
        wanted = several["cancelled"]
        spoken = f"{wanted[:4]}-{wanted[4:]}"
        assert page.press(spoken).path == f"/midori/desk/bookings/{wanted}"

    def test_none(self, app: Flask):
        assert "届かなかったお知らせはありません" in clerk(app).visit("/midori/office/letters").text

    def test_statements(self, app: Flask, several: dict[str, str]):
        self.fail(app)
        page = clerk(app).visit("/midori/office/letters")

        with statements(app) as sent:
            page.visit("/midori/office/letters")

        # who looks, letters, lines of cancelled ones, payments that letters tell of, bookings, jobs
        assert len(sent) == 6, sent


class TestAudit:
    def test_who_did_what_when(self, app: Flask):
        with working(app) as found:
            number = str(a_booking(found).booking.number)
        manager = staff(app).visit(f"/midori/desk/bookings/{number}/payment")
        manager.press("800円を受け取った")

        page = clerk(app).visit("/midori/office/audit")

        first, second = [" ".join(r.get_text(" ").split()) for r in page.page.select("tbody tr")]
        spoken = f"{number[:4]}-{number[4:]}"
        assert first == (
            "2027年3月1日（月） 9時00分 代金の受け取り 管理 太郎 kanri@example.jp "
            f"{spoken} 受け取り 800円"
        )
        assert second.endswith(f"申し込み 申込者本人 hanako@example.jp {spoken} 料金 800円")

    def test_of_one_booking(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit("/midori/office/audit")
        page.fill("予約番号", several["cancelled"]).press("しぼりこむ")

        assert len(page.page.select("tbody tr")) == 3  # made, paid, cancelled

    @pytest.mark.parametrize("who", ["管理太郎", "管理", "kanri@"])
    def test_of_somebody_by_name_or_address(self, app: Flask, who: str):
        with working(app) as found:
            number = str(a_booking(found).booking.number)
        manager = staff(app).visit(f"/midori/desk/bookings/{number}/payment")
        manager.press("800円を受け取った")

        page = clerk(app).visit("/midori/office/audit")
        page.fill("した人（名前かメールアドレスの一部）", who).press("しぼりこむ")

        assert [row.b.get_text() for row in page.page.select("tbody tr")] == ["代金の受け取り"]
        assert page.field("した人（名前かメールアドレスの一部）")["value"] == who

    @pytest.mark.parametrize("who", ["%", "_", "だれでもない", "kita@"])
    def test_of_nobody_there_is_nothing(self, app: Flask, several: dict[str, str], who: str):
        page = clerk(app).visit("/midori/office/audit")
        page.fill("した人（名前かメールアドレスの一部）", who).press("しぼりこむ")

        assert "この条件の記録はありません" in page.text

    def test_of_one_deed(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit("/midori/office/audit")
        page.fill("したこと", "booking.cancelled").press("しぼりこむ")

        deeds = {row.b.get_text() for row in page.page.select("tbody tr")}
        assert deeds == {"取り消し"}

    def test_of_some_days(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit("/midori/office/audit?from=2027-03-02")

        assert "この条件の記録はありません" in page.text

    def test_older_ones(self, app: Flask, several: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("app.web.office.ROWS", 5)
        page = clerk(app).visit("/midori/office/audit")
        first = page.text

        page.press("次へ")

        assert page.text != first
        assert len(page.page.select("tbody tr")) == 3

    def test_another_municipality_is_not_there(self, app: Flask, several: dict[str, str]):
        page = clerk(app, slug="aoba").visit("/aoba/office/audit")

        assert "この条件の記録はありません" in page.text
        page.visit(f"/aoba/office/audit?number={several['paid']}")
        assert "この条件の記録はありません" in page.text

    def test_statements(self, app: Flask, several: dict[str, str]):
        page = clerk(app).visit("/midori/office/audit")

        with statements(app) as sent:
            page.visit("/midori/office/audit")

        assert len(sent) == 2, sent


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, several: dict[str, str]):
    with working(app):
        db.session.execute(update(Delivery).values(state="failed", error="550"))
        db.session.commit()

    assert not faults(
        app,
        clerk(app),
        LIST,
        f"{LIST}?from=x",
        f"{LIST}?q=9999",
        f"{LIST}?page=9",
        "/midori/office/letters",
        "/midori/office/audit",
    )
