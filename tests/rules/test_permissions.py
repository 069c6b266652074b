"""Who may do what: each role by itself, in all of a municipality, a hall, or one room of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.permissions import (
    HELD_BY,
    Permission,
    Role,
    RoleKind,
    Viewer,
    gives,
    may,
    may_somewhere,
    scope_of,
)

CHUO, KITA = 1, 2
HALL, STUDIO = 11, 12  # rooms of Chuo
NOBODY = Viewer()
RESIDENT = Viewer(account_id=1, resident_id=1, applicant_class="resident")
R, G, C, S, A, U, M = RoleKind
# What each role gives, as a town would write it down: x wherever it holds, E only everywhere.
PAPER = {
    #                               R    G    C    S    A    U    M
    Permission.DESK:              ("x", "x", "x", "x", "x", "x", " "),
    Permission.BOOK_FOR_OTHERS:   ("x", " ", " ", " ", " ", " ", " "),
    Permission.CHANGE_FOR_OTHERS: ("x", " ", " ", " ", " ", " ", " "),
    Permission.CANCEL_FOR_OTHERS: ("x", " ", " ", " ", " ", " ", " "),
    Permission.CLOSE_ROOMS:       ("x", " ", " ", "x", " ", " ", " "),
    Permission.APPROVE:           ("x", " ", " ", " ", " ", " ", " "),
    Permission.ADMIT:             ("x", " ", " ", " ", "x", " ", " "),
    Permission.HAND_OVER:         ("x", "x", "x", "x", "x", " ", " "),
    Permission.RECEIVE_PAYMENT:   (" ", " ", "x", " ", " ", " ", " "),
    Permission.DECIDE_WAIVERS:    (" ", " ", "E", " ", " ", " ", " "),
    Permission.SETTLE_FEE:        (" ", " ", "E", " ", " ", " ", " "),
    Permission.SEE_TO_MONEY:      (" ", " ", "E", " ", " ", " ", " "),
    Permission.SET_ACCOUNTS:      (" ", " ", "E", " ", " ", " ", "E"),
    Permission.KEYS:              ("x", " ", " ", " ", "x", " ", " "),
    Permission.SET_DOORS:         (" ", " ", " ", "E", " ", " ", " "),
    Permission.REGISTER_PEOPLE:   (" ", "x", " ", " ", " ", " ", " "),
    Permission.REPORTS:           ("x", " ", "x", "x", " ", "x", " "),
    Permission.SET_RULES:         (" ", " ", " ", "E", " ", " ", " "),
    Permission.OFFICE:            ("E", " ", "E", " ", " ", "E", " "),
    Permission.AUDIT:             (" ", " ", " ", " ", " ", "E", " "),
    Permission.MANAGE_STAFF:      (" ", " ", " ", " ", " ", " ", "E"),
}  # fmt: skip
WHERE = [(None, None), (CHUO, None), (KITA, None), (CHUO, HALL)]
ROLES = st.builds(
    lambda kind, place: Role(kind, *place), st.sampled_from([*RoleKind, "janitor"]),
    st.sampled_from(WHERE),
)  # fmt: skip


def at(kind: str, facility: int | None = None, room: int | None = None) -> Viewer:
    return Viewer(account_id=2, roles=(Role(kind, facility, room),))


def test_the_paper_says_something_of_every_permission():
    assert set(PAPER) == set(HELD_BY) == set(Permission)
    assert all(any(mark != " " for mark in marks) for marks in PAPER.values())


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize(("kind", "column"), [(kind, n) for n, kind in enumerate(RoleKind)])
def test_each_role_gives_what_the_paper_says_and_nothing_else(permission, kind, column):
    mark = PAPER[permission][column]

    assert may(at(kind), permission, None) == (mark in ("x", "E"))
    assert may(at(kind, CHUO), permission, CHUO) == (mark == "x")
    assert may(at(kind, CHUO, HALL), permission, CHUO, HALL) == (mark == "x")
    assert gives(kind, permission, of_a_hall=False) == (mark != " ")
    assert gives(kind, permission, of_a_hall=True) == (mark == "x")


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("viewer", [NOBODY, RESIDENT])
@pytest.mark.parametrize("hall", [CHUO, None])
def test_without_a_role_nothing_is_allowed(viewer, permission, hall):
    assert not may(viewer, permission, hall)
    assert not may_somewhere(viewer, permission)


@pytest.mark.parametrize("permission", [p for p, marks in PAPER.items() if "x" in marks])
def test_a_role_of_a_hall_reaches_no_other_and_one_of_a_room_no_other_room(permission):
    kind = list(RoleKind)[PAPER[permission].index("x")]

    of_hall, of_room = at(kind, CHUO), at(kind, CHUO, HALL)

    assert may(of_hall, permission, CHUO, HALL)
    assert may(of_hall, permission, CHUO, STUDIO)
    assert not may(of_hall, permission, KITA)
    assert not may(of_hall, permission, None)
    assert may(of_room, permission, CHUO, HALL)
    assert not may(of_room, permission, CHUO, STUDIO)
    assert not may(of_room, permission, CHUO)
    assert may_somewhere(of_room, permission)


@given(st.lists(ROLES, max_size=4), ROLES, st.sampled_from(Permission), st.sampled_from(WHERE))
def test_one_more_role_never_takes_anything_away(roles, more, permission, place):
    if may(Viewer(roles=tuple(roles)), permission, *place):
        assert may(Viewer(roles=(*roles, more)), permission, *place)


@given(st.lists(ROLES, max_size=4), st.sampled_from(Permission))
def test_what_is_allowed_everywhere_is_allowed_in_every_hall(roles, permission):
    viewer = Viewer(roles=tuple(roles))
    if may(viewer, permission, None):
        assert may(viewer, permission, CHUO)
        assert may(viewer, permission, KITA)


@given(st.lists(ROLES, max_size=4), st.sampled_from(Permission))
def test_the_scope_is_where_it_may_be_done(roles, permission):
    viewer = Viewer(roles=tuple(roles))
    scope = scope_of(viewer, permission)

    for hall, room in [(CHUO, HALL), (CHUO, STUDIO), (KITA, 21)]:
        assert scope.covers(hall, room) == may(viewer, permission, hall, room)
