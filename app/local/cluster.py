"""The commands that make, start and stop a PostgreSQL cluster, run as its account."""

import os
import shlex
import shutil
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from app.local.account import Account
from app.local.binaries import Binaries
from app.local.errors import LocalError
from app.local.postmaster import running_on

LOCALE = "C.UTF-8"  # with LC_CTYPE=C, text search would silently see no Japanese at all
BREAKS_SHELL_QUOTES = set('"$`\\\n')  # pg_ctl puts the path between double quotes for sh

OLD_SESSIONS = "shared memory block"  # a killed server's sessions finish what they are doing
SESSIONS_END_WITHIN = 15.0


def create_cluster(data: Path, *, binaries: Binaries, account: Account) -> None:
    """Make `data`; an interrupted attempt leaves nothing that looks finished."""
    unfinished = data.with_name(f"{data.name}.new")
    if BREAKS_SHELL_QUOTES & set(str(data)):
        raise LocalError(f'パスに " $ ` \\ は使えません: {data}')
    if closed := account.closed_folder_above(data):
        raise LocalError(
            f"{data} は利用者 {account.name} から使えません（{closed} に入れません）。"
            "root では、だれでも入れるフォルダー（/srv や /opt など）に置いてください。"
        )
    if unfinished.exists():
        shutil.rmtree(unfinished)
    _make_folder(unfinished, account)
    choices = ["-U", "postgres", "-A", "trust", "--encoding=UTF8", f"--locale={LOCALE}"]
    answer = account.run([binaries["initdb"], "-D", str(unfinished), *choices, "--no-sync"])
    if answer.returncode != 0:
        raise LocalError(f"initdb が失敗しました。\n{answer.stdout.strip()}")
    unfinished.rename(data)


def launch(
    data: Path, *, sockets: Path, settings: Mapping[str, str], binaries: Binaries, account: Account
) -> None:
    """Start the server and return once it takes connections."""
    _make_socket_folder(sockets, account)
    options = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        **settings,
    }
    flags = shlex.join(part for key, value in options.items() for part in ("-c", f"{key}={value}"))
    deadline = time.monotonic() + SESSIONS_END_WITHIN
    while (said := _try_to_start(data, flags, binaries=binaries, account=account)) is not None:
        if OLD_SESSIONS not in said or time.monotonic() > deadline:
            raise LocalError(f"PostgreSQL を始められません。\n{said}")
        time.sleep(0.2)


def halt(data: Path, *, binaries: Binaries, account: Account) -> None:
    """Stop the server; open sessions are ended, what they committed is kept."""
    for mode in ("fast", "immediate"):
        answer = account.run(
            [binaries["pg_ctl"], "-D", str(data), "-w", "-s", "-t", "30", "-m", mode, "stop"]
        )
        if answer.returncode == 0 or running_on(data) is None:  # it may have died meanwhile
            return
    raise LocalError(f"PostgreSQL を止められません。\n{answer.stdout.strip()}")


def _try_to_start(data: Path, flags: str, *, binaries: Binaries, account: Account) -> str | None:
    """Return None on success, otherwise what pg_ctl and the server said."""
    log = data / "server.log"
    before = log.stat().st_size if log.exists() else 0
    answer = account.run(
        [binaries["pg_ctl"], "-D", str(data), "-w", "-s", "-l", str(log), "-o", flags, "start"]
    )
    if answer.returncode == 0:
        return None
    said = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
    return f"{answer.stdout}{said}".rstrip()


def _make_folder(folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700)
    if account.is_borrowed:
        os.chown(folder, account.uid, account.gid)


def _make_socket_folder(folder: Path, account: Account) -> None:
    """Anybody may write to the temporary folder above, so a folder found there is suspect."""
    try:
        _make_folder(folder, account)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != account.uid or stat.S_IMODE(found.st_mode) != 0o700:
            raise LocalError(f"{folder} がほかの人のものです。消してください。") from None
        if not stat.S_ISDIR(found.st_mode):
            raise LocalError(f"{folder} がフォルダーではありません。消してください。") from None
