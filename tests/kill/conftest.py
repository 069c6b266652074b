"""Databases and tokens for processes of their own, by the real clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from tests import builders
from tests.api.calling import a_token


@pytest.fixture
def midori(app: Flask) -> Iterator[Catalogue]:
    """みどり市, for which everything in the test runs."""
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            yield found


@pytest.fixture
def token(app: Flask, midori: Catalogue) -> str:
    """A program's key to みどり市."""
    return a_token(app)


@pytest.fixture
def url(app: Flask) -> str:
    """Where the test's database is."""
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the processes write what they say."""
    return tmp_path
