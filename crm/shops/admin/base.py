"""What the pages of Django admin share: every shop's rows at once, a million of them, and each write on the record."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from crm.shops.admin.columns import amount
from crm.shops.audit.chain import record
from crm.shops.models import Shop, User
from crm.tenancy.scope import ShopModel

if TYPE_CHECKING:  # Generic in the stubs only.
    ModelAdmin: TypeAlias = admin.ModelAdmin[Any]
    TabularInline: TypeAlias = admin.TabularInline[Any, Any]
    BasePaginator: TypeAlias = Paginator[Any]
else:
    ModelAdmin, TabularInline, BasePaginator = admin.ModelAdmin, admin.TabularInline, Paginator

MOST_ROWS = 2000  # A list shows its newest rows; beyond them people search.
MOST_FOUND = 100
MAX_ID = 2**63 - 1


class BoundedPaginator(BasePaginator):
    """Counts to MOST_ROWS and no further: count(*) over a million rows takes longer than the page."""

    most = MOST_ROWS

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:MOST_ROWS].count()


class Audited(ModelAdmin):
    """Whatever is written here stands in the audit chain of its shop too, with who of the staff did it."""

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        note(request, obj, "platform.added")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        note(request, obj, "platform.changed", fields=_field_names(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            note(request, obj, "platform.deleted")
        return super().log_deletions(request, queryset)


def note(request: HttpRequest, obj: models.Model, action: str, **details: Any) -> None:
    """Append to the chain of the row's shop. A shop itself is deleted together with its chain; users have no shop."""
    shop_id = obj.pk if isinstance(obj, Shop) else getattr(obj, "shop_id", None)
    if shop_id is None or (isinstance(obj, Shop) and action == "platform.deleted"):
        return
    record(action, obj, by=cast(User, request.user), details=details, shop_id=shop_id)


def _field_names(message: Any) -> list[str]:
    """Names of the changed fields, from the message Django makes; it holds no values."""
    parts = message if isinstance(message, list) else []
    return sorted({name for part in parts for name in part.get("changed", {}).get("fields", ())})


class ShopModelAdmin(Audited):
    """A table with a shop. `exact` are columns of unique keys (shop, …, column): searched by whole values, in any shop
    or, with the shop's short name in front (“tea 1001”), in one."""

    exact: ClassVar[Sequence[str]] = ()
    list_select_related: ClassVar[Any] = ("shop",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # They count, one query for each choice of each filter.
    paginator = BoundedPaginator
    sortable_by = ()
    ordering = ("-shop_id", "-pk")  # the key (shop_id, id) read backwards
    search_fields = ("pk",)  # Shows the box; get_search_results says what is looked up.

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return [amount(self.model, str(name)) if str(name).endswith("_minor") else name for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "shop"] if obj is not None and "shop" not in fields else fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole values by index only: a fragment over a million rows is a search for the shop's own pages."""
        if not search_term.strip():
            return queryset, False
        queryset, word = _in_named_shop(queryset, search_term.strip())
        return (queryset.filter(self.matches(word)) if word else queryset), False

    def matches(self, word: str) -> Q:
        condition = Q(pk=int(word)) if word.isascii() and word.isdigit() and int(word) <= MAX_ID else Q(pk__in=[])
        for column in self.exact:
            condition |= Q(pk__in=_keys(self.model, column, word))
        return condition


def _in_named_shop(queryset: QuerySet[Any], term: str) -> tuple[QuerySet[Any], str]:
    slug, _, rest = term.partition(" ")
    shop = Shop.objects.filter(slug=slug.lower()).first()
    return (queryset.filter(shop_id=shop.pk), rest.strip()) if shop else (queryset, term)


def _keys(model: type[ShopModel], column: str, value: str) -> list[int]:
    """Looked up first and alone, so that the unique index is used and not a condition with OR."""
    return list(model.objects.filter(**{column: value}).values_list("pk", flat=True)[:MOST_FOUND])


class LooksOnly:
    """Shown, never written: an edit here would break a rule (the figures, the chain, the key's secret)."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ShopInline(LooksOnly, TabularInline):
    """Rows of the same shop below their parent, to look at; at most MOST_FOUND of them."""

    extra = 0
    exclude: ClassVar[Any] = ("shop",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("pk")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        shop_id = getattr(obj, "shop_id", None)

        class OfOneShop(formset):  # type: ignore[misc,valid-type]  # a class made at run time
            _of_shop: QuerySet[Any] | None = None  # Django asks for each row again.

            def get_queryset(self) -> QuerySet[Any]:
                if self._of_shop is None:
                    # With the shop in the condition the index (shop_id, …) is used.
                    self._of_shop = super().get_queryset().filter(shop_id=shop_id)[:MOST_FOUND]
                return self._of_shop

        return OfOneShop
