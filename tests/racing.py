"""Many at once: threads that a barrier lets go together, each with a session of its own."""

import math
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy import text

from app.db import db
from app.db.session import current_tenant, tenant_scope
from app.kernel.refusals import Refused


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one runner: a result or an error, after how many seconds."""

    argument: Any
    result: Any
    error: BaseException | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Race:
    """What came of all runners, in the order of their arguments."""

    outcomes: tuple[Outcome, ...]

    @property
    def results(self) -> list[Any]:
        """Return what those brought home who were not refused."""
        return [one.result for one in self.outcomes if one.error is None]

    @property
    def refusals(self) -> list[tuple[str, ...]]:
        """Return the codes that each refused runner was told."""
        return [one.error.codes for one in self.outcomes if isinstance(one.error, Refused)]

    @property
    def seconds(self) -> list[float]:
        """Return how long each took."""
        return [one.seconds for one in self.outcomes]


def race(work: Callable[[Any], Any], *arguments: Any, within: float = 30.0) -> Race:
    """Run `work` once for each argument, all at once, and return what came of each.

    Call in an application context and a tenant scope; each thread gets its own of both. An
    error that is no refusal is raised here, and so is a race that does not end in time.
    """
    runners = _Runners(work, arguments, within)
    threads = [
        threading.Thread(target=runners.run, args=(place,), daemon=True)
        for place in range(len(arguments))
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + within
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if stuck := [thread for thread in threads if thread.is_alive()]:
        raise AssertionError(f"{len(stuck)} of {len(threads)} still run: {_stacks(stuck)}")
    outcomes = runners.outcomes()
    bugs = [one.error for one in outcomes if one.error and not isinstance(one.error, Refused)]
    if bugs:
        raise BaseExceptionGroup("not every loser was told by a refusal", bugs)
    return Race(outcomes)


def percentile(seconds: Sequence[float], percent: float) -> float:
    """Return the time that so many percent did not exceed, in milliseconds."""
    ordered = sorted(seconds)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] * 1000


class _Runners:
    def __init__(self, work: Callable[[Any], Any], arguments: Sequence[Any], within: float) -> None:
        self.work = work
        self.arguments = arguments
        self.gate = threading.Barrier(len(arguments), timeout=within)
        self.app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self.tenant_id = current_tenant()
        self.came: dict[int, Outcome] = {}

    def run(self, place: int) -> None:
        argument = self.arguments[place]
        with self.app.app_context(), tenant_scope(self.tenant_id):
            result, error, started = None, None, time.perf_counter()
            try:
                self._connect()
                self.gate.wait()
                started = time.perf_counter()
                result = self.work(argument)
            except BaseException as caught:
                error = caught
            self.came[place] = Outcome(argument, result, error, time.perf_counter() - started)
            db.session.remove()

    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(self.came[place] for place in range(len(self.arguments)))

    def _connect(self) -> None:
        """Have the pool open a connection before the start: connecting is not what races."""
        db.session.execute(text("select 1"))
        db.session.rollback()


def _stacks(threads: Sequence[threading.Thread]) -> str:
    frames = sys._current_frames()
    return "\n".join(
        "".join(traceback.format_stack(frames[thread.ident]))
        for thread in threads[:3]
        if thread.ident in frames
    )
