"""Where the values of a profile come from: door, time and writer of each, what staff hold, and every change of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from crm.lib.keyset import Tier, page_of
from crm.lib.postgres.expressions import AnyOf
from crm.shops.models import ApiKey, AuditEntry, User
from crm.ui import formats
from customers.attributes import definitions
from customers.imports.labels import POSTAL_LABELS
from customers.models import (
    AttributeValue,
    Customer,
    Identifier,
    ImportJob,
    Merge,
    MergeChange,
    Order,
    ProfileChange,
    Through,
)
from customers.models.customer import PROFILE, PROFILE_FLAGS
from customers.models.identifier_kinds import IDENTIFIER_KINDS

PAGE = 25
IDENTIFIER, ATTRIBUTE, ADDRESS = "identifier.", "attribute.", "address."
UNKNOWN = "unknown"
Actor = AuditEntry.Actor


@dataclass(frozen=True)
class Origin:
    """Whose word something is. at: None, and kind UNKNOWN, where that was before it was noted.

    kind, actor_id: as in the audit log. order: the one that was written with it, where it came with one. merged: the
    customer who was merged, where a merge wrote it.
    """

    at: datetime | None = None
    kind: str = UNKNOWN
    actor_id: int | None = None
    through: str = ""
    import_id: int | None = None
    merge_id: int | None = None
    order: Order | None = None
    merged: int | None = None


@dataclass(frozen=True)
class Value:
    """One value of a profile. row_id: the identifier, or the definition of the attribute."""

    field: str
    row_id: int | None
    origin: Origin
    is_held: bool = False


@dataclass(frozen=True)
class Change:
    """One change of a value, or what a customer came with (`field` ""). person_id: as whom it was written."""

    field: str
    is_removal: bool
    person_id: int
    origin: Origin
    is_addition: bool = False


@dataclass(frozen=True)
class ChangePage:
    """Some changes, latest first."""

    changes: list[Change]
    next: str | None
    previous: str | None


def values_of_profile(customer: Customer) -> list[Value]:
    """Each value there is, and what staff hold empty: columns, identifiers, attributes, in this order."""
    latest = {(change.field, change.row_id): change for change in _latest(customer)}
    made = _made(customer)
    values = []
    for name in (*PROFILE, *PROFILE_FLAGS):
        is_held = name in customer.held
        if getattr(customer, name) or is_held:
            change = latest.get((name, None))
            values.append(Value(name, None, _origin(change) if change else made, is_held))
    births = _births(customer)
    for row in Identifier.objects.filter(customer=customer).order_by("pk"):
        change = latest.get((field := f"{IDENTIFIER}{row.kind}", row.pk))
        born = births.get(row.created_at) or Origin(row.created_at)
        values.append(Value(field, row.pk, _origin(change) if change else born))
    known = {definition.pk: definition.key for definition in definitions().current}
    moments: dict[int, datetime] = {}
    held: set[int] = set()
    for value in AttributeValue.objects.filter(customer=customer, definition_id__in=known).order_by("definition_id"):
        if value.is_held:
            held.add(value.definition_id)
        moments[value.definition_id] = max(value.updated_at, moments.get(value.definition_id, value.updated_at))
    for pk, at in moments.items():
        change = latest.get((field := f"{ATTRIBUTE}{known[pk]}", pk))
        values.append(Value(field, pk, _origin(change) if change else births.get(at) or Origin(at), pk in held))
    told = _with_orders(customer, [value.origin for value in values])
    return [replace(value, origin=origin) for value, origin in zip(values, told, strict=True)]


def changes_of(customer: Customer, cursor: str = "", *, fields: Sequence[str] = ()) -> ChangePage:
    """Latest first, PAGE at a time. fields: only of these. Raises BadCursor."""
    rows = ProfileChange.objects.filter(customer=customer)
    if fields:
        rows = rows.filter(field__in=fields)
    page = page_of([Tier(rows, column="at", ids_descending=True)], cursor, size=PAGE)
    found = rows.in_bulk(page.ids)
    shown = [found[pk] for pk in page.ids if pk in found]
    told = _with_orders(customer, [_origin(change) for change in shown])
    changes = [_change(row, origin) for row, origin in zip(shown, told, strict=True)]
    return ChangePage(changes, page.next, page.previous)


def _change(row: ProfileChange, origin: Origin) -> Change:
    return Change(row.field, row.is_removal, row.person_id, origin, row.is_addition)


def _latest(customer: Customer) -> QuerySet[ProfileChange]:
    """The last change of each value: of columns and attributes those that were written as this customer."""
    own = Q(person_id=customer.pk) | Q(field__startswith=IDENTIFIER)
    rows = ProfileChange.objects.filter(own, customer=customer)
    return rows.order_by("field", "row_id", "-at", "-pk").distinct("field", "row_id")


def _made(customer: Customer) -> Origin:
    if not customer.made_by_kind:
        return Origin()
    return Origin(
        customer.created_at,
        customer.made_by_kind,
        customer.made_by_id,
        customer.made_through,
        customer.made_in_import,
    )


def _births(customer: Customer) -> dict[datetime, Origin]:
    """When this customer and those merged into them were made, and by whom, as far as that was noted."""
    found = {customer.created_at: made} if (made := _made(customer)).at else {}
    merges = Merge.objects.filter(customer=customer, undone_at=None).values_list("pk", "source_id")
    rows = MergeChange.objects.filter(
        AnyOf("merge_id", [pk for pk, _ in merges]),
        AnyOf("row_id", [source for _, source in merges]),
        name="customer",
        outcome=MergeChange.Outcome.DROPPED,
    )
    befores: list[Any] = list(rows.values_list("before", flat=True)) if merges else []
    for row in befores:
        at = parse_datetime(str(row.get("created_at", "")))
        if at and row.get("made_by_kind"):
            names = ("made_by_kind", "made_by_id", "made_through", "made_in_import")
            found.setdefault(at, Origin(at, *(row.get(name) for name in names)))
    return found


# The page has one mark for several columns; by the first.
MARKED_TOGETHER = {"city": ("city", "country")}


def mark_of(field: str) -> str:
    """The column by whose name the customer's page marks this one as held."""
    return next((mark for mark, fields in MARKED_TOGETHER.items() if field in fields), field)


def is_held(customer: Customer, mark: str) -> bool:
    """Whether staff hold what the page marks by this name."""
    return any(field in customer.held for field in MARKED_TOGETHER.get(mark, (mark,)))


def _origin(change: ProfileChange) -> Origin:
    return Origin(change.at, change.actor_kind, change.actor_id, change.through, change.import_id, change.merge_id)


def _with_orders(customer: Customer, origins: Sequence[Origin]) -> list[Origin]:
    """Say of each what came with it: the newest order written at that moment, and who was merged."""
    moments = {origin.at for origin in origins if origin.at and origin.through in (Through.ORDER, Through.FILE)}
    orders: dict[datetime, Order] = {}
    if moments:
        written = Q(created_at__in=moments) | Q(updated_at__in=moments)
        for order in Order.objects.filter(written, customer=customer).order_by("placed_at", "pk"):
            orders |= dict.fromkeys(moments & {order.created_at, order.updated_at}, order)
    ids = {origin.merge_id for origin in origins if origin.merge_id}
    merged = dict(Merge.objects.filter(pk__in=ids).values_list("pk", "source_id")) if ids else {}
    return [
        replace(
            origin,
            order=orders.get(origin.at) if origin.at and origin.through in (Through.ORDER, Through.FILE) else None,
            merged=merged.get(origin.merge_id or 0),
        )
        for origin in origins
    ]


# In words


class Names:
    """What those are called who wrote, and the files they brought."""

    def __init__(self, origins: Iterable[Origin]) -> None:
        origins = list(origins)
        people = {origin.actor_id or 0 for origin in origins if origin.kind == Actor.USER}
        keys = {origin.actor_id or 0 for origin in origins if origin.kind == Actor.KEY}
        files = {origin.import_id for origin in origins if origin.import_id}
        self._people = {user.pk: str(user) for user in User.objects.filter(pk__in=people)} if people else {}
        self._keys = {key.pk: key.name for key in ApiKey.objects.filter(pk__in=keys)} if keys else {}
        self._files = {job.pk: job.filename for job in ImportJob.objects.filter(pk__in=files)} if files else {}

    def who(self, origin: Origin) -> str:
        """The name alone, as the API gives it; "" for nobody in particular."""
        actor = origin.actor_id or 0
        if origin.kind == Actor.USER:
            return self._people.get(actor, gettext("Person no. %(id)s") % {"id": actor})
        return self._keys.get(actor, str(actor)) if origin.kind == Actor.KEY else ""

    def source(self, origin: Origin) -> str:
        """Where it comes from, in words: an order, a file, a colleague."""
        who = self.who(origin)
        key = gettext("key “%(name)s”") % {"name": who}
        if origin.through == Through.MERGE:
            text = gettext("merge with customer no. %(number)s") % {"number": origin.merged or "–"}
            return f"{text} · {who}" if who else text
        if origin.through == Through.FILE:
            file = self._files.get(origin.import_id or 0)
            text = gettext("file %(file)s") % {"file": file} if file else gettext("a file")
            return " · ".join(filter(None, (_order_text(origin), text, who)))
        if origin.through == Through.ORDER:
            return " · ".join(filter(None, (_order_text(origin) or gettext("an order"), key if who else "")))
        return {
            Through.PAGE.value: who,
            Through.API.value: key,
            Through.FORM.value: gettext("a sign-up form"),
            Through.PROGRAM.value: gettext("Huitou"),
        }.get(origin.through, gettext("not noted then"))


def _order_text(origin: Origin) -> str:
    if origin.order is None:
        return ""
    placed = {"number": origin.order.external_id, "day": formats.day(origin.order.placed_on)}
    return gettext("order %(number)s of %(day)s") % placed


def field_label(field: str, labels: Mapping[str, str]) -> str:
    """What a field is called on pages. labels: the attributes', by their key."""
    if field.startswith(IDENTIFIER):
        kind = IDENTIFIER_KINDS.get(field.removeprefix(IDENTIFIER))
        return str(kind.label) if kind else field.removeprefix(IDENTIFIER)
    if field.startswith(ADDRESS):
        return str(POSTAL_LABELS.get(field, field))
    if field.startswith(ATTRIBUTE):
        key = field.removeprefix(ATTRIBUTE)
        return labels.get(key, key)
    return {
        "name": gettext("Name"),
        "city": gettext("City"),
        "country": gettext("Country"),
        "birthday": gettext("Birthday"),
        "language": gettext("Language"),
        "time_zone": gettext("Time zone"),
        "company": gettext("Company"),
        "kind": gettext("Relation"),
        "is_minor": gettext("Minor"),
        "do_not_profile": gettext("Do not profile"),
    }.get(field, field)


@dataclass(frozen=True)
class ValueRow:
    """One value as the page shows it. field: for the form that lets it go."""

    field: str
    label: str
    text: str
    at: datetime | None
    source: str
    is_held: bool


@dataclass(frozen=True)
class ChangeRow:
    """One change as the page shows it."""

    title: str
    at: datetime | None
    source: str


@dataclass(frozen=True)
class ProvenancePage:
    """All that customers/_provenance.html shows."""

    values: list[ValueRow]
    changes: list[ChangeRow]
    next: str | None
    previous: str | None


def provenance_page(
    customer: Customer, texts: Mapping[tuple[str, int | None], str], *, cursor: str = "", fields: Sequence[str] = ()
) -> ProvenancePage:
    """texts: what may be shown of each value, by its field and row. fields: only of these. Raises BadCursor."""
    page = changes_of(customer, cursor, fields=fields)
    values = [value for value in values_of_profile(customer) if not fields or value.field in fields]
    labels = {definition.key: definition.label for definition in definitions().all}
    names = Names([value.origin for value in values] + [change.origin for change in page.changes])
    return ProvenancePage(
        [
            ValueRow(
                value.field,
                field_label(value.field, labels),
                texts.get((value.field, value.row_id), ""),
                value.origin.at,
                names.source(value.origin),
                value.is_held,
            )
            for value in values
        ],
        [
            ChangeRow(change_title(change, customer, labels), change.origin.at, names.source(change.origin))
            for change in page.changes
        ],
        page.next,
        page.previous,
    )


def change_title(change: Change, customer: Customer, labels: Mapping[str, str]) -> str:
    """What happened to the value, without the value."""
    field = field_label(change.field, labels)
    if change.is_removal:
        text = gettext("%(field)s taken away") % {"field": field}
    elif change.field.startswith(IDENTIFIER) or change.is_addition:
        text = gettext("%(kind)s added") % {"kind": field}
    else:
        text = gettext("%(field)s changed") % {"field": field}
    if change.person_id == customer.pk:
        return text
    return gettext("%(what)s (of customer no. %(number)s)") % {"what": text, "number": change.person_id}


def changes_at(customer: Customer, rows: Iterable[ProfileChange]) -> Iterator[tuple[ProfileChange, str, str, Any]]:
    """For the timeline: each row with its title, its source in words, and its origin."""
    rows = list(rows)
    labels = {definition.key: definition.label for definition in definitions().all} if rows else {}
    origins = _with_orders(customer, [_origin(row) for row in rows])
    names = Names(origins)
    for row, origin in zip(rows, origins, strict=True):
        yield row, change_title(_change(row, origin), customer, labels), names.source(origin), origin
