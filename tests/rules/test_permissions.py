"""Who may do what: managers in their halls, clerks in all of the municipality, nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.permissions import HELD_BY, Permission, Role, Viewer, may

CHUO, KITA = 1, 2
NOBODY = Viewer()
RESIDENT = Viewer(account_id=1, resident_id=1, applicant_class="resident")
MANAGER = Viewer(account_id=2, roles=(Role("manager", CHUO),))
CLERK = Viewer(account_id=3, roles=(Role("clerk", None),))
ROLES = st.builds(Role, st.sampled_from(["manager", "clerk", "janitor"]),
                  st.sampled_from([None, CHUO, KITA]))  # fmt: skip
AT_A_HALL = [Permission.DESK, Permission.RECEIVE_PAYMENT, Permission.CANCEL_FOR_OTHERS]


def test_every_permission_is_held_by_somebody_and_by_nobody_without_a_test():
    assert set(HELD_BY) == set(Permission)
    for alternatives in HELD_BY.values():
        assert alternatives
        assert all(alternatives)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("viewer", [NOBODY, RESIDENT])
@pytest.mark.parametrize("hall", [CHUO, None])
def test_without_a_role_nothing_is_allowed(viewer, permission, hall):
    assert not may(viewer, permission, hall)


@pytest.mark.parametrize("permission", AT_A_HALL)
def test_a_manager_works_in_their_hall_and_in_no_other(permission):
    assert may(MANAGER, permission, CHUO)
    assert not may(MANAGER, permission, KITA)
    assert not may(MANAGER, permission, None)


def test_the_office_is_the_clerks():
    assert may(CLERK, Permission.OFFICE, None)
    assert not may(MANAGER, Permission.OFFICE, None)
    assert not may(Viewer(roles=(Role("manager", None),)), Permission.OFFICE, None)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("hall", [CHUO, KITA, None])
def test_a_clerk_covers_every_hall(permission, hall):
    assert may(CLERK, permission, hall)


def test_a_clerk_of_one_hall_does_not_see_the_others():
    of_chuo = Viewer(roles=(Role("clerk", CHUO),))

    assert may(of_chuo, Permission.DESK, CHUO)
    assert not may(of_chuo, Permission.DESK, KITA)
    assert not may(of_chuo, Permission.OFFICE, None)


@given(
    st.lists(ROLES, max_size=4),
    ROLES,
    st.sampled_from(Permission),
    st.sampled_from([CHUO, KITA, None]),
)
def test_one_more_role_never_takes_anything_away(roles, more, permission, hall):
    if may(Viewer(roles=tuple(roles)), permission, hall):
        assert may(Viewer(roles=(*roles, more)), permission, hall)


@given(st.lists(ROLES, max_size=4), st.sampled_from(Permission))
def test_what_is_allowed_everywhere_is_allowed_in_every_hall(roles, permission):
    viewer = Viewer(roles=tuple(roles))
    if may(viewer, permission, None):
        assert may(viewer, permission, CHUO)
        assert may(viewer, permission, KITA)
