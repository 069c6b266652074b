"""Serves a house with gunicorn as in production, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.house import ROOT, SECRET, House
from bench.load import HOST


@dataclass(frozen=True)
class Served:
    """A house that answers: on which port, from which process."""

    house: House
    port: int
    process_id: int

    def megabytes(self) -> float:
        """Return the resident memory of the web processes together."""
        pages = 0
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children")
        for child in children.read_text().split():
            pages += int(Path(f"/proc/{child}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def served(house: House) -> Iterator[Served]:
    """Serve a house in 2 processes of 8 threads."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": house.url.replace("+psycopg", ""),
        "SECRET_KEY": SECRET,
        "BASE_URL": "http://127.0.0.1",
        "PORT": str(port),
        "ASSETS": "local",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:app.serving"]
    with (ROOT / "var" / f"{house.name}.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "bench.wsgi:application"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for(port, process)
            yield Served(house, port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("gunicorn did not start: see var/bench*.log")
