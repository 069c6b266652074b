"""`flask pack`: check a municipality's rules, publish them, write them back as files."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli import pack_tools
from app.db import db
from app.db.session import tenant_scope
from app.kernel import clock
from app.packs import checker, exporter, loader
from app.tenants.queries import municipality_at

Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def pack() -> None:
    """自治体の決まり（パック）の確認・公開・書き出し。"""


@pack.command("check")
@click.argument("path", type=Folder)
@click.option("--json", "as_json", is_flag=True, help="プログラム向けに JSON で出します。")
def check(path: Path, *, as_json: bool) -> None:
    """パックを読み、例を計算します（データベースは使いません）。誤りがあれば 1 で終わります。"""
    report = checker.check(path)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(report.lines))
    raise SystemExit(0 if report.ok else 1)


@pack.command("load")
@click.argument("path", type=Folder)
@with_appcontext
def load(path: Path) -> None:
    """パックを確認してから公開します。同じものをもう一度公開しても何も変わりません。"""
    try:
        summary = loader.load(path, now=clock.now())
    except loader.PackRejected as rejected:
        click.echo("\n".join(rejected.report.lines), err=True)
        raise SystemExit(1) from rejected
    click.echo("\n".join(summary.lines))


@pack.command("export")
@click.argument("municipality")
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def export(municipality: str, path: Path) -> None:
    """公開中の決まりを、パックとして書き出します（MUNICIPALITY は URL に出る名前）。"""
    with tenant_scope(None):
        found = municipality_at(db.session(), municipality)
    if found is None:
        raise click.ClickException(f"自治体 {municipality} はありません。")
    for file in exporter.export(found.id, path):
        click.echo(file)


pack_tools.register(pack)
