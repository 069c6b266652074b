"""The migrated database is the one that the models describe, also where Alembic does not look."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask_migrate import check
from sqlalchemy import create_engine

from app.db import Base
from app.local.postgres import PrivatePostgres
from tests.conftest import MINE
from tests.db import proof
from tests.db.schemas import Said, differences, said_of

MODELLED = f"{MINE}_modelled"


@pytest.fixture(scope="module")
def modelled(postgres: PrivatePostgres) -> Iterator[Said]:
    """What the catalogue says of a database made from the models alone."""
    postgres.create_database(MODELLED)
    url = postgres.url(MODELLED)
    engine = create_engine(url)
    try:
        with proof.as_superuser(url) as connection:
            connection.execute("create extension btree_gist")
            Base.metadata.create_all(engine)
            yield said_of(connection)
    finally:
        engine.dispose()
        postgres.drop_database(MODELLED)


@pytest.fixture
def migrated(bare_app: Flask) -> Iterator[psycopg.Connection]:
    """A database that the migrations made."""
    with bare_app.app_context(), proof.as_superuser() as connection:
        yield connection


def test_alembic_finds_nothing_to_migrate(bare_app: Flask):
    with bare_app.app_context():
        check()


def test_every_constraint_index_and_column_is_as_the_models_say(
    modelled: Said, migrated: psycopg.Connection
):
    found = said_of(migrated)

    assert differences(modelled, found) == {}
    assert any("EXCLUDE USING gist" in definition for definition in found.values())
    assert sum(name.startswith("constraint") for name in found) > 50


LOSSES = {
    "alter table occupancy drop constraint ex_occupancy_space_taken_once":
        "constraint occupancy.ex_occupancy_space_taken_once",
    "alter table booking_line drop constraint ck_booking_line_order":
        "constraint booking_line.ck_booking_line_order",
    "alter table ledger_entry drop constraint fk_ledger_entry_tenant_id_booking_id":
        "constraint ledger_entry.fk_ledger_entry_tenant_id_booking_id",
    "drop index ix_occupancy_lookup": "index occupancy.ix_occupancy_lookup",
    "alter table booking alter state drop not null": "column booking.state",
}  # fmt: skip


def test_and_what_was_lost_in_the_database_is_noticed(modelled: Said, migrated: psycopg.Connection):
    for change, noticed in LOSSES.items():
        with migrated.transaction(force_rollback=True):
            migrated.execute(change)
            assert noticed in differences(modelled, said_of(migrated))


def test_every_check_constraint_holds_for_a_null_only_on_purpose(migrated: psycopg.Connection):
    """A check is passed by null: the columns it speaks of must not be, unless it names null."""
    unsure = migrated.execute(
        """
        select c.conrelid::regclass || '.' || c.conname from pg_constraint c
         where c.contype = 'c' and pg_get_constraintdef(c.oid) !~* 'null'
           and c.connamespace = 'public'::regnamespace
           and c.conrelid::regclass::text not like 'procrastinate%'
           and exists (select from pg_attribute a
                        where a.attrelid = c.conrelid and a.attnum = any(c.conkey)
                          and not a.attnotnull)
        """
    ).fetchall()

    assert unsure == []


def test_a_column_that_holds_an_id_is_as_wide_as_the_id(migrated: psycopg.Connection):
    narrow = migrated.execute(
        """
        select table_name || '.' || column_name from information_schema.columns
         where table_schema = 'public' and table_name not like 'procrastinate%'
           and column_name like '%\\_id' and column_name not in ('tenant_id', 'request_id')
           and data_type <> 'bigint'
        """
    ).fetchall()

    assert narrow == []


def test_the_web_role_has_the_rights_that_pages_need_and_no_more(migrated: psycopg.Connection):
    granted = {
        (table, right)
        for table, right in migrated.execute(
            "select table_name, privilege_type from information_schema.role_table_grants"
            " where grantee = 'kaikan_web' and table_name not like 'procrastinate%'"
        )
    }
    rights = {table: {right for name, right in granted if name == table} for table, _ in granted}
    readable = {table for table, right in granted if right == "SELECT"}

    assert readable == set(rights) == {*Base.metadata.tables, "alembic_version"}
    assert {right for _, right in granted} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    for table in ("ledger_entry", "audit_entry", "account"):
        assert rights[table] == {"SELECT", "INSERT"}, table
    for table in ("rule_version", "policy_version", "rule_cases", "waiver_step", "waiver_paper"):
        assert rights[table] == {"SELECT", "INSERT"}, (
            table
        )  # published in the office, never changed
    for table in ("tenant", "facility", "room", "room_space", "space"):
        assert rights[table] == {"SELECT"}, table
