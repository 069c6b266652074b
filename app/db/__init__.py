"""The one database: sessions pinned to a municipality, named constraints, outbox and audit."""

from app.db.base import Base, TenantOwned, db

__all__ = ["Base", "TenantOwned", "db"]
