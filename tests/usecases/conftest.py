"""What use case tests begin with: みどり市, somebody in it, and a look past every policy."""

import pytest

from app.booking.service.application import Applicant
from app.facilities.catalogue import Catalogue
from tests import builders
from tests.db.conftest import database, midori, sound

__all__ = ["database", "midori", "sound"]


@pytest.fixture
def hanako(midori: Catalogue) -> Applicant:
    """A resident of みどり市."""
    return builders.a_resident()
