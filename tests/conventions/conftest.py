"""The application without a database: what it declares can be read, nothing can be asked."""

import pytest
from flask import Flask

from app.factory import create_app
from tests.conftest import settings_for


@pytest.fixture(scope="module")
def declared() -> Flask:
    """The application as it is put together."""
    return create_app(settings_for("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
