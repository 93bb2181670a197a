"""What customers knows of a person, and what its columns and those of crm.shops hold."""

from typing import Any

from crm.shops.models import ApiKey, AuditEntry, AuditHead, IdempotencyRecord, Invitation
from customers.domain.addresses import PARTS
from customers.models import (
    Address,
    AttributeDefinition,
    AttributeValue,
    Customer,
    CustomerKind,
    CustomerTag,
    DuplicatePair,
    DuplicateSearch,
    ExportJob,
    Identifier,
    ImportChange,
    ImportJob,
    Merge,
    MergeChange,
    Note,
    Order,
    OrderLine,
    ProfileChange,
    Refund,
    RefundLine,
    RejectedRow,
    SearchDocument,
)
from customers.models.customer import PROFILE, PROFILE_FLAGS
from customers.personal_data.columns import Kind, declare
from customers.personal_data.registry import (
    PERSONAL_DATA,
    CustomerRows,
    Delete,
    Drop,
    Fill,
    Keep,
    Reassign,
    RowsNaming,
    WithParent,
)
from customers.personal_data.rows import OWN_CURRENCY, SHOPS_CURRENCY, Columns

_BOOKS = "The books need what was sold and given back, not to whom."
_NUMBER = "The storefront's number in the books; whom it meant only the storefront knows."


def _searched_for_nobody(filters: dict[str, Any]) -> dict[str, Any]:
    """Not without the search: an export that still waits would become one of all customers."""
    return filters | {"q": ["erased"]}


def _without_rows(facts: dict[str, Any]) -> dict[str, Any]:
    """What was recognised of a file, without the first of its rows that a page shows."""
    return facts | {"rows": []}


def _without_cells(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the cells that it shows as examples."""
    return {name: value for name, value in report.items() if name not in ("understood", "examples")}


for _item in (
    CustomerRows(
        "customer",
        Customer,
        ("pk",),
        Columns(
            (
                "id",
                *PROFILE,
                *PROFILE_FLAGS,
                "held",
                "made_through",
                "order_count",
                "first_order_at",
                "last_order_at",
                "created_at",
                "updated_at",
            ),
            dict.fromkeys(("gross_minor", "refunded_minor", "net_minor"), SHOPS_CURRENCY),
        ),
        Delete(),
        Fill(PROFILE, flags=PROFILE_FLAGS),
    ),
    CustomerRows(
        "identifiers",
        Identifier,
        ("customer",),
        Columns(("kind", "source", "value", "given", "match_value", "created_at")),
        Delete(),
        Reassign(),
    ),
    CustomerRows(
        "attributes",
        AttributeValue,
        ("customer",),
        Columns(
            (
                "definition__key",
                "text_value",
                "number_value",
                "date_value",
                "boolean_value",
                "choice__label",
                "updated_at",
            )
        ),
        Delete(),
        Reassign(),
    ),
    CustomerRows(
        "addresses",
        Address,
        ("customer",),
        Columns(("type", *PARTS, "preferred_at", "created_at", "updated_at")),
        Delete(),
        Reassign(),
    ),
    CustomerRows(
        "profile_changes",
        ProfileChange,
        ("customer",),
        Columns(("field", "is_removal", "at", "actor_kind", "through", "import_id", "merge_id")),
        Delete(),
        Reassign(),
        is_derived=True,
    ),
    CustomerRows("search_terms", SearchDocument, ("customer",), Columns(("terms",)), Delete(), Drop()),
    CustomerRows(
        "orders",
        Order,
        ("customer",),
        Columns(
            ("external_id", "placed_at", "placed_on", "status", "is_purchase", "created_at", "updated_at"),
            dict.fromkeys(("shipping_minor", "tax_minor", "adjustment_minor", "total_minor"), OWN_CURRENCY)
            | {"revenue_minor": SHOPS_CURRENCY},
        ),
        Keep(_BOOKS, but={"customer": None, "content_hash": b""}, with_columns={"external_id": _NUMBER}),
        Reassign(),
    ),
    CustomerRows(
        "order_lines",
        OrderLine,
        ("order__customer",),
        Columns(
            ("order__external_id", "position", "product__external_id", "product__name", "quantity", "is_revenue"),
            dict.fromkeys(("unit_price_minor", "discount_minor", "total_minor"), "order__currency"),
        ),
        Keep(_BOOKS),
        WithParent(),
    ),
    CustomerRows(
        "refunds",
        Refund,
        ("customer", "order__customer"),
        Columns(
            ("external_id", "order__external_id", "refunded_at", "refunded_on", "is_assumed", "created_at"),
            {"amount_minor": OWN_CURRENCY, "revenue_minor": SHOPS_CURRENCY},
        ),
        Keep(_BOOKS, but={"customer": None, "content_hash": b""}, with_columns={"external_id": _NUMBER}),
        Reassign(),
    ),
    CustomerRows(
        "refund_lines",
        RefundLine,
        ("refund__customer", "refund__order__customer"),
        Columns(
            ("refund__external_id", "position", "product__external_id", "product__name", "quantity"),
            {"total_minor": "refund__currency"},
        ),
        Keep(_BOOKS),
        WithParent(),
    ),
    CustomerRows(
        "import_changes",
        ImportChange,
        ("customer",),
        Columns(("job__filename", "kind", "outcome", "before", "written_at")),
        Keep(
            "Where a row came from; without what was there before, it cannot be put back.",
            but={"customer": None, "before": None},
        ),
        Reassign(),
    ),
    # After all that a merge moves: what it knows of itself goes along with it.
    CustomerRows(
        "merges",
        Merge,
        ("customer",),
        Columns(("source_id", "target_id", "merged_at", "undone_at")),
        Delete(),
        Reassign(),
        is_derived=True,
    ),
    CustomerRows(
        "merge_changes",
        MergeChange,
        ("merge__customer",),
        Columns(("merge_id", "name", "path", "row_id", "before")),
        Delete(),
        WithParent(),
        is_derived=True,
    ),
    CustomerRows(
        "duplicate_pairs",
        DuplicatePair,
        ("first", "second"),
        Columns(("first_id", "second_id", "state", "score", "created_at")),
        Delete(),
        Drop(),
    ),
    CustomerRows("tags", CustomerTag, ("customer",), Columns(("tag__name", "created_at")), Delete(), Reassign()),
    CustomerRows(
        "notes", Note, ("customer",), Columns(("body", "author__name", "via", "created_at")), Delete(), Reassign()
    ),
    RowsNaming(
        "rejected_rows",
        RejectedRow,
        ("raw", "params"),
        {"raw": "", "params": {}},
        Columns(("job__filename", "row_no", "column", "code", "params", "raw")),
    ),
    RowsNaming(
        "imports",
        ImportJob,
        ("facts", "forecast", "counts"),
        {"facts": _without_rows, "forecast": _without_cells, "counts": _without_cells},
        Columns(("filename", "facts", "created_at")),
    ),
    RowsNaming(
        "exports", ExportJob, ("filters",), {"filters": _searched_for_nobody}, Columns(("filters", "created_at"))
    ),
):
    PERSONAL_DATA.register(_item)

_WORD, _HASH = "A word of the program's own.", "A hash of something that is not of a customer."
_COUNTS = "Counts by words of the program's own."
_OF_ALL = "A hash over all that an order or refund says, addresses among it: whoever has an address could try it."

declare(Address, Kind.OTHER, "Follows from the parts, which are given out; it is deleted with them.", "digest")
declare(AttributeDefinition, Kind.OTHER, "What the shop calls it in the API and in files.", "key")
declare(AttributeDefinition, Kind.OTHER, "The key of a kind of relation.", "kind")
declare(CustomerKind, Kind.OTHER, "What the shop calls it in the API and in files.", "key")
declare(Customer, Kind.OTHER, "Part of the birthday, which is given out.", "birth_month")
declare(Customer, Kind.PERSONAL, "It says something of the person.", "language", "time_zone", "kind")
declare(SearchDocument, Kind.PERSONAL, "Parts of names, addresses and numbers.", "terms")
for _model in (Order, Refund):
    declare(_model, Kind.OTHER, "Three letters of ISO 4217.", "currency")
    declare(_model, Kind.PERSONAL, _OF_ALL, "content_hash")
for _job in (ImportJob, ExportJob, DuplicateSearch):
    declare(_job, Kind.OTHER, _WORD, "step")
declare(ExportJob, Kind.PERSONAL, "What was searched for may be a name or an address.", "filters")
declare(ExportJob, Kind.PERSONAL, "A file of customers; it is deleted after some days.", "file")
declare(ExportJob, Kind.OTHER, "Names of columns.", "columns")
declare(ImportJob, Kind.PERSONAL, "The file as it came, with all its customers.", "file")
declare(ImportJob, Kind.OTHER, _HASH, "sha256")
declare(ImportJob, Kind.OTHER, _WORD, "preset")
declare(ImportJob, Kind.OTHER, _COUNTS, "forecast", "counts", "undone")
declare(ImportJob, Kind.OTHER, "What the shop calls a storefront of its own.", "source")
declare(RejectedRow, Kind.OTHER, _WORD, "code")
declare(Identifier, Kind.OTHER, _WORD, "kind")
declare(Identifier, Kind.OTHER, "What the shop calls a storefront of its own, or a WeChat account.", "source")
declare(Customer, Kind.OTHER, _WORD, "made_by_kind")
declare(Customer, Kind.OTHER, "Names of columns.", "held")
declare(ProfileChange, Kind.OTHER, _WORD, "actor_kind")
declare(ProfileChange, Kind.OTHER, "The name of a column, or the key of an attribute.", "field")
declare(Merge, Kind.OTHER, "Counts by words of the program's own.", "moved")
declare(MergeChange, Kind.OTHER, _WORD, "name", "path")
declare(
    DuplicatePair, Kind.OTHER, "Kinds of identifiers and reasons, by words of the program's own.", "evidence", "reasons"
)

# crm.shops is below, so it cannot say so itself.
declare(Invitation, Kind.OTHER, _HASH, "token_hash", "link_hash")
declare(
    ApiKey,
    Kind.OTHER,
    "What staff call a key of their shop's, how it begins, and what it may.",
    "name",
    "hint",
    "scopes",
    "source",
)
declare(ApiKey, Kind.OTHER, _HASH, "key_hash")
declare(AuditHead, Kind.OTHER, _HASH, "hash")
declare(AuditEntry, Kind.OTHER, _WORD, "action", "object_type")
declare(AuditEntry, Kind.OTHER, "Ids, counts and names of fields: the chain may never be changed.", "details")
declare(AuditEntry, Kind.OTHER, "Chains the entries, of which none holds personal data.", "prev_hash", "hash")
declare(IdempotencyRecord, Kind.OTHER, _WORD, "method", "content_type")
declare(IdempotencyRecord, Kind.OTHER, "What a client calls its request.", "key")
declare(IdempotencyRecord, Kind.PERSONAL, "May name a customer; deleted after 72 hours.", "path", "body", "body_hash")
