"""From a path to a municipality."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Municipality:
    """What pages and rules need to know of a tenant."""

    id: int
    slug: str
    code: str
    name: str
    zone: ZoneInfo
    catalogue_revision: int


def municipality_at(session: Session, slug: str) -> Municipality | None:
    """Return the municipality whose path begins with `slug`."""
    found = session.scalar(select(Tenant).where(Tenant.slug == slug))
    return _known(found) if found else None


def municipalities(session: Session) -> list[Municipality]:
    """Return all municipalities by code."""
    return [_known(found) for found in session.scalars(select(Tenant).order_by(Tenant.code))]


def _known(found: Tenant) -> Municipality:
    return Municipality(
        found.id, found.slug, found.code, found.name, ZoneInfo(found.zone), found.catalogue_revision
    )
