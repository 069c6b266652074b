"""What every table shares: types, names of constraints, and the key that carries the tenant."""

from datetime import datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, ForeignKey, Identity, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The mapped base; types are set on the registry, where Flask-SQLAlchemy can bear them."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: TIMESTAMP(timezone=True),
            str: Text(),
            dict[str, Any]: JSONB(none_as_null=True),
            list[dict[str, Any]]: JSONB(none_as_null=True),
        },
    )


# What a use case returns is read after its commit; reading it again would be a query each.
db = SQLAlchemy(
    model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False}
)


class TenantOwned:
    """A row of one municipality: `tenant_id` leads the key, and a forced policy guards it."""

    @declared_attr
    def tenant_id(self) -> Mapped[int]:
        """Return the column of the owning municipality."""
        return mapped_column(Integer, ForeignKey("tenant.id"), primary_key=True, sort_order=-2)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-1)
