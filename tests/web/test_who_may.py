"""Role x scope x route, cell by cell: every page of staff is asked for by every role."""

import itertools

import pytest
from flask import Flask

from app.identity.permissions import Permission, RoleKind, gives
from tests.reports.situations import a_booking, staff, working
from tests.web.every_route import routes
from tests.web.test_neighbours import ids

HOST = {"Origin": "http://localhost"}
SCOPES = ("everywhere", "hall", "other hall", "room", "other room", "neighbour")
STAFF_PATHS = ("/midori/desk/", "/midori/office/")


def who(app: Flask, kind: RoleKind, scope: str):
    named = {
        "everywhere": {"facility": None},
        "hall": {"facility": "chuo"},
        "other hall": {"facility": "kita"},
        "room": {"facility": "chuo", "room": "room-1"},
        "other room": {"facility": "chuo", "room": "room-2"},
        "neighbour": {"facility": None, "slug": "aoba"},
    }[scope]
    return staff(app, role=str(kind), **named)


def needs(app: Flask) -> dict[str, Permission]:
    return {name: getattr(view, "access", None) for name, view in app.view_functions.items()}


def matched(app: Flask, method: str, path: str) -> str:
    adapter = app.url_map.bind("localhost")
    return adapter.match(path, method=method)[0]


def is_elsewhere(scope: str, path: str, number: str) -> bool:
    """Say whether a page is of a hall or room that is not the viewer's."""
    is_of_room_1 = number in path
    return (scope in ("other hall", "other room") and is_of_room_1) or (
        scope == "other hall" and "/chuo/" in path
    )


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", RoleKind)
def test_each_cell(app: Flask, kind: RoleKind, scope: str):
    with working(app) as found:
        number = a_booking(found).booking.number
    client = who(app, kind, scope).client
    needed, asked = needs(app), 0
    for method, path in routes(app, ids(number, "midori", "chuo")):
        if not path.startswith(STAFF_PATHS):
            continue
        sent = {} if method == "POST" else None
        answer = client.open(path, method=method, headers=HOST, data=sent)
        answer.close()
        endpoint = matched(app, method, path)
        permission = needed[endpoint]
        is_hall_wide = scope != "everywhere"
        holds = scope != "neighbour" and gives(kind, permission, of_a_hall=is_hall_wide)
        where = (kind, scope, method, path, endpoint, answer.status_code)
        asked += 1
        if not holds:
            assert answer.status_code == 403, where
        elif is_elsewhere(scope, path, number):
            assert answer.status_code == 404, where
        else:
            assert answer.status_code not in (401, 403, 500), where
    assert asked > 45


def test_the_roles_are_tried_in_every_scope():
    assert len(list(itertools.product(RoleKind, SCOPES))) == 42
