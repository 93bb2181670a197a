"""The roles of the four fences, as SQL a superuser runs once per cluster; running it again mends what was changed.

`scripts/create_roles.py` prints or applies the same for a server of your own.
"""

from collections.abc import Mapping

ROLES = {
    "crm_owner": "LOGIN INHERIT",  # owns database and schema, migrates
    "crm_app": "LOGIN NOINHERIT",  # web and worker; owns nothing
    "crm_platform": "LOGIN NOINHERIT",  # Django admin and cross-shop jobs
    "crm_search": "NOLOGIN INHERIT",  # owns the search function
}
NEVER = "NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION"


def role_sql(*, may_create_databases: bool, passwords: Mapping[str, str] | None = None) -> str:
    """Create or mend the roles. Only development and tests let the owner create databases."""
    statements = []
    for role, attributes in ROLES.items():
        creates = "CREATEDB" if may_create_databases and role == "crm_owner" else "NOCREATEDB"
        password = f" PASSWORD {literal(passwords[role])}" if passwords and role in passwords else ""
        statements += [
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
            f"ALTER ROLE {role} {attributes} {NEVER} {creates}{password};",
        ]
    statements.append("GRANT crm_search TO crm_owner WITH INHERIT FALSE, SET TRUE;")
    return "\n".join(statements) + "\n"


def database_sql(database: str) -> str:
    return f'CREATE DATABASE "{database}" OWNER crm_owner'


def database_psql(database: str) -> str:
    """For psql: create the database unless it is there."""
    absent = f"NOT EXISTS (SELECT FROM pg_database WHERE datname = {literal(database)})"
    return f"SELECT {literal(database_sql(database))} WHERE {absent}\\gexec\n"


def extension_sql() -> str:
    """pgvector is not a "trusted" extension: the owner may not create it."""
    return "SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS vector;\n"


def literal(text: str) -> str:
    """A string of standard SQL, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
