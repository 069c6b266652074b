"""run, stop, reset, demo-day: what a newcomer can do with the service on one machine."""

import os
import shutil
import signal
from collections.abc import Mapping
from functools import partial

from app.local.alone import alone
from app.local.children import Surroundings
from app.local.database import database_url, is_new
from app.local.errors import LocalError
from app.local.place import ROOT, Place
from app.local.postgres import PrivatePostgres
from app.local.processes import stop_groups, wait_until
from app.local.record import own_record, read_record
from app.local.service import announce, flask, is_up, kept_children, prepare
from app.local.stopping import StopRequest
from app.local.supervisor import Supervisor

PATIENCE = 300.0  # seconds; two slow cores that are busy with something else took more than 120
STOPS_WITHIN = 60.0

say = partial(print, flush=True)


def run(environment: Mapping[str, str] = os.environ) -> None:
    """Start everything and keep it running until Ctrl-C; raises StopRequested then."""
    place, stop = Place.from_environment(environment), StopRequest()
    stop.listen()
    busy = "会館はすでに動いています。make stop で止めてから始めてください。"
    with alone(place.var / "run.lock", busy=busy):
        _clear_leftovers(place)
        place.check_ports()
        own_record({}).write(place.record)
        try:
            _run_alone(place, environment, stop)
        finally:
            place.record.unlink(missing_ok=True)


def stop() -> None:
    """Stop what runs, and what a killed run left behind."""
    place = Place()
    server = PrivatePostgres(place.postgres)
    record = read_record(place.record)
    if record and record.supervisor.is_alive():
        os.kill(record.supervisor.pid, signal.SIGTERM)
        if not wait_until(lambda: not record.supervisor.is_alive(), within=STOPS_WITHIN):
            os.kill(record.supervisor.pid, signal.SIGKILL)
    elif not server.is_running():
        say("動いているものはありません。")
    _clear_leftovers(place)
    server.stop()
    say("止まりました。")


def reset(environment: Mapping[str, str] = os.environ) -> None:
    """Delete the private database; the next run begins anew."""
    if environment.get("DATABASE_URL"):
        raise LocalError(
            "DATABASE_URL のデータベースは消しません。"
            "手元のデータベースを消すには、DATABASE_URL を外して実行してください。"
        )
    place = Place()
    stop()
    for path in (place.postgres, place.postgres.with_name("postgres.new")):
        if path.exists():
            say(f"消します: {path}")
            shutil.rmtree(path)
    place.demo_pending.unlink(missing_ok=True)


def demo_day(environment: Mapping[str, str] = os.environ) -> None:
    """Move the demonstration's bookings so that they lie around today."""
    place, stop = Place.from_environment(environment), StopRequest()
    stop.listen()
    running = PrivatePostgres(place.postgres).is_running()
    with database_url(environment, data=place.postgres, leave_running=running) as url:
        if is_new(url):
            raise LocalError("まだデータがありません。先に make run をしてください。")
        surroundings = _surroundings(place, environment, url)
        say(surroundings.run_to_end(flask("demo-day", "demo", "move-to-today"), stop=stop))


def _run_alone(place: Place, environment: Mapping[str, str], stop: StopRequest) -> None:
    with database_url(environment, data=place.postgres, leave_running=False) as url:
        surroundings = _surroundings(place, environment, url)
        prepare(place, surroundings, url=url, stop=stop, say=say)
        supervisor = Supervisor(
            kept_children(place),
            surroundings=surroundings,
            record=place.record,
            stop=stop,
            say=say,
        )
        # Begun beside the others and not after them: it is a whole start of Python too.
        with surroundings.begun(flask("sign-ins", "demo", "sign-ins"), stop=stop) as sign_ins:
            supervisor.run(
                is_up=lambda: is_up(place),
                when_up=lambda: announce(place, sign_ins=sign_ins, say=say),
                patience=PATIENCE,
            )


def _surroundings(place: Place, environment: Mapping[str, str], url: str) -> Surroundings:
    told = place.environment(environment, database_url=url)
    return Surroundings(folder=ROOT, environment=told, logs=place.var / "log")


def _clear_leftovers(place: Place) -> None:
    record = read_record(place.record)
    if record and (groups := record.groups_left()):
        say("前回の残りのプロセスを止めています…")
        stop_groups(groups, grace=10.0)
    place.record.unlink(missing_ok=True)
