"""The list of what is known of a person, and the ways in which rows are erased and moved.

An item says all three things of one model: how a person's rows are found and given out, what erasing does to them, and
what becomes of them when the customer turns out to be another one. Most are `CustomerRows`; `PackedRows` are for models
that hold many customers in one value, `RowsNaming` for free texts that point at nobody.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import IntegrityError, connections, transaction
from django.db.models import F, Func, Q, QuerySet, TextField, UniqueConstraint, Value
from django.db.models.functions import Cast, Concat, Lower

from crm.lib.postgres.expressions import AnyOf
from crm.lib.registry import Registry
from crm.tenancy.scope import ShopModel, current_shop_id
from customers.models import Customer, Identifier
from customers.personal_data.rows import Row

Rows = QuerySet[Any]
Export = Callable[[Rows], list[Row]]


@dataclass
class Changes:
    """What a move did: by foreign key the ids of rows that changed hands, and what was dropped, by its id as JSON text.

    A dropped row stands there whole, as PostgreSQL's to_jsonb says it; of PackedRows it is what was taken out of a row.
    """

    moved: dict[str, list[int]] = field(default_factory=dict)
    dropped: dict[int, str] = field(default_factory=dict)


class PersonalData(Protocol):
    """One kind of thing that is known of a person. All methods work in the scope of the customer's shop.

    `export` returns the person's rows, [] where there are none. `erase` leaves nothing that tells who it was. `move`
    leaves `source` nothing; what cannot belong to two people made one is dropped; it returns what it did. `give_back`
    makes what a move did undone, and is called also where it did nothing: rows that are still `holder`'s become
    `source`'s, by their ids, what was dropped is there again. `model` is the table that it is about.
    """

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> type[ShopModel]: ...
    def export(self, customer: Customer) -> list[Row]: ...
    def erase(self, customer: Customer) -> None: ...
    def move(self, source: Customer, target: Customer) -> Changes: ...
    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None: ...


# Erased and moved in the opposite order of registration: so what points at other rows is registered after them. That is
# also the order in which rows are locked: what a run of an app locks first is registered last.
PERSONAL_DATA: Registry[PersonalData] = Registry("kind of personal data")


def drop(rows: Rows) -> dict[int, str]:
    """Delete the rows; return each whole, by its key, as JSON text that `put_back` takes."""
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return {}
    table, key = rows.model._meta.db_table, rows.model._meta.pk.column
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, to_jsonb(own)::text FROM {table} AS own WHERE shop_id = %s AND {key} = ANY(%s)",  # noqa: S608  # names of our models
            [current_shop_id(), ids],
        )
        dropped = dict(cursor.fetchall())
    rows.model.objects.filter(AnyOf("pk", ids)).delete()
    return dropped


def put_back(model: type[ShopModel], row: str) -> bool:
    """Insert a row that `drop` returned; return False where its place is taken, or what it points at is gone.

    Columns that are younger than the row take their defaults.
    """
    table, known = model._meta.db_table, json.loads(row).keys()
    quoted = connections["default"].ops.quote_name  # one is called "on"
    own = (str(field.column) for field in model._meta.concrete_fields if not field.generated)
    columns = ", ".join(quoted(column) for column in own if column in known)
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)"  # noqa: S608  # names of our models
                " ON CONFLICT DO NOTHING",
                [row],
            )
            return bool(cursor.rowcount)
    except IntegrityError:
        return False


@dataclass(frozen=True)
class Delete:
    """Erasing deletes the rows."""

    def erase(self, rows: Rows, *, not_these: Collection[str] = ()) -> None:
        rows.delete()


@dataclass(frozen=True)
class Keep:
    """Erasing leaves the rows, for the reason `why`, and sets the columns `but`, such as {"customer": None}.

    `with_columns`: those columns that can hold something personal and stay all the same, each with its reason.
    """

    why: str
    but: Mapping[str, Any] = field(default_factory=dict)
    with_columns: Mapping[str, str] = field(default_factory=dict)

    def erase(self, rows: Rows, *, not_these: Collection[str] = ()) -> None:
        """Sets the columns, but for `not_these`."""
        if new := {name: value for name, value in self.but.items() if name not in not_these}:
            rows.update(**new)


@dataclass(frozen=True)
class Reassign:
    """The rows become the target's. Where a unique key allows each customer one, the target's own stays.

    ValueError for a unique key with the customer and a condition, an expression or nulls: it needs a move of its own.
    """

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes:
        changes = Changes()
        for others in unique_beside(rows.model, to):
            theirs = rows.model.objects.filter(**{to: target})
            if not others:
                if theirs.exists():
                    changes.dropped |= drop(rows)
            else:
                same = Q()
                for equal in theirs.values_list(*others):
                    same |= Q(**dict(zip(others, equal, strict=True)))
                if same:
                    changes.dropped |= drop(rows.filter(same))
        if moved := list(rows.order_by("pk").values_list("pk", flat=True)):
            rows.update(**{to: target})
            changes.moved[to] = moved
        return changes


@dataclass(frozen=True)
class Drop:
    """The rows go: they are counted from others, and the target's are counted again from what it has then."""

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes:
        return Changes(dropped=drop(rows))


@dataclass(frozen=True)
class WithParent:
    """The rows go where the row that they are part of goes."""

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes:
        return Changes()


@dataclass(frozen=True)
class Fill:
    """Columns that are empty at the target take what the source says. For the customer's own row, which stays.

    flags: columns that are true of the target where they are of either; nobody can choose of these.
    """

    columns: tuple[str, ...]
    flags: tuple[str, ...] = ()

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes:
        both = (*self.columns, *self.flags)
        here, there = (rows.model.objects.values(*both).get(pk=each.pk) for each in (target, source))
        if filled := {name: there[name] for name in both if there[name] and not here[name]}:
            rows.model.objects.filter(pk=target.pk).update(**filled)
        return Changes()  # whoever undoes a merge looks at the values themselves: customers/merging


class Moving(Protocol):
    """What becomes of rows whose customer turns out to be `target`. `to` is their foreign key to the customer."""

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes: ...


def unique_beside(model: type[ShopModel], customer: str) -> list[tuple[str, ...]]:
    """The other columns of each unique key that has this one, without the shop: [("tag",)] of CustomerTag.

    ValueError for a key that is unique only under a condition, or that has a column that may be null.
    """
    keys: list[tuple[str, ...]] = []
    if getattr(model._meta.get_field(customer), "unique", False):
        keys.append(())
    for constraint in model._meta.constraints:
        if not isinstance(constraint, UniqueConstraint):
            continue
        others = tuple(name for name in constraint.fields if name not in ("shop", customer))
        may_be_null = any(getattr(model._meta.get_field(name), "null", False) for name in others)
        if customer in constraint.fields and not constraint.condition and not may_be_null:
            keys.append(others)
        elif customer in constraint.fields or constraint.expressions:
            raise ValueError(f"{constraint.name} is unique in a way that Reassign cannot keep; write a move for it.")
    return keys


@dataclass(frozen=True)
class CustomerRows:
    """Rows that point at their customer.

    paths: each foreign key, or chain of them, by which a customer is reached: "customer", "order__customer"; "pk" for
    the customer's own row. Moving sets those without a step between.
    form: the rows as dicts that JSON can hold, most often `Columns`.
    is_derived: the rows follow from others, as scores do from orders. Whatever is dropped by a move is derived, too.
    """

    name: str
    model: type[ShopModel]
    paths: tuple[str, ...]
    form: Export
    erasure: Delete | Keep
    moving: Moving
    is_derived: bool = False

    def known_of(self, customer_ids: list[int]) -> dict[str, Rows]:
        """By each foreign key the rows of these customers, that are known of them by themselves: none that are derived,
        and not the customers' own."""
        if self.is_derived or self.model is Customer or isinstance(self.moving, Drop | WithParent):
            return {}
        return {path: self.model.objects.filter(AnyOf(f"{path}_id", customer_ids)) for path in self._direct}

    def rows(self, customer: Customer) -> Rows:
        condition = Q()
        for path in self.paths:
            condition |= Q(**{path: customer.pk})
        return self.model.objects.filter(condition)

    def export(self, customer: Customer) -> list[Row]:
        return self.form(self.rows(customer))

    def erase(self, customer: Customer) -> None:
        for path in self.paths:
            # A refund of this person's order may be somebody else's, whose it stays.
            others = [direct for direct in self._direct if direct != path]
            self.erasure.erase(self.model.objects.filter(**{path: customer.pk}), not_these=others)

    def move(self, source: Customer, target: Customer) -> Changes:
        changes = Changes()
        for path in self._direct:
            own = self.moving.move(self.model.objects.filter(**{path: source.pk}), path, source, target)
            changes.moved |= own.moved
            changes.dropped |= own.dropped
        return changes

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        for path, ids in changes.moved.items():
            self.model.objects.filter(AnyOf("pk", ids), **{f"{path}_id": holder_id}).update(**{f"{path}_id": source_id})
        for row in changes.dropped.values():
            put_back(self.model, row)

    def count(self, customer: Customer) -> int:
        """How many rows a move of this customer would change or drop."""
        condition = Q()
        for path in self._direct:
            condition |= Q(**{path: customer.pk})
        return self.model.objects.filter(condition).count() if condition else 0

    @property
    def _direct(self) -> list[str]:
        return [path for path in self.paths if "__" not in path]


@dataclass(frozen=True)
class PackedRows:
    """A model whose columns hold many customers by their ids, so that no foreign key and no condition finds one.

    told: what it holds of the customer with this id. forget: take them out, which erasing and moving both do, and
    return by the id of each row what it held, as JSON. recall: put that back. A move does not put the source's part to
    the target's: of one person there can be one.
    """

    name: str
    model: type[ShopModel]
    told: Callable[[int], list[Row]]
    forget: Callable[[int], dict[int, str]]
    recall: Callable[[int, dict[int, str]], None]

    def export(self, customer: Customer) -> list[Row]:
        return self.told(customer.pk)

    def erase(self, customer: Customer) -> None:
        self.forget(customer.pk)

    def move(self, source: Customer, target: Customer) -> Changes:
        return Changes(dropped=self.forget(source.pk))

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        self.recall(source_id, changes.dropped)


# A national number without its leading zero has so many digits almost everywhere; fewer could be an amount or a date.
_DIGITS = 8


@dataclass(frozen=True)
class RowsNaming:
    """Rows of nobody, whose texts may name a person: found by an e-mail address or phone number of the customer's.

    An address counts in whatever case, a number by its last eight digits in whatever form. Texts with nothing but a
    name are not found: a name is not one person's. Moving changes nothing, since they follow from no customer.
    but: what erasing sets, by column; a callable gets the row's value. form: see CustomerRows.
    """

    name: str
    model: type[ShopModel]
    texts: tuple[str, ...]
    but: Mapping[str, Any]
    form: Export

    def rows(self, customer: Customer) -> Rows:
        contacts = Identifier.objects.filter(customer=customer).values_list("kind", "value")
        condition = Q()
        for kind, value in contacts:
            digits = "".join(filter(str.isdigit, value))
            if kind == Identifier.Kind.EMAIL:
                condition |= Q(_said__contains=value.lower())
            elif kind == Identifier.Kind.PHONE and len(digits) >= _DIGITS:
                condition |= Q(_digits__contains=digits[-_DIGITS:])
        if not condition:
            return self.model.objects.none()
        return self.model.objects.annotate(_said=self._said(), _digits=_digits_of(F("_said"))).filter(condition)

    def _said(self) -> Lower:
        parts = [part for text in self.texts for part in (Cast(text, TextField()), Value(" "))]
        return Lower(Concat(*parts, output_field=TextField()))

    def export(self, customer: Customer) -> list[Row]:
        return self.form(self.rows(customer))

    def erase(self, customer: Customer) -> None:
        for row in self.rows(customer):
            new = {name: value(getattr(row, name)) if callable(value) else value for name, value in self.but.items()}
            self.model.objects.filter(pk=row.pk).update(**new)

    def move(self, source: Customer, target: Customer) -> Changes:
        return Changes()

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        """Nothing: they never moved."""


def _digits_of(text: F) -> Func:
    return Func(text, Value(r"[^0-9]"), Value(""), Value("g"), function="regexp_replace", output_field=TextField())
