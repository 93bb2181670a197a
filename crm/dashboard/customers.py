"""The list of customers, joined with their scores: its filters, its order, its pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.lib.keyset import AnyTier, BadCursor, Page, Tier, page_of
from crm.lib.money import format_money, from_minor, to_minor
from crm.lib.postgres.expressions import AnyOf
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.ui import formats
from customers.attributes import Known, definitions, values_of
from customers.exports import ColumnGroup, ColumnLabel, MoreColumns
from customers.filters import IMPORT_OUTCOMES, CustomerFilters, MoneyFilter, list_filters
from customers.models import AttributeDefinition, Customer, Tag
from customers.panels import value_text
from customers.profile import are_left_out, left_out
from customers.queries import Size, contacts_of, import_name, in_order, size_of, tags_of
from segmentation.columns import NOT_YET, Wanted, read_columns, were_in
from segmentation.models import CustomerScore, RFMGroup, Stage
from segmentation.presenters import order_is_likely
from segmentation.queries import runs_without_dropout
from segmentation.score_lists import score_list

PAGE = 50
FIFTHS = [(n, str(n)) for n in range(1, 6)]
SORTS: dict[str, Promise] = {
    "last": _("Last order"),
    "spent": _("Spent"),
    "value": _("Next 12 months"),
    "aov": _("AOV"),
    "stake": _("At stake"),
}


class ScoredFilters(CustomerFilters):
    """What the last scoring run knows, too: for a list as `wanted`, for work on all who match as SQL."""

    stage = django_filters.MultipleChoiceFilter(choices=Stage.choices, method="by_score", label=_("Stage"))
    group = django_filters.MultipleChoiceFilter(choices=RFMGroup.choices, method="by_score", label=_("RFM group"))
    group_then = django_filters.MultipleChoiceFilter(
        choices=[*RFMGroup.choices, (NOT_YET, _("Had not bought yet"))],
        method="by_score",
        label=_("RFM group at the end of last month"),
    )
    value_min = MoneyFilter(field_name="clv_minor", lookup_expr="gte", label=_("Next 12 months at least"))
    value_max = MoneyFilter(field_name="clv_minor", lookup_expr="lte", label=_("Next 12 months at most"))
    r = django_filters.TypedMultipleChoiceFilter(choices=FIFTHS, coerce=int, method="by_score", label=_("RFM: recency"))
    f = django_filters.TypedMultipleChoiceFilter(
        choices=FIFTHS, coerce=int, method="by_score", label=_("RFM: frequency")
    )
    m = django_filters.TypedMultipleChoiceFilter(choices=FIFTHS, coerce=int, method="by_score", label=_("RFM: money"))

    LISTS: ClassVar = {"stage": "stage", "group": "rfm_group", "r": "r", "f": "f", "m": "m"}
    AMOUNTS = ("value_min", "value_max")
    OF_SCORES = (*LISTS, *AMOUNTS, "group_then")

    def by_score(self, rows: QuerySet[Customer], name: str, values: list[Any]) -> QuerySet[Customer]:
        """Left to `wanted` and `_scores`."""
        return rows

    def filter_queryset(self, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        for name, value in self.form.cleaned_data.items():
            if name not in self.AMOUNTS:
                queryset = self.filters[name].filter(queryset, value)
        return queryset.none() if self.is_of_no_import else queryset

    @property
    def asks_scores(self) -> bool:
        return any(name in self.used for name in self.OF_SCORES)

    @property
    def asks_people(self) -> bool:
        return self.is_of_no_import or any(name not in self.OF_SCORES for name in self.used)

    def people(self) -> QuerySet[Customer]:
        """The customers whom their own filters let through."""
        return super().matching()

    @property
    def wanted(self) -> Wanted:
        """What is asked of scores."""
        lists = {name: self.used.get(name, ()) for name in self.LISTS}
        low, high = (self._minor(self.used.get(name)) for name in self.AMOUNTS)
        then = self.used.get("group_then", ())
        return Wanted(lists["stage"], lists["group"], lists["r"], lists["f"], lists["m"], low, high, then)

    def _minor(self, amount: Decimal | None) -> int | None:
        return None if amount is None else to_minor(amount, self.shop.currency)

    def _scores(self) -> QuerySet[CustomerScore]:
        rows = CustomerScore.objects.all()
        for name, column in self.LISTS.items():
            if name in self.used:
                rows = rows.filter(**{f"{column}__in": self.used[name]})
        for name in self.AMOUNTS:
            if name in self.used:
                rows = self.filters[name].filter(rows.exclude(purchase_days=1), self.used[name])
        if groups := self.used.get("group_then"):
            customers = read_columns("customers")["customers"]
            rows = rows.filter(AnyOf("customer_id", customers[were_in(customers, groups)].tolist()))
        return rows

    def matching(self) -> QuerySet[Customer]:
        if not self.asks_scores:
            return self.people()
        return self.people().filter(pk__in=self._scores().values("customer_id"))


SCORE_COLUMNS = {
    "last": "recency_days",
    "spent": "net_minor",
    "value": "clv_minor",
    "aov": "aov_minor",
    "stake": "stake_minor",
}
# Who has a value of these, as SQL says it.
HAS_VALUE = {
    "value": Q(clv_minor__isnull=False) & ~Q(purchase_days=1),
    "aov": Q(frequency__gt=0),
    "stake": Q(stake_minor__isnull=False),
}


@dataclass(frozen=True)
class Listing:
    """How a list is read, and how long it is."""

    tiers: Sequence[AnyTier]
    size: Callable[[], Size]
    left_out: QuerySet[Customer] | None = None  # of a list by scores: who else matches, but is left out of them


def listing_of(filters: ScoredFilters, sort: str) -> Listing:
    """In the order of scores where they are asked for: those are as of the last scoring.

    Who is left out of scores is in no list that is sorted by them, unless they are asked for.
    """
    people = filters.people()
    out = None
    if (filters.asks_scores or sort in HAS_VALUE) and "scores" not in filters.used:
        out = people.filter(pk__in=left_out())
    if filters.asks_scores:
        column, falling = SCORE_COLUMNS[sort], sort != "last"
        scores = score_list(filters.wanted, people if filters.asks_people else None, sorted_by=column)
        tiers = [scores.tier(column, falling=falling), scores.tier(column, falling=falling, known=False)]
        return Listing(tiers, scores.size, out)
    if out is not None:
        people = people.exclude(pk__in=left_out())
    return Listing(_people_tiers(filters, people, sort), lambda: size_of(people), out)


def _people_tiers(filters: ScoredFilters, people: QuerySet[Customer], sort: str) -> list[AnyTier]:
    if sort == "spent":
        return [Tier(people, column="net_minor")]
    if sort in HAS_VALUE:
        column = SCORE_COLUMNS[sort]
        scores = score_list(Wanted(), people if filters.asks_people else None, sorted_by=column)
        # Who came after the last scoring has no score, and is at the end of the list, not missing from it.
        scored = CustomerScore.objects.filter(HAS_VALUE[sort], shop_id=OuterRef("shop_id"), customer_id=OuterRef("pk"))
        return [scores.tier(column, falling=True), Tier(people.filter(~Exists(scored)))]
    ordered = Tier(people.filter(last_order_at__isnull=False), column="last_order_at", index_nulls_last=True)
    return [ordered, Tier(people.filter(last_order_at__isnull=True))]


def chosen_sort(filters: ScoredFilters, asked: str) -> str:
    """Within a stage or group those worth most come first; else who ordered last."""
    if asked in SORTS:
        return asked
    return "spent" if filters.asks_scores else "last"


class AttributeCell(NamedTuple):
    """One value of an attribute that is a column of the list, in words; text: "" for none."""

    key: str
    label: str
    text: str
    is_number: bool


@dataclass(frozen=True)
class Row:
    """One customer as the list shows them; the contact is masked."""

    customer: Customer
    contact: str
    score: CustomerScore | None
    tags: list[Tag]
    alive: float | None
    is_left_out: bool = False
    cells: Sequence[AttributeCell] = ()

    @property
    def order_is_likely(self) -> bool:
        """Late by their own rhythm, and yet the forecast expects an order: the row says so."""
        return self.score is not None and order_is_likely(self.score)

    @property
    def more_tags(self) -> str:
        """Those for which a row has no room."""
        return formats.listed(tag.name for tag in self.tags[2:])


@dataclass(frozen=True)
class CustomerList:
    """One page of the list, and how long the whole is."""

    rows: list[Row]
    page: Page
    size: Size
    attributes: Sequence[AttributeDefinition] = ()  # those that are columns
    left_out: Size | None = None  # how many match but are left out, where scores are what the list is sorted by

    @property
    def tells_who_left(self) -> bool:
        """False where the scores of all these rows are silent on it: the column would say so fifty times."""
        are_scored = any(row.score is not None and row.score.p_alive is not None for row in self.rows)
        return not are_scored or any(row.alive is not None for row in self.rows)


def customer_list(filters: ScoredFilters, sort: str, cursor: str, *, page_size: int = PAGE) -> CustomerList:
    """Raises BadCursor."""
    listing = listing_of(filters, sort)
    page = page_of(listing.tiers, cursor, size=page_size)
    out = None if listing.left_out is None else size_of(listing.left_out)
    known = definitions()
    return CustomerList(_rows(page.ids, known), page, listing.size(), known.in_list, out)


def _rows(ids: list[int], known: Known) -> list[Row]:
    contacts, tags = contacts_of(ids), tags_of(ids)
    scores = CustomerScore.objects.in_bulk(ids)
    silent = runs_without_dropout({score.run_id for score in scores.values()})
    unscored = [pk for pk in ids if pk not in scores]
    out = set(are_left_out(unscored)) if unscored else set()
    values = values_of(ids) if known.in_list else {}
    rows = []
    for customer in in_order(ids):
        customer.stand_in = contacts[customer.pk].stand_in
        score = scores.get(customer.pk)
        alive = None if score is None or score.run_id in silent else score.p_alive
        contact = contacts[customer.pk].masked().first
        # Not twice, where somebody is called by it.
        shown = "" if contact in (str(customer), str(customer)[1:]) else contact
        own = values.get(customer.pk, {})
        cells = [
            AttributeCell(
                each.key, each.label, value_text(each, own.get(each.pk, ()), known), each.type == each.Type.NUMBER
            )
            for each in known.in_list
        ]
        rows.append(Row(customer, shown, score, tags[customer.pk], alive, customer.pk in out, cells))
    return rows


@require_safe
@requires(Right.SEE_CUSTOMERS)
def customers_page(request: ShopRequest, shop_slug: str) -> HttpResponse:
    filters = list_filters(request.GET, shop=request.shop)
    assert isinstance(filters, ScoredFilters)  # noqa: S101  # crm/dashboard/apps.py registers them
    sort = chosen_sort(filters, request.GET.get("sort", ""))
    try:
        customers = customer_list(filters, sort, request.GET.get("cursor", ""))
    except BadCursor:
        # An old or mistyped address: show the list from its beginning.
        return HttpResponseRedirect(_address(request.GET, cursor=None))
    context = {
        "list": customers,
        "filters": filters,
        "form": filters.form,
        "sort": sort,
        "sorts": [(key, label, _address(request.GET, sort=key, cursor=None)) for key, label in SORTS.items()],
        # Where it is what the list is sorted by; else a column more that few look at.
        "shows_stake": sort == "stake",
        "chips": chips(filters, request.GET),
        "hidden": [(name, value) for name in HIDDEN for value in request.GET.getlist(name)],
        "query": _address(request.GET, cursor=None),
        "left_out": _left_out(customers, request.GET),
        "count_text": cut_text(customers.size) if filters.is_cut else count_text(customers.size),
        "all_text": gettext("All %(count)s that match") % {"count": size_text(customers.size)},
        "next_url": _address(request.GET, cursor=customers.page.next) if customers.page.next else None,
        "previous_url": _address(request.GET, cursor=customers.page.previous) if customers.page.previous else None,
        "columns": [
            *(column for column in COLUMNS if column["key"] != "alive" or customers.tells_who_left),
            *({"key": f"attribute-{each.key}", "label": each.label} for each in customers.attributes),
        ],
        "tag_names": [name for _tag, name in filters.filters["tag"].extra["choices"][:500]],
        "is_empty_shop": not customers.rows and not filters.used and not Customer.objects.exists(),
    }
    return render(request, "customers/list.html", context)


HIDDEN = ("sort", "scores", "import", "import_outcome", "r", "f", "m", "group_then", "first_from", "first_to")
COLUMNS = [
    {"key": "stage", "label": _("Stage")},
    {"key": "group", "label": _("RFM group")},
    {"key": "orders", "label": _("Orders")},
    {"key": "spent", "label": _("Spent")},
    {"key": "aov", "label": _("AOV")},
    {"key": "last", "label": _("Last order")},
    {"key": "alive", "label": _("Still here")},
    {"key": "value", "label": _("Next 12 months")},
]


@dataclass(frozen=True)
class LeftOut:
    """That some of those who match are left out of scores: in words, and the list of them."""

    text: str
    url: str


def _left_out(customers: CustomerList, query: QueryDict) -> LeftOut | None:
    if customers.left_out is None or not customers.left_out.count:
        return None
    count = customers.left_out.count
    text = ngettext("%(count)s more is left out of scores.", "%(count)s more are left out of scores.", count)
    without = dict.fromkeys((*ScoredFilters.OF_SCORES, "sort", "cursor"))
    return LeftOut(text % {"count": size_text(customers.left_out)}, _address(query, **without, scores="left_out"))


def size_text(size: Size) -> str:
    number = formats.number(size.count)
    return f"≈ {number}" if size.is_estimate else number


def cut_text(size: Size) -> str:
    """For a search that finds more than are looked at: who these are is chance, so they must not look like all."""
    return gettext("%(count)s of the customers found; type more to find fewer") % {"count": size_text(size)}


def count_text(size: Size) -> str:
    """1,204 customers; ≈ 1,204,000 customers."""
    return ngettext("%(count)s customer", "%(count)s customers", size.count) % {"count": size_text(size)}


def _address(query: QueryDict, **changes: str | None) -> str:
    """The query of this list with some parameters changed; None removes one."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    return f"?{changed.urlencode()}"


@dataclass(frozen=True)
class Chip:
    """An active filter: what it is called, what it asks, and the address without it."""

    name: str
    value: str
    remove_url: str


def chips(filters: ScoredFilters, query: QueryDict) -> list[Chip]:
    """The filters that are on, in the order of the form; one chip for each value of a list."""
    active = []
    for name, value in filters.used.items():
        if name == "import_outcome":
            continue  # said by the chip of the import
        label = str(filters.filters[name].label)
        many = value if isinstance(value, list) else [value]
        for one in many:
            active.append(Chip(label, _shown(filters, name, one), _without(query, name, one)))
    return active


def _shown(filters: ScoredFilters, name: str, value: Any) -> str:
    if name == "import":
        outcome = dict(IMPORT_OUTCOMES).get(filters.used.get("import_outcome", ""))
        return f"{import_name(value)} ({outcome})" if outcome else import_name(value)
    if name.startswith(("spent_", "value_")):
        return format_money(to_minor(value, filters.shop.currency), filters.shop.currency, formats.language())
    if name.endswith(("_from", "_to")):
        return formats.day(value)
    if choices := filters.filters[name].extra.get("choices"):
        return str(dict(choices).get(value, value))
    return str(value)


def _without(query: QueryDict, name: str, value: Any) -> str:
    changed = query.copy()
    changed.setlist(
        name,
        [
            each
            for each in changed.getlist(name)
            if (name in LISTS or name.startswith("attribute_")) and each != str(value)
        ],
    )
    changed.pop("cursor", None)
    if name == "import":
        changed.pop("import_outcome", None)
    return f"?{changed.urlencode()}"


LISTS = (
    "tag",
    "country",
    "kind",
    "language",
    "birth_month",
    "bought",
    "group_then",
    *ScoredFilters.LISTS,
)


def _export_cells(ids: Sequence[int], shop: Shop) -> dict[int, list[Any]]:
    def amount(minor: int | None) -> Any:
        return None if minor is None else from_minor(minor, shop.currency)

    scores = CustomerScore.objects.in_bulk(ids)
    silent = runs_without_dropout({score.run_id for score in scores.values()})
    return {
        pk: [
            score.stage,
            score.rfm_group,
            score.r,
            score.f,
            score.m,
            None if score.run_id in silent else _rounded(score.p_alive),
            _rounded(score.churn_risk),
            _rounded(score.expected_orders(365)),
            amount(score.next_year_minor),
        ]
        for pk, score in scores.items()
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


EXPORT_COLUMNS = MoreColumns(
    "scores",
    ColumnGroup(
        _("Scores"),
        (
            ColumnLabel("lifecycle_stage", _("Stage"), _("as a code, such as at_risk")),
            ColumnLabel("rfm_group", _("RFM group"), _("as a code, such as champions")),
            ColumnLabel("r", _("Recency"), _("1 to 5; 5: bought most recently")),
            ColumnLabel("f", _("Frequency"), _("1 to 5; 5: buys most often")),
            ColumnLabel("m", _("Money"), _("1 to 5; 5: has spent most")),
            ColumnLabel("p_alive", _("Still a customer"), _("probability, 0 to 1")),
            ColumnLabel(
                "churn_risk",
                _("No order in the next 90 days"),
                _("probability, 0 to 1: the churn risk"),
            ),
            ColumnLabel("expected_orders_365d", _("Expected orders, next 12 months")),
            ColumnLabel(
                "clv_365d",
                _("Expected revenue, next 12 months"),
                _("discounted to what it is worth today; in the shop's currency"),
            ),
        ),
        _("As of the last scoring; empty for customers without scores."),
    ),
    _export_cells,
)
