"""A checked pack into the database: all of it or nothing, and the second time nothing."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.db.audit import SERVICE, Actor, note
from app.db.session import current_tenant, in_transaction, tenant_scope
from app.facilities.models import RuleCases
from app.packs.checker import Report, check
from app.packs.editions import unpublished
from app.packs.exporter import cases_of
from app.packs.format import MunicipalityEntry, Pack
from app.packs.places import Loading
from app.packs.problems import Problem
from app.packs.reader import MUNICIPALITY
from app.packs.summary import Summary
from app.tenants.models import PolicyVersion, Tenant
from app.tenants.policy import MunicipalityPolicy


class PackRejected(Exception):  # noqa: N818 - it is the pack that is at fault
    """The pack has errors or its cases fail; nothing was written."""

    def __init__(self, report: Report) -> None:
        super().__init__("\n".join(report.lines))
        self.report = report


def load(folder: Path, *, now: datetime, actor: Actor = SERVICE) -> Summary:
    """Check the pack in `folder` and publish it; raises PackRejected when it has errors.

    Runs as the role that owns the tables: pages may not make municipalities.
    """
    report = check(folder)
    if report.pack is None or not report.ok:
        raise PackRejected(report)
    return publish(report.pack, now=now, actor=actor)


def publish(pack: Pack, *, now: datetime, actor: Actor = SERVICE) -> Summary:
    """Write a pack down in one transaction; what already stands so is left alone."""
    with tenant_scope(None):
        tenant_id = in_transaction(lambda session: _identity(session, pack), as_owner=True)
    with tenant_scope(tenant_id):
        return in_transaction(
            lambda session: _write(session, pack, now=now, actor=actor), as_owner=True
        )


def _identity(session: Session, pack: Pack) -> int:
    """Return the municipality's id, or the one it will have; the code says which it is."""
    entry = pack.municipality.municipality
    other = session.scalar(
        select(Tenant.name).where(Tenant.slug == entry.slug, Tenant.code != entry.code)
    )
    if other is not None:
        message = f"「{entry.slug}」は{other}が使っています。別の名前にしてください。"
        problem = Problem(MUNICIPALITY, 0, "municipality.slug", message)
        raise PackRejected(Report(pack, [problem], []))
    found = session.scalar(select(Tenant.id).where(Tenant.code == entry.code))
    if found is not None:
        return found
    reserved = text("select nextval(pg_get_serial_sequence('tenant', 'id'))")
    return int(session.execute(reserved).scalar_one())


def _write(session: Session, pack: Pack, *, now: datetime, actor: Actor) -> Summary:
    tenant, summary = _tenant(session, pack.municipality.municipality)
    policy_changed = _policy(session, pack, summary, now=now)
    loading = Loading(session, ZoneInfo(tenant.zone), now, summary)
    moved = [loading.facility(one, place) for place, one in enumerate(pack.facilities, start=1)]
    hidden = loading.hide_others({one.facility.slug for one in pack.facilities})
    _cases(session, pack, now=now)
    if not summary.changes:
        return summary
    tenant.catalogue_revision += 1
    changed = loading.listed() if policy_changed else [one for one in moved if one is not None]
    occupancy.moved(session, [*changed, *hidden], now=now)
    facts = {"changes": len(summary.changes), "revision": tenant.catalogue_revision}
    note(
        session, actor, "pack.loaded", subject="tenant", subject_id=tenant.id, now=now, facts=facts
    )
    return summary


def _cases(session: Session, pack: Pack, *, now: datetime) -> None:
    """Keep the worked examples: whoever changes a rule in the office has them run."""
    document = pack.cases.model_dump(mode="json", by_alias=True)
    if cases_of(session).model_dump(mode="json", by_alias=True) != document:
        tenant_id = current_tenant()
        session.add(RuleCases(tenant_id=tenant_id, published_at=now, document=document))


def _tenant(session: Session, entry: MunicipalityEntry) -> tuple[Tenant, Summary]:
    """Return the municipality's row, locked, so that two loads go one after the other."""
    summary = Summary(entry.name, current_tenant())
    found = session.scalar(
        select(Tenant).where(Tenant.code == entry.code).with_for_update(key_share=True)
    )
    if found is None:
        found = Tenant(
            id=current_tenant(),
            slug=entry.slug,
            code=entry.code,
            name=entry.name,
            kana=entry.kana,
            zone="Asia/Tokyo",
            catalogue_revision=0,
        )
        session.add(found)
        session.flush()
        summary.changes.append(f"自治体「{entry.name}」")
    elif (found.slug, found.name, found.kana) != (entry.slug, entry.name, entry.kana):
        found.slug, found.name, found.kana = entry.slug, entry.name, entry.kana
        summary.changes.append(f"自治体「{entry.name}」の名前や URL")
    return found, summary


def _policy(session: Session, pack: Pack, summary: Summary, *, now: datetime) -> bool:
    rows = session.execute(
        select(PolicyVersion.effective_from, PolicyVersion.document)
        .where(PolicyVersion.tenant_id == current_tenant())
        .order_by(PolicyVersion.effective_from, PolicyVersion.published_at)
    )
    published = {row.effective_from: row.document for row in rows}
    missing = unpublished(published, pack.municipality.policy, MunicipalityPolicy)
    for day, document in missing:
        session.add(
            PolicyVersion(
                tenant_id=current_tenant(), effective_from=day, published_at=now, document=document
            )
        )
        summary.changes.append(f"自治体の決まり（{day}から）")
    return bool(missing)
