"""How a file is read, in words: which column is what, what its cells say, what was found out about the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from crm.lib.money import exponent, known_currencies
from crm.shops.models import Shop
from crm.tenancy.hiding import seen
from crm.ui import formats
from customers.imports.consents_page import consent_label
from customers.imports.labels import LABELS, POSTAL_LABELS, attribute_labels
from customers.imports.sums_page import money_text
from customers.imports.unread import is_own_consent, may_be_consents, unread_headings
from customers.models import ImportJob
from customers.sources import Mapping
from customers.sources.consents import is_consent_date
from customers.sources.dates import parse_moment
from customers.sources.fields import ADDRESSES, AMOUNTS, CONSENT, IDENTIFYING, REQUIRED
from customers.sources.mapping import ORDER_AMOUNTS
from customers.sources.numbers import Number, parse_number
from customers.sources.problems import RowProblem, SourceError

DATES = ("ordered_at", "refunded_at", "suppressed_at")
MONEY = (*AMOUNTS[:2], "discount", *ORDER_AMOUNTS, "price", "cost")
DATE_WORDS = {
    "dmy": gettext_lazy("day first"),
    "mdy": gettext_lazy("month first"),
    "ymd": gettext_lazy("year first"),
    "unix": gettext_lazy("seconds since 1970"),
    "excel": gettext_lazy("days as a spreadsheet counts them"),
}
DECIMAL_WORDS = {".": gettext_lazy("decimal point"), ",": gettext_lazy("decimal comma")}
_OF_WHAT = {
    "unit_price": gettext_lazy("money of one"),
    "line_total": gettext_lazy("money of the line"),
    "discount": gettext_lazy("money of the line"),
    **dict.fromkeys(ORDER_AMOUNTS, gettext_lazy("money of the order")),
    "customer_id": gettext_lazy("a number"),
    "name": gettext_lazy("a name"),
}
_DELIMITERS = {
    ",": gettext_lazy("cells divided by commas"),
    ";": gettext_lazy("cells divided by semicolons"),
    "\t": gettext_lazy("cells divided by tabs"),
    " ": gettext_lazy("cells divided by spaces"),
}


SHOWN_SAMPLES = 3
_INSTEAD = pgettext_lazy("before the heading of a column", "where empty:")


@dataclass(frozen=True)
class Part:
    """One column of those that make a field. joined: "" for the first, how it joins those before it for the others."""

    joined: str
    heading: str
    samples: Sequence[str]


@dataclass(frozen=True)
class MadeOf:
    """What a field is made of, in the sequence in which it is read, and the first texts that come of it."""

    parts: Sequence[Part]
    samples: Sequence[str]

    @property
    def is_joined(self) -> bool:
        return len(self.parts) > 1

    def __str__(self) -> str:
        words = [part.heading if not part.joined else f"{part.joined} {part.heading}" for part in self.parts]
        return " ".join(words)


def made_of(header: Sequence[str], rows: Sequence[Sequence[str]], mapping: Mapping) -> dict[str, MadeOf]:
    """Of each field that the mapping reads from this table; {} where a column that it names is not there."""
    try:
        columns = mapping.found(header)
    except SourceError:
        return {}
    padded = [[*row, *[""] * (len(header) - len(row))][: len(header)] for row in rows]
    filled = [columns.filled(row) for row in padded]
    found = {}
    for name, positions in columns.sources.items():
        joins = _joins(header, (mapping.columns[name], *mapping.also.get(name, ())))
        parts = [
            Part(joined, seen(header[at]), _first([row[at] for row in padded]))
            for joined, at in zip(joins, positions, strict=True)
        ]
        parts += [
            Part("+" if sign > 0 else "−", seen(header[at]), _first([row[at] for row in padded]))
            for at, sign in columns.added.get(name, ())
        ]
        found[name] = MadeOf(parts, _first([row[columns.at[name]] for row in filled]))
    return found


def _joins(header: Sequence[str], headings: Sequence[str]) -> list[str]:
    """How each real column joins those before it: with "+" to one text, or where those before are empty."""
    joins = []
    for number, heading in enumerate(headings):
        count = 1 if heading in header else len(heading.split("+"))
        joins += [str(_INSTEAD) if number else "", *["+"] * (count - 1)]
    return joins


def _first(texts: Sequence[str]) -> list[str]:
    """The first different ones that are not empty."""
    return [seen(text) for text in dict.fromkeys(text.strip()[:200] for text in texts if text.strip())][:SHOWN_SAMPLES]


@dataclass(frozen=True)
class ReadColumn:
    """A column in use. field: its id in the columns' form; at: the id of what decides how it is read, "" for none."""

    heading: str
    samples: Sequence[str]
    label: str
    reading: str
    field: str
    at: str


def columns_read(job: ImportJob, shop: Shop, understood: Sequence[dict[str, Any]]) -> list[ReadColumn]:
    """What a check has said of the columns in use, in the file's sequence."""
    header, mapping = job.facts.get("header") or [], Mapping.from_dict({"kind": job.kind} | (job.mapping or {}))
    made = made_of(header, first_rows(job), mapping) if job.mapping else {}
    joined = {name: each for name, each in made.items() if each.is_joined}
    labels: dict[str, Any] = {**LABELS, **POSTAL_LABELS}
    if job.kind == job.Kind.CUSTOMERS:
        labels = labels | attribute_labels()
    return [
        ReadColumn(
            heading=str(joined.get(each["field"], seen(each["column"]))),
            samples=_samples(each, joined),
            label=_label(each["field"], labels),
            reading=_reading(each, job, shop),
            field=f"id_field_{each['field']}",
            at=_deciding(each["field"], each["reading"]),
        )
        for each in understood
    ]


@dataclass(frozen=True)
class Unread:
    """Headings of columns that are not read, and those of them that seem to say who may be written to.

    own_consent: a heading called as our own that says them, and so is read instead; "" for none.
    """

    headings: Sequence[str]
    may_be_consents: Sequence[str]
    own_consent: str


def unread_columns(job: ImportJob, understood: Sequence[dict[str, Any]]) -> Unread | None:
    """What a list of customers or products holds that is not taken; None where nothing is left, and for orders."""
    left = unread_headings(job, understood)
    if not left:
        return None
    own = next((each["column"] for each in understood if is_own_consent(each["column"])), "")
    return Unread([seen(heading) for heading in left], [seen(each) for each in may_be_consents(job, left)], seen(own))


def _label(field: str, labels: dict[str, Any]) -> str:
    return consent_label(field) if field.startswith(CONSENT) else str(labels.get(field, field))


def _samples(each: dict[str, Any], joined: dict[str, MadeOf]) -> Sequence[str]:
    """Of a text that is made of several columns the texts that come of it; an amount is added up later."""
    field = each["field"]
    if field in joined and field not in MONEY and joined[field].samples:
        return joined[field].samples
    return [seen(sample) for sample in each["samples"]]


def _deciding(field: str, reading: str) -> str:
    if field in DATES or is_consent_date(field):
        return "id_date_order"
    return "id_decimal" if reading in DECIMAL_WORDS else ""


def _reading(each: dict[str, Any], job: ImportJob, shop: Shop) -> str:
    field, how = each["field"], each["reading"]
    if field in DATES or is_consent_date(field):
        return _date_words(how, each["samples"], job, shop)
    words = [str(_OF_WHAT[field])] if field in _OF_WHAT else []
    # Of a status it says that each row has its own, which is no amount to be added up.
    if field in ORDER_AMOUNTS and each.get("per") == "row":
        words = [_("a part of the order's money on each row, added up")]
    currency = file_currency(job, shop) if field in MONEY else ""
    # A sample that shows best how it is read: one with a sign in it that is not 0.
    samples = sorted(each["samples"], key=lambda text: (not _has_sign(text), not text.strip("0.,")))
    shown = next(((text, told) for text in samples if (told := amount_words(text, how, currency))), None)
    if how and shown:
        text, told = shown
        if how in DECIMAL_WORDS and _has_sign(text):
            said = {"sign": DECIMAL_WORDS[how], "text": text, "amount": told}
            words.append(_("%(sign)s: %(text)s is %(amount)s") % said)
        elif currency:
            words.append(told)
    return "; ".join(words) if not formats.is_chinese() else "；".join(words)


def _has_sign(text: str) -> bool:
    return any(sign in text for sign in ".,")


def _date_words(how: str, samples: Sequence[str], job: ImportJob, shop: Shop) -> str:
    day = next((told for text in samples if (told := day_words(text, how, job, shop))), "")
    if how not in DATE_WORDS:
        return day
    return _("%(order)s: %(day)s") % {"order": DATE_WORDS[how], "day": day} if day else str(DATE_WORDS[how])


def day_words(text: str, order: str, job: ImportJob, shop: Shop) -> str:
    """The day that the cell says if its dates are written in this order; "" where it says none."""
    try:
        return formats.day(parse_moment(text, ZoneInfo(shop.timezone), order, now=job.created_at).on)
    except RowProblem:
        return ""


def amount_words(text: str, decimal: str, currency: str) -> str:
    """The number in the cell, as money where a currency is given; "" where there is none."""
    try:
        number = parse_number(text, decimal or "auto")
    except RowProblem:
        return ""
    return number_words(number, currency)


def number_words(number: Number, currency: str, *, times: int = 1) -> str:
    amount = Decimal(number.mantissa * times).scaleb(-number.places)
    code = next(iter(number.currencies), currency)
    # More decimals than the money has: rounded it would be another number than the cell's.
    if not currency or number.places > exponent(code):
        return formats.number(amount, number.places)
    return money_text(str(amount), code)


def file_currency(job: ImportJob, shop: Shop) -> str:
    """The currency that the first rows name, else the one said of the file, else the shop's."""
    at = column_at(job, (job.mapping or {}).get("columns", {}).get("currency", ""))
    named = (row[at].strip().upper() for row in first_rows(job) if at is not None and at < len(row))
    known = (job.mapping or {}).get("currency") or shop.currency
    return next((code for code in named if code in known_currencies()), known)


def first_rows(job: ImportJob) -> list[list[str]]:
    return job.facts.get("rows") or []


def column_at(job: ImportJob, heading: str) -> int | None:
    header = job.facts.get("header") or []
    return header.index(heading) if heading in header else None


def file_line(job: ImportJob) -> str:
    """ "UTF-8, cells divided by semicolons, headings in row 3, 2 rows above them skipped": how the file was opened."""
    facts = job.facts
    parts = [str(facts.get("encoding") or "").upper(), _DELIMITERS.get(facts.get("delimiter") or "", "")]
    if sheet := facts.get("sheet"):
        parts.append(_("sheet “%(name)s”") % {"name": sheet})
    if row := facts.get("heading_row"):
        parts.append(_("headings in row %(number)s") % {"number": formats.number(row)})
    if facts.get("columns_of"):
        parts.append(_("columns as you chose them for the last file with these headings"))
    skipped = facts.get("skipped") or {}
    for name, words in _SKIPPED.items():
        if number := skipped.get(name):
            parts.append(words(number) % {"number": formats.number(number)})
    return formats.listed(filter(None, parts))


_SKIPPED: dict[str, Callable[[int], str]] = {
    "above": lambda n: ngettext("%(number)s row above them skipped", "%(number)s rows above them skipped", n),
    "repeated": lambda n: ngettext("%(number)s repeated heading skipped", "%(number)s repeated headings skipped", n),
    "footer": lambda n: ngettext("%(number)s row at the end skipped", "%(number)s rows at the end skipped", n),
}


def is_understood(job: ImportJob) -> bool:
    """Whether a check can begin at once: a kind of file we know, or a list of which each heading was recognised.

    So is one with headings of which somebody has said before what they are.
    """
    if job.preset != "generic":
        return bool(job.preset)
    if "columns_of" in job.facts:
        return True
    mapping = Mapping.from_dict(job.mapping)
    used = {*mapping.columns.values(), *(heading for headings in mapping.also.values() for heading in headings)}
    headings = {heading for heading in job.facts.get("header") or [] if heading.strip()}
    used |= {*mapping.consents.values(), *mapping.addresses.values()}
    used |= {part for heading in used for part in heading.split("+")}
    used |= {heading for heading in headings if heading.casefold().startswith(CONSENT)}
    if job.kind == job.Kind.PRODUCTS:
        return "product_id" in mapping.columns and headings <= used
    if job.kind == job.Kind.CUSTOMERS:
        return any(name in mapping.columns for name in IDENTIFYING) and headings <= used
    if job.kind == job.Kind.SUPPRESSIONS:
        return any(name in mapping.columns for name in ADDRESSES) and headings <= used
    has_all = all(name in mapping.columns for name in REQUIRED) and any(name in mapping.columns for name in IDENTIFYING)
    return has_all and any(name in mapping.columns for name in AMOUNTS) and headings <= used
