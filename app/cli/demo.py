"""`flask demo`: fills a new database with two municipalities to try the service with."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.demonstration import shifting
from app.cli.demonstration.bookings import fill
from app.cli.demonstration.doors import SHIPPED, doors_of, hang
from app.cli.demonstration.people import (
    RESIDENTS,
    SHOWN,
    employ,
    meet,
    open_accounts,
    workers_of,
)
from app.db import db
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from app.facilities.queries import catalogue
from app.kernel import clock
from app.packs.loader import load as load_pack
from app.sims.authenticator import WORDS
from app.tenants.queries import Municipality, municipalities


@click.group()
def demo() -> None:
    """お試し用の自治体・人・予約。"""


@demo.command("load")
@with_appcontext
def load() -> None:
    """新しいデータベースに、お試し用のデータを入れます（あれば何もしません）。"""
    with tenant_scope(None):
        if municipalities(db.session()):
            click.echo("データはもう入っています。")
            return
    now, secret = clock.now(), current_app.config["KAIKAN"].secret_key
    for folder in sorted(SHIPPED.iterdir()):
        if (folder / "municipality.yaml").exists():
            click.echo("\n".join(load_pack(folder, now=now).lines[:1]))
    for municipality, found in _catalogues():
        workers = workers_of(SHIPPED / municipality.slug)
        for worker in workers:
            employ(found, worker, secret=secret, now=now)
        open_accounts(found, workers, now=now)
        hang(found, doors_of(SHIPPED / municipality.slug), secret=secret, now=now)
        applicants = [meet(found, person, now=now) for person in RESIDENTS]
        today = now.astimezone(municipality.zone).date()
        with tenant_scope(municipality.id):
            made = fill(found, applicants, city=municipality.name, today=today, now=now)
        click.echo(f"{municipality.name}: お試しの予約 {made}件")


@demo.command("move-to-today")
@with_appcontext
def move_to_today() -> None:
    """お試しの予約を、週の単位で今日のまわりに移します。"""
    now = clock.now()
    for municipality, found in _catalogues():
        today = now.astimezone(municipality.zone).date()
        with tenant_scope(municipality.id):
            weeks = shifting.move(found, today=today, now=now)
        click.echo(f"{municipality.name}: {weeks}週 動かしました。")


@demo.command("sign-ins")
@with_appcontext
def sign_ins() -> None:
    """お試しでサインインできる人を表示します。"""
    settings = current_app.config["KAIKAN"]
    base = settings.base_url
    for municipality, _found in _catalogues():
        click.echo(f"{municipality.name}  {base}/{municipality.slug}/")
        for person in RESIDENTS:
            if person.email in SHOWN:
                click.echo(f"  {person.email:<26}{person.role}")
        for worker in workers_of(SHIPPED / municipality.slug):
            page = "desk" if worker.facility else "office/bookings"
            click.echo(f"  {worker.email:<26}{worker.shown}  {base}/{municipality.slug}/{page}")
    click.echo(f"職員のパスワードはどれも「{WORDS}」、6けたの数字は")
    click.echo(f"{settings.demo_mailbox_url}authenticator に出ます。")


def _catalogues() -> Iterator[tuple[Municipality, Catalogue]]:
    with tenant_scope(None):
        found = municipalities(db.session())
    for municipality in found:
        with tenant_scope(municipality.id):
            read = catalogue(db.session(), municipality)
        yield municipality, read
