"""What is known beforehand of a storefront's export: which headings make it out, and what its columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from customers.sources.fields import CUSTOMERS, FILE_KINDS, ORDERS, REQUIRED
from customers.sources.mapping import Mapping, heading_key, with_opt_outs
from customers.sources.problems import SourceError


@dataclass(frozen=True)
class Platform:
    """An export that is recognised by its heading.

    name: as `--preset` takes it. signature: every group must be there by one of its headings; take headings that no
    other export has, and that all versions and languages of this one share or translate. columns: our field → the
    headings that hold it, the surest first; all that are in the file count, a row takes the first that it fills. A
    heading with "+" joins several columns ("First name+Last name"). plus, minus: amounts of orders that are made of
    several columns. statuses: the file's word → our status, beside the words that every file may use. per: which
    amounts of an order stand on each of its rows as a part ("row") or as a whole ("order"); "status": "row" where each
    row has a state of its own. paid_at: headings of a column that is empty until the order is paid. zone: of times
    without an offset, region: of phone numbers without a country code, currency: of rows that name none, each where it
    is not the shop's. consents, addresses: as in a Mapping, each with its headings, the surest first; columns of who
    has opted out are found from their headings beside them. order_key: headings of a column
    that tells orders apart that have the same number. row_type: headings of a column that says what each row is,
    row_types: what its words mean. consent_words, line_totals, order_rows, customers, reason, category_sign,
    time_in_id, tax, taxed: as in a Mapping. notes: what a reader should know.
    """

    name: str
    title: str
    signature: tuple[tuple[str, ...], ...]
    columns: dict[str, tuple[str, ...]]
    plus: dict[str, tuple[str, ...]] = field(default_factory=dict)
    minus: dict[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    per: dict[str, str] = field(default_factory=dict)
    date_order: str = "auto"
    decimal: str = "auto"
    zone: str = ""
    region: str = ""
    currency: str = ""
    time_in_id: str = ""
    line_totals: str = "auto"
    order_rows: str = "auto"
    customers: str = "auto"
    reason: str = ""
    category_sign: str = ""
    consents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    consent_words: dict[str, str] = field(default_factory=dict)
    order_key: tuple[str, ...] = ()
    row_type: tuple[str, ...] = ()
    row_types: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    paid_at: tuple[str, ...] = ()
    tax: str = "auto"
    taxed: tuple[str, ...] = ()
    notes: str = ""
    kind: str = ORDERS  # what it is a list of

    @property
    def headings(self) -> tuple[str, ...]:
        """All headings it knows."""
        named = [*self.columns.values(), *self.signature, *self.plus.values(), *self.minus.values(), self.paid_at]
        named += [*self.consents.values(), *self.addresses.values(), self.order_key, self.row_type]
        return tuple({part for names in named for name in names for part in name.split("+")})

    def fits(self, header: Sequence[str]) -> bool:
        keys = set(map(heading_key, header))
        return all(any(heading_key(name) in keys for name in group) for group in self.signature)

    def require(self, header: Sequence[str]) -> None:
        """Raise SourceError missing_column, with the heading as the platform writes it, for a column that it needs."""
        at = {heading_key(heading): heading for heading in header}
        required = [self.columns[name] for name in REQUIRED] if self.kind == ORDERS else []
        for group in (*self.signature, *required):
            if not any(_column(name, at) for name in group):
                raise SourceError("missing_column", row=1, column=group[0], name=group[0])

    def mapping(self, header: Sequence[str]) -> Mapping:
        """The mapping for a file with this heading; fields whose columns it lacks are left out."""
        at = {heading_key(heading): heading for heading in reversed(header)}  # of two with one name, the first
        columns, also = {}, {}
        for name in FILE_KINDS[self.kind].fields:
            found = [column for wanted in self.columns.get(name, ()) if (column := _column(wanted, at))]
            if found:
                columns[name] = found[0]
            if found[1:]:
                also[name] = tuple(found[1:])
        per = {name: level for name, level in self.per.items() if name in columns}
        if "order_total" in columns:
            per["order_total"] = "order"
        return Mapping(
            kind="auto" if self.kind == ORDERS else self.kind,
            columns=columns,
            also=also,
            plus=_present(self.plus, columns, at),
            minus=_present(self.minus, columns, at),
            date_order=self.date_order,
            decimal=self.decimal,
            per=per,
            ids={columns["customer_id"]: "number"} if "customer_id" in columns else {},
            statuses=dict(self.statuses),
            zone=self.zone,
            region=self.region,
            currency=self.currency,
            time_in_id=self.time_in_id,
            line_totals=self.line_totals if "line_total" in columns else "auto",
            order_rows=self.order_rows,
            customers=self.customers,
            reason=self.reason,
            category_sign=self.category_sign,
            consents=with_opt_outs(_first_of(self.consents, at), header) if self.kind == CUSTOMERS else {},
            consent_words=dict(self.consent_words),
            addresses=_first_of(self.addresses, at),
            order_key=_first(self.order_key, at),
            row_type=_first(self.row_type, at),
            row_types=dict(self.row_types),
            pending_without=_first(self.paid_at, at),
            tax=self.tax if "tax" in columns else "auto",
            taxed=self.taxed,
        )


def _first(headings: tuple[str, ...], at: dict[str, str]) -> str:
    """The first of these headings that is in the file, as it writes it, or ""."""
    return next((at[key] for name in headings if (key := heading_key(name)) in at), "")


def _first_of(wanted: dict[str, tuple[str, ...]], at: dict[str, str]) -> dict[str, str]:
    """Of the headings of each the first that is in the file, for those that it has."""
    found = {name: [column for each in headings if (column := _column(each, at))] for name, headings in wanted.items()}
    return {name: columns[0] for name, columns in found.items() if columns}


def _present(
    more: dict[str, tuple[str, ...]], columns: dict[str, str], at: dict[str, str]
) -> dict[str, tuple[str, ...]]:
    """Of the columns to add to an amount, those that are in the file beside the one they are added to."""
    found = {
        name: tuple(at[key] for heading in headings if (key := heading_key(heading)) in at)
        for name, headings in more.items()
        if name in columns
    }
    return {name: headings for name, headings in found.items() if headings}


def _column(wanted: str, at: dict[str, str]) -> str:
    """The heading as the file writes it, "" where it is not there; of joined ones those that are."""
    return "+".join(at[key] for part in wanted.split("+") if (key := heading_key(part)) in at)
