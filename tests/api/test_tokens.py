"""Who may call: a token of this municipality with the right for it, and nothing else."""

from app.db.session import in_transaction, tenant_scope
from app.identity.service import revoke_token
from app.kernel import clock as real_clock
from tests import builders
from tests.api.calling import Program, a_token, an_application, count, scalar, statements

NUMBER = "/bookings/12345678"


def calls(program, **headers):
    """Call all that needs a token; yield each answer."""
    token = {"Authorization": f"Bearer {program.token}"} if program.token else {}
    sent = {"Idempotency-Key": "k", "Content-Type": "application/json", **token, **headers}
    for method, path in (
        ("POST", "/bookings"), ("GET", NUMBER), ("POST", f"{NUMBER}/cancellation"),
    ):  # fmt: skip
        yield program.client.open(program.root + path, method=method, data="{", headers=sent)


def test_without_a_token_of_ours_nothing_is_read_or_done(app, anybody):
    for sent in (
        "", "Bearer", "Bearer ", "Basic aGFuYWtvOngK", "kaikan_x", "Bearer kaikan_x",
        "Bearer x y", "Bearer kaikan_\xff", "Bearer " + "kaikan_" * 900,
    ):  # fmt: skip
        for answer in calls(anybody, **({"Authorization": sent} if sent else {})):
            assert answer.status_code == 401, sent
            assert answer.mimetype == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="kaikan"')
    assert count(app, "booking") == 0


def test_a_token_of_another_municipality_is_none_here(app):
    stranger = Program(app, "midori", a_token(app, "aoba"))

    for answer in calls(stranger):
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_is_none_any_more(app, program):
    program.post("/bookings", an_application())
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        token_id = scalar(app, "select id from api_token")
        in_transaction(lambda session: revoke_token(session, token_id, now=real_clock.now()))

    for answer in calls(program):
        assert answer.status_code == 401


def test_a_right_is_needed_for_each(app):
    rights = ["bookings:create", "bookings:read", "bookings:cancel"]
    for allowed, right in enumerate(rights):
        answers = list(calls(Program(app, token=a_token(app, rights=right))))

        assert answers.pop(allowed).status_code in (400, 404)
        for answer in answers:
            assert answer.status_code == 403
            assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_right_that_only_looks_like_one_is_none(app):
    program = Program(app, token=a_token(app, rights="bookings:created xbookings:create"))

    assert {answer.status_code for answer in calls(program)} == {403}


def test_a_session_of_pages_is_no_token(app, anybody):
    with app.app_context():
        account_id = builders.a_staff_member(role="clerk", facility=None)
        token = builders.a_session_token(app, account_id, is_staff=True)
    with anybody.client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True

    for answer in calls(anybody):
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
    with statements(app) as seen:
        anybody.get("/facilities")
    assert seen == []  # nobody even looked who it might be


def test_where_a_call_comes_from_does_not_matter(program):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}

    program.post("/bookings", an_application(), **headers)


def test_a_token_is_stored_as_a_keyed_hash(app):
    token = a_token(app)

    stored = scalar(app, "select token_hash from api_token")

    assert token not in stored
    assert len(stored) == 64


def test_using_a_token_writes_nothing_about_it(app, program):
    number = program.post("/bookings", an_application()).get_json()["number"]

    with statements(app) as seen:
        program.get(f"/bookings/{number}")

    assert not [one for one in seen if one.lower().startswith(("insert", "update", "delete"))]
