"""Django system checks of the fences: on the models always, on the database's roles with `check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from crm.tenancy.scope import ShopManager, ShopModel

_ATTRIBUTES = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
FROM pg_roles WHERE rolname = current_user
"""
_OWNED = """
SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE r.rolname = current_user AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' ORDER BY 1 LIMIT 1
"""
_POWERS = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION")
_APP_ALIASES = ("default", "platform")


@register(Tags.models)
def shop_models_are_guarded(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A Meta that does not inherit ShopModel.Meta silently loses the guard of save, refresh and relations."""
    chosen = apps.get_models() if app_configs is None else [m for app in app_configs for m in app.get_models()]
    return [
        Error(
            f"{model._meta.label} has lost the guard of its shop.",
            hint="Write `class Meta(ShopModel.Meta):`, and keep `objects = ShopManager()`.",
            obj=model,
            id="shops.E001",
        )
        for model in chosen
        if issubclass(model, ShopModel) and not _is_guarded(model)
    ]


def _is_guarded(model: type[ShopModel]) -> bool:
    managers = (model._base_manager, model._default_manager, model.objects)
    return model._meta.base_manager_name == "objects" and all(isinstance(m, ShopManager) for m in managers)


@register(Tags.database)
def roles_are_plain(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The connections of web, worker and admin must not be above row-level security on the server they really use."""
    return [message for alias in databases or () if alias in _APP_ALIASES for message in _role_messages(alias)]


def _role_messages(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(_ATTRIBUTES)
        [(role, *flags)] = cursor.fetchall()
        cursor.execute(_OWNED)
        owned = [f"owns the table {table}" for (table,) in cursor.fetchall()]
    powers = ", ".join(name for name, has in zip(_POWERS, flags, strict=True) if has)
    wrong = [f"has {powers}", *owned] if powers else owned
    return [
        Error(
            f"The database role {role} of the connection “{alias}” {text}: row-level security would not hold it.",
            hint="Connect as crm_app and crm_platform; scripts/create_roles.py makes them.",
            id="shops.E002",
        )
        for text in wrong
    ]
