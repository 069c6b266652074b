"""What tests of pages and letters share."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import Clock
from tests.usecases.mailbox import MailBox, open_mailbox
from tests.web.doors import House, a_house


@pytest.fixture
def mailbox(app: Flask) -> Iterator[MailBox]:
    """The mail server that the service hands its letters to."""
    settings = app.config["KAIKAN"]
    with open_mailbox() as box:
        app.config["KAIKAN"] = dataclasses.replace(
            settings, mail_url=box.url, base_url="https://yoyaku.example"
        )
        yield box
        app.config["KAIKAN"] = settings


@pytest.fixture
def house(app: Flask, clock: Clock) -> Iterator[House]:
    """A hall whose doors open with numbers."""
    with a_house(app, clock) as one:
        yield one
