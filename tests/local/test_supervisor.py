"""The supervisor, with real processes: it keeps its children alive, and takes them along."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.local.database import repository_heads
from app.local.errors import LocalError
from app.local.logs import ErrorLines
from app.local.place import Place
from app.local.processes import is_group_alive, started, stop_groups, wait_until
from app.local.record import Mark, Record, own_record, read_record

ROOT = Path(__file__).parents[2]
DEADLINE = 30.0

SUPERVISE = """
import os, sys
from pathlib import Path
from app.local.children import Child, Surroundings
from app.local.errors import LocalError, StopRequested
from app.local.stopping import StopRequest
from app.local.supervisor import Supervisor
folder, programs = Path(sys.argv[1]), sys.argv[2:]
stop = StopRequest()
stop.listen()
supervisor = Supervisor(
    [Child(f"child{n}", [sys.executable, "-c", text]) for n, text in enumerate(programs)],
    surroundings=Surroundings(folder=folder, environment=os.environ, logs=folder / "log"),
    record=folder / "run.pid", stop=stop, pause=0.05,
)
try:
    supervisor.run(
        is_up=lambda: len(list(folder.glob("up*"))) == len(programs),
        when_up=lambda: print("all up", flush=True),
        patience=30,
    )
except StopRequested:
    print("stopped")
except LocalError as error:
    sys.exit(str(error))
"""
RUN_ONE_STEP = """
import os, sys
from pathlib import Path
from app.local.children import Child, Surroundings
from app.local.errors import StopRequested
from app.local.stopping import StopRequest
folder, text = Path(sys.argv[1]), sys.argv[2]
stop = StopRequest()
stop.listen()
surroundings = Surroundings(folder=folder, environment=os.environ, logs=folder)
try:
    surroundings.run_to_end(Child("step", [sys.executable, "-c", text]), stop=stop)
except StopRequested:
    print("stopped")
"""
UP = "import os, pathlib, signal, subprocess, sys, time; pathlib.Path(f'up{os.getpid()}').touch(); "
STAYS = UP + "time.sleep(600)"
HAS_A_CHILD = UP + "subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
IS_STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
DIES_AT_ONCE = "import sys; sys.exit('no such table')"
COMPLAINS = UP + "print('ERROR disk is full', flush=True); time.sleep(600)"


@contextmanager
def supervised(
    folder: Path, *programs: str, script: str = SUPERVISE
) -> Iterator[subprocess.Popen[str]]:
    """A supervisor in a process of its own, up and running, and stopped at the latest here."""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", script, str(folder), *programs],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As in a terminal: whoever runs the tests under nohup has it ignored, also by children.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_until_it_says(process: subprocess.Popen[str], words: str) -> None:
    assert any(words in line for line in process.stdout), f"it never said {words!r}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def children_of(folder: Path) -> dict[str, Mark]:
    record = read_record(folder / "run.pid")
    assert record is not None
    return dict(record.children)


class TestWhenSomebodyAsksToStop:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_no_process_is_left(self, tmp_path, number):
        with supervised(tmp_path, STAYS, HAS_A_CHILD) as supervisor:
            wait_until_it_says(supervisor, "all up")
            groups = [child.pid for child in children_of(tmp_path).values()]

            supervisor.send_signal(number)
            rest = supervisor.communicate(timeout=DEADLINE)[0]

        assert "stopped" in rest
        assert len(groups) == 2
        assert not any(map(is_group_alive, groups))

    def test_a_step_under_way_is_ended_too(self, tmp_path):
        with supervised(tmp_path, STAYS, script=RUN_ONE_STEP) as supervisor:
            assert wait_until(lambda: any(tmp_path.glob("up*")), within=DEADLINE)

            supervisor.terminate()
            assert "stopped" in supervisor.communicate(timeout=DEADLINE)[0]

        [pid] = [int(path.name.removeprefix("up")) for path in tmp_path.glob("up*")]
        assert started(pid) is None


class TestAChild:
    @pytest.mark.kill
    def test_that_is_killed_is_started_again(self, tmp_path):
        with supervised(tmp_path, STAYS) as supervisor:
            wait_until_it_says(supervisor, "all up")
            before = children_of(tmp_path)["child0"]

            os.kill(before.pid, signal.SIGKILL)
            wait_until_it_says(supervisor, "child0 を始め直しました")

            after = children_of(tmp_path)["child0"]
            assert after.pid != before.pid
            assert wait_until(lambda: (tmp_path / f"up{after.pid}").exists(), within=DEADLINE)

    def test_that_never_comes_up_is_shown_with_its_last_words(self, tmp_path):
        with supervised(tmp_path, STAYS, DIES_AT_ONCE) as supervisor:
            said = supervisor.communicate(timeout=DEADLINE)[0]

        assert supervisor.returncode == 1
        assert "child1 が始まりません" in said
        assert "no such table" in said

    def test_that_logs_an_error_is_heard_in_the_terminal(self, tmp_path):
        with supervised(tmp_path, COMPLAINS) as supervisor:
            wait_until_it_says(supervisor, "[child0] ERROR disk is full")

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to a parent")
    @pytest.mark.kill
    def test_does_not_outlive_a_killed_supervisor(self, tmp_path):
        with supervised(tmp_path, STAYS, STAYS) as supervisor:
            wait_until_it_says(supervisor, "all up")
            groups = [child.pid for child in children_of(tmp_path).values()]

            supervisor.kill()

        assert wait_until(lambda: not any(map(is_group_alive, groups)), within=DEADLINE)

    @pytest.mark.kill
    def test_that_clings_to_life_is_found_by_the_next_run(self, tmp_path):
        with supervised(tmp_path, IS_STUBBORN) as supervisor:
            wait_until_it_says(supervisor, "all up")
            supervisor.kill()

        left = read_record(tmp_path / "run.pid").groups_left()
        assert len(left) == 1
        stop_groups(left, grace=0.1)

        assert read_record(tmp_path / "run.pid").groups_left() == []


class TestTheRecord:
    def test_does_not_take_a_stranger_for_a_child(self, tmp_path):
        with subprocess.Popen([sys.executable, "-c", STAYS], cwd=tmp_path) as stranger:
            try:
                mine = Mark.of(stranger.pid)
                old = replace(mine, started=f"{mine.started}0")
                record = Record(own_record({}).supervisor, {"web": old})

                assert mine.is_alive()
                assert not old.is_alive()
                assert record.groups_left() == []
            finally:
                stranger.kill()

    def test_survives_being_cut_short(self, tmp_path):
        (tmp_path / "run.pid").write_text('{"supervisor": {"pid": 1')

        assert read_record(tmp_path / "run.pid") is None


class TestTheErrorLines:
    def test_bring_a_traceback_to_its_end_and_nothing_twice(self, tmp_path):
        log = tmp_path / "web.log"
        log.write_text("INFO ok\nTraceback (most recent call last):\n  File a\nValueError: b\nok\n")
        errors = ErrorLines(log)

        assert list(errors.new())[-1] == "ValueError: b"
        with log.open("a") as file:
            file.write("CRITICAL half of a li")
        assert list(errors.new()) == []
        with log.open("a") as file:
            file.write("ne\nINFO ok\n")

        assert list(errors.new()) == ["CRITICAL half of a line"]


class TestThePlace:
    def test_says_which_port_is_taken_and_how_to_take_another(self):
        free = Place(
            web_port=free_port(), mail_http_port=free_port(), mail_smtp_port=free_port(),
            stripe_port=free_port(), locks_port=free_port(),
        )  # fmt: skip
        free.check_ports()

        with (
            socket.create_server(("127.0.0.1", free.mail_http_port)),
            pytest.raises(LocalError, match=rf"{free.mail_http_port} は.*MAIL_HTTP_PORT="),
        ):
            free.check_ports()

    def test_keeps_its_secret_key_to_itself_and_over_restarts(self, tmp_path):
        place = Place(var=tmp_path)

        key = place.environment({}, database_url="postgresql://")["SECRET_KEY"]

        assert len(key) >= 32
        assert place.environment({}, database_url="postgresql://")["SECRET_KEY"] == key
        assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_newest_migration_is_the_one_that_alembic_finds():
    migrations = ROOT / "migrations"

    assert repository_heads(migrations) == set(ScriptDirectory(str(migrations)).get_heads())
