"""What the catalogue of a database says of our tables, so that two can be compared."""

import psycopg

Said = dict[str, str]

OURS = """
(select oid, relname from pg_class
  where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
    and relname not like 'procrastinate%' and relname <> 'alembic_version') as ours
"""
CONSTRAINTS = f"""
select ours.relname || '.' || conname, pg_get_constraintdef(c.oid)
  from pg_constraint c join {OURS} on ours.oid = c.conrelid
"""
INDEXES = f"""
select ours.relname || '.' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
  from pg_index i join {OURS} on ours.oid = i.indrelid
"""
COLUMNS = f"""
select ours.relname || '.' || attname,
       concat_ws(' ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
                 attidentity, pg_get_expr(d.adbin, d.adrelid))
  from pg_attribute a join {OURS} on ours.oid = a.attrelid
  left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
 where attnum > 0 and not attisdropped
"""
SEQUENCES = """
select relname, 'sequence' from pg_class
 where relkind = 'S' and relnamespace = 'public'::regnamespace
   and relname not like 'procrastinate%'
"""


def said_of(connection: psycopg.Connection) -> Said:
    """Return every constraint, index, column and sequence of our tables with its definition."""
    return {
        f"{kind} {name}": definition
        for kind, query in {
            "constraint": CONSTRAINTS,
            "index": INDEXES,
            "column": COLUMNS,
            "sequence": SEQUENCES,
        }.items()
        for name, definition in connection.execute(query)
    }


def differences(one: Said, other: Said) -> dict[str, tuple[str | None, str | None]]:
    """Return what the two say differently, by name."""
    return {
        name: (one.get(name), other.get(name))
        for name in one.keys() | other.keys()
        if one.get(name) != other.get(name)
    }
