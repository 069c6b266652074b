"""The whole service as it runs: gunicorn, worker, mail box, real Chromium."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app import packs
from app.cli.demonstration.people import RESIDENTS, employ, meet, open_accounts, workers_of
from app.db import db
from app.db.session import tenant_scope
from app.factory import create_app
from app.kernel import clock
from app.local.browser import ensure_browser
from app.local.place import STAND_IN_KEY, STAND_IN_SEAL
from app.local.postgres import PrivatePostgres
from app.packs.loader import load
from tests import builders
from tests.conftest import SECRET, settings_for

ROOT = Path(__file__).parents[2]
SHIPPED = Path(packs.__file__).parent / "shipped"
PATIENCE = 30_000  # ms: a busy machine is no fault of a page; how fast it is, is measured apart
expect.set_options(timeout=PATIENCE)
PHONE, TABLET, DESKTOP = (360, 740), (768, 1024), (1280, 800)


@dataclass(frozen=True)
class Service:
    """Where the running service is reached, and where its letters arrive."""

    url: str
    mail_url: str

    def letters(self, to: str) -> list[dict[str, str]]:
        """Return the letters to an address, the newest first."""
        with urllib.request.urlopen(f"{self.mail_url}letters.json?to={to}") as answer:
            return list(json.load(answer))

    def letter(self, to: str, subject: str, *, after: int = 0, about: str = "") -> dict[str, str]:
        """Wait for a letter whose subject contains some words, numbered above `after`.

        `about` is a booking number that stands in it.
        """
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for letter in self.letters(to):
                if subject not in letter["subject"] or int(letter["number"]) <= after:
                    continue
                if about in letter["body"].replace("-", ""):
                    return letter
            time.sleep(0.05)
        raise AssertionError(f"no letter {subject!r} to {to}: {self.letters(to)}")


@pytest.fixture(scope="session")
def service(postgres: PrivatePostgres, template: str) -> Iterator[Service]:
    """The service with the shipped packs and their people, on a database of its own."""
    name = f"journeys_{os.getpid()}"
    if postgres.has_database(name):
        postgres.drop_database(name)
    postgres.create_database(name, template=template)
    _furnish(postgres.url(name))
    web, smtp, http, stripe = (_free_port() for _ in range(4))
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.url(name).replace("+psycopg", ""),
        "SECRET_KEY": SECRET,
        "BASE_URL": f"http://127.0.0.1:{web}",
        "PORT": str(web),
        "ASSETS": "local",
        "MAIL_URL": f"smtp://127.0.0.1:{smtp}",
        "DEMO_MAILBOX_URL": f"http://127.0.0.1:{http}/",
        "KAIKAN_DEMO": "1",
        "STRIPE_SECRET_KEY": STAND_IN_KEY,
        "STRIPE_API_BASE": f"http://127.0.0.1:{stripe}",
        "STRIPE_PAGES": f"http://127.0.0.1:{stripe}",
        "STRIPE_WEBHOOK_SECRETS": STAND_IN_SEAL,
    }
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    commands = [
        [sys.executable, "-m", "gunicorn", "-c", "python:app.serving", "wsgi:application"],
        [*flask, "worker"],
        [*flask, "sim", "mail", "--smtp-port", str(smtp), "--http-port", str(http)],
        [*flask, "sim", "stripe", "--port", str(stripe), "--key", STAND_IN_KEY, "--account",
         "acct_demo", "--webhook-url", f"http://127.0.0.1:{web}/hooks/stripe",
         "--webhook-secret", STAND_IN_SEAL],
    ]  # fmt: skip
    log = (ROOT / "var" / "journeys.log").open("w")
    started = [
        subprocess.Popen(one, cwd=ROOT, env=environment, stdout=log, stderr=log) for one in commands
    ]
    running = Service(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{http}/")
    try:
        _wait_until_ready(running)
        yield running
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(30)
        log.close()
        postgres.drop_database(name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The distribution's Chromium.

    It is closed before the next module's tests: while Playwright is open, an event loop runs in
    this thread, and nothing else that needs one (the worker) could be started here.
    """
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=ensure_browser())
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser, service: Service) -> Iterator[object]:
    """Open pages of a width, with or without JavaScript; all are closed at the end."""
    contexts = []

    def open_one(size: tuple[int, int] = PHONE, *, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=javascript,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            base_url=service.url,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def _furnish(url: str) -> None:
    app = create_app(settings_for(url))
    now = clock.now()
    with app.app_context():
        for folder in sorted(SHIPPED.iterdir()):
            if (folder / "municipality.yaml").exists():
                load(folder, now=now)
                found = builders.catalogue_of(folder.name)
                workers = workers_of(folder)
                for worker in workers:
                    employ(found, worker, secret=SECRET, now=now)
                open_accounts(found, workers, now=now)
                with tenant_scope(None):
                    for person in RESIDENTS:
                        meet(found, person, now=now)
        db.session.remove()
        db.engine.dispose()


def _wait_until_ready(running: Service) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{running.url}/readyz") as answer:
                if answer.status == 200:
                    running.letters("nobody@example.jp")
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError((ROOT / "var" / "journeys.log").read_text()[-3000:])


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
