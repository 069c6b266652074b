"""`flask sim`: stand-ins for the outside world, on this machine only."""

import click

from app.sims import mail


@click.group()
def sim() -> None:
    """外のサービスの代わりをするプログラム（この機械の中だけ）。"""


@sim.command("mail")
@click.option("--smtp-port", type=int, default=8126, show_default=True)
@click.option("--http-port", type=int, default=8125, show_default=True)
def mail_box(smtp_port: int, http_port: int) -> None:
    """メールを受け取って画面に見せる、デモ用の受信箱。"""
    click.echo(f"受信箱 http://127.0.0.1:{http_port}/")
    mail.run(smtp_port=smtp_port, http_port=http_port)
