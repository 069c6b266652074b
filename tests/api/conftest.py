"""Programs with and without a token; the document is generated once for all tests."""

import pytest
from flask import Flask

from tests.api.calling import Program, a_token


@pytest.fixture
def anybody(app: Flask) -> Program:
    """A program without a token."""
    return Program(app)


@pytest.fixture
def program(app: Flask) -> Program:
    """A program that may do everything in みどり市."""
    return Program(app, token=a_token(app))


@pytest.fixture
def neighbour(app: Flask) -> Program:
    """A program that may do everything in あおば町."""
    return Program(app, "aoba", token=a_token(app, "aoba"))
