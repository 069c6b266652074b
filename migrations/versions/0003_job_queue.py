"""The job queue's tables and functions, as its package ships them."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parents[1] / "sql" / "procrastinate-3.10.0.sql"


GRANT = """
do $$ declare one record; begin
  for one in select relname, relkind from pg_class
    where relname like 'procrastinate%' and relnamespace = 'public'::regnamespace
      and relkind in ('r', 'S')
  loop
    if one.relkind = 'S' then
      execute format('grant usage, select on sequence %I to kaikan_web', one.relname);
    else
      execute format('grant select, insert, update, delete on %I to kaikan_web', one.relname);
    end if;
  end loop;
end $$
"""

DROP = """
do $$ declare one record; begin
  for one in select oid::regprocedure as name from pg_proc where proname like 'procrastinate%'
    loop execute 'drop function if exists ' || one.name || ' cascade'; end loop;
  for one in select relname from pg_class
    where relname like 'procrastinate%' and relnamespace = 'public'::regnamespace and relkind = 'r'
    loop execute 'drop table if exists ' || one.relname || ' cascade'; end loop;
  for one in select typname from pg_type
    where typname like 'procrastinate%' and typnamespace = 'public'::regnamespace
      and typtype in ('e', 'c')
    loop execute 'drop type if exists ' || one.typname || ' cascade'; end loop;
end $$
"""


def upgrade() -> None:
    # Straight to the driver: the file has several statements, and "%" that is no parameter.
    op.get_bind().connection.driver_connection.execute(SCHEMA.read_text())
    op.get_bind().connection.driver_connection.execute(GRANT)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DROP)
