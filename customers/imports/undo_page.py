"""What the pages of an undo say: what would go, what went, and what stays with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from crm.ui import formats
from crm.ui.parts import Stat
from customers.imports.actions import is_sample
from customers.imports.undo import tried_undo
from customers.models import (
    Address,
    Customer,
    CustomerTag,
    Identifier,
    ImportChange,
    ImportJob,
    Order,
    Product,
    Refund,
    Tag,
)
from customers.queries import name_the_nameless

SHOWN_KEPT = 100
Kind, Outcome, Kept = ImportChange.Kind, ImportChange.Outcome, ImportChange.Kept

FIGURES = (
    ("orders_removed", gettext_lazy("Orders removed")),
    ("orders_restored", gettext_lazy("Orders as before")),
    ("refunds_removed", gettext_lazy("Refunds removed")),
    ("refunds_restored", gettext_lazy("Refunds as before")),
    ("customers_removed", gettext_lazy("Customers removed")),
    ("customers_restored", gettext_lazy("Customers as before")),
    ("identifiers_removed", gettext_lazy("Contacts and numbers removed")),
    ("tags_removed", gettext_lazy("Tags taken off")),
    ("products_removed", gettext_lazy("Products removed")),
    ("products_restored", gettext_lazy("Products as before")),
    ("suppressions_removed", gettext_lazy("Addresses unblocked")),
    ("consents_removed", gettext_lazy("Consents taken back")),
    ("addresses_removed", gettext_lazy("Postal addresses removed")),
    ("addresses_restored", gettext_lazy("Postal addresses as before")),
    ("kept", gettext_lazy("Left as they are")),
)
# Said also where it is 0: what a file of this kind is a list of.
ALWAYS: Mapping[str, Sequence[str]] = {
    ImportJob.Kind.ORDERS: ("orders_removed", "customers_removed", "kept"),
    ImportJob.Kind.CUSTOMERS: ("customers_removed", "kept"),
    ImportJob.Kind.PRODUCTS: ("products_removed", "kept"),
    ImportJob.Kind.SUPPRESSIONS: ("suppressions_removed", "kept"),
}
REASONS = {
    Kept.CHANGED: gettext_lazy("changed after this import"),
    Kept.LATER_IMPORT: gettext_lazy("also in a later import that was not undone"),
    Kept.REFUNDED: gettext_lazy("has a refund that did not come with this import"),
    Kept.IN_USE: gettext_lazy("other orders, notes or tags need it"),
    Kept.ERASED: gettext_lazy("what was there before is gone with an erased customer"),
    Kept.TAKEN: gettext_lazy("another has taken its place"),
    Kept.MERGED: gettext_lazy("was merged with another customer since"),
}
# Of the kinds that a shop knows by name; contacts and tags are a customer's.
ROWS: dict[int, Promise] = {
    Kind.ORDER: ngettext_lazy("%(number)s order", "%(number)s orders", "count"),
    Kind.REFUND: ngettext_lazy("%(number)s refund", "%(number)s refunds", "count"),
    Kind.CUSTOMER: ngettext_lazy("%(number)s customer", "%(number)s customers", "count"),
    Kind.PRODUCT: ngettext_lazy("%(number)s product", "%(number)s products", "count"),
}
CONTACTS = ngettext_lazy(
    "%(number)s contact or number of customers who stay",
    "%(number)s contacts or numbers of customers who stay",
    "count",
)
WORN_TAGS = ngettext_lazy("%(number)s tag on a customer who stays", "%(number)s tags on customers who stay", "count")
MADE_TAGS = ngettext_lazy("%(number)s tag that it has made", "%(number)s tags that it has made", "count")
# With what the result of an undo calls them.
SUPPRESSED = ngettext_lazy(
    "%(number)s address that is not written to", "%(number)s addresses that are not written to", "count"
)
SAID = ngettext_lazy("%(number)s thing that customers said", "%(number)s things that customers said", "count")
POSTAL = ngettext_lazy("%(number)s postal address", "%(number)s postal addresses", "count")
OTHERS = (
    (Kind.SUPPRESSION, "suppressions_removed", SUPPRESSED),
    (Kind.CONSENT, "consents_removed", SAID),
    (Kind.ADDRESS, "addresses_removed", POSTAL),
)
RESTORED: dict[int, Promise] = {
    Kind.ORDER: ngettext_lazy(
        "%(number)s order would be as it was before.", "%(number)s orders would be as they were before.", "count"
    ),
    Kind.CUSTOMER: ngettext_lazy(
        "%(number)s customer would be as before.", "%(number)s customers would be as they were before.", "count"
    ),
    Kind.PRODUCT: ngettext_lazy(
        "%(number)s product would be as before.", "%(number)s products would be as they were before.", "count"
    ),
    Kind.ADDRESS: ngettext_lazy(
        "%(number)s postal address would be as before.",
        "%(number)s postal addresses would be as they were before.",
        "count",
    ),
}


def undone_figures(job: ImportJob) -> list[Stat]:
    return [
        Stat(label, formats.number(job.undone.get(name, 0)))
        for name, label in FIGURES
        if job.undone.get(name) or name in ALWAYS[job.kind]
    ]


@dataclass(frozen=True)
class Undo:
    """What an undo would do: how many of what leave, what is put back, what stays and why, what else to know."""

    leaves: Sequence[str]
    as_before: Sequence[str]
    stays: Sequence[str]
    notes: Sequence[str]


def would_undo(job: ImportJob, *, now: datetime) -> Undo:
    """What would go, come back and stay: as things are now, or, for a large import, as its journal has it."""
    tried = tried_undo(job, job.shop, now=now)
    by = _of_journal(job) if tried is None else _of_trial(tried)
    made_tags = job.changes.filter(kind=Kind.TAG, outcome=Outcome.CREATED).count()
    contacts = _of_known_customers(job, Identifier.objects.all(), Kind.IDENTIFIER) if tried is None else 0
    given = [
        (CONTACTS, contacts if tried is None else tried.get("identifiers_removed", 0)),
        (WORN_TAGS, _of_known_customers(job, CustomerTag.objects.all(), Kind.CUSTOMER_TAG)),
        (MADE_TAGS, made_tags),
        *(
            (text, tried.get(name, 0) if tried is not None else by.get((kind, Outcome.CREATED), 0))
            for kind, name, text in OTHERS
        ),
    ]
    leaves = [_counted(text, number) for kind, text in ROWS.items() if (number := by.get((kind, Outcome.CREATED)))]
    leaves += [_counted(text, number) for text, number in given if number]
    as_before = [
        _counted(text, number) for kind, text in RESTORED.items() if (number := by.get((kind, Outcome.CHANGED)))
    ]
    notes = []
    if not leaves and not as_before:
        has_any = job.changes.exclude(outcome=Outcome.UNCHANGED).exists()
        notes.append(
            _("Nothing of it would leave: all that it has brought was changed, or came again, since.")
            if has_any
            else _("This import has changed nothing; undoing it only forgets that it was there.")
        )
    elif not is_sample(job):
        notes.append(_("What the API has only confirmed since, without a change, counts as the import's."))
    if tried is None:
        notes.append(_("The numbers are the most that can leave: what stays is not yet taken off them."))
    return Undo(leaves, as_before, _stays(job), notes)


Numbers = Mapping[tuple[int, int], int]


def _of_journal(job: ImportJob) -> Numbers:
    """By kind and outcome how many rows the import has made and changed."""
    rows = job.changes.order_by().values_list("kind", "outcome").annotate(Count("pk"))
    return {(kind, outcome): number for kind, outcome, number in rows}


def _of_trial(tried: Mapping[str, int]) -> Numbers:
    """The same, of those that an undo was found to take back."""
    names = {
        Kind.ORDER: "orders",
        Kind.REFUND: "refunds",
        Kind.CUSTOMER: "customers",
        Kind.PRODUCT: "products",
        Kind.ADDRESS: "addresses",
    }
    ends = {Outcome.CREATED: "removed", Outcome.CHANGED: "restored"}
    return {
        (kind, outcome): tried.get(f"{name}_{end}", 0) for kind, name in names.items() for outcome, end in ends.items()
    }


def _stays(job: ImportJob) -> list[str]:
    if is_sample(job):
        sentences = [
            _("What you have imported or written yourself."),
            _("An invented customer to whom you have added something, such as a note: they are listed afterwards."),
        ]
    else:
        sentences = [_("Whatever was changed after the import: it is listed afterwards, each with the reason.")]
    if _is_in_later(job):
        sentences.append(_("What came again with a later import, unless that one is undone first."))
    return sentences


def _of_known_customers(job: ImportJob, rows: QuerySet[Any], kind: int) -> int:
    created = ImportChange.objects.filter(job=job, outcome=Outcome.CREATED, shop_id=OuterRef("shop_id"))
    is_ours = Exists(created.filter(kind=kind, row_id=OuterRef("pk")))
    has_our_customer = Exists(created.filter(kind=Kind.CUSTOMER, row_id=OuterRef("customer_id")))
    return int(rows.filter(is_ours).exclude(has_our_customer).count())


def _is_in_later(job: ImportJob) -> bool:
    """Whether a later import that was not undone has rows of this one, if only as unchanged."""
    theirs = ImportChange.objects.filter(
        shop_id=OuterRef("shop_id"),
        kind=OuterRef("kind"),
        row_id=OuterRef("row_id"),
        job_id__gt=job.pk,
        job__undone_at=None,
    )
    return job.changes.filter(Exists(theirs)).exists()


def _counted(text: Promise, number: int) -> str:
    return str(text % {"count": number, "number": formats.number(number)})


@dataclass(frozen=True)
class KeptRow:
    """A row that an undo has left: what it is, what it is called, why it stayed; url "" where it has no page."""

    kind: str
    name: str
    reason: str
    url: str


def kept_rows(job: ImportJob) -> list[KeptRow]:
    """The first of them, orders before customers."""
    changes = list(job.changes.exclude(kept="").order_by("kind", "row_id")[:SHOWN_KEPT])
    names = _names(job, changes)
    return [_kept_row(change, names) for change in changes]


def _kept_row(change: ImportChange, names: dict[tuple[int, int], tuple[str, str]]) -> KeptRow:
    name, url = names.get((change.kind, change.row_id), (f"#{change.row_id}", ""))
    return KeptRow(str(change.get_kind_display()), name, str(REASONS[Kept(change.kept)]), url)


def _names(job: ImportJob, changes: Sequence[ImportChange]) -> dict[tuple[int, int], tuple[str, str]]:
    """What the rows are called, and their addresses, by kind and id."""
    slug = job.shop.slug

    def ids(kind: int) -> list[int]:
        return [change.row_id for change in changes if change.kind == kind]

    names: dict[tuple[int, int], tuple[str, str]] = {}
    for order in Order.objects.filter(pk__in=ids(Kind.ORDER)):
        names[Kind.ORDER, order.pk] = (order.external_id, reverse("customers:order", args=[slug, order.pk]))
    for refund in Refund.objects.filter(pk__in=ids(Kind.REFUND)):
        url = reverse("customers:order", args=[slug, refund.order_id]) if refund.order_id else ""
        names[Kind.REFUND, refund.pk] = (refund.external_id or f"#{refund.pk}", url)
    customers = list(Customer.objects.filter(pk__in=ids(Kind.CUSTOMER)))
    name_the_nameless(customers)
    for customer in customers:
        names[Kind.CUSTOMER, customer.pk] = (str(customer), reverse("customers:detail", args=[slug, customer.pk]))
    for identifier in Identifier.objects.filter(pk__in=ids(Kind.IDENTIFIER)):
        url = reverse("customers:detail", args=[slug, identifier.customer_id])
        names[Kind.IDENTIFIER, identifier.pk] = (identifier.value, url)
    for worn in CustomerTag.objects.filter(pk__in=ids(Kind.CUSTOMER_TAG)).select_related("tag"):
        names[Kind.CUSTOMER_TAG, worn.pk] = (worn.tag.name, reverse("customers:detail", args=[slug, worn.customer_id]))
    for address in Address.objects.filter(pk__in=ids(Kind.ADDRESS)):
        url = reverse("customers:detail", args=[slug, address.customer_id])
        names[Kind.ADDRESS, address.pk] = (str(address), url)
    for tag in Tag.objects.filter(pk__in=ids(Kind.TAG)):
        names[Kind.TAG, tag.pk] = (tag.name, "")
    for product in Product.objects.filter(pk__in=ids(Kind.PRODUCT)):
        names[Kind.PRODUCT, product.pk] = (str(product), "")
    return names
