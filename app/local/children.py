"""Child processes: how one is started, run to its end, or kept with its luck so far."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.local.errors import LocalError
from app.local.logs import ErrorLines, fresh_log, tail
from app.local.processes import leash, stop_groups
from app.local.stopping import FOREVER, StopRequest

GRACE = 10.0
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0  # one that ran so long died of something new


@dataclass(frozen=True, slots=True)
class Child:
    """A program to run; its log has its name."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every child gets: where it runs, what it is told, and where it writes."""

    folder: Path
    environment: Mapping[str, str]
    logs: Path

    def log_of(self, child: Child) -> Path:
        """Return the file that the child writes to."""
        return self.logs / f"{child.name}.log"

    def spawn(self, child: Child) -> subprocess.Popen[bytes]:
        """Start a program in a process group of its own, out of reach of the terminal's Ctrl-C."""
        with self.log_of(child).open("ab") as log:
            return subprocess.Popen(
                child.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=leash(),
            )

    @contextmanager
    def begun(self, child: Child, *, stop: StopRequest) -> Iterator[Callable[[], str]]:
        """Start a program at once; calling what this gives waits for it and returns its words.

        That call raises LocalError when the program fails. Whoever leaves early ends it.
        """
        log = fresh_log(self.log_of(child))
        process = self.spawn(child)

        def end() -> str:
            stop.wait_until(lambda: process.poll() is not None, within=FOREVER)
            if process.returncode != 0:
                raise LocalError(f"{child.name} が失敗しました（{log}）。\n{tail(log)}")
            return log.read_text(errors="replace")

        try:
            yield end
        finally:
            stop_groups([process.pid] if process.poll() is None else [], grace=GRACE)
            process.wait()

    def run_to_end(self, child: Child, *, stop: StopRequest) -> str:
        """Run a program and return what it wrote; raises LocalError when it fails."""
        with self.begun(child, stop=stop) as end:
            return end()


class KeptChild:
    """One child that is to run always, with its present process."""

    def __init__(self, child: Child, surroundings: Surroundings, *, pause: float) -> None:
        self.name = child.name
        self.log = fresh_log(surroundings.log_of(child))
        self.errors = ErrorLines(self.log)
        self.due: float | None = None
        self._child, self._surroundings = child, surroundings
        self._first_pause = self._pause = pause
        self.process = surroundings.spawn(child)
        self._since = time.monotonic()

    def is_dead(self) -> bool:
        """Say whether the process has ended."""
        return self.process.poll() is not None

    def restart(self) -> None:
        """Start a new process in place of the dead one."""
        self.process = self._surroundings.spawn(self._child)
        self._since, self.due = time.monotonic(), None

    def plan_restart(self) -> float:
        """Return the pause before the next start; each early death doubles it."""
        now = time.monotonic()
        if now - self._since > STEADY_AFTER:
            self._pause = self._first_pause
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self.due = now + pause
        return pause
