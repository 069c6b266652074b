"""A database made fresh for the next test: emptied and furnished again.

That is far quicker than making a new one. When a test changed the schema, one is made after all.
"""

import psycopg
from psycopg import sql

from app.local.postgres import PrivatePostgres

FURNITURE = (
    "tenant", "policy_version", "facility", "space", "room", "room_space", "rule_version",
)  # fmt: skip

_TABLES = """
select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
  and relname not in ('alembic_version') order by relname
"""
_SHAPE = """
select md5(string_agg(one, ',' order by one)) from (
  select 'c' || oid || conname as one from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select 't' || oid || tgname || tgenabled::text from pg_trigger
  union all
  select 'r' || oid || relname || relrowsecurity || relforcerowsecurity from pg_class
   where relnamespace = 'public'::regnamespace
  union all
  select 'p' || oid || polname from pg_policy
) as shape
"""
_OTHERS_LEAVE = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""


class FreshDatabase:
    """One database of this run, put back before each test."""

    def __init__(self, postgres: PrivatePostgres, name: str, furnished: str) -> None:
        self.postgres = postgres
        self.name = name
        self.furnished = furnished
        self._shape: str | None = None

    def put_back(self, *, furnished: bool) -> None:
        """Empty every table; with `furnished` the two municipalities of tests.builders return."""
        if not self.postgres.has_database(self.name):
            self._make()
        with self._connected() as connection:
            if connection.execute(_SHAPE).fetchone() == self._shape:
                self._empty(connection, furnished=furnished)
                return
        self._make()
        if not furnished:
            self.put_back(furnished=False)

    def _make(self) -> None:
        self.postgres.drop_database(self.name)
        self.postgres.create_database(self.name, template=self.furnished)
        with self._connected() as connection:
            connection.execute("create schema furniture")
            for table in FURNITURE:
                connection.execute(
                    sql.SQL("create table furniture.{} as table public.{}").format(
                        sql.Identifier(table), sql.Identifier(table)
                    )
                )
            self._shape = connection.execute(_SHAPE).fetchone()  # type: ignore[assignment]

    def _empty(self, connection: psycopg.Connection, *, furnished: bool) -> None:
        connection.execute(_OTHERS_LEAVE)
        # Append-only tables refuse to be emptied, for everybody but a replica.
        connection.execute("set session_replication_role = replica")
        tables = [row[0] for row in connection.execute(_TABLES)]
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        connection.execute(sql.SQL("truncate {} restart identity cascade").format(names))
        connection.execute("alter sequence booking_count restart")
        for table in FURNITURE if furnished else ():
            connection.execute(
                sql.SQL("insert into public.{} overriding system value table furniture.{}").format(
                    sql.Identifier(table), sql.Identifier(table)
                )
            )
            if table != "room_space":
                connection.execute(
                    sql.SQL(
                        "select setval(pg_get_serial_sequence({}, 'id'), max(id)) from public.{}"
                    ).format(sql.Literal(table), sql.Identifier(table))
                )

    def _connected(self) -> psycopg.Connection:
        url = self.postgres.url(self.name).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True)
