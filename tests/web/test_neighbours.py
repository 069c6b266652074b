"""What is みどり市's shows nowhere else: every page, file and API route is tried with its ids."""

import io
import zipfile

import pytest
from flask import Flask

from app.db.audit import SERVICE
from app.db.session import in_transaction, tenant_scope
from app.identity.service import make_token
from app.usecases import waiving
from app.usecases.waiving import Paper
from tests import builders
from tests.pages import ORIGIN, Visitor
from tests.web.every_route import routes
from tests.web.situations import has_booked, is_signed_in

SECRETS = ("ひみつの会", "秘密 太郎", "ヒミツ", "himitsu@example.jp", "みどり市")


@pytest.fixture
def number(app: Flask) -> str:
    """The number of a booking in みどり市 that nobody else may hear of."""
    with app.app_context():
        person = builders.a_resident("midori", "himitsu@example.jp", name="秘密 太郎")
    made = has_booked(app, person, answers=builders.some_answers(shown_name="ひみつの会"))
    assert made.booking.number
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        paper = Paper("ひみつの会.pdf", b"%PDF-1.7")
        waiving.ask_waiver(
            account_id=person.account_id, waiver="x", name="ひみつの会", reason="ひみつの会",
            paper=paper, booking_id=made.booking.id, actor=SERVICE, now=builders.MONDAY_9AM,
        )  # fmt: skip
    return made.booking.number


def words(body: bytes) -> str:
    """Return what a page, a CSV file or an Excel file says."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return body.decode("utf-8", "replace") + body.decode("cp932", "replace")


def asked(visitor: Visitor, paths: list[tuple[str, str]], number: str, **headers: str) -> str:
    """Ask all of these with the booking's number in every field; return all that was said."""
    said = []
    fields = {"q": number, "number": number, "from": "2027-01-01", "to": "2027-12-31", "lines": "1"}
    for method, path in paths:
        sent = {"data": fields} if method == "POST" else {"query_string": fields}
        told = {"Origin": ORIGIN, **headers}
        answer = visitor.client.open(path, method=method, headers=told, **sent)
        assert answer.status_code < 500, path
        said.append(f"\n{method} {path} {answer.status_code}\n{words(answer.data)}")
    return "".join(said)


def shown(text: str) -> list[str]:
    """Return what should not be there, with where it stands."""
    own = text.replace("みどり市会館条例", "")  # both halls of the tests cite the same ordinance
    return [own[max(0, own.find(one) - 200) :][:400] for one in SECRETS if one in own]


def ids(number: str, municipality: str, facility: str) -> dict[str, str]:
    return {
        "municipality": municipality, "facility": facility, "room": "room-1", "on": "2027-03-08",
        "of": "2027-03", "number": number, "question": "notes", "request_id": "1",
        "paper_id": "1", "staff_id": "1", "invitation_id": "1", "key": "x" * 22, "passkey_id": "1",
        "entitlement_id": "1", "draft_id": "1", "subject": "fees", "line_id": "1", "note_id": "1",
        "closure_id": "1", "view": "week", "report_id": "1", "file_id": "1",
        "link_id": "1", "receipt_id": "1", "kind": "permit", "payee": "city", "account_row": "1",
        "task_id": "1", "refund_id": "1", "grant_id": "1", "deed": "again", "door_id": "1",
        "provider": "remotelock", "hall_row": "1",
    }  # fmt: skip


@pytest.mark.parametrize("who", ["nobody", "resident", "manager", "clerk"])
@pytest.mark.parametrize("hall", ["chuo", "kita"])
def test_the_neighbours_pages_and_files_never_show_it(app, number, who, hall):
    visitor = Visitor(app)
    if who == "resident":
        is_signed_in(visitor, "aoi@example.jp", slug="aoba")
    elif who != "nobody":
        with app.app_context():
            facility = "chuo" if who == "manager" else None
            account = builders.a_staff_member("aoba", "s@example.jp", role=who, facility=facility)
            visitor.sign_in_as(builders.a_session_token(app, account, is_staff=True))
    paths = [one for one in routes(app, ids(number, "aoba", hall)) if one[1].startswith("/aoba/")]

    said = asked(visitor, paths, number)

    assert len(paths) > 50
    assert shown(said) == []


@pytest.mark.parametrize("who", ["manager", "clerk"])
def test_the_neighbours_staff_get_into_no_page_of_its_staff(app, number, who):
    visitor = Visitor(app)
    with app.app_context():
        facility = "chuo" if who == "manager" else None
        account = builders.a_staff_member("aoba", "s@example.jp", role=who, facility=facility)
        visitor.sign_in_as(builders.a_session_token(app, account, is_staff=True))
    paths = routes(app, ids(number, "midori", "chuo"))
    staff = [one for one in paths if one[1].startswith(("/midori/desk/", "/midori/office/"))]

    said = asked(visitor, staff, number)

    assert len(staff) > 15
    assert [one for one in SECRETS[:-1] if one in said] == []


def test_the_neighbours_programs_never_read_it(app, number):
    with app.app_context(), tenant_scope(builders.tenant_id_of("aoba")):
        rights = "bookings:create bookings:read bookings:cancel"
        secret = app.config["KAIKAN"].secret_key
        _, token = in_transaction(
            lambda session: make_token(
                session, name="p", rights=rights, secret=secret, now=builders.MONDAY_9AM
            )
        )
    for municipality in ("aoba", "midori"):
        paths = routes(app, ids(number, municipality, "chuo"))
        api = [one for one in paths if one[1].startswith(f"/api/v1/{municipality}/")]

        said = asked(Visitor(app), api, number, Authorization=f"Bearer {token}")

        assert len(api) > 5
        assert [one for one in SECRETS[:-1] if one in said] == []


def test_its_own_clerk_is_shown_it_on_the_same_walk(app, number):
    """The negative control: the walk above would find it."""
    visitor = Visitor(app)
    with app.app_context():
        account = builders.a_staff_member("midori", "s@example.jp", role="clerk", facility=None)
        visitor.sign_in_as(builders.a_session_token(app, account, is_staff=True))
    paths = routes(app, ids(number, "midori", "chuo"))

    said = asked(visitor, [one for one in paths if one[0] == "GET"], number)

    pages = [part.split(" ")[1] for part in said.split("\nGET")[1:] if "ひみつの会" in part]
    assert {"/midori/office/bookings", f"/midori/desk/bookings/{number}"} <= set(pages)
    assert {"/midori/office/decisions", "/midori/office/decisions/1"} <= set(pages)
    assert any(path.endswith("xlsx") or "excel" in path for path in pages), pages
    assert any("csv" in path for path in pages), pages
