"""var/run.pid: which processes this run consists of, for `stop` and for the run after a crash."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from app.local.processes import boot, is_group_alive, started


@dataclass(frozen=True, slots=True)
class Mark:
    """One process, told apart from later owners of its pid by its start."""

    pid: int
    started: str | None

    @classmethod
    def of(cls, pid: int) -> Self:
        """Return the mark of a process that runs now."""
        return cls(pid, started(pid))

    def is_alive(self) -> bool:
        """Say whether this very process still runs."""
        return self.started is not None and started(self.pid) == self.started

    def may_lead_a_group(self) -> bool:
        """Say whether the group of this number can still be the one it led.

        A number is not given away while a group has it, so the leader itself may be gone.
        """
        now = started(self.pid)
        return now == self.started or (now is None and (self.started or "").startswith(boot()))


@dataclass(frozen=True, slots=True)
class Record:
    """The supervisor and, by name, the leaders of its children's process groups."""

    supervisor: Mark
    children: Mapping[str, Mark] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Replace the file in one step, so that a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(asdict(self), indent=1))
        new.replace(path)

    def groups_left(self) -> list[int]:
        """Return the children's process groups that still have members."""
        marks = self.children.values()
        return [m.pid for m in marks if m.may_lead_a_group() and is_group_alive(m.pid)]


def own_record(children: Mapping[str, int]) -> Record:
    """Return the record of this process and its children."""
    return Record(Mark.of(os.getpid()), {name: Mark.of(pid) for name, pid in children.items()})


def read_record(path: Path) -> Record | None:
    """Return what the last run wrote; None when it cleaned up after itself."""
    try:
        found = json.loads(path.read_text())
        children = {name: Mark(**mark) for name, mark in found["children"].items()}
        return Record(Mark(**found["supervisor"]), children)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
