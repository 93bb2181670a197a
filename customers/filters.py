"""Which customers, orders and products a list shows, from the address: shared by lists, bulk work and exports.

Other apps know more about customers (stages, groups): they register their filters here, so that an export in customers
finds the same people as the page that asked for it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.forms import DateInput
from django.http import QueryDict
from django.utils.dates import MONTHS
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from crm.lib.money import format_money, to_minor
from crm.lib.postgres.expressions import AnyOf
from crm.lib.registry import Registry
from crm.shops.models import Shop
from crm.tenancy.hiding import are_contacts_hidden
from crm.ui import formats
from customers.domain.countries import country_shown
from customers.domain.kinds import kept_key
from customers.domain.profile import language_name
from customers.models import (
    BELOW,
    BRAND_LENGTH,
    CATEGORY_LENGTH,
    Customer,
    CustomerTag,
    ExportJob,
    ImportChange,
    Order,
    Product,
    ProductCategory,
    Refund,
)
from customers.profile import kinds, left_out
from customers.queries import (
    BOUGHT_AGAIN,
    countries,
    languages,
    refunded_by_import,
    searched,
    tags_by_name,
    touched_by_import,
    with_last_order_on,
)

EARLIEST = date(1900, 1, 1)
LATEST = date(9000, 1, 1)


IMPORT_OUTCOMES = [
    ("created", _("new by it")),
    ("changed", _("changed by it")),
    ("unchanged", _("unchanged by it")),
]
BOUGHT = [("never", _("Not yet")), ("once", _("On one day")), ("again", _("Again later"))]


LEFT_OUT = [("left_out", _("Left out"))]


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


class ImportField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class ImportFilter(django_filters.Filter):  # type: ignore[misc]
    """The number of an import. One of another shop, or of nobody, finds nothing, as does one that brought no rows."""

    field_class = ImportField


class ListFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Fields that are wrong are left out by the list, which shows their errors; but no page shows that of an import."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found: QuerySet[Any] = super().filter_queryset(queryset)
        return found.none() if self.is_of_no_import else found

    @property
    def is_of_no_import(self) -> bool:
        """Whether the rows of an import are asked for by what is no number of one."""
        return "import" in self.form.errors


class CustomerFilters(ListFilters):
    """What customers itself knows."""

    q = django_filters.CharFilter(method="by_search", label=_("Search"))
    tag = django_filters.TypedMultipleChoiceFilter(coerce=int, method="by_tag", label=_("Tag"))
    country = django_filters.MultipleChoiceFilter(field_name="country", label=_("Country"))
    kind = django_filters.MultipleChoiceFilter(method="by_kind", label=_("Relation"))
    language = django_filters.MultipleChoiceFilter(field_name="language", label=_("Language"))
    birth_month = django_filters.TypedMultipleChoiceFilter(
        choices=list(MONTHS.items()), coerce=int, field_name="birth_month", label=_("Birthday in")
    )
    scores = django_filters.ChoiceFilter(choices=LEFT_OUT, method="by_scores", label=_("Scores"))
    spent_min = MoneyFilter(field_name="net_minor", lookup_expr="gte", label=_("Spent at least"))
    spent_max = MoneyFilter(field_name="net_minor", lookup_expr="lte", label=_("Spent at most"))
    bought = django_filters.MultipleChoiceFilter(choices=BOUGHT, method="by_bought", label=_("Bought"))
    last_from = django_filters.DateFilter(method="by_last_from", label=_("Last order from"))
    last_to = django_filters.DateFilter(method="by_last_to", label=_("Last order until"))
    first_from = django_filters.DateFilter(field_name="first_order_on", lookup_expr="gte", label=_("First order from"))
    first_to = django_filters.DateFilter(field_name="first_order_on", lookup_expr="lte", label=_("First order until"))
    vars()["import"] = ImportFilter(method="by_import", label=_("Import"))  # a keyword of Python, and of the address
    import_outcome = django_filters.ChoiceFilter(choices=IMPORT_OUTCOMES, method="by_outcome", label=_("Import"))

    is_cut = False  # whether a search found more than could be looked at

    def __init__(self, data: QueryDict | None, *, shop: Shop) -> None:
        self.shop = shop
        super().__init__(data if data is not None else QueryDict(), queryset=Customer.objects.all())
        # Read once: the form, its chips and the dialogs of the page all show them.
        self.filters["tag"].extra["choices"] = [(tag.pk, tag.name) for tag in tags_by_name()]
        self.filters["country"].extra["choices"] = _countries_shown(countries())
        self.filters["kind"].extra["choices"] = [(kind.key, kind.label) for kind in kinds().all]
        self.filters["language"].extra["choices"] = [(tag, language_name(tag, formats.locale())) for tag in languages()]

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

    def by_kind(self, rows: QuerySet[Customer], name: str, keys: list[str]) -> QuerySet[Customer]:
        return rows.filter(kind__in=[kept_key(key) for key in keys]) if keys else rows

    def by_scores(self, rows: QuerySet[Customer], name: str, word: str) -> QuerySet[Customer]:
        return rows.filter(pk__in=left_out())

    def by_import(self, rows: QuerySet[Customer], name: str, import_id: int) -> QuerySet[Customer]:
        outcome = self.form.cleaned_data.get("import_outcome") or ""
        return rows.filter(touched_by_import(ImportChange.Kind.CUSTOMER, import_id, outcome))

    def by_outcome(self, rows: QuerySet[Customer], name: str, outcome: str) -> QuerySet[Customer]:
        """Left to `by_import`, without which it says nothing."""
        return rows

    def by_bought(self, rows: QuerySet[Customer], name: str, values: list[str]) -> QuerySet[Customer]:
        """By days with a purchase, as the models count them: two orders of one day are one."""
        asked = {
            "never": Q(last_order_at__isnull=True),
            # The last is never the earlier one. The planner takes "=" for rare and would sort all customers to find it.
            "once": Q(last_order_on__lte=F("first_order_on")),
            "again": BOUGHT_AGAIN,
        }
        condition = Q()
        for value in values:
            condition |= asked[value]
        return with_last_order_on(rows, self.shop).filter(condition)

    def by_last_from(self, rows: QuerySet[Customer], name: str, day: date) -> QuerySet[Customer]:
        return rows.filter(last_order_at__gte=self._midnight(day))

    def by_last_to(self, rows: QuerySet[Customer], name: str, day: date) -> QuerySet[Customer]:
        return rows.filter(last_order_at__lt=self._midnight(min(day, LATEST) + timedelta(days=1)))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(max(min(day, LATEST), EARLIEST), time(), tzinfo=self.shop.zone)


def _countries_shown(names: list[str]) -> list[tuple[str, str]]:
    """Each as it is kept and as the reader calls it; two that are called alike with what they are kept as."""
    shown = {name: country_shown(name, str(formats.locale())) for name in names}
    alike = Counter(shown.values())
    return [(name, f"{word} ({name})" if alike[word] > 1 else word) for name, word in shown.items()]


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
    return all_filters()(_as_query(data), shop=shop)


def _as_query(data: QueryDict | Mapping[str, list[str]] | None) -> QueryDict | None:
    if data is None or isinstance(data, QueryDict):
        return data
    query = QueryDict(mutable=True)
    for name, values in data.items():
        query.setlist(name, values)
    return query


# Orders

ORDER_KINDS = [("returning", _("Returning")), ("new", _("New")), ("unknown", _("Guests, no account"))]
ORDER_OUTCOMES = [*IMPORT_OUTCOMES, ("refunded", _("refunded by it"))]
COUNTED = [("yes", _("Counted")), ("no", _("Not counted"))]
DAY_INPUT = DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# A moment in UTC is within this of its shop's date; the index is by moment.
ZONE_MARGIN = timedelta(days=2)


class OrderFilters(ListFilters):
    """The shop's days; kind as SalesDay counts; first_…: days of the customer's first order."""

    placed_from = django_filters.DateFilter(method="by_from", label=_("Placed from"), widget=DAY_INPUT)
    placed_to = django_filters.DateFilter(method="by_to", label=_("Placed until"), widget=DAY_INPUT)
    first_from = django_filters.DateFilter(
        field_name="customer__first_order_on", lookup_expr="gte", label=_("First order from")
    )
    first_to = django_filters.DateFilter(
        field_name="customer__first_order_on", lookup_expr="lte", label=_("First order until")
    )
    kind = django_filters.ChoiceFilter(choices=ORDER_KINDS, method="by_kind", label=_("Customers"))
    counted = django_filters.ChoiceFilter(choices=COUNTED, method="by_counted", label=_("Orders"), empty_label=_("All"))
    vars()["import"] = ImportFilter(method="by_import", label=_("Import"))  # a keyword of Python, and of the address
    import_outcome = django_filters.ChoiceFilter(choices=ORDER_OUTCOMES, method="by_outcome", label=_("Import"))

    def by_import(self, rows: QuerySet[Order], name: str, import_id: int) -> QuerySet[Order]:
        outcome = self.form.cleaned_data.get("import_outcome") or ""
        if outcome == "refunded":
            return rows.filter(refunded_by_import(import_id))
        return rows.filter(touched_by_import(ImportChange.Kind.ORDER, import_id, outcome))

    def by_outcome(self, rows: QuerySet[Order], name: str, outcome: str) -> QuerySet[Order]:
        """Left to `by_import`, without which it says nothing."""
        return rows

    def by_counted(self, rows: QuerySet[Order], name: str, counted: str) -> QuerySet[Order]:
        """Left to whoever asks: the list adds up both."""
        return rows

    def by_from(self, rows: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return rows.filter(placed_on__gte=day, placed_at__gte=_utc_midnight(day) - ZONE_MARGIN)

    def by_to(self, rows: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return rows.filter(placed_on__lte=day, placed_at__lte=_utc_midnight(day) + ZONE_MARGIN)

    def by_kind(self, rows: QuerySet[Order], name: str, kind: str) -> QuerySet[Order]:
        if kind == "unknown":
            return rows.filter(customer__isnull=True)
        if kind == "new":
            # None is earlier than the first. The planner takes "=" for rare, and would sort all orders to find it.
            return rows.filter(placed_on__lte=F("customer__first_order_on"))
        return rows.filter(placed_on__gt=F("customer__first_order_on"))


def _utc_midnight(day: date) -> datetime:
    # The ends of the calendar leave no room for the margin.
    return datetime.combine(min(max(day, EARLIEST), LATEST), time(), tzinfo=UTC)


def _order_filters(filters: Mapping[str, list[str]]) -> OrderFilters:
    """Raises BadFilters."""
    found = OrderFilters(_as_query(filters), queryset=Order.objects.all())
    if not found.is_valid():
        raise BadFilters
    return found


def _buyers(filters: Mapping[str, list[str]], shop: Shop) -> QuerySet[Customer] | None:
    """The customers whom the customer list's own filters find; None where none of those is set. Raises BadFilters."""
    own = {name: values for name, values in filters.items() if name not in OrderFilters.base_filters}
    customers = list_filters(own, shop=shop).checked()
    return customers.matching() if customers.used else None


def matching_orders(filters: Mapping[str, list[str]], shop: Shop) -> QuerySet[Order]:
    """The orders that an address finds, by its filters of orders and of the customers who placed them. BadFilters."""
    found = _order_filters(filters)
    orders: QuerySet[Order] = found.qs
    if counted := found.form.cleaned_data["counted"]:
        orders = orders.filter(is_purchase=counted == "yes")
    if (buyers := _buyers(filters, shop)) is not None:
        orders = orders.filter(customer_id__in=buyers.values("pk"))
    return orders


def loose_refunds(filters: Mapping[str, list[str]], shop: Shop) -> QuerySet[Refund]:
    """The refunds of no order that go with these orders: by their day, and by customer. Raises BadFilters."""
    said = _order_filters(filters).form.cleaned_data
    refunds = Refund.objects.filter(order__isnull=True)
    if said["kind"] or said["counted"] == "no" or said["first_from"] or said["first_to"]:
        return refunds.none()
    if said["placed_from"]:
        refunds = refunds.filter(refunded_on__gte=said["placed_from"])
    if said["placed_to"]:
        refunds = refunds.filter(refunded_on__lte=said["placed_to"])
    if (buyers := _buyers(filters, shop)) is not None:
        refunds = refunds.filter(customer_id__in=buyers.values("pk"))
    return refunds


# Products


class ProductFilters(django_filters.FilterSet):  # type: ignore[misc]
    """A part of the product's name or number, a brand, a category with all below it, as far as whoever asks may see
    them; and what it costs in the shop's currency."""

    product = django_filters.CharFilter(method="by_product", label=_("Product"), max_length=400)
    brand = django_filters.CharFilter(method="by_brand", label=_("Brand"), max_length=BRAND_LENGTH)
    category = django_filters.CharFilter(method="by_category", label=_("Category"), max_length=CATEGORY_LENGTH)
    price_from = MoneyFilter(field_name="price_minor", lookup_expr="gte", label=_("Price from"))
    price_to = MoneyFilter(field_name="price_minor", lookup_expr="lte", label=_("Price up to"))

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        self.shop = shop
        super().__init__(*args, **kwargs)

    def by_brand(self, rows: QuerySet[Product], name: str, text: str) -> QuerySet[Product]:
        if not are_contacts_hidden():
            return rows.filter(brand=text)
        return rows.filter(AnyOf("pk", [pk for pk, brand in rows.values_list("pk", "brand") if brand == text]))

    def by_category(self, rows: QuerySet[Product], name: str, text: str) -> QuerySet[Product]:
        path = BELOW.join(part.strip() for part in text.split(BELOW) if part.strip())
        found = ProductCategory.objects.all()
        if are_contacts_hidden():
            seen = found.values_list("product_id", "path")
            return rows.filter(AnyOf("pk", [pk for pk, each in seen if f"{each}{BELOW}".startswith(f"{path}{BELOW}")]))
        # Paths compare byte by byte, and "0" comes next after "/".
        below = Q(path__gt=path + BELOW, path__lt=path + chr(ord(BELOW) + 1))
        return rows.filter(pk__in=found.filter(Q(path=path) | below).values("product_id"))

    def by_product(self, rows: QuerySet[Product], name: str, text: str) -> QuerySet[Product]:
        if not are_contacts_hidden():
            return rows.filter(Q(name__icontains=text) | Q(external_id__icontains=text))
        seen = rows.values_list("pk", "name", "external_id")
        wanted = text.casefold()
        return rows.filter(AnyOf("pk", [pk for pk, *texts in seen if any(wanted in each.casefold() for each in texts)]))

    def matching(self) -> QuerySet[Product]:
        rows: QuerySet[Product] = self.qs
        return rows


def product_filters(filters: Mapping[str, list[str]], *, shop: Shop) -> ProductFilters:
    """Raises BadFilters."""
    found = ProductFilters(_as_query(filters), queryset=Product.objects.all(), shop=shop)
    if not found.is_valid():
        raise BadFilters
    return found


# In words


@dataclass(frozen=True)
class FilterInWords:
    """One filter that is set: its name in the address, what it is called, and what it asks."""

    key: str
    name: str
    value: str


def in_words(kind: str, filters: Mapping[str, list[str]], *, shop: Shop) -> list[FilterInWords]:
    """The filters of an address that count for a file of this kind. Raises BadFilters."""
    if kind == ExportJob.Kind.PRODUCTS:
        return _in_words(product_filters(filters, shop=shop), shop)
    if kind == ExportJob.Kind.CUSTOMERS:
        return _in_words(list_filters(filters, shop=shop).checked(), shop)
    own = {name: values for name, values in filters.items() if name not in OrderFilters.base_filters}
    return _in_words(_order_filters(filters), shop) + _in_words(list_filters(own, shop=shop).checked(), shop)


def _in_words(found: Any, shop: Shop) -> list[FilterInWords]:
    words = []
    for name, value in found.form.cleaned_data.items():
        if _is_set(value):
            many = value if isinstance(value, list) else [value]
            text = formats.listed(_shown(found, name, one, shop) for one in many)
            words.append(FilterInWords(name, str(found.filters[name].label), text))
    return words


def _shown(found: Any, name: str, value: Any, shop: Shop) -> str:
    if isinstance(found.filters[name], MoneyFilter):
        return format_money(to_minor(value, shop.currency), shop.currency, formats.language())
    if isinstance(value, date):
        return formats.day(value)
    choices: dict[Any, str | Promise] = dict(found.filters[name].extra.get("choices") or ())
    return str(choices.get(value, value))
