"""Roles, database and extension on a PostgreSQL server of your own: once, by its superuser; again mends what changed.

  scripts/create_roles.py --print                            the SQL, for psql
  SUPERUSER_DATABASE_URL=postgresql://… scripts/create_roles.py      applies it

Passwords come from OWNER_PASSWORD, APP_PASSWORD and PLATFORM_PASSWORD; the database's name from DATABASE_NAME (huitou).
"""

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from crm.lib.embedded import roles

PASSWORDS = {"crm_owner": "OWNER_PASSWORD", "crm_app": "APP_PASSWORD", "crm_platform": "PLATFORM_PASSWORD"}
PATIENCE = 60.0  # seconds for a server that is just starting


def main() -> int:
    database = os.environ.get("DATABASE_NAME", "huitou")
    missing = [name for name in PASSWORDS.values() if not os.environ.get(name)]
    if missing:
        sys.exit(f"Set {', '.join(missing)}: the passwords the roles get.")
    passwords = {role: os.environ[name] for role, name in PASSWORDS.items()}
    if "--print" in sys.argv[1:]:
        print(roles.role_sql(may_create_databases=False, passwords=passwords) + roles.database_psql(database), end="")
        print(f'\\connect "{database}"\n{roles.extension_sql()}', end="")
        return 0
    url = os.environ.get("SUPERUSER_DATABASE_URL") or sys.exit("Set SUPERUSER_DATABASE_URL, or use --print.")
    apply(url, database=database, passwords=passwords)
    print(f"The roles and the database {database} are ready on {urlsplit(url).hostname or 'this machine'}.")
    return 0


def apply(url: str, *, database: str, passwords: dict[str, str], may_create_databases: bool = False) -> None:
    with _connect(url) as connection:
        connection.execute(roles.role_sql(may_create_databases=may_create_databases, passwords=passwords).encode())
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            connection.execute(roles.database_sql(database).encode())
    with _connect(url, database) as connection:
        connection.execute(roles.extension_sql().encode())


def _connect(url: str, database: str | None = None) -> psycopg.Connection:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(url, autocommit=True, dbname=database)
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                sys.exit(f"The server cannot be reached: {str(error).splitlines()[0]}")
            time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
