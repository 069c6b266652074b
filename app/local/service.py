"""The programs that make up Kaikan on one machine, and the words that tell they are up."""

import hashlib
import http.client
import socket
import sys
from collections.abc import Callable

from app.cli.demonstration.doors import CLIENT, WORD, every_door
from app.local.children import Child, Surroundings
from app.local.database import is_new, is_up_to_date
from app.local.errors import LocalError
from app.local.place import HOST, ROOT, STAND_IN_KEY, STAND_IN_SEAL, Place
from app.local.stopping import StopRequest

STAND_IN_ACCOUNT = "acct_demo"  # as app/cli/demonstration/people.py opens it
Say = Callable[[str], None]


def flask(name: str, *arguments: str) -> Child:
    """Return a `flask` command of the service."""
    return Child(name, [sys.executable, "-m", "flask", "--app", "wsgi", *arguments])


def kept_children(place: Place) -> list[Child]:
    """Return what has to run always: web, worker, the demonstration's stand-ins."""
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:app.serving", "wsgi:application"]
    smtp, page = str(place.mail_smtp_port), str(place.mail_http_port)
    worker = flask("worker", "worker")
    return [
        Child("web", gunicorn),
        # Work in the background gives way to pages, above all while everything starts at once.
        Child(worker.name, ["nice", "-n", "5", *worker.command]),
        flask("mail", "sim", "mail", "--smtp-port", smtp, "--http-port", page),
        _payments(place),
        _locks(place),
    ]


def _payments(place: Place) -> Child:
    """Return the payment provider's stand-in; what was paid outlives it in a file."""
    hook, state = f"{place.web_url}/hooks/stripe", str(place.var / "stripe.json")
    return flask(
        "stripe", "sim", "stripe", "--port", str(place.stripe_port), "--key", STAND_IN_KEY,
        "--account", STAND_IN_ACCOUNT, "--webhook-url", hook, "--webhook-secret", STAND_IN_SEAL,
        "--state", state,
    )  # fmt: skip


def _locks(place: Place) -> Child:
    """Return the stand-in for a vendor of locks; what is in its locks outlives it in a file."""
    told = [
        argument
        for one in every_door()
        for argument in ("--device", f"{one.name},{one.heartbeat},lock,{one.device}")
    ]
    return flask(
        "locks", "sim", "locks", "--port", str(place.locks_port), "--client", f"{CLIENT}:{WORD}",
        *told, "--state", str(place.var / "locks.json"),
    )  # fmt: skip


def prepare(
    place: Place, surroundings: Surroundings, *, url: str, stop: StopRequest, say: Say
) -> None:
    """Bring the tables up to date, and put the demonstration's data into a new database."""
    database = hashlib.sha256(url.encode()).hexdigest()
    if is_new(url):
        place.demo_pending.write_text(database)
    if not is_up_to_date(url, migrations=ROOT / "migrations"):
        say("データベースの表を用意しています…")
        surroundings.run_to_end(flask("migrations", "db", "upgrade"), stop=stop)
    # The file outlives a loading that was cut short, so that the next run loads again.
    if place.demo_pending.exists() and place.demo_pending.read_text() == database:
        say("見本のデータを入れています…")
        surroundings.run_to_end(flask("demo-load", "demo", "load"), stop=stop)
        place.demo_pending.unlink()


def is_up(place: Place) -> bool:
    """Say whether the web answers that it is ready, and the mail box takes visitors."""
    return _status(place.web_port, "/readyz") == 200 and all(
        _listens(port) for port in (place.mail_http_port, place.stripe_port, place.locks_port)
    )


def announce(place: Place, *, sign_ins: Callable[[], str], say: Say) -> None:
    """Tell the addresses, and whom one can sign in as."""
    try:
        people = sign_ins().strip()
    except LocalError as error:
        people = str(error)
    say(
        "\n会館（Kaikan）が動いています。\n\n"
        f"  画面          {place.web_url}/\n"
        f"  届いたメール  {place.mail_box_url}\n"
        f"  お試しの決済  {place.stripe_url}/\n"
        f"  お試しのドア  {place.locks_url}/\n"
        f"  記録          {place.var / 'log'}\n\n"
        f"{people}\n\n"
        "止めるには Ctrl-C（または別の端末で make stop）。"
    )


def _status(port: int, path: str) -> int | None:
    # gunicorn listens before it can answer; waiting long for it would make Ctrl-C wait too.
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
