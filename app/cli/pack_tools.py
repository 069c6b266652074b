"""`flask pack quote, diff, reprice, new, copy, schema`: for whoever writes the rules of a city."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.db import db
from app.db.session import tenant_scope
from app.packs import checker, repricing, schemas, starting
from app.packs.cases import NotFound, priced
from app.packs.differences import differences
from app.packs.examples import FeeCase
from app.packs.format import Pack
from app.packs.memory import catalogue_of
from app.tenants.queries import municipality_at

Folder = click.Path(exists=True, file_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


def register(group: click.Group) -> None:
    """Add the tools to `flask pack`."""
    for one in (quote, diff, reprice, new, copy, schema):
        group.add_command(one)


@click.command("quote")
@click.argument("path", type=Folder)
@click.option("--facility", required=True, help="施設の slug")
@click.option("--room", required=True, help="部屋の slug")
@click.option("--on", required=True, help="日 2027-03-08")
@click.option("--from", "from_", required=True, help="始まり 9:00")
@click.option("--to", required=True, help="終わり 12:00")
@click.option("--applicant", help="利用者区分の id")
@click.option("--purpose", help="利用目的の id")
@click.option("--admission", default=0, help="入場料の最高額（円）")
@click.option("--for-profit", is_flag=True, help="営利")
@click.option("--attribute", "attributes", multiple=True, help="言われたこと")
@click.option("--extra", "extras", multiple=True, help="附属設備など piano=1")
@click.option("--person", "people", multiple=True, help="種類ごとの人数 adult=2")
@click.option("--items", default=1, help="使う数")
@click.option("--overtime", default=0, help="延長の分")
@click.option("--waiver", "waivers", multiple=True, help="認められた減免の id")
def quote(path: Path, **said: object) -> None:
    """1つの使い方の料金を、明細と根拠を付けて計算します。"""
    use = {"facility": said["facility"], "room": said["room"], "on": said["on"]}
    case = {
        "id": "quote",
        "kind": "fee",
        "uses": [{**use, "from": said["from_"], "to": said["to"]}],
        "applicant": said["applicant"],
        "purpose": said["purpose"],
        "admission_yen": said["admission"],
        "for_profit": said["for_profit"],
        "attributes": said["attributes"],
        "extras": _counted(said["extras"]),
        "people": _counted(said["people"]),
        "items": said["items"],
        "overtime_minutes": said["overtime"],
        "waivers": said["waivers"],
        "expect": 0,
    }
    try:
        lines, is_determined = priced(_pack(path), FeeCase.model_validate(case))
    except (ValueError, NotFound) as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(lines))
    raise SystemExit(0 if is_determined else 2)


@click.command("diff")
@click.argument("old", type=Folder)
@click.argument("new", type=Folder)
def diff(old: Path, new: Path) -> None:
    """2つのパックの違いを、文で言います。"""
    lines = differences(_pack(old), _pack(new))
    click.echo("\n".join(lines) if lines else "違いはありません。")


@click.command("reprice")
@click.argument("path", type=Folder)
@click.option("--from", "first", required=True, type=DAY, help="利用する日の始め")
@click.option("--to", "last", required=True, type=DAY, help="利用する日の終わり")
@with_appcontext
def reprice(path: Path, first: datetime, last: datetime) -> None:
    """これまでの予約を、下書きのパックの料金で計算しなおし、違いをすべて並べます（何も変えません）。"""
    draft = _pack(path)
    slug = draft.municipality.municipality.slug
    with tenant_scope(None):
        found = municipality_at(db.session(), slug)
    if found is None:
        raise click.ClickException(f"自治体 {slug} はありません。")
    with tenant_scope(found.id):
        told = repricing.reprice(
            db.session(), catalogue_of(draft), first=first.date(), last=last.date()
        )
    click.echo("\n".join(told.lines))


@click.command("new")
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
@click.option("--slug", prompt="自治体の slug（URL に出る小文字の英数字）")
@click.option("--code", prompt="全国地方公共団体コード（6桁）")
@click.option("--name", prompt="自治体の名前")
@click.option("--kana", prompt="自治体のカナ")
@click.option("--kind", prompt="施設の種類", type=click.Choice(list(starting.KINDS)))
@click.option("--facility-slug", prompt="施設の slug")
@click.option("--facility-name", prompt="施設の名前")
@click.option("--facility-kana", prompt="施設のカナ")
@click.option("--phone", prompt="電話番号")
@click.option("--yen", prompt="1区分（または1時間）の料金（円）", type=int)
@click.option("--ordinance", prompt="条例の名前")
def new(path: Path, slug: str, code: str, name: str, kana: str, **first: Any) -> None:
    """質問に答えて、はじめのパックを作ります。"""
    whose = starting.Municipality(slug, code, name, kana)
    _write(path, lambda: starting.write(path, whose, starting.FirstFacility(**first)))


@click.command("copy")
@click.argument("source", type=Folder)
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
@click.option("--slug", prompt="自治体の slug（URL に出る小文字の英数字）")
@click.option("--code", prompt="全国地方公共団体コード（6桁）")
@click.option("--name", prompt="自治体の名前")
@click.option("--kana", prompt="自治体のカナ")
def copy(source: Path, path: Path, slug: str, code: str, name: str, kana: str) -> None:
    """ほかの自治体のパックを写して始めます。"""
    whose = starting.Municipality(slug, code, name, kana)
    _write(path, lambda: starting.copy(source, path, whose))


def _write(path: Path, work: Callable[[], list[str]]) -> None:
    try:
        files = work()
    except FileExistsError as error:
        raise click.ClickException(f"{path} には、もうファイルがあります。") from error
    click.echo("\n".join(f"書きました: {path / one}" for one in files))
    click.echo("\n".join(checker.check(path).lines))


@click.command("schema")
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
def schema(path: Path) -> None:
    """パックのファイルの JSON Schema を書き出します。"""
    click.echo("\n".join(f"書きました: {path / one}" for one in schemas.write(path)))


def _pack(path: Path) -> Pack:
    report = checker.check(path)
    if report.pack is None or report.errors:
        raise click.ClickException("\n".join(report.lines))
    return report.pack


def _counted(pairs: object) -> dict[str, int]:
    found = {}
    for pair in pairs if isinstance(pairs, tuple) else ():
        name, _, count = str(pair).partition("=")
        if not count.isdecimal():
            raise click.ClickException(f"{pair} は 名前=数 の形で書いてください。")
        found[name] = int(count)
    return found
