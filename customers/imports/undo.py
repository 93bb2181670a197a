"""Takes an import back: what it created goes, what it changed is put back, what somebody touched since stays.

The journal (customers/ingest/journal.py) says what there is to do. It is worked off kind by kind and slice by slice,
each in its own commit with the shop's lock of an import, and a row is forgotten with the commit that takes it back: so
after a kill the next worker goes on with what is left. Rows that stay are kept in the journal with the reason.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Count, Q

from crm.lib.sql import statement
from crm.shops.audit.chain import record
from crm.shops.models import Shop
from crm.tenancy.jobs import GiveWay
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import others_wait
from customers.consent.joining import rejoin
from customers.ingest import refresh_sales_days, refresh_statistics
from customers.ingest.engine import Engine
from customers.ingest.search import write_search_documents
from customers.models import Customer, ImportChange, ImportJob
from customers.personal_data.registry import PERSONAL_DATA, CustomerRows
from customers.profile import settle
from customers.signals import customers_removed, import_undone

Kind, Outcome = ImportChange.Kind, ImportChange.Outcome
SLICE_ROWS = 5_000  # how long other writers of the shop wait
TRIED_ROWS = 2_000  # of the journal, at most one slice of each kind: how long the page of an undo may take
TURN_SECONDS = 60.0  # how long an undo works before it gives way
BULK_ROWS = 1_000  # from here on it may change what the planner should think of the shop
REFRESH_EVERY = 10  # slices
COUNTED = (
    "orders_removed",
    "orders_restored",
    "refunds_removed",
    "refunds_restored",
    "customers_removed",
    "customers_restored",
    "identifiers_removed",
    "tags_removed",
    "products_removed",
    "products_restored",
    "suppressions_removed",
    "consents_removed",
    "addresses_removed",
    "addresses_restored",
)

Progress = Callable[[float, str], None]


class _Slice(NamedTuple):
    """One slice on its way: its statements run on the cursor of the scope's transaction."""

    cursor: CursorWrapper
    engine: Engine
    params: dict[str, Any]
    shop: Shop

    def run(self, name: str) -> int:
        self.cursor.execute(statement("customers", name), self.params)
        return max(int(self.cursor.rowcount), 0)

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        self.run(name)
        return list(self.cursor.fetchall())

    def ids(self) -> list[int]:
        self.cursor.execute("SELECT row_id FROM undo_row")
        return [pk for (pk,) in self.cursor.fetchall()]

    def take_back_dropped(self, name: str) -> None:
        """Take back what merges have dropped of these since. name: among the kinds of personal data."""
        self.cursor.execute(statement("customers", "undo_merged_1_dropped"), {**self.params, "name": name})

    def give_back_listed(self, name: str, *, outcome: int, there: list[int]) -> None:
        """Have the undo of merges know whose the rows are that came back. there: those that have found their place."""
        params = {**self.params, "name": name, "outcome": outcome, "there": there}
        self.cursor.execute(statement("customers", "undo_merged_2_listed"), params)

    def last(self, name: str) -> int:
        """Run statements of which the last changes rows; how many that were."""
        *_before, last = statement("customers", name).split(";\n")
        for each in _before:
            self.cursor.execute(each, self.params)
        self.cursor.execute(last, self.params)
        return max(int(self.cursor.rowcount), 0)


Counted = dict[str, int]
Step = Callable[[_Slice], Counted]


@dataclass(frozen=True)
class _Phase:
    """The rows of one kind and what is done with a slice of them; only_marks: nothing is taken back yet."""

    kind: int
    do: Step
    is_dropped: bool = False
    only_marks: bool = False


def _mark_orders(rows: _Slice) -> Counted:
    rows.run("undo_orders_1_kept")
    return {}


def _undo_refunds(rows: _Slice) -> Counted:
    rows.run("undo_refunds_1_kept")
    rows.run("undo_refunds_2_stage")
    removed = rows.last("undo_refunds_3_remove")
    ((restored,),) = rows.rows("undo_refunds_4_restore")
    rows.give_back_listed("refunds", outcome=Outcome.CHANGED, there=rows.ids())
    rows.engine.count_figures()
    return {"refunds_removed": removed, "refunds_restored": restored}


def _undo_orders(rows: _Slice) -> Counted:
    rows.run("undo_orders_1_kept")
    rows.run("undo_orders_2_stage")
    removed = rows.last("undo_orders_3_remove")
    ((restored,),) = rows.rows("undo_orders_4_restore")
    rows.give_back_listed("orders", outcome=Outcome.CHANGED, there=rows.ids())
    rows.engine.count_figures()
    return {"orders_removed": removed, "orders_restored": restored}


def _undo_identifiers(rows: _Slice) -> Counted:
    whose = rows.rows("undo_identifiers")
    _index(rows, sorted({customer_id for (customer_id,) in whose}))
    return {"identifiers_removed": len(whose)}


def _undo_customer_tags(rows: _Slice) -> Counted:
    rows.take_back_dropped("tags")
    rows.run("undo_merged_0_tags")
    taken_back = rows.rows("undo_customer_tags")
    rows.give_back_listed(
        "tags", outcome=Outcome.DROPPED, there=[pk for was_removed, pk in taken_back if not was_removed]
    )
    return {"tags_removed": sum(was_removed for was_removed, _ in taken_back)}


def _undo_attributes(rows: _Slice) -> Counted:
    rows.take_back_dropped("attributes")
    rows.run("undo_merged_0_attributes")
    taken_back = [pk for (pk,) in rows.rows("undo_attributes")]
    rows.give_back_listed("attributes", outcome=Outcome.DROPPED, there=taken_back)
    return {}


def _undo_addresses(rows: _Slice) -> Counted:
    rows.take_back_dropped("addresses")
    were_removed = [was_removed for (was_removed,) in rows.rows("undo_addresses")]
    return {"addresses_removed": were_removed.count(True), "addresses_restored": were_removed.count(False)}


def _undo_consents(rows: _Slice) -> Counted:
    whose = rows.rows("undo_consents")
    if customers := sorted({customer_id for (customer_id,) in whose if customer_id is not None}):
        rejoin(customers, now=rows.params["now"])
    return {"consents_removed": len(whose)}


def _undo_suppressions(rows: _Slice) -> Counted:
    return {"suppressions_removed": rows.run("undo_suppressions")}


def _undo_customers(rows: _Slice) -> Counted:
    rows.cursor.execute("SELECT row_id FROM undo_row WHERE outcome = 1")
    created = [pk for (pk,) in rows.cursor.fetchall()]
    rows.params["needed"] = sorted(_needed(created, job_id=rows.params["job_id"]))
    rows.run("undo_customers_0_merged")
    rows.run("undo_customers_1_kept")
    removed = [pk for (pk,) in rows.rows("undo_customers_2_remove")]
    if removed:
        customers_removed.send(Customer, shop=rows.shop, ids=removed)
    restored = rows.rows("undo_customers_3_restore")
    renamed = [pk for pk, is_renamed in restored if is_renamed]
    _index(rows, renamed)
    settle(renamed)
    return {"customers_removed": len(removed), "customers_restored": len(renamed)}


def _undo_tags(rows: _Slice) -> Counted:
    rows.run("undo_tags")
    return {}


def _undo_products(rows: _Slice) -> Counted:
    rows.run("undo_products_1_kept")
    were_removed = [was_removed for (was_removed,) in rows.rows("undo_products_2_undo")]
    return {
        "products_removed": were_removed.count(True),
        "products_restored": were_removed.count(False),
    }


def _index(rows: _Slice, customer_ids: list[int]) -> None:
    if customer_ids:
        write_search_documents(rows.cursor, customer_ids, shop_id=rows.params["shop_id"])


def _needed(customer_ids: list[int], *, job_id: int) -> set[int]:
    """Which of these customers have rows of their own that did not come with the import, or were not taken back.

    Identifiers are judged by the slice's SQL: an import does not journal those that came with their customer.
    """
    needed: set[int] = set()
    for data in PERSONAL_DATA:
        if not isinstance(data, CustomerRows) or data.name == "identifiers":
            continue
        for path, rows in data.known_of(customer_ids).items():
            others = rows.exclude(job_id=job_id) if data.model is ImportChange else rows
            needed.update(others.values_list(f"{path}_id", flat=True).distinct())
    return needed


# What points at other rows comes before them. Which orders stay is found first: their assumed refunds stay with them.
PHASES = (
    _Phase(Kind.ORDER, _mark_orders, only_marks=True),
    _Phase(Kind.REFUND, _undo_refunds),
    _Phase(Kind.REFUND, _undo_refunds, is_dropped=True),
    _Phase(Kind.ORDER, _undo_orders),
    _Phase(Kind.IDENTIFIER, _undo_identifiers),
    _Phase(Kind.CUSTOMER_TAG, _undo_customer_tags),
    _Phase(Kind.CUSTOMER_TAG, _undo_customer_tags, is_dropped=True),
    _Phase(Kind.ATTRIBUTE, _undo_attributes),
    _Phase(Kind.ATTRIBUTE, _undo_attributes, is_dropped=True),
    _Phase(Kind.ADDRESS, _undo_addresses),
    _Phase(Kind.SUPPRESSION, _undo_suppressions),
    _Phase(Kind.CONSENT, _undo_consents),
    _Phase(Kind.CUSTOMER, _undo_customers),
    _Phase(Kind.TAG, _undo_tags),
    _Phase(Kind.PRODUCT, _undo_products),
)


# Of what several imports have written each on top of the other. Of customers and products they only fill in.
HANDED_ON = (
    Kind.ORDER, Kind.REFUND, Kind.CUSTOMER_TAG, Kind.ATTRIBUTE, Kind.ADDRESS, Kind.SUPPRESSION, Kind.CONSENT,
)  # fmt: skip


@dataclass
class _Undo:
    """One undo at work: how far it is, and what it has done, of earlier workers too."""

    job: ImportJob
    shop: Shop
    now: datetime
    total: int
    done: int = 0
    slices: int = 0
    counts: Counted = field(default_factory=dict)

    def slice(self, phase: _Phase, after: int) -> int | None:
        """Do the next slice of a phase, in the caller's scope; return its last key, None where nothing is left."""
        with connections["default"].cursor() as cursor:
            found, counted = _take_back(cursor, phase, after, job=self.job, shop=self.shop, now=self.now)
            if not found:
                return None
            for name, number in counted.items():
                self.counts[name] = self.counts.get(name, 0) + number
            cursor.execute("SELECT max(row_id) FROM undo_row")
            (last,) = cursor.fetchone()
            if not phase.only_marks:
                self.done += found
            share = min(self.done / max(self.total, 1), 1.0)
            self.job.note_undone(self.counts, share)
            return int(last)


def _take_back(
    cursor: CursorWrapper, phase: _Phase, after: int, *, job: ImportJob, shop: Shop, now: datetime
) -> tuple[int, Counted]:
    """Do the slice of a phase behind the key `after`; how many rows of the journal it has, and what became of them."""
    engine = Engine(cursor, now=now, is_undo=True)
    engine.open()
    cursor.execute(f"{statement('customers', 'undo_0_staging')}; DELETE FROM undo_row")  # noqa: S608  # our own statement
    engine.lock()
    params = engine.params | {
        "job_id": job.pk,
        "kind": phase.kind,
        "after": after,
        "is_dropped": phase.is_dropped,
        "size": SLICE_ROWS,
        "others": _others(job),  # each time: a command may import beside it
        "needed": [],
    }
    rows = _Slice(cursor, engine, params, shop)
    found = rows.run("undo_1_slice")
    if not found:
        return 0, {}
    cursor.execute("ANALYZE undo_row")
    counted = phase.do(rows)
    forget, note = statement("customers", "undo_9_settle").split(";\n")
    if not phase.only_marks:
        if phase.kind in HANDED_ON:
            rows.run("undo_8_handed_on")
        cursor.execute(forget, params)
    cursor.execute(note, params)
    return found, counted


def tried_undo(job: ImportJob, shop: Shop, *, now: datetime) -> Counted | None:
    """What an undo would do now, counted by doing it and taking that back: only so is what later imports and changes
    keep, and what hangs on it, judged as the undo will judge it.

    None for more than TRIED_ROWS rows, and where somebody writes the shop's orders just now: a page should not wait.
    """
    if job.changes.count() > TRIED_ROWS:
        return None
    with transaction.atomic(), connections["default"].cursor() as cursor:
        try:
            return _all_taken_back(cursor, job, shop, now=now)
        finally:
            transaction.set_rollback(True)


def _all_taken_back(cursor: CursorWrapper, job: ImportJob, shop: Shop, *, now: datetime) -> Counted | None:
    """Take back all at once, each kind in one slice; None where the shop's lock is not to be had."""
    if not Engine(cursor, now=now, is_undo=True).try_lock():
        return None
    counts: Counted = {}
    for phase in PHASES:
        _found, counted = _take_back(cursor, phase, 0, job=job, shop=shop, now=now)
        for name, number in counted.items():
            counts[name] = counts.get(name, 0) + number
    return counts


def run_undo(job: ImportJob, shop: Shop, *, now: datetime, tell: Progress, turn_seconds: float = TURN_SECONDS) -> None:
    """Take back what the claimed job's import wrote, outside any scope. Raises LeaseLost, GiveWay between slices."""
    turn_ends = time.monotonic() + turn_seconds
    with shop_scope(shop):
        undo = _Undo(job, shop, now, job.changes.count(), counts=dict(job.undone))
    has_refunds = _has_refunds(undo)
    for phase in PHASES:
        if phase.only_marks and not has_refunds:
            continue
        after: int | None = 0
        while after is not None:
            with shop_scope(shop):
                job.report(max(job.progress, min(undo.done / max(undo.total, 1), 1)), "undoing")
                after = undo.slice(phase, after)
            tell(job.progress, "undoing")
            undo.slices += 1
            if undo.slices % REFRESH_EVERY == 0 and undo.total >= BULK_ROWS:
                refresh_statistics_of(shop)
            if after is not None and time.monotonic() > turn_ends and others_wait(shop.pk):
                raise GiveWay
    if undo.total >= BULK_ROWS:
        refresh_statistics_of(shop)
    add_up_sales(shop)
    _finish(undo)


def _finish(undo: _Undo) -> None:
    with shop_scope(undo.shop):
        undo.job.changes.filter(kept="").delete()  # what needs nothing done: identifiers that went with their customer
        counts = {name: undo.counts.get(name, 0) for name in COUNTED} | {"kept": undo.job.changes.count()}
        undo.job.finish(ImportJob.State.DONE, undone=counts, undone_at=undo.now, progress=1)
        # Before the entry, which locks the audit log: who asks for a scoring locks the shop first and the log after it.
        import_undone.send(ImportJob, job=undo.job, shop=undo.shop, at=undo.now)
        record("import.undone", undo.job, by=None, details=counts)


def _others(job: ImportJob) -> list[int]:
    """The imports that may have written after this one began and were not undone."""
    others = ImportJob.objects.exclude(pk=job.pk).filter(undone_at=None)
    if job.started_at:
        others = others.filter(Q(finished_at=None) | Q(finished_at__gte=job.started_at))
    return list(others.order_by("pk").values_list("pk", flat=True))


def _has_refunds(undo: _Undo) -> bool:
    with shop_scope(undo.shop):
        return undo.job.changes.filter(kind=Kind.REFUND).exists()


def kept_by_kind(job: ImportJob) -> dict[int, int]:
    """How many rows of each kind an undo has left as they were."""
    rows = job.changes.exclude(kept="").values_list("kind").annotate(Count("pk")).order_by("kind")
    return dict(rows)


def add_up_sales(shop: Shop) -> None:
    """Add up all stale days of a shop, outside any scope."""
    while True:
        with shop_scope(shop):
            if not refresh_sales_days():
                return


def refresh_statistics_of(shop: Shop) -> None:
    """Have the planner look at the shop's rows again, outside any scope."""
    with shop_scope(shop):
        refresh_statistics()
