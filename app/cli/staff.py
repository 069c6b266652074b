"""`flask staff`: invites the first administrator of a municipality, or lets one back in."""

from typing import NoReturn

import click
from flask import current_app
from flask.cli import with_appcontext

from app.db import db
from app.db.audit import SERVICE
from app.db.session import tenant_scope
from app.identity.codes import key_of_invitation
from app.identity.permissions import Role, RoleKind
from app.identity.staff import members
from app.kernel import clock
from app.kernel.refusals import Refused
from app.tenants.queries import municipalities
from app.usecases import inviting


@click.group()
def staff() -> None:
    """職員の招待。"""


@staff.command()
@click.argument("email")
@click.option("--municipality", required=True, help="自治体の名前（パスのもの）")
@click.option("--name", required=True, help="職員の名前")
@with_appcontext
def invite(email: str, municipality: str, name: str) -> None:
    """管理者を招きます。もう職員なら、ログインを作りなおします。リンクを1度だけ表示します。"""
    settings, now = current_app.config["KAIKAN"], clock.now()
    with tenant_scope(None):
        found = next((x for x in municipalities(db.session()) if x.slug == municipality), None)
    if found is None:
        _stop(f"自治体 {municipality} はありません。")
    with tenant_scope(found.id):
        known = next((x for x in members.members(db.session()) if x.email == email), None)
        db.session().rollback()
        try:
            if known is not None and not known.ended_at:
                made = inviting.invite_anew(known.staff_id, actor=SERVICE, now=now)
            else:
                roles = [Role(kind) for kind in RoleKind]
                made = inviting.invite(email=email, name=name, roles=roles, actor=SERVICE, now=now)
        except Refused as no:
            _stop(", ".join(no.codes))
        key = key_of_invitation(settings.secret_key, made.id, made.salt)
    click.echo(f"{settings.base_url}/{found.slug}/staff/invitations/{made.id}/{key}")


def _stop(why: str) -> NoReturn:
    click.echo(why, err=True)
    raise SystemExit(1)
