"""One at a time: a lock between processes that a killed holder cannot leave behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.local.errors import LocalError


@contextmanager
def alone(path: Path, *, busy: str | None = None) -> Iterator[None]:
    """Hold the lock on `path`; waits for it, or raises LocalError(`busy`) when that is given.

    The kernel lets go of it when the holder dies, however it dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            raise LocalError(busy or "") from None
        yield
