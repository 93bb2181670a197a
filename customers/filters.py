"""Which customers a list shows, from the address: shared by the list, bulk work on "all that match", and exports.

Other apps know more about customers (stages, groups): they register their filters here, so that an export in customers
finds the same people as the page that asked for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.lib.money import to_minor
from crm.lib.postgres.expressions import AnyOf
from crm.lib.registry import Registry
from crm.shops.models import Shop
from customers.models import Customer, CustomerTag
from customers.queries import countries, searched, tags_by_name

EARLIEST = date(1900, 1, 1)
LATEST = date(9000, 1, 1)


BOUGHT = [("never", _("Not yet")), ("once", _("On one day")), ("again", _("Again later"))]


class BadFilters(ValueError):
    """A filter could not be read. Whoever is about to change or hand out what matches must not go on without it."""


class MoneyFilter(django_filters.NumberFilter):  # type: ignore[misc]  # django-filter has no types
    """An amount in the shop's currency, compared with a column of minor units."""

    def filter(self, rows: QuerySet[Any], value: Decimal | None) -> QuerySet[Any]:
        if value is None:
            return rows
        found: QuerySet[Any] = super().filter(rows, to_minor(value, self.parent.shop.currency))
        return found

    MOST = 10**13

    def get_max_validator(self) -> MaxValueValidator:
        return MaxValueValidator(self.MOST)

    @property
    def field(self) -> Any:
        if not hasattr(self, "_field"):
            super().field.validators.append(MinValueValidator(-self.MOST))
        return super().field


class CustomerFilters(django_filters.FilterSet):  # type: ignore[misc]
    """What customers itself knows. Fields that are wrong are left out by the list, which shows their errors."""

    q = django_filters.CharFilter(method="by_search", label=_("Search"))
    tag = django_filters.TypedMultipleChoiceFilter(coerce=int, method="by_tag", label=_("Tag"))
    country = django_filters.MultipleChoiceFilter(field_name="country", label=_("Country"))
    spent_min = MoneyFilter(field_name="net_minor", lookup_expr="gte", label=_("Spent at least"))
    spent_max = MoneyFilter(field_name="net_minor", lookup_expr="lte", label=_("Spent at most"))
    bought = django_filters.MultipleChoiceFilter(choices=BOUGHT, method="by_bought", label=_("Bought"))
    last_from = django_filters.DateFilter(method="by_last_from", label=_("Last order from"))
    last_to = django_filters.DateFilter(method="by_last_to", label=_("Last order until"))
    first_from = django_filters.DateFilter(field_name="first_order_on", lookup_expr="gte", label=_("First order from"))
    first_to = django_filters.DateFilter(field_name="first_order_on", lookup_expr="lte", label=_("First order until"))

    is_cut = False  # whether a search found more than could be looked at

    def __init__(self, data: QueryDict | None, *, shop: Shop) -> None:
        self.shop = shop
        super().__init__(data if data is not None else QueryDict(), queryset=Customer.objects.all())
        # Read once: the form, its chips and the dialogs of the page all show them.
        self.filters["tag"].extra["choices"] = [(tag.pk, tag.name) for tag in tags_by_name()]
        self.filters["country"].extra["choices"] = [(name, name) for name in countries()]

    def matching(self) -> QuerySet[Customer]:
        """All customers the filters let through, unsorted."""
        rows: QuerySet[Customer] = self.qs
        return rows

    def checked(self) -> "CustomerFilters":
        """Itself; raises BadFilters if a filter of the address cannot be read."""
        if not self.is_valid():
            raise BadFilters
        return self

    @cached_property
    def used(self) -> dict[str, Any]:
        """The filters that are set and could be read, by name."""
        self.is_valid()  # fills cleaned_data
        return {name: value for name, value in self.form.cleaned_data.items() if _is_set(value)}

    def by_search(self, rows: QuerySet[Customer], name: str, text: str) -> QuerySet[Customer]:
        found = searched(text)
        self.is_cut = found.is_cut
        return rows.filter(AnyOf("pk", found.ids))

    def by_tag(self, rows: QuerySet[Customer], name: str, tags: list[int]) -> QuerySet[Customer]:
        if not tags:
            return rows
        wearing = CustomerTag.objects.filter(shop_id=OuterRef("shop_id"), customer_id=OuterRef("pk"), tag_id__in=tags)
        return rows.filter(Exists(wearing))

    def by_bought(self, rows: QuerySet[Customer], name: str, values: list[str]) -> QuerySet[Customer]:
        """By days with a purchase, as the models count them: two orders of one day are one."""
        asked = {
            "never": Q(last_order_at__isnull=True),
            # The last is never the earlier one. The planner takes "=" for rare and would sort all customers to find it.
            "once": Q(last_order_on__lte=F("first_order_on")),
            "again": Q(last_order_on__gt=F("first_order_on")),
        }
        condition = Q()
        for value in values:
            condition |= asked[value]
        return rows.alias(last_order_on=TruncDate("last_order_at", tzinfo=self.shop.zone)).filter(condition)

    def by_last_from(self, rows: QuerySet[Customer], name: str, day: date) -> QuerySet[Customer]:
        return rows.filter(last_order_at__gte=self._midnight(day))

    def by_last_to(self, rows: QuerySet[Customer], name: str, day: date) -> QuerySet[Customer]:
        return rows.filter(last_order_at__lt=self._midnight(min(day, LATEST) + timedelta(days=1)))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(max(min(day, LATEST), EARLIEST), time(), tzinfo=self.shop.zone)


def _is_set(value: Any) -> bool:
    return value not in (None, "", [], ())


@dataclass(frozen=True)
class FilterProvider:
    """Filters that an app above adds to the list of customers: a subclass of CustomerFilters with the app's own."""

    name: str
    filters: type[CustomerFilters]


FILTERS: Registry[FilterProvider] = Registry("provider of list filters")


def all_filters() -> type[CustomerFilters]:
    """One class with the filters of all providers. A filter's name taken twice raises ValueError."""
    return combined(tuple(provider.filters for provider in FILTERS))


@cache
def combined(kinds: tuple[type[CustomerFilters], ...]) -> type[CustomerFilters]:
    taken = set(CustomerFilters.base_filters)
    for kind in kinds:
        own = set(kind.base_filters) - set(CustomerFilters.base_filters)
        if twice := taken & own:
            raise ValueError(f"Two providers have a list filter {sorted(twice)[0]!r}.")
        taken |= own
    return type("AllFilters", (*reversed(kinds), CustomerFilters), {}) if kinds else CustomerFilters


def list_filters(data: QueryDict | Mapping[str, list[str]] | None, *, shop: Shop) -> CustomerFilters:
    """The filters of the customer list as the address, or a stored copy of it, gives them."""
    if data is not None and not isinstance(data, QueryDict):
        query = QueryDict(mutable=True)
        for name, values in data.items():
            query.setlist(name, values)
        data = query
    return all_filters()(data, shop=shop)
