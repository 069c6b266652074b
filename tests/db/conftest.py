"""A municipality to work in, and a look past every policy at what came of it."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from tests import builders
from tests.db import proof


@pytest.fixture
def midori(app: Flask) -> Iterator[Catalogue]:
    """みどり市, for which everything in the test runs."""
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            yield found


@pytest.fixture
def database(midori: Catalogue) -> Iterator[psycopg.Connection]:
    """The test's database, seen past every policy."""
    with proof.as_superuser() as connection:
        yield connection


@pytest.fixture
def sound(database: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The same; after the test nothing may be broken, and nobody may have met in a deadlock."""
    before = proof.deadlocks(database)
    yield database
    proof.assert_whole(database)
    assert proof.deadlocks(database) == before
