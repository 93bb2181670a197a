"""Every environment variable Huitou reads: one table, for settings, for the supervisor and for docs/operations.md."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from crm.lib import embedded
from crm.lib.embedded import StartError, places


@dataclass(frozen=True)
class Variable:
    """One row of the table. The default is what applies on a machine where nothing is set."""

    name: str
    default: str
    meaning: str
    secret: bool = False


TABLE = (
    Variable(
        "DATABASE_URL",
        "the embedded PostgreSQL",
        "The database, as the role `crm_app`: `postgresql://crm_app:password@host:5432/huitou?sslmode=require`.",
        secret=True,
    ),
    Variable("OWNER_DATABASE_URL", "", "The same database as `crm_owner`: only for `manage.py migrate`.", secret=True),
    Variable(
        "PLATFORM_DATABASE_URL", "", "The same database as `crm_platform`: admin and cross-shop jobs.", secret=True
    ),
    Variable("REDIS_URL", "the embedded Redis", "Redis: `redis://:password@host:6379/0`.", secret=True),
    Variable(
        "SECRET_KEY",
        "made once, kept in `DATA_DIR/secret_key`",
        "Signs sessions and links; at least 32 characters. Must be set when `DATABASE_URL` is.",
        secret=True,
    ),
    Variable("BASE_URL", "http://localhost:8000", "The address people type; links in mails begin with it."),
    Variable(
        "ALLOWED_HOSTS", "the host of `BASE_URL`", "Host names answered to beside localhost, separated by commas."
    ),
    Variable(
        "EMAIL_URL",
        "files in `DATA_DIR/mail`",
        "`smtp://user:password@host:587?tls=starttls` (or `implicit`, `none`).",
        True,
    ),
    Variable(
        "MAIL_FROM",
        "Huitou <huitou@localhost>",
        "Sender of all mails; a shop's customers see its name before the address.",
    ),
    Variable("DATA_DIR", ".data", "Folder of the embedded servers, uploads, mail files and logs."),
    Variable("DEBUG", "off", "`on` shows program details on error pages. Never in production."),
    Variable("TRUSTED_PROXY_COUNT", "0", "How many proxies in front append to `X-Forwarded-For`."),
    Variable("LANGUAGE", "en", "Language of people who chose none: `en` or `zh-hans`."),
    Variable("LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`."),
    Variable("BIND", "127.0.0.1", "Address the web process listens on."),
    Variable("PORT", "8000", "Port the web process listens on."),
    Variable("WEB_WORKERS", "2", "Web processes."),
    Variable("WORKER_CONCURRENCY", "2", "Background jobs that run at the same time, of which all but one may be long."),
    Variable("LATE_AFTER_SECONDS", "120", "Due work that waits longer turns `/readyz` to 503."),
    Variable("UPLOAD_KEEP_FREE", "1000000000", "Bytes that an upload must leave free on the disk of `DATA_DIR`."),
    Variable("IMPORT_MAX_ROWS", "5000000", "Rows an imported file may have."),
    Variable("IMPORT_MAX_BYTES", "2000000000", "Bytes an imported file may unpack to."),
    Variable(
        "IMPORT_MAX_WORKBOOK_BYTES", "250000000", "Bytes an Excel workbook may unpack to: its sheet fills memory."
    ),
    Variable("IMPORT_MAX_RATIO", "100", "How many times its own size an imported archive may unpack to."),
)
_ROWS = {variable.name: variable for variable in TABLE}
_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
_ROLE_VARIABLES = {
    "crm_app": "DATABASE_URL",
    "crm_owner": "OWNER_DATABASE_URL",
    "crm_platform": "PLATFORM_DATABASE_URL",
}


def text(name: str) -> str:
    """The value, or the table's default; empty is the same as not set."""
    return os.environ.get(name) or _ROWS[name].default


def is_set(name: str) -> bool:
    return bool(os.environ.get(_ROWS[name].name))


def number(name: str) -> int:
    try:
        return int(text(name))
    except ValueError:
        raise StartError(f"{name} must be a whole number, not {text(name)!r}.") from None


def switch(name: str) -> bool:
    try:
        return _SWITCH[text(name).lower()]
    except KeyError:
        raise StartError(f"{name} must be on or off, not {text(name)!r}.") from None


def port() -> int:
    if not 0 < number("PORT") < 65536:
        raise StartError(f"PORT must be between 1 and 65535, not {number('PORT')}.")
    return number("PORT")


def base_url() -> str:
    """Without a slash at the end."""
    return text("BASE_URL").rstrip("/") if is_set("BASE_URL") else f"http://localhost:{port()}"


def allowed_hosts() -> list[str]:
    named = text("ALLOWED_HOSTS") if is_set("ALLOWED_HOSTS") else urlsplit(base_url()).hostname or ""
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    # Health checks ask from the machine itself; nothing we send is made from the name a request came by.
    return list(dict.fromkeys([*hosts, "localhost", "127.0.0.1", "[::1]"]))


def data_dir() -> Path:
    return places.data_dir()


def uses_embedded_postgres() -> bool:
    return not is_set("DATABASE_URL")


def uses_embedded_redis() -> bool:
    return not is_set("REDIS_URL")


def start_embedded_servers() -> None:
    """Have the servers that no variable names, and use them until this process ends. Raises StartError."""
    if uses_embedded_postgres() or uses_embedded_redis():
        embedded.ensure(postgres=uses_embedded_postgres(), redis=uses_embedded_redis())


def secret_key() -> str:
    """The one set, or one made for this data folder. A production without its own key must not start."""
    if is_set("SECRET_KEY"):
        return text("SECRET_KEY")
    if not uses_embedded_postgres():
        raise StartError(
            "Set SECRET_KEY to a long random text: `python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
        )
    return _kept_secret(places.make_data_dir() / "secret_key")


def _kept_secret(path: Path) -> str:
    """Several processes may come here first at the same time; a link appears whole or not at all, and only once."""
    if not path.exists():
        draft = path.with_name(f"secret_key.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def database(role: str) -> dict[str, Any] | None:
    """Django's database entry of a role, without ENGINE; None where this installation gives no address for it."""
    variable = _ROLE_VARIABLES[role]
    if uses_embedded_postgres():
        return database_entry(embedded.addresses().database_url(role), variable)
    return database_entry(text(variable), variable) if is_set(variable) else None


def database_entry(url: str, variable: str = "DATABASE_URL") -> dict[str, Any]:
    """Parameters behind the "?" become libpq options, except `host`, which may name a folder of sockets."""
    parts = _split(url, variable, schemes=("postgresql", "postgres"))
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    if not parts.path.strip("/"):
        raise StartError(f"{variable} names no database: it ends in /huitou, for example.")
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def redis_url() -> str:
    """As redis-py and Django's cache read it."""
    return embedded.addresses().redis_url if uses_embedded_redis() else text("REDIS_URL")


def celery_broker_url() -> str:
    """As Celery reads it: a socket has another spelling there."""
    url = redis_url()
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    password = f":{parts.password}@" if parts.password else ""
    return f"redis+socket://{password}{parts.path}?virtual_host={dict(parse_qsl(parts.query)).get('db', '0')}"


def email() -> dict[str, Any]:
    """Django's EMAIL_ settings."""
    if not is_set("EMAIL_URL"):
        folder = str(data_dir() / "mail")
        return {"EMAIL_BACKEND": "crm.lib.mail_files.EmailBackend", "EMAIL_FILE_PATH": folder}
    parts = _split(text("EMAIL_URL"), "EMAIL_URL", schemes=("smtp",))
    tls = dict(parse_qsl(parts.query)).get("tls", "starttls")
    if tls not in ("starttls", "implicit", "none"):
        raise StartError(f"EMAIL_URL: tls must be starttls, implicit or none, not {tls!r}.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or {"starttls": 587, "implicit": 465, "none": 25}[tls],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_TIMEOUT": 20,
    }


def _split(url: str, variable: str, *, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of an address. The sentence of a refusal must not show it: it holds a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise StartError(f"{variable} is not an address that can be read.") from None
    if parts.scheme not in schemes:
        raise StartError(f"{variable} must begin with {schemes[0]}://.")
    return parts


def markdown_table() -> str:
    """The table of docs/operations.md; a test compares."""
    rows = [
        f"| `{row.name}` | {row.meaning} | {row.default or 'not set'} | {'yes' if row.secret else ''} |"
        for row in TABLE
    ]
    return "\n".join(["| Variable | Meaning | Default | Secret |", "|---|---|---|---|", *rows]) + "\n"
