"""What tests of pages and letters share."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.usecases.mailbox import MailBox, open_mailbox


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
