"""Which kinds of relations a shop has: the first six, as it has changed them, and its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import connections
from django.utils.translation import pgettext

from crm.tenancy.scope import current_shop_id
from customers.domain.attributes import BadValue, folded
from customers.domain.kinds import CUSTOMER, FIRST_KINDS, LABEL_LENGTH, kept_key, not_scored, shown_key
from customers.models import Customer, CustomerKind

LOCK = "hashtextextended('customers.kinds', %s)"


@dataclass(frozen=True)
class Kind:
    """One kind as the shop has it. label: the shop's own, or ours in the language of the reader."""

    key: str
    label: str
    position: int
    is_scored: bool
    archived_at: datetime | None = None


@dataclass(frozen=True)
class Kinds:
    """Those of a shop, archived ones too, in order."""

    all: Sequence[Kind]

    @cached_property
    def current(self) -> list[Kind]:
        return [kind for kind in self.all if kind.archived_at is None]

    @cached_property
    def by_key(self) -> Mapping[str, Kind]:
        return {kind.key: kind for kind in self.all}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Folded label, or key, → the kind as a row has it; of archived ones the key alone, which our files hold."""
        labels = {folded(kind.label): kept_key(kind.key) for kind in reversed(self.current)}
        return labels | {kind.key: kept_key(kind.key) for kind in self.all}

    @cached_property
    def _by_name(self) -> Mapping[str, Kind]:
        return {folded(kind.label): kind for kind in reversed(self.current)} | {kind.key: kind for kind in self.current}

    def label_of(self, kept: str) -> str:
        """What a customer's kind is called; the key itself where it says nothing to anybody any more."""
        kind = self.by_key.get(shown_key(kept))
        return kind.label if kind else kept

    def read(self, text: str) -> str:
        """The kind that a key or a label means, as a customer's row has it; "" for none. BadValue: unknown_kind."""
        name = text.strip()
        if not name:
            return ""
        if kind := self._by_name.get(name.casefold()) or self._by_name.get(folded(name[: 4 * LABEL_LENGTH])):
            return kept_key(kind.key)
        raise BadValue("unknown_kind", text)


def first_label(key: str) -> str:
    """What one of the first kinds is called, in the language of the reader."""
    return {
        CUSTOMER: pgettext("kind of relation", "Customer"),
        "wholesale": pgettext("kind of relation", "Wholesale"),
        "partner": pgettext("kind of relation", "Partner"),
        "investor": pgettext("kind of relation", "Investor"),
        "supplier": pgettext("kind of relation", "Supplier"),
        "press": pgettext("kind of relation", "Press"),
    }[key]


def kinds() -> Kinds:
    """Those of the shop in scope: the first six, as the shop has changed them, and its own."""
    rows = {row.key: row for row in CustomerKind.objects.order_by("pk")}
    found = []
    for first in FIRST_KINDS:
        row = rows.pop(first.key, None)
        if row is None:
            found.append(Kind(first.key, first_label(first.key), first.position, first.is_scored))
        else:
            label = row.label or first_label(first.key)
            found.append(Kind(row.key, label, row.position, row.is_scored, row.archived_at))
    found += [Kind(row.key, row.label, row.position, row.is_scored, row.archived_at) for row in rows.values()]
    return Kinds(sorted(found, key=lambda kind: kind.position))


def kinds_for_writing() -> Kinds:
    """The same, and nobody changes one until the transaction ends. Before the lock of `customers.ingest`."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({LOCK})", [current_shop_id()])  # our own text
    return kinds()


def kinds_not_scored() -> list[str]:
    """The keys, as customers' rows have them, of whom no score is made."""
    said = {first.key: first.is_scored for first in FIRST_KINDS}
    said |= dict(CustomerKind.objects.values_list("key", "is_scored"))
    return not_scored(list(said.items()))


def holders(key: str) -> int:
    """How many customers are of the kind."""
    return Customer.objects.filter(kind=kept_key(key)).count()
