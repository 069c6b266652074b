"""A mail server on this machine that keeps what it is given, and refuses when told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from threading import Event, Lock
from typing import Any

from aiosmtpd.controller import Controller


class MailBox:
    """Speaks SMTP on 127.0.0.1; `refusing` so many letters before it takes one."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusing = 0
        self.asked = Event()
        self.port = 0
        self._lock = Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self._lock:
            self.asked.set()
            if self.refusing:
                self.refusing -= 1
                return "451 try again later"
            self.letters.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def open_mailbox() -> Iterator[MailBox]:
    """Take letters until the end of the block."""
    box = MailBox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
