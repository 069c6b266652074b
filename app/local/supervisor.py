"""Keeps children running until somebody asks to stop, and then leaves no process behind."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.local.children import GRACE, Child, KeptChild, Surroundings
from app.local.errors import LocalError
from app.local.logs import tail
from app.local.processes import stop_groups
from app.local.record import own_record
from app.local.stopping import FOREVER, StopRequest


class Supervisor:
    """Runs the children; made and used in the main thread, which alone hears signals."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        surroundings: Surroundings,
        record: Path,
        stop: StopRequest,
        pause: float = 1.0,
        say: Callable[[str], None] = print,
    ) -> None:
        self._children = children
        self._surroundings = surroundings
        self._record = record
        self._stop = stop
        self._pause = pause
        self._say = say
        self._kept: list[KeptChild] = []

    def run(
        self, *, is_up: Callable[[], bool], when_up: Callable[[], None], patience: float
    ) -> None:
        """Start all, tell when they are up, keep them running until somebody asks to stop.

        Raises StopRequested then; or LocalError, with the end of the log, when a child dies
        before all is up or when that takes longer than `patience` seconds.
        """
        try:
            self._start_all()
            self._wait_until_up(is_up, patience)
            when_up()
            self._stop.wait_until(self._look_after_children, within=FOREVER)
        finally:
            self._stop_all()

    def _start_all(self) -> None:
        for child in self._children:
            self._kept.append(KeptChild(child, self._surroundings, pause=self._pause))
            self._write_record()

    def _wait_until_up(self, is_up: Callable[[], bool], patience: float) -> None:
        if not self._stop.wait_until(lambda: self._all_live() and is_up(), within=patience):
            logs = "\n".join(f"{kept.log}:\n{tail(kept.log)}" for kept in self._kept)
            raise LocalError(f"{patience:.0f} 秒待ちましたが、応答がありません。\n{logs}")

    def _all_live(self) -> bool:
        """Restarting helps against bad luck, not against a program that never came up."""
        for kept in self._kept:
            if kept.is_dead():
                raise LocalError(f"{kept.name} が始まりません（{kept.log}）。\n{tail(kept.log)}")
        return True

    def _look_after_children(self) -> bool:
        """Restart who died; never True, since this is what goes on until the stop."""
        for kept in self._kept:
            for line in kept.errors.new():
                self._say(f"[{kept.name}] {line}")
            if kept.due is not None:
                self._restart_when_due(kept, kept.due)
            elif kept.is_dead():
                self._plan_restart(kept)
        return False

    def _plan_restart(self, kept: KeptChild) -> None:
        stop_groups([kept.process.pid], grace=GRACE)  # what it started may still hold the port
        pause = kept.plan_restart()
        self._say(
            f"{kept.name} が終わりました（終了コード {kept.process.returncode}）。"
            f"{pause:g} 秒後に始め直します。\n{tail(kept.log, lines=5)}"
        )

    def _restart_when_due(self, kept: KeptChild, due: float) -> None:
        if time.monotonic() >= due:
            kept.restart()
            self._write_record()
            self._say(f"{kept.name} を始め直しました。")

    def _stop_all(self) -> None:
        running = [kept.process for kept in self._kept if not kept.is_dead()]
        stop_groups([process.pid for process in running], grace=GRACE)
        for process in running:
            process.wait()

    def _write_record(self) -> None:
        own_record({kept.name: kept.process.pid for kept in self._kept}).write(self._record)
