"""The steps that turn staged rows into customers, products, orders and refunds, set by set, in one transaction.

Both doors use them: the API stages a request (staging.stage_orders), an import stages a slice of its file. Who holds
the shop's lock writes alone, so two batches that name the same new customer cannot both create them.
"""

from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from customers.domain.limits import MAX_IDENTIFIERS
from customers.ingest.arrivals import follow_identifiers
from customers.ingest.conflicts import queue_conflicts
from customers.ingest.journal import write_journal
from customers.ingest.records import Counts, Outcome
from customers.ingest.search import write_search_documents
from customers.models import Order, Through
from customers.models.identifier_kinds import IDENTIFIER_KINDS, anonymous_kinds
from customers.writers import Writer, writer

STAGING_TABLES = (
    "staged_order",
    "staged_line",
    "staged_refund",
    "staged_refund_line",
    "staged_key",
    "staged_more",
    "staged_identifier",
    "staged_surplus",
    "staged_given",
    "ready_order",
    "known_refund",
    "ready_refund",
    "staged_change",
)
KNOWN, ONE_NUMBER_EACH = "ingest_customers_2_known", "ingest_customers_3_one_number_each"
KNOWN_STEPS = (KNOWN, ONE_NUMBER_EACH, "ingest_customers_4_numbers", "ingest_identifiers")
# The same where somebody is named by more than a number, an e-mail and a phone.
KNOWN_STEPS_OF_MORE = (KNOWN, "ingest_more_1_known", ONE_NUMBER_EACH, "ingest_more_2_one_id_each", *KNOWN_STEPS[2:])
MANY_KEYS = 3_001  # more than a batch of the API has: looking at the tables costs it a fifth, a bad join less
# Each with the kind of identifier that it goes by.
UNNUMBERED_STEPS = {"ingest_customers_5_emails": "email", "ingest_customers_6_phones": "phone"}
STRONGEST = "ingest_more_3_strongest"
STRENGTHS = """
SELECT DISTINCT max(more.strength)
FROM staged_key AS key JOIN staged_more AS more ON more.also = key.also
WHERE key.customer_id IS NULL GROUP BY key.also
"""
# Each step with the outcomes that need it.
CREATED, UPDATED = ("created",), ("updated",)
WRITE_ORDERS = {
    "ingest_orders_2_insert": CREATED,
    "ingest_orders_3_update": UPDATED,
    "ingest_orders_4_drop_lines": UPDATED,
    "ingest_orders_5_lines": CREATED + UPDATED,
    "ingest_orders_6_move_refunds": UPDATED,
}
WRITE_REFUNDS = {
    "ingest_refunds_2_insert": CREATED,
    "ingest_refunds_3_update": UPDATED,
    "ingest_refunds_4_drop_lines": UPDATED,
    "ingest_refunds_5_lines": CREATED + UPDATED,
    "ingest_refunds_6_drop": ("dropped",),
}


class Engine:
    """One batch, on the cursor of the scope's transaction."""

    def __init__(
        self,
        cursor: CursorWrapper,
        *,
        now: datetime,
        keeps_lines: bool = False,
        is_forecast: bool = False,
        job_id: int | None = None,
        is_undo: bool = False,
        refuses_surplus: bool = False,
        source: str = "",
        by: Writer | None = None,
    ) -> None:
        """keeps_lines: a known order of which the batch brings a part keeps its lines and amounts, and one of which it
        does not say who bought keeps its customer. is_forecast: nothing is written, and what `forecast_identifier`
        holds of earlier batches counts as known. job_id: the import in whose journal it is kept what becomes of each
        row (customers/ingest/journal.py). is_undo: counting figures again does not change a customer, else undoing
        one import would look like a later change to the undo of another. refuses_surplus: an order that would give its
        customer more identifiers than one may have is taken out; else it is taken without that identifier. source: of
        which storefront the customers' numbers are, "" for the shop's own. by: whose word it is what is written; by
        default the program's, and of an import its file's."""
        self.cursor, self._keeps_lines, self.is_forecast = cursor, keeps_lines, is_forecast
        self.params: dict[str, Any] = {
            "shop_id": current_shop_id(),
            "job_id": job_id,
            "is_undo": is_undo,
            "source": source,
            "now": now,
            **(by or writer(None, Through.FILE if job_id else None)).params(),
            "keeps_customers": keeps_lines,
            "most_identifiers": MAX_IDENTIFIERS,
            "anonymous_kinds": anonymous_kinds(),
            "purchase_statuses": [str(status) for status in Order.PURCHASE_STATUSES],
        }
        self.counts = Counts()
        self.refused: list[int] = []  # the `n` of the staged orders that `compare` has taken out
        self.crowded: list[int] = []  # of those taken out for the identifiers of their customer
        self.others: list[int] = []  # of those taken out since the shop's order of that number is another one
        self.kept: list[int] = []  # and of those that keep their lines
        self.names_more = False  # whether `staged_more` holds anything
        self.surplus = 0  # how many identifiers `identify` has found to be too many for their customer
        self._refuses_surplus = refuses_surplus

    def open(self) -> None:
        """Have empty staging tables."""
        self.cursor.execute("SELECT to_regclass('pg_temp.ready_refund') IS NOT NULL")
        if not self.cursor.fetchone()[0]:
            self.cursor.execute(statement("customers", "ingest_staging"))
        # A commit has emptied them, so this finds nothing but a batch before in the same transaction. TRUNCATE would
        # make some twenty new files each time.
        self.cursor.execute("; ".join(f"DELETE FROM {table}" for table in STAGING_TABLES))  # noqa: S608  # our own names

    def lock(self) -> None:
        """Be the only one who writes the shop's customers, orders and products, to the end of the transaction."""
        self.cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('customers.ingest', %(shop_id)s))", self.params
        )

    def try_lock(self) -> bool:
        """As `lock`, but without waiting: whether nobody else writes them."""
        self.cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('customers.ingest', %(shop_id)s))", self.params
        )
        return bool(self.cursor.fetchone()[0])

    def compare(self) -> None:
        """Find out whom and what the staged rows mean; writes nothing to the shop's tables.

        Orders worth less than what is refunded of them are taken out with all they bring, and are then in `refused`.
        With keeps_lines so are those that have the number of another order of the shop: they are then in `others`.
        Who writes it afterwards holds the shop's lock: else another batch could create the same customer meanwhile.
        """
        self._compare()
        if self._refuses_surplus and self.surplus:
            self.crowded = [n for (n,) in self._rows("ingest_surplus_2_orders")]
            self._take_out(self.crowded)
        if self._keeps_lines:
            self.kept = [n for (n,) in self._rows("ingest_kept_1_which")]
            self.cursor.execute(statement("customers", "ingest_others"), {**self.params, "kept": self.kept})
            self.others = [n for (n,) in self.cursor.fetchall()]
            self._take_out(self.others)
            self.kept = [n for n in self.kept if n not in set(self.others)]
            if self.kept:
                self.cursor.execute(statement("customers", "ingest_kept_2_keep"), {**self.params, "kept": self.kept})
                self._compare()
        self.refused = [n for (n,) in self._rows("ingest_refused_1_which")]
        self._take_out(self.refused)

    def _take_out(self, refused: list[int]) -> None:
        if refused:
            self.cursor.execute(statement("customers", "ingest_refused_2_take_out"), {"refused": refused})
            self._compare()  # again: nobody may become a customer by a refused order

    def _compare(self) -> None:
        self.identify(self._run("ingest_customers_1_keys"))
        # A full batch is planned by its real size; without figures a join may read all lines of the shop.
        figures = "ANALYZE staged_line, staged_key, ready_order"
        ready, known, assumed = (
            statement("customers", f"ingest_{name}")
            for name in ("orders_1_ready", "refunds_0_known", "refunds_0_assumed")
        )
        self.cursor.execute(f"{ready}; {figures}; {known}; {assumed}", self.params)

    def identify(self, keys: int) -> None:
        """Give each of the staged keys, `keys` in number, its customer: a new one where it names nobody known.

        The identifiers that they add are then in `staged_identifier`, those that are too many in `staged_surplus`.
        """
        names = KNOWN_STEPS_OF_MORE if self.names_more else KNOWN_STEPS
        steps = [statement("customers", name) for name in names]
        if self.is_forecast:
            steps = [step.replace("customers_identifier", "forecast_identifier") for step in steps]
        if keys >= MANY_KEYS:
            # The figures of a connection's last batch outlive its rows: where every key of that had a customer, those
            # without one would be taken for a single row, and all keys read again for each of them.
            steps = ["ANALYZE staged_key", *steps, "ANALYZE staged_key, staged_identifier"]
        # At once: whoever holds the shop's lock should not wait for answers that say nothing.
        self.cursor.execute("; ".join(steps), self.params)
        for name, strength in self._unnumbered_steps():
            self.cursor.execute(statement("customers", name), {**self.params, "strength": strength})
            if self.cursor.rowcount > 0:
                self._run("ingest_identifiers")
        self.cursor.execute("DELETE FROM staged_surplus")
        self.surplus = 0
        self.bound_identifiers()

    def _unnumbered_steps(self) -> list[tuple[str, int]]:
        """The steps of those without a number, the strongest first: each gives the weaker ones whom it knows."""
        steps = [(name, IDENTIFIER_KINDS[kind].strength) for name, kind in UNNUMBERED_STEPS.items()]
        if self.names_more:
            self.cursor.execute(STRENGTHS)
            steps = [*((STRONGEST, strength) for (strength,) in self.cursor.fetchall()), *steps]
        return sorted(steps, key=lambda step: -step[1])

    def bound_identifiers(self) -> None:
        """Take out the staged identifiers that are too many for their customer."""
        text = statement("customers", "ingest_surplus_1_identifiers")
        if self.is_forecast:
            text = text.replace("customers_identifier", "forecast_identifier")
        self.cursor.execute(text, self.params)
        self.surplus += max(int(self.cursor.rowcount), 0)

    def write(self) -> None:
        """Write what `compare` found, and whatever follows from it."""
        self._stage_changes("journal_1_orders")
        self.counts.customers_created = self._run("ingest_customers_7_insert")
        renamed = self._ids("ingest_customers_8_details")
        identified = self._ids("ingest_customers_9_identifiers")
        self._index_for_search(sorted(renamed | identified))
        self.queue_conflicts()
        self.counts.products_created = sum(created for (created,) in self._rows("ingest_products"))
        orders = self._write_changes("ready_order", WRITE_ORDERS)
        self._run("ingest_refunds_1_ready")
        write_journal(self.cursor, self.params)  # a refund that followed its order may change once more
        self._stage_changes("journal_2_refunds")
        self._count(orders, self._write_changes("ready_refund", WRITE_REFUNDS))
        if self.counts.has_changes:
            self.count_figures()
        write_journal(self.cursor, self.params)
        follow_identifiers(self.cursor, source=self.params["source"], takes_renamed=self.params["job_id"] is None)

    def queue_conflicts(self) -> None:
        """Put whom the batch names by identifiers of several people into the review list, once they are written."""
        queue_conflicts(self._rows("ingest_conflicts"), now=self.params["now"])

    def stage_moved(self, source: int, target: int | None) -> None:
        """Stage all orders and refunds of customer `source` as those of `target`, or of nobody; writes nothing else."""
        moved = {**self.params, "source": source, "target": target}
        self.cursor.execute(statement("customers", "ingest_moved"), moved)

    def count_figures(self) -> None:
        """Count again the customers whose staged orders and refunds changed, and mark the days stale."""
        self._run("ingest_figures")

    def _stage_changes(self, name: str) -> None:
        if self.params["job_id"] is not None:
            self._run(name)

    def _write_changes(self, table: str, steps: dict[str, tuple[str, ...]]) -> dict[str, int]:
        outcomes = self._outcome_counts(table)
        for name, needed_for in steps.items():
            if any(outcomes.get(outcome) for outcome in needed_for):
                self._run(name)
        return outcomes

    def forecast(self) -> Counts:
        """What `write` would do, without doing it. Products are counted by the file as a whole.

        It takes no lock: other writers need not wait for a large file, and the run compares again.
        """
        self.compare()
        self._run("ingest_refunds_1_ready")
        self.cursor.execute("SELECT count(DISTINCT customer_id) FROM staged_key WHERE is_new")
        (self.counts.customers_created,) = self.cursor.fetchone()
        self._count(self._outcome_counts("ready_order"), self._outcome_counts("ready_refund"))
        return self.counts

    def outcomes(self) -> list[Outcome]:
        """What became of each staged order, in the sequence they came; a new refund changes its order."""
        self.cursor.execute(
            "SELECT CASE WHEN outcome = 'unchanged' AND order_id IN"
            " (SELECT order_id FROM ready_refund WHERE outcome <> 'unchanged') THEN 'updated' ELSE outcome END,"
            " order_id, external_id FROM ready_order ORDER BY n"
        )
        return [Outcome(*row) for row in self.cursor.fetchall()]

    def _count(self, orders: dict[str, int], refunds: dict[str, int]) -> None:
        self.counts.orders_created = orders.get("created", 0)
        self.counts.orders_changed = orders.get("updated", 0)
        self.counts.orders_unchanged = orders.get("unchanged", 0)
        self.counts.refunds_created = refunds.get("created", 0)
        self.counts.refunds_changed = refunds.get("updated", 0) + refunds.get("dropped", 0)

    def _outcome_counts(self, table: str) -> dict[str, int]:
        self.cursor.execute(f"SELECT outcome, count(*) FROM {table} GROUP BY outcome")  # noqa: S608  # our own two names
        return dict(self.cursor.fetchall())

    def _index_for_search(self, customer_ids: list[int]) -> None:
        if customer_ids:
            write_search_documents(self.cursor, customer_ids, shop_id=self.params["shop_id"])

    def _run(self, name: str) -> int:
        self.cursor.execute(statement("customers", name), self.params)
        return max(int(self.cursor.rowcount), 0)

    def _rows(self, name: str) -> list[tuple[Any, ...]]:
        self._run(name)
        rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        return rows

    def _ids(self, name: str) -> set[int]:
        return {row[0] for row in self._rows(name)}
