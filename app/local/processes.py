"""Processes and process groups: which run, how they end, and that they never outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PROC = Path("/proc")
TICK = 0.05
PR_SET_PDEATHSIG = 1
KILLED_WITHIN = 5.0


def started(pid: int) -> str | None:
    """Return a mark that only this very process has; None when it is gone or a zombie.

    A pid alone may have been given to another process since; pid and mark may not.
    """
    if not PROC.is_dir() or not (PROC / "self/stat").exists():
        return _ps(pid, "lstart")
    stat = _stat(pid)
    if stat is None or stat[0] in "ZX":
        return None
    return f"{boot()} {stat[19]}"


def boot() -> str:
    """Return a name of the present boot: start times and pids begin anew with each."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def command_line(pid: int) -> list[str]:
    """Return the arguments that the process was started with; empty when it is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return (_ps(pid, "command") or "").split(" ") if sys.platform != "linux" else []


def is_group_alive(group: int) -> bool:
    """Say whether a process of the group still runs; zombies do not count."""
    if sys.platform != "linux":
        return _send(group, 0)
    stats = (_stat(int(entry.name)) for entry in PROC.iterdir() if entry.name.isdecimal())
    return any(s is not None and s[0] not in "ZX" and int(s[2]) == group for s in stats)


def stop_groups(groups: Iterable[int], *, grace: float) -> None:
    """Ask every process of the groups to end, and kill what still runs after `grace` seconds."""
    left = [group for group in groups if _send(group, signal.SIGTERM)]
    if wait_until(lambda: not any(map(is_group_alive, left)), within=grace):
        return
    for group in left:
        _send(group, signal.SIGKILL)
    wait_until(lambda: not any(map(is_group_alive, left)), within=KILLED_WITHIN)


def wait_until(is_so: Callable[[], bool], *, within: float) -> bool:
    """Ask again and again until it is so; False when it is not so `within` seconds."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(TICK)
    return True


def leash() -> Callable[[], None] | None:
    """Return what a child runs before exec, so that the kernel ends it when we are killed.

    Only Linux can do this; elsewhere the next start clears up by `var/run.pid`.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # killed between fork and prctl: the signal will never come
            os._exit(1)

    return tie


def _send(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS: PermissionError when only zombies
        return False
    return True


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the state on: state, parent, group, ..."""
    try:
        # The program's name stands in brackets before, and may itself hold spaces and brackets.
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _ps(pid: int, field: str) -> str | None:
    found = subprocess.run(
        ["ps", "-o", f"{field}=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None
