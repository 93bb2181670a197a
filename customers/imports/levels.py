"""Whether a file says an amount of an order once, or on each row a part of it; and whether tax is within its prices.

A shop's own shipping column may repeat the order's 5.00 on each of its rows, or say what each parcel cost. Where both
come to the same nothing is asked; where the amounts of nearly all orders differ they are parts; where the orders'
totals are in the file, they prove it. What is left is asked. So is tax: an order's total tells whether it comes on top.
"""

from collections.abc import Mapping
from itertools import product

from django.db.backends.utils import CursorWrapper

from crm.lib.money import from_minor
from crm.lib.sql import statement
from customers.sources import Mapping as HowToRead
from customers.sources import Question, Unsure
from customers.sources.mapping import ON_TOP, WITHIN

# Our field → the column of file_fact.
COLUMNS = {"order_discount": "discount", "shipping": "shipping", "tax": "tax", "refunded": "refunded"}
TOTAL_AND_COLUMNS = {**COLUMNS, "order_total": "total"}  # whether that is of rows is known before, from the prices
WHOLE, PART = "max", "sum"
PROVEN = 0.9  # of the orders whose totals could tell


def settled_amounts(
    cursor: CursorWrapper, said: Mapping[str, str], headings: Mapping[str, str], mapping: HowToRead
) -> tuple[dict[str, str], dict[str, str], str]:
    """As settled_levels(), and where orders have tax and no total ON_TOP or WITHIN, as others prove it, else "".

    Raises Unsure with all that is open.
    """
    questions: list[Question] = []
    levels = {column: PART if said.get(field) == "row" else WHOLE for field, column in TOTAL_AND_COLUMNS.items()}
    proven: dict[str, str] = {}
    try:
        levels, proven = settled_levels(cursor, said, headings)
    except Unsure as unsure:
        questions += unsure.questions
    tax = ""
    if mapping.tax == "auto" and not mapping.taxed:
        try:
            tax = _settled_tax(cursor, levels, headings)
        except Unsure as unsure:
            questions += unsure.questions
    if questions:
        raise Unsure(questions)
    return levels, proven, tax


def _settled_tax(cursor: CursorWrapper, levels: Mapping[str, str], headings: Mapping[str, str]) -> str:
    cursor.execute(statement("customers", "import_tax").format(**levels))
    rows = cursor.fetchall()
    on_top, within, open_ = (sum(row[at] for row in rows) for at in (1, 2, 3))
    if not open_ or not any(row[5] for row in rows):  # without prices tax is not what is missing
        return ""
    for reading, votes in ((ON_TOP, on_top), (WITHIN, within)):
        if votes and votes >= PROVEN * (on_top + within):
            return reading
    sums = tuple(_told({currency: row[at] for currency, *row in rows}) for at in (3, 4))
    raise Unsure([Question("tax", "tax", headings.get("tax", "tax"), (ON_TOP, WITHIN), worth=sums)])


def _told(sums: Mapping[str, int]) -> str:
    """ "84.00 USD", with more currencies behind it."""
    return ", ".join(f"{from_minor(minor, currency)} {currency}" for currency, minor in sorted(sums.items()))


def settled_levels(
    cursor: CursorWrapper, said: Mapping[str, str], headings: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The SQL function that makes one amount of each column's amounts, "max" or "sum"; and for each field of which the
    file proves it "order" or "row". Raises Unsure.

    said: the mapping's `per`; headings: our field → what the file calls it.
    """
    found = {column: PART if said.get(field) == "row" else WHOLE for field, column in TOTAL_AND_COLUMNS.items()}
    open_ = [column for field, column in COLUMNS.items() if field not in said]
    unclear, told = list[str](), list[str]()
    for column, same, parts in _evidence(cursor, open_):
        # One odd order does not make parts of what the others say again on each row.
        if parts and parts >= PROVEN * (parts + same):
            found[column] = PART
            told.append(column)
        elif parts or same:
            unclear.append(column)
    if unclear:
        proven = _proven(cursor, found, unclear)
        if proven is None:
            asked = [field for field, column in COLUMNS.items() if column in unclear]
            raise Unsure(
                [
                    Question(
                        "level", f"per.{name}", headings.get(name, name), ("order", "row"), worth=_worth(cursor, name)
                    )
                    for name in asked
                ]
            )
        found |= proven
        told += proven
    fields = {column: field for field, column in COLUMNS.items()}
    return found, {fields[column]: "row" if found[column] == PART else "order" for column in told}


def _worth(cursor: CursorWrapper, field: str) -> tuple[str, str]:
    """What the field comes to in the whole file, where each order has it once, and where each row has a part of it."""
    name = COLUMNS[field]
    cursor.execute(
        f"SELECT currency, sum(whole)::bigint, sum(parts)::bigint FROM ("  # noqa: S608  # our own names
        f"SELECT min(line.currency) AS currency, max(fact.{name}_minor) AS whole, sum(fact.{name}_minor) AS parts"
        " FROM file_fact AS fact JOIN file_line AS line USING (row_no) GROUP BY fact.order_external_id"
        ") GROUP BY currency HAVING sum(whole) <> 0"
    )
    rows = cursor.fetchall()
    whole, parts = (_told({currency: amounts[at] for currency, *amounts in rows}) for at in (0, 1))
    return whole, parts


def _evidence(cursor: CursorWrapper, columns: list[str]) -> list[tuple[str, int, int]]:
    """For each column: the orders whose rows say one amount again, and those whose rows say different ones."""
    if not columns:
        return []
    sums = ", ".join(
        f"count(nullif({name}_minor, 0)) > 1 AND max({name}_minor) = min(nullif({name}_minor, 0)) AS {name}_same,"
        f" count(DISTINCT nullif({name}_minor, 0)) > 1 AS {name}_parts"
        for name in columns
    )
    counts = ", ".join(f"count(*) FILTER (WHERE {name}_same), count(*) FILTER (WHERE {name}_parts)" for name in columns)
    cursor.execute(
        f"SELECT {counts} FROM (SELECT {sums} FROM file_fact GROUP BY order_external_id HAVING count(*) > 1)"  # noqa: S608  # our own names
    )
    row = cursor.fetchone()
    return [(name, row[2 * at], row[2 * at + 1]) for at, name in enumerate(columns)]


def _proven(cursor: CursorWrapper, found: Mapping[str, str], unclear: list[str]) -> dict[str, str] | None:
    """The one combination of readings that the orders' totals fit; None where they prove none."""
    told = [column for column in unclear if column != "refunded"]  # a refund is no part of the total
    combinations: list[dict[str, str]] = [
        dict(zip(told, each, strict=True)) for each in product((WHOLE, PART), repeat=len(told))
    ]
    each_fit = [_fit({**found, **each}) for each in combinations]
    fits = ", ".join(f"count(*) FILTER (WHERE {fit})" for fit in (" OR ".join(each_fit), *each_fit))
    said = ", ".join(
        f"coalesce({function}({name}_minor), 0) AS {name}_{function}"
        for name in COLUMNS.values()
        for function in (WHOLE, PART)
    )
    matters = " OR ".join(f"{name}_max <> {name}_sum" for name in told) or "false"
    cursor.execute(
        f"SELECT count(*), {fits} FROM (SELECT order_external_id, {found['total']}(total_minor) AS total, {said}"  # noqa: S608  # our own names
        " FROM file_fact GROUP BY order_external_id HAVING max(total_minor) IS NOT NULL) AS fact"
        " JOIN (SELECT order_external_id, coalesce(sum(total_minor) FILTER (WHERE is_revenue), 0) AS worth"
        " FROM file_line WHERE kind = 0 GROUP BY order_external_id) AS line USING (order_external_id)"
        f" WHERE {matters}"
    )
    orders, fitting, *counts = cursor.fetchone()
    best: int = max(counts)
    # Most totals must fit some reading, and nearly all of those the same one.
    is_proven = best >= PROVEN * fitting and fitting * 2 >= orders
    if "refunded" in unclear or not best or not is_proven or counts.count(best) > 1:
        return None
    chosen: dict[str, str] = combinations[counts.index(best)]
    return chosen


def _fit(levels: Mapping[str, str]) -> str:
    at = {name: f"{name}_{function}" for name, function in levels.items()}
    whole = f"worth - {at['discount']} + {at['shipping']}"
    return f"total IN ({whole}, {whole} + {at['tax']})"
