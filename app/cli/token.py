"""`flask token`: keys of programs to the API of one municipality; each is shown once."""

from typing import NoReturn

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.config import Settings
from app.db import audit, db
from app.db.audit import SERVICE
from app.db.session import in_transaction, tenant_scope
from app.identity.models import ApiToken
from app.identity.queries import tokens
from app.identity.rights import Right, rights_in, written
from app.identity.service import make_token, revoke_token
from app.kernel import clock
from app.tenants.queries import Municipality, municipalities


@click.group()
def token() -> None:
    """API のトークン（ほかのシステムの鍵）を発行・一覧・取り消しします。"""


@token.command()
@click.option("--municipality", required=True, help="自治体の名前（パスのもの）")
@click.option("--name", required=True, help="どのシステムの鍵か")
@click.option("--rights", required=True, help=f"権限。空白で区切る: {' '.join(Right)}")
@with_appcontext
def create(municipality: str, name: str, rights: str) -> None:
    """トークンを作って、1度だけ表示します。"""
    words = written(_rights(rights))
    settings: Settings = current_app.config["KAIKAN"]
    now = clock.now()

    def make(session: Session) -> tuple[int, str]:
        made = make_token(
            session, name=name.strip(), rights=words, secret=settings.secret_key, now=now
        )
        audit.note(session, SERVICE, "token.made", subject="api_token", subject_id=made[0], now=now)
        return made

    if not name.strip():
        _stop("--name に、どのシステムの鍵かを書いてください。")
    with tenant_scope(_municipality(municipality).id):
        token_id, shown = in_transaction(make)
    click.echo(shown)
    click.echo(f"番号 {token_id}、権限 {words}。この表示は1度だけです。", err=True)


@token.command("list")
@click.option("--municipality", help="この自治体だけ")
@with_appcontext
def show(municipality: str | None) -> None:
    """トークンの一覧を表示します（鍵そのものは、どこにも残っていません）。"""
    wanted = [_municipality(municipality)] if municipality else _municipalities()
    for one in wanted:
        for found in _tokens(one):
            ended = found.revoked_at.date().isoformat() if found.revoked_at else "-"
            made = found.created_at.date().isoformat()
            row = (str(found.id), one.slug, made, ended, found.rights, found.name)
            click.echo("\t".join(row))


@token.command()
@click.argument("token_id", type=int)
@with_appcontext
def revoke(token_id: int) -> None:
    """トークンを取り消します。次の呼び出しから使えません。"""
    now = clock.now()

    def end(session: Session) -> None:
        revoke_token(session, token_id, now=now)
        audit.note(
            session, SERVICE, "token.revoked", subject="api_token", subject_id=token_id, now=now
        )

    for one in _municipalities():
        found = next((t for t in _tokens(one) if t.id == token_id), None)
        if found is None:
            continue
        if found.revoked_at is None:
            with tenant_scope(one.id):
                in_transaction(end)
        click.echo(f"{one.name}の「{found.name}」は、もう使えません。")
        return
    _stop(f"番号 {token_id} のトークンはありません。flask token list で確かめてください。")


def _rights(words: str) -> frozenset[Right]:
    every = " ".join(Right)
    try:
        found = rights_in(words)
    except ValueError:
        _stop(f"--rights にない語があります: {words}。使える権限: {every}")
    return found or _stop(f"--rights に1つ以上書いてください: {every}")


def _municipality(slug: str) -> Municipality:
    found = _municipalities()
    named = next((one for one in found if one.slug == slug), None)
    return named or _stop(
        f"自治体 {slug} はありません。あるのは: {', '.join(o.slug for o in found)}"
    )


def _municipalities() -> list[Municipality]:
    with tenant_scope(None):
        return municipalities(db.session())


def _tokens(one: Municipality) -> list[ApiToken]:
    with tenant_scope(one.id):
        found = tokens(db.session())
        db.session.expunge_all()
        return found


def _stop(why: str) -> NoReturn:
    click.echo(why, err=True)
    raise SystemExit(1)
