"""The journal of an import: what it did to each row (the model ImportChange), so that it can be undone.

Whoever writes for an import puts a row for each row that it touches into the temporary table `staged_change`, beside
the write and in its transaction, and calls `write_journal` at the end of the batch:

    kind        smallint    ImportChange.Kind
    row_id      bigint      the key of the row
    outcome     smallint    ImportChange.Outcome: 1 created, 2 changed, 3 found as it is, 4 deleted
    before      jsonb       null for 1 and 3; else the former row: all columns that can change, `updated_at` among them
                            where the table has one; an order or refund with `lines`, and without its customer
    customer_id bigint      null where `before` is; else whose personal data it is: the former customer, null for nobody

A row stands there at most once between two calls, and `updated_at` of whatever is created or changed must be the `now`
of the batch. An update says what was before by RETURNING old.…, as ingest_figures.sql does; or a statement before it
reads, as journal_1_orders.sql does: who holds the shop's lock writes alone. A statement that others use too journals
nothing where `%(job_id)s` is null.

Not journaled: search documents and figures, which follow from others; identifiers that come with a new customer of the
same batch, which have their customer's `created_at`; lines, which are in the `before` of their order or refund.
"""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement


def write_journal(cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
    """Move what is staged into the journal of the import `job_id`; nothing without one.

    params: shop_id, job_id, now. Of several writes of one import to one row the first says what was before, and each
    moves `written_at` on. A row that somebody else changed between two writes is marked as kept: undoing the import
    would take that change back as well.
    """
    if params["job_id"] is not None:
        cursor.execute(f"{statement('customers', 'journal_3_write')}; DELETE FROM staged_change", params)  # noqa: S608  # our own statement
