"""How a stand-in listens: on this machine only, quietly, until it is stopped."""

import socket
import threading
from typing import Self

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class Dropped(Exception):  # noqa: N818 - no error of ours: the line is cut
    """The connection is closed without an answer."""


class Quiet(WSGIRequestHandler):
    """Serves without writing a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; the simulator keeps a log of its own."""


class Listening:
    """A server in a thread of its own; port 0 takes a free one."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self.port = name, port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, app: Flask) -> Self:
        """Begin to listen."""
        server = make_server("127.0.0.1", self.port, app, threaded=True, request_handler=Quiet)
        self._server, self.port = server, server.server_port
        self._thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), name=self.name, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop; nothing is left running."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def cut() -> Response:
    """Cut the line of the request that is being answered."""
    line: socket.socket = request.environ["werkzeug.socket"]
    line.shutdown(socket.SHUT_RDWR)
    return Response()


def careful(answer: Response) -> Response:
    """Let pages load nothing from anywhere, and nobody keep them."""
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
