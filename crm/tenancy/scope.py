"""The scope of one shop: who opens it, and the guard that nothing gets past.

A scope is one transaction of one shop. The guard sits in the SQL that managers build; row-level security in the
database stands behind it (crm/tenancy/operations.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import FullResultSet
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

_Model = TypeVar("_Model", bound=models.Model)

_shop_id: ContextVar[int | None] = ContextVar("shop_id", default=None)
_platform: ContextVar[bool] = ContextVar("platform", default=False)


class NoShopInScope(RuntimeError):
    """A shop's rows were asked for outside `shop_scope`."""


class WrongScope(RuntimeError):
    """A scope was opened inside the scope of another shop or of the platform."""


def current_shop_id() -> int:
    """The id of the shop in scope. Raises NoShopInScope."""
    if (shop_id := _shop_id.get()) is None:
        raise NoShopInScope
    return shop_id


def in_platform_scope() -> bool:
    return _platform.get()


class CurrentShop(models.Expression):
    """The id of the shop in scope, looked up when the SQL is built."""

    output_field: "ClassVar[models.Field[Any, Any]]" = models.BigIntegerField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[int]]:  # type: ignore[override]  # the stub wants a tuple of parameters
        if connection.alias == "platform":
            raise FullResultSet  # Django drops the condition: this alias sees every shop.
        return "%s", [current_shop_id()]


class ShopManager(models.Manager[_Model]):
    """Rows of the shop in scope."""

    def get_queryset(self) -> models.QuerySet[_Model]:
        return super().get_queryset().filter(shop_id=CurrentShop())


class ShopModel(models.Model):
    """A table with a shop. Children write `class Meta(ShopModel.Meta)`, else refresh and save lose the guard."""

    shop = models.ForeignKey(
        "shops.Shop", on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("shop")
    )

    objects: ClassVar[ShopManager[Self]] = ShopManager()
    all_shops: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if _shop_id.get() is None and not _platform.get():
            raise NoShopInScope  # Django would answer (0, {}) without a word.
        return super().delete(*args, **kwargs)


@contextmanager
def shop_scope(shop: Any) -> Iterator[None]:
    """One transaction that sees the rows of `shop` (a Shop or its id) and no others.

    Raises WrongScope inside the scope of another shop; the same shop again is a savepoint.
    """
    shop_id = int(getattr(shop, "pk", shop))
    if _platform.get() or _shop_id.get() not in (None, shop_id):
        raise WrongScope
    if _shop_id.get() == shop_id:
        with transaction.atomic():
            yield
        return
    connection = connections["default"]
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL app.shop_id = '{shop_id}'")
        token = _shop_id.set(shop_id)
        try:
            yield
        finally:
            # Before the commit, so that on_commit callbacks are outside, loudly.
            _shop_id.reset(token)
    if connection.in_atomic_block:  # Only inside a TestCase, whose transaction goes on.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL app.shop_id = ''")


@contextmanager
def platform_scope() -> Iterator[None]:
    """Every shop's rows, as the database role crm_platform: Django admin and the few cross-shop jobs."""
    if _shop_id.get() is not None:
        raise WrongScope
    token = _platform.set(True)
    try:
        yield
    finally:
        _platform.reset(token)


class DoorRouter:
    """Sends everything inside `platform_scope` to the platform's own connection."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return "platform" if _platform.get() else None

    db_for_write = db_for_read

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool:
        return True  # A User read by `default` may be set on a row of `platform`.

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == "default" else None
