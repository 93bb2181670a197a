"""Columns of a list of customers or products that are not taken, and those that may say who can be written to."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from customers.models import ImportJob
from customers.sources import REJECT_COLUMNS, Mapping
from customers.sources.consent_headings import may_be_consent
from customers.sources.fields import CONSENT, is_attribute
from customers.sources.numbers import is_no_amount, parse_number
from customers.sources.own import STAMPS
from customers.sources.problems import RowProblem

MOST_NAMED = 8


def unread_headings(job: ImportJob, understood: Sequence[dict[str, Any]]) -> list[str]:
    """Headings of the columns that are not taken. understood: as a report has it. None of a list of orders."""
    if job.kind == job.Kind.ORDERS or not understood:
        return []
    mapping = Mapping.from_dict({"kind": job.kind} | job.mapping)
    named = [
        *mapping.consents.values(),
        *mapping.addresses.values(),
        *(heading for name, heading in mapping.columns.items() if not is_attribute(name)),
        *(heading for also in mapping.also.values() for heading in also),
    ]
    read = {each["column"] for each in understood} | {part for name in named for part in (name, *name.split("+"))}
    read |= {*STAMPS, *chain.from_iterable(REJECT_COLUMNS.values())}  # ours, and nothing of the shop's
    return [heading for heading in job.facts.get("header") or () if heading.strip() and heading not in read]


def may_be_amounts(job: ImportJob) -> tuple[str, ...]:
    """Headings of the columns that are not taken and whose first cells are amounts, as far as can be seen."""
    mapping = Mapping.from_dict(job.mapping)
    read = {part for heading in mapping.columns.values() for part in (heading, *heading.split("+"))}
    rows = job.facts.get("rows") or ()
    return tuple(
        heading
        for at, heading in enumerate(job.facts.get("header") or ())
        if heading.strip() and heading not in read and _are_amounts([row[at] for row in rows if at < len(row)])
    )[:MOST_NAMED]


def _are_amounts(cells: Sequence[str]) -> bool:
    """Whether they are numbers, one of them with decimals or a currency."""
    said = [cell for cell in cells if not is_no_amount(cell)]
    try:
        numbers = [parse_number(cell, ".") for cell in said]
    except RowProblem:
        return False
    return any(number.places or number.currencies for number in numbers)


def may_be_consents(job: ImportJob, headings: Sequence[str]) -> list[str]:
    """Those of these that seem to say who can be written to; of customers only, who alone have consents."""
    if job.kind != job.Kind.CUSTOMERS:
        return []
    return [heading for heading in headings if not is_own_consent(heading) and may_be_consent(heading)]


def is_own_consent(heading: str) -> bool:
    """Whether the column is called as our own of consents are."""
    return heading.strip().casefold().startswith(CONSENT)
