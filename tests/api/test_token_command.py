"""`flask token`: made, listed and revoked by whoever runs the service."""

import pytest

from tests.api.calling import Program, an_application, count, scalar


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["token", *words])


def make(run, municipality="midori", rights="bookings:create bookings:read"):
    return run("create", "--municipality", municipality, "--name", "広報サイト", "--rights", rights)


def test_a_token_is_shown_once_and_opens_what_it_may(app, run):
    made = make(run)

    token = made.stdout.strip()
    assert token.startswith("kaikan_")
    assert "1度だけ" in made.stderr
    program = Program(app, token=token)
    number = program.post("/bookings", an_application()).get_json()["number"]
    program.get(f"/bookings/{number}")
    program.post(f"/bookings/{number}/cancellation", status=403)
    assert token not in run("list").output
    assert scalar(app, "select action from audit_entry order by id limit 1") == "token.made"


def test_the_list_tells_whose_and_for_what(run):
    make(run)
    make(run, "aoba", "bookings:read")

    rows = [line.split("\t") for line in run("list").stdout.splitlines()]
    assert [(row[1], row[4], row[5]) for row in rows] == [
        ("midori", "bookings:create bookings:read", "広報サイト"),
        ("aoba", "bookings:read", "広報サイト"),
    ]
    assert len(run("list", "--municipality", "aoba").stdout.splitlines()) == 1


def test_a_revoked_token_opens_nothing_from_then_on(app, run):
    program = Program(app, token=make(run, "aoba").stdout.strip(), slug="aoba")
    program.get("/bookings/12345678", status=404)
    token_id = run("list").stdout.split("\t")[0]

    assert run("revoke", token_id).exit_code == 0
    program.get("/bookings/12345678", status=401)

    first = scalar(app, "select revoked_at from api_token", "aoba")
    assert run("revoke", token_id).exit_code == 0  # again: as before
    assert scalar(app, "select revoked_at from api_token", "aoba") == first


def test_mistakes_are_told_in_words(app, run):
    make = ("create", "--municipality", "midori", "--name", "x", "--rights")
    for words, said in {
        (
            "create",
            "--municipality",
            "no",
            "--name",
            "x",
            "--rights",
            "bookings:read",
        ): "ありません",
        (
            "create",
            "--municipality",
            "midori",
            "--name",
            " ",
            "--rights",
            "bookings:read",
        ): "--name",
        (*make, "everything"): "bookings:cancel",
        (*make, " "): "1つ以上",
        ("revoke", "999999"): "flask token list",
        ("list", "--municipality", "nowhere"): "nowhere",
    }.items():
        told = run(*words)
        assert told.exit_code == 1, words
        assert said in told.stderr
    assert count(app, "api_token") == 0
