"""A private PostgreSQL in the project's own folder: nothing to install, nothing shared.

It listens only on a Unix socket in a folder of mode 0700 and trusts whoever gets there.
`python -m app.local` keeps one in var/postgres, the tests one in var/test-postgres.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.local.account import account_for
from app.local.alone import alone
from app.local.binaries import find_binaries
from app.local.cluster import create_cluster, halt, launch
from app.local.errors import LocalError
from app.local.postmaster import (
    SOCKET_NAME,
    Postmaster,
    forget_dead_server,
    running_on,
    socket_folder,
)
from app.local.processes import started, wait_until

ANSWERS_WITHIN = 30.0  # recovery after a crash takes its time


class PrivatePostgres:
    """One server on one data folder; any number of processes may call this at once."""

    def __init__(self, data: Path, *, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self.data = data.resolve()
        self._settings = settings  # those of the call that starts the server hold
        self._lock = self.data.with_name(f"{self.data.name}.lock")

    def start(self) -> None:
        """Start the server, or take over the one that already runs; raises LocalError."""
        with alone(self._lock):
            server = running_on(self.data)
            if server and self._answers(server):
                return
            account = account_for(self.data)
            binaries = find_binaries(account)
            if server:
                halt(self.data, binaries=binaries, account=account)
            if not (self.data / "PG_VERSION").exists():
                create_cluster(self.data, binaries=binaries, account=account)
            self._check_version(binaries.major)
            sockets = socket_folder(self.data, account)
            forget_dead_server(self.data, sockets=sockets)
            launch(
                self.data,
                sockets=sockets,
                settings=self._settings,
                binaries=binaries,
                account=account,
            )

    def stop(self) -> None:
        """Stop the server, whoever started it; does nothing when it does not run."""
        with alone(self._lock):
            if (server := running_on(self.data)) is None:
                return
            account = account_for(self.data)
            halt(self.data, binaries=find_binaries(account), account=account)
            wait_until(lambda: started(server.pid) is None, within=ANSWERS_WITHIN)
            with contextlib.suppress(OSError):
                server.socket_folder.rmdir()

    def is_running(self) -> bool:
        """Say whether a server runs on the data folder."""
        return running_on(self.data) is not None

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database`; the port stands there because of PGPORT."""
        folder = quote(str(self._socket_folder()), safe="/")
        return f"postgresql+psycopg://postgres@/{quote(database)}?host={folder}&port=5432"

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make an empty database, or a copy of `template`, to which nobody may be connected."""
        command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            command += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with self._connect() as connection:
            connection.execute(command)

    def drop_database(self, name: str) -> None:
        """Remove a database and end the sessions in it; does nothing when there is none."""
        command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with self._connect() as connection:
            connection.execute(command)

    def has_database(self, name: str) -> bool:
        """Say whether the server has a database of this name."""
        with self._connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def _socket_folder(self) -> Path:
        if server := running_on(self.data):
            return server.socket_folder  # TMPDIR may have been another when it was started
        return socket_folder(self.data, account_for(self.data))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._socket_folder()),
            port=5432,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _answers(self, server: Postmaster) -> bool:
        """Give a server that still recovers its time, but none that lost its socket."""
        socket = server.socket_folder / SOCKET_NAME
        wait_until(
            lambda: self._takes_connections() or not socket.exists() or not self.is_running(),
            within=ANSWERS_WITHIN,
        )
        return self._takes_connections()

    def _takes_connections(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _check_version(self, major: int) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(major):
            raise LocalError(
                f"{self.data} は PostgreSQL {made_by} のデータで、手元は {major} です。"
                f"PG_BIN で {made_by} を指定するか、make reset（テスト用なら削除）をしてください。"
            )
