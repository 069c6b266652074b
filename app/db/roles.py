"""Two roles of the database: one owns the tables, the other works in them and owns nothing.

Policies bind whoever is neither a superuser nor exempt, so no code ever acts as the login role.
"""

from sqlalchemy import Connection, text

OWNER = "kaikan_owner"  # migrations and packs
WEB = "kaikan_web"  # pages, the API and the worker

_CREATE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    create role {role} nologin;
  end if;
exception when duplicate_object or unique_violation then null;  -- another process was quicker
end $$
"""


def prepare(connection: Connection) -> None:
    """Make both roles and let the login role act as either; asked again it changes nothing.

    Raises ProgrammingError when the login role may not: then a database administrator makes
    the roles once and grants them to it (docs/deploy.md).
    """
    for role in (OWNER, WEB):
        connection.execute(text(_CREATE.format(role=role)))
        member = text("select pg_has_role(session_user, :role, 'member')")
        if not connection.scalar(member, {"role": role}):
            connection.execute(text(f"grant {role} to session_user"))
    database = connection.scalar(text("select quote_ident(current_database())"))
    connection.execute(text(f"grant create on database {database} to {OWNER}"))
    connection.execute(text(f"grant usage, create on schema public to {OWNER}"))
    connection.execute(text(f"grant usage on schema public to {WEB}"))
