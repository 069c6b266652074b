"""Faults on order: the next calls that match fail in the way that was asked for."""

import re
import threading
from dataclasses import dataclass

KINDS = ("500", "500_after", "429", "slow", "drop", "drop_after")


@dataclass(slots=True)
class Fault:
    """What shall happen to the next calls of a kind."""

    method: str
    path: re.Pattern[str]
    kind: str
    times: int
    seconds: float


class Faults:
    """The faults that were ordered and have not happened yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: list[Fault] = []

    def order(self, method: str, path: str, kind: str, *, times: int, seconds: float) -> None:
        """Order a fault for the next calls of a method to a path (a pattern)."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}; there are {', '.join(KINDS)}")
        with self._lock:
            self._ordered.append(Fault(method.upper(), re.compile(path), kind, times, seconds))

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of this call, once for each time that was ordered."""
        with self._lock:
            for fault in self._ordered:
                if fault.method == method and fault.path.search(path):
                    fault.times -= 1
                    if fault.times == 0:
                        self._ordered.remove(fault)
                    return fault
        return None
