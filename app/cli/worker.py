"""`flask worker`: letters, lapses and sweeping, until it is told to stop."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app import jobs
from app.web import logs


@click.command()
@with_appcontext
def worker() -> None:
    """お知らせの送信、期限切れの処理などを続ける係を動かします。"""
    logs.set_up()
    jobs.run_worker(current_app._get_current_object())  # type: ignore[attr-defined]
