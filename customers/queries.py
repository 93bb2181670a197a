"""Reads of customers that pages share."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connections
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from crm.lib.keyset import Tier, page_of
from crm.lib.masking import mask_email, mask_phone, masked_text
from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.shops.keys import storefronts_of_keys
from crm.shops.models import Shop
from crm.tenancy.hiding import are_contacts_hidden, contacts_hidden, seen
from crm.tenancy.scope import current_shop_id
from customers.domain.identity import Normal, match_value
from customers.domain.limits import MAX_IDENTIFIERS
from customers.finding import Found, find
from customers.models import (
    Customer,
    CustomerTag,
    DuplicatePair,
    Identifier,
    ImportChange,
    ImportJob,
    Merge,
    MergeChange,
    Order,
    OrderLine,
    Product,
    ProductCategory,
    Refund,
    RefundLine,
    Tag,
)

EXACT_COUNT_UP_TO = 10_000
ORDERS_LOOKED_AT = 400  # of a customer who orders every day: enough for two years of rhythm and taste


# Of customers with_last_order_on: on another day than the first time.
BOUGHT_AGAIN = Q(last_order_on__gt=F("first_order_on"))


def with_last_order_on(customers: QuerySet[Customer], shop: Shop) -> QuerySet[Customer]:
    """With the shop's day of the last order, for conditions; it is not read."""
    return customers.alias(last_order_on=TruncDate("last_order_at", tzinfo=shop.zone))


def storefronts() -> list[str]:
    """Those that keys and files of the shop in scope have named, its own left out."""
    of_files = ImportJob.objects.exclude(source="").values_list("source", flat=True)
    return sorted(storefronts_of_keys().union(of_files))


def searched(text: str) -> Found:
    """Customers whom the text finds, by any part of name, contact or number, or exactly by the number of an order.

    Where contacts are hidden: by what may be seen of names and numbers.
    """
    text = text.strip()
    found = find(text)
    ids = found.ids
    ids += [order.customer_id for order in orders_numbered(text) if order.customer_id is not None]
    if text[:1] == "#" and text[1:].isdecimal() and len(text) < 19:
        ids.append(int(text[1:]))
    return Found(sorted(set(ids)), found.is_cut)


def orders_numbered(text: str) -> list[Order]:
    """The orders of exactly this number; none where a part of it is hidden, since finding it would show that part."""
    orders = Order.objects.filter(external_id=text).select_related("customer")
    return [order for order in orders if order.external_id == text]


def countries() -> list[str]:
    """The countries that occur among the shop's customers, but for those of which a part is hidden."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "countries"), {"shop_id": current_shop_id()})
        return [name for (name,) in cursor.fetchall() if seen(name) == name]


def languages() -> list[str]:
    """The languages that occur among the shop's customers, as they are kept."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "languages"), {"shop_id": current_shop_id()})
        return [tag for (tag,) in cursor.fetchall()]


def tags_by_name() -> list[Tag]:
    return _by_name(Tag.objects.order_by("name"))


def _by_name(tags: Iterable[Tag]) -> list[Tag]:
    """Sorted by the database; where contacts are hidden by what may be seen of the names: the order would tell."""
    found = list(tags)
    return sorted(found, key=lambda tag: (tag.name, tag.pk)) if are_contacts_hidden() else found


@dataclass(frozen=True)
class Size:
    """How many rows a list has: exact up to 10,000, above that what PostgreSQL estimates."""

    count: int
    is_estimate: bool


def size_of(rows: QuerySet[Any]) -> Size:
    """Counts no more than 10,001 rows, whatever the list; the rest is the planner's estimate."""
    counted = rows.order_by()[: EXACT_COUNT_UP_TO + 1].count()
    if counted <= EXACT_COUNT_UP_TO:
        return Size(counted, is_estimate=False)
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    return Size(max(int(plan[0]["Plan"]["Plan Rows"]), counted), is_estimate=True)


@dataclass(frozen=True)
class Contacts:
    """How a customer can be reached and recognised."""

    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    external_ids: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # by which programs recognise them: of chats and devices
    has_more: bool = False

    def add(self, kind: str, value: str) -> None:
        own = {"email": self.emails, "phone": self.phones, "external": self.external_ids}
        own.get(kind, self.others).append(value)

    def masked(self) -> "Contacts":
        """For those too who may see contacts: the page says on request, and notes who asked."""
        numbers = [masked_text(number) for number in self.external_ids]
        emails, phones = [mask_email(e) for e in self.emails], [mask_phone(p) for p in self.phones]
        return Contacts(emails, phones, numbers, has_more=self.has_more)

    @property
    def first(self) -> str:
        """The one to show where there is room for one."""
        return next(iter([*self.emails, *self.phones, *self.external_ids]), "")

    @property
    def stand_in(self) -> str:
        """What to call somebody without a name: the shop's own number tells them apart best."""
        return f"#{self.external_ids[0]}" if self.external_ids else self.masked().first


def name_the_nameless(customers: Iterable[Customer | None]) -> None:
    """Lets those without a name be called by their number or masked contact; a query only if there are any."""
    nameless = [customer for customer in customers if customer is not None and not customer.name]
    if nameless:
        contacts = contacts_of([customer.pk for customer in nameless])
        for customer in nameless:
            customer.stand_in = contacts[customer.pk].stand_in


def contacts_of(customer_ids: Sequence[int]) -> dict[int, Contacts]:
    """Unmasked: whoever shows them asks for the right, or masks them."""
    by_customer: dict[int, Contacts] = defaultdict(Contacts)
    rows = Identifier.objects.filter(AnyOf("customer_id", customer_ids)).order_by("pk")
    for pk, kind, value in rows.values_list("customer_id", "kind", "value"):
        by_customer[pk].add(kind, value)
    return by_customer


def contacts_shown(customer_id: int) -> Contacts:
    """Those of one customer, for a page: the first of them, should a merge have made more than one can get."""
    rows = Identifier.objects.filter(customer_id=customer_id).order_by("pk").values_list("kind", "value", "given")
    first = list(rows[: MAX_IDENTIFIERS + 1])
    contacts = Contacts(has_more=len(first) > MAX_IDENTIFIERS)
    for kind, value, given in first[:MAX_IDENTIFIERS]:
        contacts.add(kind, Normal(value, given))
    return contacts


def has_prices() -> bool:
    """Whether a product of the shop in scope has a price or a cost."""
    return Product.objects.exclude(price_minor=None, cost_minor=None).exists()


def duplicates_to_review() -> str | None:
    """How many pairs wait for somebody to judge them, as a tab says it; None where none do."""
    counted = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN)[:100].count()
    return {0: None, 100: "99+"}.get(counted, str(counted))


def owner_of(kind: str, value: str, *, source: str = "") -> int | None:
    """The customer of the shop in scope whom an identifier in its normal form means, however it was written; None where
    it is nobody's.
    """
    return owners_of(kind, [value], source=source).get(value)


def owners_of(kind: str, values: Collection[str], *, source: str = "") -> dict[str, int]:
    """The same of many: customers by the identifiers that are somebody's."""
    matches = {value: match_value(kind, value) for value in values}
    known = Identifier.objects.filter(kind=kind, source=source, match_value__in=set(matches.values()))
    with contacts_hidden(False):  # a mask would be nobody's
        customers = dict(known.values_list("match_value", "customer_id"))
    return {value: customers[match] for value, match in matches.items() if match in customers}


def survivor_id(customer_id: int) -> int | None:
    """Who has the things of the merged customer with this id; None where nobody of this id was merged."""
    merged = Merge.objects.filter(source_id=customer_id, undone_at=None)
    return merged.values_list("customer_id", flat=True).first()


@dataclass(frozen=True)
class PastMerge:
    """Somebody who is part of a customer. name: as whoever asks may see it. by: "" where no person did it."""

    pk: int
    name: str
    source_id: int
    merged_at: datetime
    by: str


def merges_of(customer: Customer) -> list[PastMerge]:
    """Who is part of the customer, the latest first; at most 50."""
    merges = Merge.objects.filter(customer=customer, undone_at=None).select_related("merged_by").order_by("-pk")[:50]
    if not merges:
        return []
    rows = MergeChange.objects.filter(
        AnyOf("merge_id", [merge.pk for merge in merges]), name="customer", outcome=MergeChange.Outcome.DROPPED
    )
    names = {
        merge_id: str((before or {}).get("name", "")) for merge_id, before in rows.values_list("merge_id", "before")
    }
    return [
        PastMerge(
            merge.pk,
            names.get(merge.pk) or f"#{merge.source_id}",
            merge.source_id,
            merge.merged_at,
            merge.merged_by.name if merge.merged_by else "",
        )
        for merge in merges
    ]


def tags_of(customer_ids: Sequence[int]) -> dict[int, list[Tag]]:
    by_customer: dict[int, list[Tag]] = defaultdict(list)
    rows = CustomerTag.objects.filter(customer_id__in=customer_ids).select_related("tag").order_by("tag__name")
    for row in rows:
        by_customer[row.customer_id].append(row.tag)
    return defaultdict(list, {pk: _by_name(tags) for pk, tags in by_customer.items()})


def in_order(ids: Sequence[int]) -> list[Customer]:
    """The customers of these ids, in their order; without those deleted meanwhile."""
    customers = Customer.objects.in_bulk(ids)
    return [customers[pk] for pk in ids if pk in customers]


@dataclass(frozen=True)
class OrderPage:
    """Some orders of a customer, latest first, and the cursor of those before them."""

    orders: list[Order]
    next: str | None


def order_page(customer: Customer, cursor: str, *, size: int = 10) -> OrderPage:
    """Raises BadCursor."""
    rows = Order.objects.filter(customer=customer)
    page = page_of([Tier(rows, column="placed_at", ids_descending=True)], cursor, size=size)
    orders = Order.objects.in_bulk(page.ids)
    return OrderPage([orders[pk] for pk in page.ids if pk in orders], page.next)


@dataclass(frozen=True)
class OrderDetail:
    """The lines of an order with their products, and its refunds with theirs."""

    lines: list[OrderLine]
    refunds: list[Refund]

    @property
    def refunded_minor(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds)


def order_detail(order: Order) -> OrderDetail:
    lines = OrderLine.objects.filter(order=order).select_related("product").order_by("position")
    back = RefundLine.objects.select_related("product").order_by("position")
    refunds = Refund.objects.filter(order=order).order_by("refunded_at", "pk").prefetch_related(Prefetch("lines", back))
    return OrderDetail(list(lines), list(refunds))


OUTCOMES = {
    "created": ImportChange.Outcome.CREATED,
    "changed": ImportChange.Outcome.CHANGED,
    "unchanged": ImportChange.Outcome.UNCHANGED,
}


def touched_by_import(kind: int, import_id: int, outcome: str = "") -> Exists:
    """That a row of this kind came with an import; outcome: one of OUTCOMES, or "" for any. No import, no rows."""
    changes = ImportChange.objects.filter(
        shop_id=OuterRef("shop_id"), job_id=import_id, kind=kind, row_id=OuterRef("pk")
    )
    return Exists(changes.filter(outcome=OUTCOMES[outcome]) if outcome else changes)


def refunded_by_import(import_id: int) -> Exists:
    """That a refund of the order came with an import."""
    brought = touched_by_import(ImportChange.Kind.REFUND, import_id, "created")
    return Exists(Refund.objects.filter(brought, shop_id=OuterRef("shop_id"), order_id=OuterRef("pk")))


def import_name(import_id: int) -> str:
    """What the file of an import is called, as whoever asks may see it; its number where there is none."""
    name = ImportJob.objects.filter(pk=import_id).values_list("filename", flat=True).first()
    return name or f"#{import_id}"


def import_of(order: Order) -> ImportJob | None:
    """The import that the order came with."""
    came = ImportChange.objects.filter(
        job_id__in=ImportJob.objects.values("pk"),
        kind=ImportChange.Kind.ORDER,
        row_id=order.pk,
        outcome=ImportChange.Outcome.CREATED,
    )
    change = came.select_related("job").order_by("pk").first()
    return change.job if change else None


def purchase_days(customer: Customer) -> list[date]:
    """The last purchase days of the customer, latest first; several orders on a day are one purchase."""
    latest = Order.objects.filter(customer=customer, is_purchase=True).order_by("-placed_at", "-pk")
    days = latest.values_list("placed_on", flat=True)[:ORDERS_LOOKED_AT]
    return sorted(set(days), reverse=True)


@dataclass(frozen=True)
class Bought:
    """One product in a customer's orders."""

    product_id: int
    name: str
    quantity: int
    order_count: int
    last_on: date


def products_bought(customer: Customer, *, most: int = 12) -> list[Bought]:
    """What the customer bought most often in the latest orders, most orders first."""
    latest = Order.objects.filter(customer=customer, is_purchase=True).order_by("-placed_at", "-pk")
    orders = list(latest.values_list("pk", flat=True)[:ORDERS_LOOKED_AT])
    lines = OrderLine.objects.filter(order_id__in=orders, is_revenue=True, product__isnull=False)
    rows = (
        lines.values("product_id", "product__name", "product__external_id")
        .annotate(pieces=Sum("quantity"), orders=Count("order_id", distinct=True), last=Max("order__placed_on"))
        .order_by("-orders", "-pieces", "product_id")[:most]
    )
    return [
        Bought(
            row["product_id"],
            row["product__name"] or row["product__external_id"],
            row["pieces"],
            row["orders"],
            row["last"],
        )
        for row in rows
    ]


NEWEST_SALES = 20


@dataclass(frozen=True)
class Sold:
    """What was sold of a product, in orders that count; `orders` are the latest of those. days: of the first and last
    sale, None where there is none. given_back: pieces of refunds."""

    order_count: int
    pieces: int
    customer_count: int
    first_on: date | None
    last_on: date | None
    given_back: int
    orders: list[Order]


def sold_of(product: Product) -> Sold:
    lines = OrderLine.objects.filter(product=product, is_revenue=True, order__is_purchase=True)
    sums = lines.aggregate(
        orders=Count("order_id", distinct=True),
        pieces=Sum("quantity"),
        customers=Count("order__customer_id", distinct=True),
        first=Min("order__placed_on"),
        last=Max("order__placed_on"),
    )
    given_back = RefundLine.objects.filter(product=product).aggregate(pieces=Sum("quantity"))["pieces"]
    latest = lines.order_by("-order__placed_at", "-order_id").values_list("order_id", flat=True)
    ids = list(dict.fromkeys(latest[: 2 * NEWEST_SALES]))[:NEWEST_SALES]  # an order may have two lines of it
    orders = Order.objects.select_related("customer").in_bulk(ids)
    name_the_nameless(order.customer for order in orders.values())
    return Sold(
        sums["orders"],
        sums["pieces"] or 0,
        sums["customers"],
        sums["first"],
        sums["last"],
        given_back or 0,
        [orders[pk] for pk in ids if pk in orders],
    )


def brands(most: int) -> list[str]:
    """The brands of the shop's products, as they may be seen, in order."""
    return sorted(
        set(Product.objects.exclude(brand="").order_by("brand").values_list("brand", flat=True).distinct()[:most])
    )


def categories(most: int) -> list[str]:
    """The categories that products of the shop are in, as they may be seen, in order."""
    return sorted(set(ProductCategory.objects.order_by("path").values_list("path", flat=True).distinct()[:most]))
