"""What runs on a data folder, and where it listens: read from postmaster.pid, then verified."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.local.account import Account
from app.local.errors import LocalError
from app.local.processes import command_line, started

LONGEST_SOCKET_PATH = 103  # bytes; Linux allows 107, macOS 103
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server."""

    pid: int
    socket_folder: Path


def running_on(data: Path) -> Postmaster | None:
    """Return the server that runs on `data`, also one that a killed parent left.

    A pid file alone proves nothing: after a crash its number may belong to another program.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    except PermissionError:
        raise LocalError(
            f"{data} は別の利用者のデータです。その利用者で実行してください。"
        ) from None
    if len(lines) < 5 or not lines[0].isdecimal():
        return None
    pid = int(lines[0])
    if started(pid) is None or str(data) not in command_line(pid):
        return None
    return Postmaster(pid, Path(lines[4]))


def socket_folder(data: Path, account: Account) -> Path:
    """Return where the server of `data` will listen: a short path, however long that of `data`."""
    digest = hashlib.sha256(f"{account.uid} {data}".encode()).hexdigest()[:12]
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - the folder below is 0700
        folder = base.resolve() / f"kaikan-{digest}"
        short = len(bytes(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        if short and account.closed_folder_above(folder) is None:
            return folder
    raise LocalError(f"ソケットを置ける短いフォルダーがありません（{tempfile.gettempdir()}）。")


def forget_dead_server(data: Path, *, sockets: Path) -> None:
    """Remove the lock files of a server that is gone; only for when none runs on `data`.

    PostgreSQL itself stops short when their number belongs to a zombie or to another program.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (sockets / name).unlink(missing_ok=True)
