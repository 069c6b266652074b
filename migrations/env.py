"""Runs the migrations as the owner of the tables, with limits on waiting and on time."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from app.db import Base, roles

config = context.config


def run_online() -> None:
    """Connect as the login role, act as the owner, and migrate in one transaction each."""
    url = current_app.config["KAIKAN"].database_url
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        with connection.begin():
            roles.prepare(connection)
        connection.execute(text(f"set role {roles.OWNER}"))
        # A migration that can't get its lock must not make a queue of bookings behind it.
        connection.execute(text("set lock_timeout = '5s'"))
        connection.execute(text("set statement_timeout = '10min'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_server_default=True,
            include_name=_is_ours,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave the job queue's tables alone: its own SQL makes and changes them."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


run_online()
