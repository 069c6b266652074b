"""Which account PostgreSQL runs under: it refuses root, so as root a lesser one is borrowed."""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.local.errors import LocalError

# Accounts that exist already; none is made. initdb wants a name, so a bare number will not do.
BORROWED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The account that owns the data and runs the server."""

    name: str
    uid: int
    gid: int

    @property
    def is_borrowed(self) -> bool:
        """Say whether we are root and step down to this account."""
        return self.uid != os.geteuid()

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run to the end as this account, away from the terminal's Ctrl-C; OSError if it can't."""
        return subprocess.run(
            command,
            # Our own folder may be closed to a borrowed account, and PostgreSQL asks where it is.
            cwd="/",
            env=_without_libpq_settings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            check=False,
            user=self.uid if self.is_borrowed else None,
            group=self.gid if self.is_borrowed else None,
            extra_groups=[] if self.is_borrowed else None,
        )

    def closed_folder_above(self, path: Path) -> Path | None:
        """Return the first folder on the way to `path` that a borrowed account can't enter."""
        if not self.is_borrowed:
            return None
        above = [folder for folder in reversed(path.parents) if folder.is_dir()]
        return next((folder for folder in above if not self._may_enter(folder)), None)

    def _may_enter(self, folder: Path) -> bool:
        found = folder.stat()
        owner = found.st_uid == self.uid and found.st_mode & stat.S_IXUSR
        return bool(owner or found.st_mode & stat.S_IXOTH)


def account_for(data: Path) -> Account:
    """Return ourselves; as root the owner of `data`, or for new data an account without rights."""
    uid = os.geteuid()
    if uid == 0:
        uid = data.stat().st_uid if data.exists() else 0
    if uid == 0:
        return _borrowed()
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        raise LocalError(
            f"利用者番号 {uid} に名前がないため、initdb が動きません。"
            "名前のある利用者で実行するか、DATABASE_URL を指定してください。"
        ) from None
    return Account(found.pw_name, uid, found.pw_gid)


def _borrowed() -> Account:
    for name in BORROWED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise LocalError(
        "PostgreSQL は root では動きません。代わりの利用者（postgres か nobody）もありません。"
        "一般の利用者で実行するか、DATABASE_URL を指定してください。"
    )


def _without_libpq_settings() -> dict[str, str]:
    """PGPORT, PGDATA and the like would change the server; TZ would become its time zone."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"TZ": "UTC"}
