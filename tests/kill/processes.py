"""Real processes of the service: started as in production, watched, killed without a word."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT, SECRET
from tests.usecases.mailbox import free_port

HOST = "127.0.0.1"


@dataclass
class Process:
    """A program of the service, and the file with what it says."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    port: int = 0
    gone: set[int] = field(default_factory=set)

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def children(self) -> list[int]:
        """Return the processes that it started and that run."""
        return [pid for pid in children_of(self.pid) if pid not in self.gone]

    def answers(self, path: str = "/healthz") -> bool:
        """Say whether it answers 200."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill_a_child(self) -> int:
        """Kill -9 one of its processes and return which."""
        victim = self.children[0]
        self.gone.add(victim)
        os.kill(victim, signal.SIGKILL)
        return victim

    def kill(self) -> None:
        """Kill -9 it and everything that it started."""
        kill_all([self.pid, *descendants_of(self.pid)])
        self.popen.wait(10)

    def said(self) -> str:
        """Return the end of what it wrote."""
        return self.log.read_text(errors="replace")[-4000:]


@contextmanager
def gunicorn(database_url: str, folder: Path, *, workers: int = 2) -> Iterator[Process]:
    """Serve the pages and the API of a database by gunicorn, as in production."""
    port = free_port()
    command = ["-m", "gunicorn", "-c", "python:app.serving", "wsgi:application"]
    with _running("web", command, database_url, folder,
                  PORT=str(port), WEB_CONCURRENCY=str(workers)) as web:  # fmt: skip
        web.port = port
        wait_for(lambda: web.answers() and len(web.children) == workers, web.said)
        yield web


@contextmanager
def worker(database_url: str, folder: Path, *, mail_url: str, name: str) -> Iterator[Process]:
    """Run the worker of a database."""
    command = ["-m", "flask", "--app", "wsgi", "worker"]
    with _running(name, command, database_url, folder, MAIL_URL=mail_url) as started:
        yield started


@contextmanager
def _running(
    name: str, command: list[str], database_url: str, folder: Path, **settings: str
) -> Iterator[Process]:
    log = folder / f"{name}.log"
    with log.open("wb") as said:
        popen = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=_environment(database_url, settings),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    process = Process(name, popen, log)
    try:
        yield process
    finally:
        process.kill()


def _environment(database_url: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "ASSETS": "local",
        "WEB_THREADS": "8",
        **settings,
    }


def wait_for(
    happened: Callable[[], object],
    said: Callable[[], str] = str,
    *,
    within: float = 40.0,
) -> None:
    """Ask again and again until something happened; fails with what was said when it does not."""
    deadline = time.monotonic() + within
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {within:.0f} s: {said()}")
        time.sleep(0.02)  # between two looks; nothing is assumed of it


def kill_all(pids: list[int]) -> None:
    """Kill -9 these processes, and wait until each is gone or waits to be buried."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_for(lambda: not any(runs(pid) for pid in pids), lambda: f"{pids} do not die")


def runs(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be buried does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started and that run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if int(parent) == pid and runs(int(entry.name)):
                found.append(int(entry.name))
    return sorted(found)


def descendants_of(pid: int) -> list[int]:
    """Return everything that a process started, and what that started."""
    found = []
    for child in children_of(pid):
        found += [child, *descendants_of(child)]
    return found
