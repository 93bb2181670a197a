"""Customers and products handed over one by one or in batches, without an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from crm.lib.postgres.meanwhile import GoneMeanwhile
from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.addresses import write_addresses
from customers.attributes import Change, change_attributes, write_values
from customers.consent.actions import record_consents
from customers.consent.recording import ConsentIn
from customers.domain.addresses import AddressIn
from customers.domain.attributes import Cells
from customers.domain.consent import GRANTED, WITHDRAWN
from customers.domain.identity import given_of
from customers.domain.limits import MAX_IDENTIFIERS
from customers.ingest import CROWDED, CustomerIn, Engine, IdentifierIn, Outcome, refresh_outgrown_statistics
from customers.ingest.arrivals import follow_identifiers
from customers.ingest.search import write_search_documents
from customers.ingest.staging import key_of, stage_more
from customers.models import Customer, Identifier, Product, Through
from customers.models.customer import PROFILE, PROFILE_FLAGS
from customers.profile import OUT_OF_SCORES, settle
from customers.queries import owner_of
from customers.tagging import TagChange, change_tags, too_many_tags
from customers.writers import Writer, note_changes, writer

TOO_MANY_TAGS = "too_many_tags"

NO_ATTRIBUTES: Mapping[int, Cells] = MappingProxyType({})


class Details(NamedTuple):
    """What is to be written of a customer; None leaves it as it is. E-mail, phone and tags are added to those known.

    consents: what they said, of customer 0: who it is comes out when they are known. birthday, language, time_zone and
    company in the forms of customers/domain/profile.py, kind as a customer's row has it; "" takes each away. addresses:
    all that they are to have. identifiers: more of them, of any kind; not for `change_customer`.
    """

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    city: str | None = None
    country: str | None = None
    tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    consents: Sequence[ConsentIn] = ()
    attributes: Mapping[int, Cells] = NO_ATTRIBUTES  # by the id of the definition; () takes a value away
    birthday: str | None = None
    language: str | None = None
    time_zone: str | None = None
    company: str | None = None
    kind: str | None = None
    is_minor: bool | None = None
    do_not_profile: bool | None = None
    addresses: Sequence[AddressIn] | None = None
    identifiers: Sequence[IdentifierIn] = ()


class ProductIn(NamedTuple):
    """A product by the storefront's number; None leaves what there is. Amounts in minor units of the shop's currency;
    a price of () is none. categories: all that it is in."""

    external_id: str
    name: str | None
    brand: str | None = None
    price: int | tuple[()] | None = None
    cost: int | tuple[()] | None = None
    categories: Sequence[str] | None = None


class NoRoom(ValueError):
    """The customer has as many identifiers as one can have, or would wear more tags: the status CROWDED, TOO_MANY_TAGS,
    as an outcome says it.
    """

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class IdentifierTaken(ValueError):
    """The identifier belongs to another customer of the shop. `kind` says which one."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@transaction.atomic
def upsert_customers(customers: Sequence[Details], *, by: Actor, now: datetime, source: str = "") -> list[Outcome]:
    """Create or change customers of the shop in scope by external id, which must be there and distinct.

    source: of which storefront the numbers are. A new number that comes with the e-mail or phone of a customer without
    one is that customer, as with orders; an e-mail or phone that belongs to somebody else stays there. Those that would
    have more identifiers or wear more tags than one can are left out: CROWDED, TOO_MANY_TAGS.
    """
    asked = customers
    with connections["default"].cursor() as cursor:
        engine = Engine(cursor, now=now, source=source, by=writer(by))
        by_number = _identified(engine, customers)
        if left_out := _left_out(engine, customers, by_number):
            customers = [each for each in customers if each.external_id not in left_out]
            by_number = _identified(engine, customers)  # again: nobody may become a customer by what is left out
        cursor.execute(statement("customers", "ingest_customers_7_insert"), engine.params)
        cursor.execute(statement("customers", "ingest_customers_9_identifiers"), engine.params)
        identified = {customer_id for (customer_id,) in cursor.fetchall()}
        engine.queue_conflicts()
        follow_identifiers(cursor, source=source)
        customers, of_others = _said_surely(cursor, customers)
        details = _by_customer(customers, by_number)
        described = describe_customers(details, by=writer(by), now=now)
        if changed := identified | described:
            write_search_documents(cursor, sorted(changed), shop_id=current_shop_id())
        refresh_outgrown_statistics(cursor, customers=len({pk for pk, is_new in by_number.values() if is_new}))
    _record("customers.upserted", _outcomes(customers, by_number, changed), by=by)
    wanted = [TagChange(by_number[c.external_id or ""][0], c.tags, c.remove_tags) for c in customers]
    changed |= change_tags(wanted, by=by, now=now)
    changed |= _say(details, of_others, by=by, now=now)
    values = [
        Change(by_number[c.external_id or ""][0], definition_id, cells)
        for c in customers
        for definition_id, cells in c.attributes.items()
    ]
    changed |= _write_values(values, by=by, now=now)
    changed |= _write_addresses(details, by=by, now=now)
    outcomes = _outcomes(customers, by_number, changed)
    if not left_out:
        return outcomes
    done = {outcome.external_id: outcome for outcome in outcomes}
    return [done.get(number := c.external_id or "") or Outcome(left_out[number], 0, number) for c in asked]


def _identified(engine: Engine, customers: Sequence[Details]) -> dict[str, tuple[int, bool]]:
    """Whom each means by its number, and whether they are new."""
    engine.open()
    _stage(engine, [_named(each, engine.params["source"]) for each in customers])
    engine.cursor.execute("SELECT external_id, customer_id, is_new FROM staged_key")
    return {external_id: (customer_id, is_new) for external_id, customer_id, is_new in engine.cursor.fetchall()}


def _named(customer: Details, source: str) -> CustomerIn:
    who = CustomerIn(customer.external_id or "", customer.email or "", customer.phone or "")
    return who.named_by(customer.identifiers, source=source) if customer.identifiers else who


def _said_surely(cursor: CursorWrapper, customers: Sequence[Details]) -> tuple[list[Details], list[ConsentIn]]:
    """What is said without a doubt of whom it is said of, and what is said of others, too.

    An item that names somebody by the number, and another by the address, may speak of either: a withdrawal is of both,
    and no grant comes of it.
    """
    cursor.execute(statement("customers", "ingest_also_named"))
    others: dict[str, list[int]] = {}
    for number, pk in cursor.fetchall():
        others.setdefault(number, []).append(pk)
    said, of_others = [], list[ConsentIn]()
    for each in customers:
        if named := others.get(each.external_id or ""):
            withdrawn = [consent for consent in each.consents if consent.state == WITHDRAWN]
            of_others += [consent._replace(customer_id=pk) for pk in named for consent in withdrawn]
            each = each._replace(consents=[consent for consent in each.consents if consent.state != GRANTED])
        said.append(each)
    return said, of_others


def _by_customer(customers: Sequence[Details], by_number: dict[str, tuple[int, bool]]) -> dict[int, Details]:
    """What is said of each customer. Two numbers may be one customer's: of each value the later has the last word, and
    no consent and no flag of the first gets lost.
    """
    details = dict[int, Details]()
    for each in customers:
        pk, _ = by_number[each.external_id or ""]
        details[pk] = _joined(details[pk], each) if pk in details else each
    return details


def _joined(first: Details, later: Details) -> Details:
    said = {
        name: value
        for name in (*PROFILE, *PROFILE_FLAGS, "addresses")
        if (value := getattr(first, name)) is not None
        and (getattr(later, name) is None or (name in PROFILE_FLAGS and value))
    }
    return later._replace(consents=(*first.consents, *later.consents), **said)


def _left_out(engine: Engine, customers: Sequence[Details], known: dict[str, tuple[int, bool]]) -> dict[str, str]:
    """The numbers of those whom there is no room for, and of what."""
    left_out = dict[str, str]()
    wanted = [TagChange(known[c.external_id or ""][0], c.tags, c.remove_tags) for c in customers if c.tags]
    if crowded := too_many_tags(wanted):
        left_out |= {c.external_id or "": TOO_MANY_TAGS for c in customers if known[c.external_id or ""][0] in crowded}
    if engine.surplus:
        engine.cursor.execute("SELECT kind, source, value FROM staged_surplus")
        surplus = set(engine.cursor.fetchall())
        for each in customers:
            named = {("email", "", each.email), ("phone", "", each.phone), *each.identifiers}
            if named & surplus:
                left_out[each.external_id or ""] = CROWDED
    return left_out


def _write_values(values: Sequence[Change], *, by: Actor, now: datetime) -> set[int]:
    """Two numbers may be one customer's, of whom the later has the last word."""
    last = {(value.customer_id, value.definition_id): value for value in values}
    return write_values(list(last.values()), by=by, now=now) if last else set()


def _write_addresses(details: Mapping[int, Details], *, by: Actor, now: datetime) -> set[int]:
    wanted = {pk: each.addresses for pk, each in details.items() if each.addresses is not None}
    return write_addresses(wanted, by=by, now=now) if wanted else set()


@transaction.atomic
def person_of_email(email: str, *, by: Writer, now: datetime) -> tuple[int, bool]:
    """The customer of the shop in scope whom an address in its normal form means, and whether they are new.

    As with orders; a new one has nothing but the address.
    """
    with connections["default"].cursor() as cursor:
        engine = Engine(cursor, now=now, by=by)
        engine.open()
        _stage(engine, [CustomerIn(email=email)])
        cursor.execute("SELECT customer_id, is_new FROM staged_key")
        customer_id, is_new = cursor.fetchone()
        if is_new:
            cursor.execute(statement("customers", "ingest_customers_7_insert"), engine.params)
            cursor.execute(statement("customers", "ingest_customers_9_identifiers"), engine.params)
            write_search_documents(cursor, [customer_id], shop_id=current_shop_id())
            refresh_outgrown_statistics(cursor, customers=1)
    return customer_id, bool(is_new)


def _say(details: dict[int, Details], more: Sequence[ConsentIn] = (), *, by: Actor, now: datetime) -> set[int]:
    """Record what the customers said, and more of whomever it names; return of whom it was news."""
    said = [each._replace(customer_id=pk) for pk, wanted in details.items() for each in wanted.consents]
    return record_consents([*said, *more], by=by, now=now)


def _outcomes(customers: Sequence[Details], by_number: dict[str, tuple[int, bool]], changed: set[int]) -> list[Outcome]:
    outcomes = []
    for customer in customers:
        pk, is_new = by_number[customer.external_id or ""]
        status = "created" if is_new else "updated" if pk in changed else "unchanged"
        outcomes.append(Outcome(status, pk, customer.external_id or ""))
    return outcomes


def _stage(engine: Engine, keys: Sequence[CustomerIn]) -> None:
    with engine.cursor.copy("COPY staged_key (external_id, email, phone, also) FROM STDIN") as copy:
        for key in keys:
            copy.write_row((*key[:3], key_of(key.also)))
    stage_more(engine, keys)
    engine.lock()
    engine.identify(len(keys))


def describe_customers(details: dict[int, Details], *, by: Writer, now: datetime) -> set[int]:
    """Write what is said of the person where it differs; return whose. Who is out of scores by it loses theirs.

    What staff hold only staff change; what staff change on a page they hold from then on.
    """
    return set(_describe(details, by=by, now=now))


def _describe(details: dict[int, Details], *, by: Writer, now: datetime) -> dict[int, list[str]]:
    """The same; return whose columns changed, and which."""
    params: dict[str, Any] = {"shop_id": current_shop_id(), "now": now, "ids": list(details), **by.params()}
    params |= {name: [getattr(each, name) for each in details.values()] for name in (*PROFILE, *PROFILE_FLAGS)}
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "customers_describe"), params)
        changed = dict(cursor.fetchall())
    settle([pk for pk in changed if any(getattr(details[pk], name) for name in OUT_OF_SCORES)])
    return changed


@transaction.atomic
def change_customer(
    customer: Customer,
    details: Details,
    *,
    by: Actor,
    now: datetime,
    source: str = "",
    through: Through | None = None,
) -> bool:
    """Change one customer; return whether anything did. through: as of `writer`.

    Raises IdentifierTaken, NoRoom, GoneMeanwhile, and then changes nothing.
    """
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()  # nobody else may give the identifier away meanwhile, or fill the room for it
        if not Customer.objects.filter(pk=customer.pk).exists():
            raise GoneMeanwhile
        if details.tags and too_many_tags([TagChange(customer.pk, details.tags, details.remove_tags)]):
            raise NoRoom(TOO_MANY_TAGS)
        own = writer(by, through)
        fields = _add_identifiers(customer, details, by=own, now=now, source=source)
        fields += _describe({customer.pk: details}, by=own, now=now).get(customer.pk, [])
        if fields:
            Customer.objects.filter(pk=customer.pk).update(updated_at=now)
            write_search_documents(cursor, [customer.pk], shop_id=current_shop_id())
            record("customer.changed", customer, by=by, details={"fields": fields})
    tagged = change_tags([TagChange(customer.pk, details.tags, details.remove_tags)], by=by, now=now)
    attributes = change_attributes(customer, details.attributes, by=by, now=now) if details.attributes else []
    addressed = _write_addresses({customer.pk: details}, by=by, now=now)
    said = _say({customer.pk: details}, by=by, now=now)
    return bool(fields or tagged or attributes or addressed or said)


def _add_identifiers(customer: Customer, details: Details, *, by: Writer, now: datetime, source: str) -> list[str]:
    added = []
    wanted = {"external": details.external_id, "email": details.email, "phone": details.phone}
    for kind, value in wanted.items():
        if not value:
            continue
        of = source if kind == "external" else ""
        owner = owner_of(kind, value, source=of)
        if owner not in (None, customer.pk):
            raise IdentifierTaken(kind)
        if owner is None:
            if customer.identifiers.count() >= MAX_IDENTIFIERS:
                raise NoRoom(CROWDED)
            made = Identifier.objects.create(
                shop_id=current_shop_id(),
                customer=customer,
                kind=kind,
                source=of,
                value=value,
                given=given_of(value),
                created_at=now,
            )
            if customer.created_at != now:  # else it came with them
                note_changes(customer.pk, [(f"identifier.{kind}", made.pk, False)], by=by, now=now)
            added.append(kind)
    return added


@transaction.atomic
def upsert_products(products: Sequence[ProductIn], *, by: Actor, now: datetime) -> list[Outcome]:
    """Create or change products of the shop in scope by external id, which must be distinct."""
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()  # orders create products too
        cursor.execute(
            statement("customers", "upsert_products"),
            {
                "shop_id": current_shop_id(),
                "now": now,
                "external_ids": [product.external_id for product in products],
                "names": [product.name for product in products],
            },
        )
        outcomes = [Outcome(*row) for row in cursor.fetchall()]
        changed = _describe_products(cursor, outcomes, products, now=now)
    outcomes = [
        outcome._replace(status="updated") if outcome.id in changed and outcome.status == "unchanged" else outcome
        for outcome in outcomes
    ]
    _record("products.upserted", outcomes, by=by)
    return outcomes


def _describe_products(
    cursor: CursorWrapper, outcomes: Sequence[Outcome], products: Sequence[ProductIn], *, now: datetime
) -> set[int]:
    """Write what else is said of products, in the sequence of the outcomes; return the ids of those that changed."""
    ids = [outcome.id for outcome in outcomes]
    params: dict[str, Any] = {
        "shop_id": current_shop_id(),
        "now": now,
        "ids": ids,
        "brands": [product.brand for product in products],
        "has_price": [product.price is not None for product in products],
        "prices": [None if product.price == () else product.price for product in products],
        "has_cost": [product.cost is not None for product in products],
        "costs": [None if product.cost == () else product.cost for product in products],
    }
    changed: set[int] = set()
    if any(product[2:5] != (None, None, None) for product in products):
        cursor.execute(statement("customers", "products_1_describe"), params)
        changed |= {pk for (pk,) in cursor.fetchall()}
    sorted_ = {pk: product.categories for pk, product in zip(ids, products, strict=True)}
    said = [(pk, path) for pk, paths in sorted_.items() for path in paths or ()]
    params["ids"] = [pk for pk, paths in sorted_.items() if paths is not None]
    params["products"], params["paths"] = [pk for pk, _ in said], [path for _, path in said]
    if params["ids"]:
        moved: set[int] = set()
        for name in ("products_2_leave", "products_3_join"):
            cursor.execute(statement("customers", name), params)
            moved |= {pk for (pk,) in cursor.fetchall()}
        Product.objects.filter(pk__in=moved - changed).update(updated_at=now)
        changed |= moved
    return changed


def _record(action: str, outcomes: Sequence[Outcome], *, by: Actor) -> None:
    counts = {status: sum(outcome.status == status for outcome in outcomes) for status in ("created", "updated")}
    if any(counts.values()):
        record(action, by=by, details=counts)
