"""What a stand-in knows, behind one lock, in memory and (if asked) in a file."""

import copy
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

from app.sims.clock import SimClock

Body: TypeAlias = dict[str, Any]


class Kept:
    """A state of plain values that a restart finds again, the clock's offset with it."""

    def __init__(self, clock: SimClock, path: Path | None, fresh: Body) -> None:
        self.clock = clock
        self.lock = threading.Condition(threading.RLock())
        self.holding = False  # whether deliveries wait until they are released
        self._path = path
        self._kept: Body = {"deliveries": [], **fresh}
        if path is not None and path.exists():
            self._kept |= json.loads(path.read_text("utf-8"))
            clock.offset = timedelta(seconds=self._kept.pop("offset"))
            self._resume()

    def _resume(self) -> None:
        for one in self.deliveries:
            if one["state"] == "sending":  # a former run was ended in the middle of it
                one["state"] = "waiting"

    @property
    def deliveries(self) -> list[Body]:
        """Return what was or will be sent to somebody, the oldest first."""
        found: list[Body] = self._kept["deliveries"]
        return found

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; what was changed is saved, and whoever waits looks again."""
        with self.lock:
            try:
                yield
            finally:
                self.save()
                self.lock.notify_all()

    def save(self) -> None:
        """Write the file whole or not at all, so that a kill in between loses nothing."""
        if self._path is None:
            return
        text = json.dumps(self._kept | {"offset": self.clock.offset.total_seconds()})
        draft = self._path.with_suffix(".writing")
        draft.write_text(text, "utf-8")
        os.replace(draft, self._path)


def shown(body: Body) -> Body:
    """Return a copy that can leave the lock."""
    return copy.deepcopy(body)
