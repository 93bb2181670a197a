"""What files of customers and of products have in common: their slices, how they count, what becomes of each field."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from crm.shops.models import Shop
from customers.domain.addresses import MAX_ADDRESSES
from customers.domain.limits import MAX_IDENTIFIERS, MAX_TAGS
from customers.imports.files import FileInTables
from customers.ingest.records import Counts
from customers.models import ImportJob
from customers.sources import FILE_KINDS, Mapping
from customers.sources.problems import Reject, shown
from customers.sources.rows import BETWEEN_CELLS

SLICE_ROWS = 5_000
EXAMPLES = 3
# What a customer has too many of: the codes, and how many one may have.
SURPLUS = {
    "too_many_identifiers": MAX_IDENTIFIERS,
    "too_many_tags_worn": MAX_TAGS,
    "too_many_addresses": MAX_ADDRESSES,
}
OUTCOMES = ("filled", "overwritten", "kept")


@dataclass
class ListCounts(Counts):
    """What a list of customers or products does, beside what files of orders do as well."""

    customers_changed: int = 0
    customers_unchanged: int = 0
    products_changed: int = 0
    products_unchanged: int = 0


class FieldChanges:
    """What becomes of fields of which the file says something else than is known: how often, and examples.

    counted: field → outcome → how many. examples: field → outcome → the first pairs of what is known and what the file
    says.
    """

    def __init__(self, report: dict[str, Any], names: tuple[str, ...]) -> None:
        """Goes on from the report of an earlier worker; an empty one begins anew."""
        known = report.get("fields", {})
        names = (*names, *(name for name in known if name not in names))  # attributes
        self.counted = {name: {outcome: known.get(name, {}).get(outcome, 0) for outcome in OUTCOMES} for name in names}
        self.examples: dict[str, dict[str, list[list[str]]]] = defaultdict(lambda: defaultdict(list))
        for name, outcomes in report.get("examples", {}).items():
            self.examples[name].update(outcomes)

    def add(self, name: str, outcome: str, count: int, pairs: list[list[str]]) -> None:
        self.counted.setdefault(name, dict.fromkeys(OUTCOMES, 0))[outcome] += count
        known = self.examples[name][outcome]
        known.extend([str(shown(value)) for value in pair] for pair in pairs[: EXAMPLES - len(known)])

    def to_json(self) -> dict[str, Any]:
        """The keys of a report."""
        examples = {
            name: {outcome: pairs for outcome, pairs in outcomes.items() if pairs}
            for name, outcomes in self.examples.items()
        }
        return {"fields": self.counted, "examples": {name: found for name, found in examples.items() if found}}


class ListFile(FileInTables):
    """The temporary tables of one list. Its units are rows.

    kind: what it is a list of. sorted_table: the one that numbers its rows. counted: the statement that knows again
    what earlier workers of a run have counted.
    """

    kind: ClassVar[str]
    sorted_table: ClassVar[str]
    counted: ClassVar[str]

    def __init__(self, job: ImportJob, shop: Shop) -> None:
        super().__init__(job, shop)
        self._mapping = Mapping.from_dict({"kind": self.kind} | job.mapping)
        named = tuple(name for name, _ in FILE_KINDS[self.kind].policies)
        self._fields = FieldChanges(job.counts if job.cursor else {}, named)

    @property
    def slice_size(self) -> int:
        return SLICE_ROWS

    def new_counts(self) -> "ListCounts":
        return ListCounts()

    def report(self, total: Counts) -> dict[str, Any]:
        return {**super().report(total), **self._fields.to_json()}

    def _number_units(self, cursor: CursorWrapper) -> None:
        cursor.execute(f"SELECT coalesce(max(n), 0) FROM {self.sorted_table}")  # noqa: S608  # our own two names
        (self.units,) = cursor.fetchone()
        self._count_again(cursor, self.counted)


def told(row_no: int, field: str, code: str, value: str, before: int | None, cells: str) -> Reject:
    """What is told of a row that is used; `before` is the earlier row of the same customer or product."""
    params: dict[str, str | int] = {"row": before} if before is not None else {"value": shown(value)}
    if limit := SURPLUS.get(code):
        params["limit"] = limit
    return Reject(row_no, field, code, params, cells_of_text(cells))


def cells_of_text(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(BETWEEN_CELLS))
