"""The municipality itself; not tenant-owned, because it is how a tenant is found."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class Tenant(Base):
    """A municipality (自治体) that shares the service."""

    __tablename__ = "tenant"
    __table_args__ = (
        UniqueConstraint("slug"),
        UniqueConstraint("code"),
        CheckConstraint("code ~ '^[0-9]{6}$'", name="code_has_six_digits"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_fits_a_path"),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    slug: Mapped[str]
    code: Mapped[str]  # 全国地方公共団体コード, with check digit
    name: Mapped[str]
    kana: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Asia/Tokyo")
    catalogue_revision: Mapped[int] = mapped_column(default=0)  # moves when a pack is loaded


class PolicyVersion(TenantOwned, Base):
    """A municipality's policy from a day on; never changed once published."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("tenant_id", "effective_from", "published_at"),)

    effective_from: Mapped[date]
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(BigInteger)  # None: a pack was loaded
    draft_id: Mapped[int | None] = mapped_column(BigInteger)
    document: Mapped[dict[str, Any]]
