"""A file of customers on its way in: whom each row means, what is known of them, what becomes of it.

The identity of people is that of orders (customers/ingest): the same rules, the same statements, the same lock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.shops.models import Shop
from crm.tenancy.scope import current_shop_id, shop_scope
from customers.attributes import Known, definitions, definitions_for_writing, open_staging, write_compared
from customers.consent.hashing import pads
from customers.consent.recording import append_staged, compare_staged, lock_staged, read_known
from customers.consent.recording import open_staging as open_consents
from customers.domain.limits import MAX_TAGS as MAX_TAGS_OF_CUSTOMER
from customers.imports import addresses, given
from customers.imports.files import copy_rows, open_cursor
from customers.imports.lists import EXAMPLES, SURPLUS, ListCounts, ListFile, cells_of_text, told
from customers.ingest.arrivals import follow_identifiers
from customers.ingest.conflicts import conflicts_of, new_conflicts
from customers.ingest.engine import Engine
from customers.ingest.journal import write_journal
from customers.ingest.records import Counts
from customers.ingest.search import write_search_documents
from customers.models import ImportJob, Suppression, Through
from customers.profile import kinds_for_writing, settle
from customers.sources import CUSTOMERS, SourceError
from customers.sources.consents import CONSENT_COLUMNS, SAID
from customers.sources.fields import ABOUT, ATTRIBUTE, FILL, KEEP, OVERWRITE, postal_of
from customers.sources.lines import Batch
from customers.sources.people import MORE_COLUMNS, PERSON_COLUMNS, VALUE, VALUE_COLUMNS
from customers.sources.problems import Reject, shown
from customers.tagging import make_tags, tags_called
from customers.writers import writer

MAX_TAGS = 5_000  # different ones in a file: more are another column, and would bury the shop's own
LINK_STEPS = 8  # rows that hang together by a longer chain may fall into two slices, which is right as well
FEWEST_ROUNDED = 2  # one number may end in zeros by itself
TABLES = (
    "people_row",
    "people_more",
    "people_value",
    "people_consent",
    "people_consented",
    "people_link",
    "people_label",
    "people_sorted",
    "people_detail",
    "people_counted",
    "people_tag",
    "slice_row",
    "ready_person",
    "ready_tag",
)
FORECAST_TABLES = ("file_identifier", "file_person", "file_product")
KIND_OF = {"customer_id": "external", "email": "email", "phone": "phone"}
# What becomes of consents: gained or lost; withdrawn or pending where there was none to lose; kept, though the file
# says something else.
CONSENT_OUTCOMES = ("gained", "lost", "withdrawn", "pending", "kept")
FIELD_OF = {kind: field for field, kind in KIND_OF.items()}


@dataclass
class PeopleCounts(ListCounts):
    """What a list of customers does, their postal addresses included."""

    addresses_created: int = 0
    addresses_changed: int = 0


class PeopleFile(ListFile):
    """The temporary tables of one file of customers."""

    kind, sorted_table, counted = CUSTOMERS, "people_sorted", "people_counted"
    tables = TABLES + FORECAST_TABLES + addresses.FILE_TABLES + given.FILE_TABLES
    told_by_slices = (
        "identifier_taken", "second_number", "same_customer", "too_many_identifiers", "too_many_tags_worn",
        "too_many_addresses",
    )  # fmt: skip

    def __init__(self, job: ImportJob, shop: Shop) -> None:
        super().__init__(job, shop)
        known = job.counts if job.cursor else {}
        self._consents: dict[str, dict[str, int]] = {
            name: dict(each) for name, each in known.get("consents", {}).items()
        }
        self._conflicts = int(known.get("conflicts", 0))
        self._foreseen: set[tuple[int, int]] = set()
        self._suppressed: int | None = None

    def _begin(self) -> None:
        with open_cursor() as cursor:
            cursor.execute(statement("customers", "people_file"))
            open_consents(cursor, is_first=True)
            addresses.open_file(cursor)
            given.open_file(cursor)
            cursor.execute(statement("customers", "import_forecast"), {"shop_id": self.shop.pk})
            cursor.execute(f"TRUNCATE {', '.join(FORECAST_TABLES)}")

    def _take(self, cursor: CursorWrapper, batch: Batch) -> None:
        copy_rows(cursor, "people_row", PERSON_COLUMNS, batch.lines)
        facts = {kind: [fact for fact in batch.facts if fact[1] == kind] for kind in (VALUE, SAID)}
        more = [fact for fact in batch.facts if fact[1] not in facts]
        copy_rows(cursor, "people_more", MORE_COLUMNS, more)
        given.take(cursor, (each for line in batch.lines for each in zip(KIND_OF.values(), line[1:4], strict=True)))
        given.take(cursor, (fact[1:] for fact in more))
        copy_rows(cursor, "people_value", VALUE_COLUMNS, facts[VALUE])
        copy_rows(cursor, "people_consent", CONSENT_COLUMNS, facts[SAID])
        addresses.take(cursor, batch.addresses)

    def _complete(self, cursor: CursorWrapper, batch: Batch) -> None:
        cursor.execute("SELECT count(DISTINCT lower(value)) FROM people_more WHERE kind = 'tag'")
        if cursor.fetchone()[0] > MAX_TAGS:
            raise SourceError("too_many_different_tags", column=batch.headings["tags"], limit=MAX_TAGS)
        cursor.execute(statement("customers", "people_links"), {"match": self._mapping.matched_by})
        for _ in range(LINK_STEPS):
            cursor.execute(statement("customers", "people_labels"))
            if not cursor.rowcount:
                break
        cursor.execute(statement("customers", "people_sorted"), {"size": self.slice_size})
        addresses.complete_file(cursor)
        given.complete_file(cursor)
        self._number_units(cursor)
        self._tell_rounded(cursor)

    def _tell_rounded(self, cursor: CursorWrapper) -> None:
        """Tell, once, that a spreadsheet seems to have rounded the numbers: several people may then look like one."""
        cursor.execute(statement("customers", "people_rounded"))
        long, rounded, row_no, number, cells = cursor.fetchone()
        if rounded < FEWEST_ROUNDED or rounded * 2 < long:
            return
        params = {"count": rounded, "value": shown(number)}
        told = Reject(row_no, "customer_id", "rounded_customer_numbers", params, cells_of_text(cells))
        with shop_scope(self.shop), open_cursor() as own:
            self._keep_problems(own, [told], is_kept=True)

    def new_counts(self) -> PeopleCounts:
        return PeopleCounts()

    def report(self, total: Counts) -> dict[str, Any]:
        known = total.customers_changed + total.customers_unchanged if isinstance(total, ListCounts) else 0
        return {
            **super().report(total),
            "consents": self._consents,
            "conflicts": self._conflicts,
            "suppressed_addresses": self._suppressed or 0,
            "people_new": total.customers_created,
            "people_known": known,
        }

    def write_slice(self, after: int, upto: int, *, now: datetime) -> PeopleCounts:
        with open_cursor() as cursor:
            by = writer(self.job.requested_by, Through.FILE)
            engine = Engine(cursor, now=now, job_id=self.job.pk, source=self.job.source, by=by)
            engine.open()
            known = definitions_for_writing()
            kinds_for_writing()
            engine.lock()
            counts = self._compare(engine, after, upto, known)
            found = conflicts_of(cursor, engine.params)
            self._conflicts += len(new_conflicts(found))
            self._write(engine)
            cursor.execute(
                "SELECT customer_id FROM ready_person WHERE said_about ?| ARRAY['kind', 'minor', 'do_not_profile']"
            )
            settle([customer_id for (customer_id,) in cursor.fetchall()])
            return counts

    def forecast_slice(self, after: int, upto: int, *, now: datetime) -> PeopleCounts:
        with open_cursor() as cursor:
            engine = Engine(cursor, now=now, is_forecast=True, source=self.job.source)
            engine.open()
            counts = self._compare(engine, after, upto, definitions())
            new = [
                each for each in new_conflicts(conflicts_of(cursor, engine.params)) if each[:2] not in self._foreseen
            ]
            self._foreseen |= {each[:2] for each in new}
            self._conflicts += len(new)
            cursor.execute(statement("customers", "people_forecast"), engine.params)
            addresses.foresee_slice(cursor, engine.params)
            return counts

    def _compare(self, engine: Engine, after: int, upto: int, known: Known) -> PeopleCounts:
        """Find out whom the slice means and what becomes of them; of what it finds writes only what is told."""
        policy = self._mapping.policy
        params = engine.params | {
            "after": after,
            "upto": upto,
            "match": self._mapping.matched_by,
            "examples": EXAMPLES,
            "most_tags": MAX_TAGS_OF_CUSTOMER,
            "kept_kinds": [kind for field, kind in KIND_OF.items() if policy(field) == KEEP],
            **{name: policy(name) for name in ("name", "city", "country")},
            "overwritten": [name for name in ABOUT if policy(name) == OVERWRITE],
            "filled": [name for name in ABOUT if policy(name) == FILL],
        }
        cursor = engine.cursor
        cursor.execute("DELETE FROM slice_row; DELETE FROM ready_person; DELETE FROM ready_tag")
        self._run(engine, "people_slice_1_rows", params)
        cursor.execute("ANALYZE slice_row")
        engine.identify(self._run(engine, "people_slice_2_keys", params))
        self._run(engine, "people_slice_3_whose", params)
        self._run(engine, "people_slice_4_identifiers", params)
        engine.bound_identifiers()
        self._tell(engine, "people_slice_5_told", params)
        if params["kept_kinds"]:
            self._run(engine, "people_slice_6_kept", params)
            for (kind,) in cursor.fetchall():
                self._fields.add(FIELD_OF[kind], "kept", 1, [])
        self._run(engine, "people_slice_7_ready", params)
        # Without figures the tags of all customers of the shop would be read for each slice.
        cursor.execute("ANALYZE ready_person")
        self._run(engine, "people_slice_8_tags", params)
        if policy("tags") == KEEP:
            cursor.execute(
                "WITH kept AS (DELETE FROM ready_tag WHERE NOT is_new RETURNING customer_id)"
                " SELECT count(DISTINCT customer_id) FROM kept"
            )
            self._fields.add("tags", "kept", cursor.fetchone()[0], [])
        self._tell(engine, "people_slice_9_surplus", params)
        self._compare_values(engine, known)
        self._compare_consents(engine)
        compared = self._compare_addresses(engine)
        self._count_suppressed(engine)
        counts = self._count(engine, params)
        counts.addresses_created, counts.addresses_changed = compared.added, compared.changed
        return counts

    def _tell(self, engine: Engine, name: str, params: dict[str, Any]) -> None:
        """Tell of the rows that the statement finds; what was one too many is counted."""
        self._run(engine, name, params)
        self._keep_told(engine.cursor, [told(*row) for row in engine.cursor.fetchall()])

    def _keep_told(self, cursor: CursorWrapper, found: list[Reject]) -> None:
        self.surplus += sum(each.code in SURPLUS for each in found)
        self._keep_problems(cursor, found, is_kept=True)

    def _compare_values(self, engine: Engine, known: Known) -> None:
        """Leave in `staged_value` the values of attributes that are to be written."""
        names = {each.pk: f"{ATTRIBUTE}{each.key}" for each in known.current}
        policies = {pk: self._mapping.policy(name) for pk, name in names.items()}
        params = engine.params | {
            "definitions": list(names),
            "choices": list(known.labels),
            "kept": [pk for pk, policy in policies.items() if policy == KEEP],
            "filled": [pk for pk, policy in policies.items() if policy == FILL],
        }
        open_staging(engine.cursor)
        if not self._run(engine, "people_values_1_said", params):
            return
        self._run(engine, "attributes_2_known", params)
        self._run(engine, "people_values_2_same", params)
        self._run(engine, "people_values_3_kept", params)
        for pk, count in engine.cursor.fetchall():
            self._fields.add(names[pk], "kept", count, [])
        self._run(engine, "people_values_4_counts", params)
        for pk, outcome, count in engine.cursor.fetchall():
            self._fields.add(names[pk], outcome, count, [])

    def _compare_consents(self, engine: Engine) -> None:
        """Leave in `ready_consent` what is to be added to what customers have said."""
        open_consents(engine.cursor)
        if not self._run(engine, "people_consents_1_said", engine.params):
            return
        if not engine.is_forecast:
            lock_staged(engine.cursor, engine.params)
        engine.cursor.execute("ANALYZE staged_consent")
        read_known(engine.cursor, engine.params)
        if engine.is_forecast:
            self._run(engine, "people_consents_2_foreseen", engine.params)
        for name, outcome, count in compare_staged(engine.cursor, engine.params):
            counted = self._consents.setdefault(name, dict.fromkeys(CONSENT_OUTCOMES, 0))
            counted[outcome] += count

    def _compare_addresses(self, engine: Engine) -> addresses.Compared:
        """Leave in `staged_address` the postal addresses that are to be written."""
        cursor = engine.cursor
        addresses.open_slice(cursor)
        if not self._run(engine, "people_addresses", engine.params):
            return addresses.Compared()
        compared = addresses.compare_slice(
            cursor, engine.params, addresses.policies_of(self._mapping), is_forecast=engine.is_forecast
        )
        for kind, outcome, count in compared.fields:
            self._fields.add(postal_of(kind), outcome, count, [])
        if compared.surplus:
            cursor.execute("SELECT row_no, cells FROM slice_row")
            cells = dict(cursor.fetchall())
            self._keep_told(
                cursor,
                [
                    told(row_no, postal_of(kind), "too_many_addresses", line, None, cells[row_no])
                    for row_no, kind, line in compared.surplus
                ],
            )
        return compared

    def _count_suppressed(self, engine: Engine) -> None:
        """Once, of the whole file. Addresses are hashed only where the shop suppresses any."""
        if self._suppressed is not None:
            return
        self._suppressed = 0
        if Suppression.objects.exists():
            engine.cursor.execute(
                statement("customers", "people_suppressed"), {**engine.params, **pads(engine.params["shop_id"])}
            )
            (self._suppressed,) = engine.cursor.fetchone()

    def _count(self, engine: Engine, params: dict[str, Any]) -> PeopleCounts:
        cursor = engine.cursor
        self._run(engine, "people_slice_fields", params)
        for field, outcome, count, pairs in cursor.fetchall():
            self._fields.add(field, outcome, count, pairs)
        self._run(engine, "people_slice_added", params)
        for field, count, values in cursor.fetchall():
            self._fields.add(field, "filled", count, [["", value] for value in values])
        self._run(engine, "people_slice_10_counts", params)
        created, changed, unchanged = cursor.fetchone()
        return PeopleCounts(customers_created=created, customers_changed=changed, customers_unchanged=unchanged)

    def _write(self, engine: Engine) -> None:
        cursor = engine.cursor
        given.stage_slice(cursor)
        cursor.execute(statement("customers", "people_write_1_insert"), engine.params)
        changed = set()
        for name in ("people_write_2_details", "ingest_customers_9_identifiers"):
            cursor.execute(statement("customers", name), engine.params)
            changed |= {customer_id for (customer_id,) in cursor.fetchall()}
        engine.queue_conflicts()
        follow_identifiers(cursor, source=self.job.source)
        self._put_tags_on(cursor, engine.params)
        write_compared(cursor, engine.params)
        append_staged(cursor, engine.params)
        addresses.write_slice(cursor, engine.params)
        if changed:
            write_search_documents(cursor, sorted(changed), shop_id=current_shop_id())
        write_journal(cursor, engine.params)

    def _put_tags_on(self, cursor: CursorWrapper, params: dict[str, Any]) -> None:
        cursor.execute("SELECT DISTINCT name FROM ready_tag ORDER BY name")
        names = [name for (name,) in cursor.fetchall()]
        if not names:
            return
        known = tags_called(names)
        made = {tag for name, tag in make_tags(names, now=params["now"]).items() if not known[name]}
        journaled = "INSERT INTO staged_change SELECT 6, id, 1, NULL, NULL FROM unnest(%s::bigint[]) AS id"
        cursor.execute(journaled, [sorted(made)])
        cursor.execute(statement("customers", "people_write_3_tags"), params)

    def _run(self, engine: Engine, name: str, params: dict[str, Any]) -> int:
        text = statement("customers", name)
        if engine.is_forecast:
            text = text.replace("customers_identifier", "forecast_identifier")
        engine.cursor.execute(text, params)
        return max(int(engine.cursor.rowcount), 0)
