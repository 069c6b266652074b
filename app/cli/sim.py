"""`flask sim`: stand-ins for the outside world, on this machine only."""

import threading
from pathlib import Path

import click

from app.sims import mail
from app.sims.locks import LockSim, options
from app.sims.stripe import StripeSim


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


@sim.command("stripe")
@click.option("--port", type=int, default=8127, show_default=True)
@click.option("--key", "keys", multiple=True, default=["sk_test_kaikan"], show_default=True,
              help="鍵。sk_test_x=acct_x と書くと、そのアカウント自身の鍵になる。")  # fmt: skip
@click.option("--account", "accounts", multiple=True,
              help="つながっているアカウント。acct_x または acct_x=card,konbini。")  # fmt: skip
@click.option("--webhook-url", "urls", multiple=True,
              help="お知らせの届け先。acct_x=http://... なら、そのアカウントの分。")  # fmt: skip
@click.option("--webhook-secret", default="whsec_kaikan", show_default=True)
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path),
              help="覚えておくファイル。")  # fmt: skip
def stripe(
    port: int,
    keys: tuple[str, ...],
    accounts: tuple[str, ...],
    urls: tuple[str, ...],
    webhook_secret: str,
    state: Path | None,
) -> None:
    """Stripeの代わり。支払いのページとお知らせを出すが、お金は動かない。"""
    stand_in = StripeSim(
        keys={key: account or None for key, _, account in (one.partition("=") for one in keys)},
        accounts={
            name: methods.split(",") if methods else ["card", "konbini", "paypay"]
            for name, _, methods in (one.partition("=") for one in accounts)
        },
        port=port,
        state=state,
    )
    for url in urls:
        account, named, rest = url.partition("=") if url.startswith("acct_") else ("", "", url)
        stand_in.endpoint(rest, webhook_secret, account if named else None)
    with stand_in:
        click.echo(f"Stripeの代わり {stand_in.base_url}/")
        threading.Event().wait()


@sim.command("locks")
@click.option("--port", type=int, default=8128, show_default=True)
@click.option("--account", "names", multiple=True, default=["kaikan"], show_default=True,
              help="錠の会社のアカウント。ほかで名前を略すと、初めのもの。")  # fmt: skip
@click.option("--client", "clients", multiple=True, default=["kaikan:kaikan-himitsu"],
              show_default=True, help="アプリのID:秘密。アカウント=ID:秘密 とも。")  # fmt: skip
@click.option("--device", "doors", multiple=True,
              default=["正面入口", "集会室,900", "多目的ホール,900"], show_default=True,
              help="扉。名前,何秒ごとにつながるか,lockかigloo_lock,ID。0秒はいつも。")  # fmt: skip
@click.option(
    "--webhook", "urls", multiple=True, help="お知らせの届け先。アカウント=http://... も。"
)
@click.option("--switchbot", "bots", multiple=True, help="鍵:秘密:キーパッドの名前,名前")
@click.option("--rate-limit", type=int, default=120, show_default=True, help="1分に受ける数。")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path),
              help="覚えておくファイル。")  # fmt: skip
def locks(
    port: int,
    names: tuple[str, ...],
    clients: tuple[str, ...],
    doors: tuple[str, ...],
    urls: tuple[str, ...],
    bots: tuple[str, ...],
    rate_limit: int,
    state: Path | None,
) -> None:
    """スマートロックの会社の代わり。扉の絵と番号のボタンがあり、本当の扉は動かない。"""
    try:
        found = options.accounts(names, clients, doors)
        owners = [options.switchbot(one) for one in bots]
    except ValueError as no:
        raise click.UsageError(str(no)) from no
    stand_in = LockSim(*found, port=port, state=state, rate_limit=rate_limit, switchbots=owners)
    with stand_in:
        for said in urls:
            owner, url = options.owned(said, names)
            stand_in.webhook(url, owner)
        click.echo(f"錠の代わり {stand_in.base_url}/")
        for account in found:
            for path in account.paths:
                click.echo(f"  {path} {stand_in.device_id(path)}")
        threading.Event().wait()
