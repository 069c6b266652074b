"""調定・収納 on the screen and in files: who sees what, every figure down to its entries."""

import io
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask

from app.payments.till import Count
from app.usecases import receiving
from app.usecases.closing_till import close_till
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.db import proof
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, staff, statements, working
from tests.usecases import steps
from tests.usecases.test_receiving import a_clerk
from tests.web.test_office import clerk, table

MONEY = "/midori/desk/money/"
MARCH = f"{MONEY}?month=2027-03"


@pytest.fixture
def some(app: Flask) -> dict[str, str]:
    """A paid booking of 中央会館, an unpaid one of 北会館, one over both."""
    with working(app) as found:
        made = {
            "paid": a_booking(found, paid=True),  # 800円
            "unpaid": a_booking(
                found, facility="kita", email="jiro@example.jp", shown_name="北の会"
            ),
        }
        person = builders.a_resident("midori", "both@example.jp", name="両方 館子")
        both = [
            builders.a_wish(found, "room-2", on=NEXT_MONDAY, hours=(13, 15), facility=hall)
            for hall in ("chuo", "kita")
        ]
        made["both"] = steps.book(found, person, *both)
        return {name: str(one.booking.number) for name, one in made.items()}


def figures(page: Visitor) -> dict[str, str]:
    """Return the statement by the names of its lines."""
    return {
        row.th.get_text(strip=True): row.select("td")[-1].get_text(strip=True)
        for row in page.page.select("table.statement tbody tr")
    }


def rows(page: Visitor) -> dict[str, dict[str, str]]:
    """Return the table of a grouping by the names of its rows."""
    heads = [one.get_text(strip=True) for one in page.page.select("table.sums thead th")]
    return {
        row.th.get_text(strip=True): dict(
            zip(heads[1:], (x.get_text(strip=True) for x in row.select("td")), strict=True)
        )
        for row in page.page.select("table.sums tr")[1:]
    }


def test_the_month_from_its_beginning_to_its_end(app: Flask, some: dict[str, str]):
    page = clerk(app).visit(MARCH)

    assert figures(page) == {
        "はじめの未納": "0円", "はじめの過納": "0円", "調定": "2,800円", "減免": "0円",
        "調定減": "0円", "調定額": "2,800円", "収納 現金": "800円", "収納の取り消し": "0円",
        "還付": "0円", "収納額": "800円", "おわりの未納": "2,000円", "おわりの過納": "0円",
    }  # fmt: skip
    assert page.text.count("（合っています）") == 2
    halls = rows(page)
    assert list(halls) == ["中央会館", "北会館", "いくつかの会館にまたがる予約", "合計"]
    assert halls["中央会館"]["収納額"] == "800円"
    assert halls["いくつかの会館にまたがる予約"]["おわりの未納"] == "1,200円"


def test_every_figure_opens_what_makes_it_up(app: Flask, some: dict[str, str]):
    page = clerk(app).visit(MARCH)
    links = {
        str(one["href"]): one.get_text(strip=True)
        for one in page.page.select("table.statement a, table.sums a")
    }
    assert len(links) > 10
    for path, yen in links.items():
        page.visit(path)
        assert page.page.select_one("dl.totals dd").get_text(strip=True) == yen, path
        shown = [one.get_text(strip=True) for one in page.page.select("td.num.t")]
        total = sum(int(one.replace(",", "").removesuffix("円")) for one in shown)
        assert f"{total:,}円" == yen, path
    page.visit(MARCH).press("1,200円", within="table.sums")
    assert some["both"][:4] in page.text
    page.visit(f"{MONEY}entries?month=2027-03&figure=payment.cash")
    assert "自動の処理" not in page.text
    assert "収納 現金" in page.text
    assert table(page.press("CSV"))[0]["金額"] == "800"


@pytest.mark.parametrize("by", ["hall", "day", "year", "payee", "collector"])
def test_csv_page_and_workbook_say_the_same(app: Flask, some: dict[str, str], by: str):
    page = clerk(app).visit(f"{MARCH}&by={by}")
    shown = rows(page)
    book = openpyxl.load_workbook(
        io.BytesIO(page.visit(f"{MONEY}excel?month=2027-03&by={by}").response.data)
    )
    told = table(page.visit(f"{MONEY}csv?month=2027-03&by={by}"))

    plain = [
        {key: int(yen.replace(",", "").removesuffix("円")) for key, yen in row.items()}
        for row in shown.values()
    ]
    name = next(iter(told[0]))
    assert [{key: int(yen) for key, yen in row.items() if key != name} for row in told] == plain
    heads, *lines = book[f"{name}別"].values
    in_book = [dict(zip(heads[1:], row[1:], strict=True)) for row in lines]
    assert in_book == (plain[:-1] if by == "day" else plain)
    whole = {row[0]: row[1] for row in list(book["合計"].values)[1:]}
    assert whole["収納額"] == 800
    assert book.sheetnames[-2:] == ["日計表との照合", "条件"]


def test_a_fiscal_year_and_an_empty_month(app: Flask, some: dict[str, str]):
    page = clerk(app).visit(f"{MONEY}?of=year&month=2027-01")
    assert "2026年度の調定と収納" in page.text
    assert figures(page)["調定額"] == "2,800円"
    page.visit(f"{MONEY}?month=2027-02")
    assert "この期間には、調定も収納もありません" in page.text
    page.visit(f"{MONEY}?month=2027-04")
    assert figures(page)["はじめの未納"] == figures(page)["おわりの未納"] == "2,000円"
    assert "この期間の動き" not in page.text


def test_a_manager_sees_their_hall_and_no_booking_that_is_others_too(
    app: Flask, some: dict[str, str]
):
    page = staff(app, facility="kita").visit(MARCH)
    assert figures(page)["調定額"] == "800円"
    assert list(rows(page)) == ["北会館", "合計"]
    assert "中央会館" not in page.text
    assert "市の表に出ます。" in page.text
    page.visit(f"{MARCH}&place=chuo", status=422)
    of_room = staff(app, facility="chuo", room="room-2", email="r@example.jp").visit(MARCH)
    assert "調定も収納もありません" in of_room.text
    page.visit(f"{MONEY}entries?month=2027-03&figure=charge")
    assert some["unpaid"][:4] in page.text
    assert some["paid"][:4] not in page.text
    neighbour = clerk(app, slug="aoba", email="n@example.jp").visit(
        "/aoba/desk/money/?month=2027-03"
    )
    assert "調定も収納もありません" in neighbour.text
    neighbour.visit("/aoba/desk/money/entries?month=2027-03&figure=charge")
    assert some["paid"][:4] not in neighbour.text


def test_who_may(app: Flask, some: dict[str, str]):
    auditor = clerk(app, role="auditor", email="kansa@example.jp").visit(MARCH)
    assert figures(auditor)["収納額"] == "800円"
    assert table(auditor.visit(f"{MONEY}csv?month=2027-03"))[-1]["収納額"] == "800"
    for role in ("attendance", "registrar", "administrator"):
        who = clerk(app, role=role, email=f"{role}@example.jp")
        for path in ("", "csv", "excel", "entries", "entries/csv"):
            who.visit(f"{MONEY}{path}", status=403)
    Visitor(app).visit(MARCH)  # nobody is sent to where staff sign in
    audit = clerk(app).visit("/midori/office/audit").text
    assert "調定・収納の書き出し" in audit


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("month=x", "「x」は月として読めません"),
        ("month=2027-13", "月として読めません"),
        ("of=week", "一覧からえらんでください。"),
        ("payee=nobody", "一覧からえらんでください。"),
        ("place=nowhere", "一覧からえらんでください。"),
        ("by=colour", "一覧からえらんでください。"),
    ],
)
def test_what_is_wrong_is_told_and_kept(app: Flask, query: str, said: str):
    page = clerk(app)
    for path in (MONEY, f"{MONEY}csv", f"{MONEY}excel", f"{MONEY}entries"):
        more = "&figure=charge" if path.endswith("entries") else ""
        page.visit(f"{path}?{query}{more}", status=422)
        assert said in page.text
        assert page.title.startswith("エラー：")
    page.visit(f"{MONEY}?month=3月", status=422)
    assert page.field("月（")["value"] == "3月"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "figure=charge&on=x",
        "figure=charge&of_year=x",
        "figure=charge&collector=x",
        "figure=%25",
    ],
)
def test_a_figure_that_can_not_be_read_is_told(app: Flask, query: str):
    for path in ("entries", "entries/csv"):
        page = clerk(app, email=f"{len(path)}@example.jp")
        page.visit(f"{MONEY}{path}?{query}", status=422)
        assert "どの金額の明細か、読み取れません。" in page.text
    page.visit(f"{MONEY}entries?figure=charge&page=9", status=404)


def test_an_entry_after_the_closing_stands_in_the_next_month_and_is_listed(app: Flask):
    clerk_of_day = a_clerk(app)
    last = MONDAY_9AM + timedelta(days=30, hours=9)  # 31 March, 18:00
    with working(app) as found:
        made = a_booking(found, ("room-1", NEXT_MONDAY + timedelta(days=40), (10, 12)), now=last)
        close_till(None, last.date(), Count(0), actor=clerk_of_day, today=last.date(), now=last)
        receiving.receive_payment(
            found, made.booking.id, receiving.Taken(None, "みどり市"), yen=800,
            actor=steps.CLERK, now=last + timedelta(minutes=1),
        )  # fmt: skip
    page = clerk(app).visit(MARCH)
    assert figures(page)["収納額"] == "0円"
    assert figures(page)["おわりの未納"] == "800円"
    assert "締めたあとに受け取り、別の期間の日計表に入ったもの" in page.text
    assert page.text.count("（合っています）") == 2
    page.visit(f"{MONEY}?month=2027-04")
    assert figures(page)["収納額"] == "800円"
    assert figures(page)["はじめの未納"] == "800円"
    assert "まだ締めていない日があります（1日）" in page.text
    assert page.page.select_one('a[href$="/desk/till/2027-04-01"]')
    page.visit(f"{MONEY}?month=2027-04&by=year")
    assert rows(page)["2026年度"]["収納額"] == "800円"


def test_a_kind_or_way_that_nobody_knows_is_called_by_its_name(app: Flask):
    with working(app) as found:
        a_booking(found, paid=True)
        with proof.as_superuser_of(app) as connection:
            connection.execute("alter table ledger_entry disable trigger user")
            connection.execute("update ledger_entry set method = 'stamps' where kind = 'payment'")
    page = clerk(app).visit(MARCH)
    assert figures(page)["収納 stamps"] == "800円"
    assert page.text.count("（合っています）") == 2


def test_statements(app: Flask, some: dict[str, str]):
    page = clerk(app).visit(MARCH)
    with statements(app) as sent:
        page.visit(MARCH)
    # who looks, movements, balances; sheets: sums, closed, open, moved
    assert len(sent) == 7, sent
    with statements(app) as sent:
        page.visit(f"{MONEY}entries?month=2027-03&figure=charge")
    assert len(sent) == 3, sent


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, some: dict[str, str]):
    assert not faults(
        app, clerk(app), MARCH, f"{MARCH}&by=day", f"{MONEY}?month=x",
        f"{MONEY}entries?month=2027-03&figure=charge",
    )  # fmt: skip
