"""What a file leaves open, asked in plain words: each choice with what a real cell would then say."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shops.models import Shop
from crm.tenancy.hiding import seen
from crm.ui import formats
from customers.imports.actions import ENCODING_STATES, error_from_json
from customers.imports.labels import LABELS
from customers.imports.reading_page import (
    MONEY,
    amount_words,
    column_at,
    day_words,
    file_currency,
    first_rows,
    number_words,
)
from customers.models import ImportJob
from customers.sources import Mapping, Question, Unsure
from customers.sources.dates import swapped
from customers.sources.fields import AMOUNTS
from customers.sources.numbers import Number, parse_number
from customers.sources.problems import RowProblem

ENCODING = "encoding"
NO_AMOUNTS = "amounts"
Choices = list[tuple[str, str]]
_DATE_CHOICES = {
    "dmy": gettext_lazy("The day comes first"),
    "mdy": gettext_lazy("The month comes first"),
    "ymd": gettext_lazy("The year comes first"),
    "unix": gettext_lazy("Seconds since 1970"),
    "excel": gettext_lazy("Days as a spreadsheet counts them"),
}
_DECIMAL_CHOICES = {".": gettext_lazy("A point marks decimals"), ",": gettext_lazy("A comma marks decimals")}


@dataclass(frozen=True)
class Asked:
    """A question with its choices. entry: of the mapping, which the answer fills. needs_column: unless it is "none"."""

    entry: str
    label: str
    choices: Choices
    help: str = ""
    needs_column: bool = False


def questions(job: ImportJob, shop: Shop) -> list[Asked]:
    """What must be said before the file can be checked; [] where nothing is open."""
    if job.state in ENCODING_STATES and (encodings := job.facts.get("encodings")):
        return [_encoding(encodings)]
    if job.state != ImportJob.State.FAILED or not job.error or "code" not in job.error:
        return []
    error = error_from_json(job.error)
    return [_ASK[each.code](each, job, shop) for each in error.questions] if isinstance(error, Unsure) else []


def fingerprint(asked: Sequence[Asked]) -> str:
    """Tells whether answers are to these questions, and not to those of a page from before."""
    return hashlib.sha256("\n".join(each.entry for each in asked).encode()).hexdigest()[:16]


def _encoding(encodings: list[tuple[str, str]]) -> Asked:
    choices = [(name, f"{text} ({name.upper()})") for name, text in encodings]
    label = _("Which of these reads right?")
    return Asked(ENCODING, label, choices, _("The file does not say in which encoding its letters are written."))


def _dates(question: Question, job: ImportJob, shop: Shop) -> Asked:
    def days(text: str) -> list[str]:
        return [day_words(text, order, job, shop) for order in question.readings]

    # A cell that says another day in each reading shows best what the question is.
    samples = sorted(question.samples, key=lambda text: -len(set(days(text)) - {""}))
    text = samples[0] if samples else ""
    choices = [
        (order, _told(_DATE_CHOICES[order], text, day))
        for order, day in zip(question.readings, days(text), strict=True)
    ]
    return Asked(question.entry, _("How are the dates in “%(column)s” written?") % _column(question), choices)


def _decimal(question: Question, job: ImportJob, shop: Shop) -> Asked:
    columns = (job.mapping or {}).get("columns", {})
    field = next((name for name, heading in columns.items() if heading == question.column), "")
    currency = file_currency(job, shop) if field in MONEY else ""
    text = question.samples[0] if question.samples else ""
    choices = [
        (sign, _told(_DECIMAL_CHOICES[sign], text, amount_words(text, sign, currency))) for sign in question.readings
    ]
    label = _("How are the numbers in “%(column)s” written?") % _column(question)
    return Asked(question.entry, label, choices, _("The answer holds for all numbers of the file."))


def _level(question: Question, job: ImportJob, shop: Shop) -> Asked:
    field = question.entry.removeprefix("per.")
    words = {"field": LABELS[field], "column": seen(question.column)}
    once, added = _("It is the order's, said again on each row"), _("Each row has its own part; they are added up")
    if example := _repeated(question.column, job):
        amount, rows = example
        currency = file_currency(job, shop)
        each, all_ = number_words(amount, currency), number_words(amount, currency, times=rows)
        words |= {"amount": each, "rows": formats.number(rows)}
        label = _("“%(column)s” (%(field)s) says %(amount)s on each of the %(rows)s rows of an order. What is it?")
        once, added = f"{once}{_in_all(each)}", f"{added}{_in_all(all_)}"
    else:
        label = _("“%(column)s” (%(field)s) stands on several rows of an order. What is it?")
    choices = zip(("order", "row"), _with_worth((once, added), question, of_file=True), strict=True)
    return Asked(question.entry, label % words, list(choices))


def _in_all(amount: str) -> str:
    return _(": %(amount)s for the order") % {"amount": amount}


def _repeated(heading: str, job: ImportJob) -> tuple[Number, int] | None:
    """An amount that stands on several rows of one order, and on how many, among the first rows."""
    mapping = job.mapping or {}
    order_at, amount_at = column_at(job, mapping.get("columns", {}).get("order_id", "")), column_at(job, heading)
    if order_at is None or amount_at is None:
        return None
    said: dict[str, list[str]] = {}
    for row in first_rows(job):
        if max(order_at, amount_at) < len(row) and row[order_at].strip():
            said.setdefault(row[order_at], []).append(row[amount_at])
    for texts in said.values():
        number = _number(texts[0], mapping.get("decimal", "auto"))
        if len(texts) > 1 and len(set(texts)) == 1 and number and number.mantissa:
            return number, len(texts)
    return None


def _number(text: str, decimal: str) -> Number | None:
    try:
        return parse_number(text, decimal)
    except RowProblem:
        return None


def _currency(question: Question, job: ImportJob, shop: Shop) -> Asked:
    choices = [(code, f"{code} · {formats.currency_name(code)}") for code in question.readings]
    label = _("Which currency are the amounts in “%(column)s” in?") % _column(question)
    words = {"cell": seen(question.samples[0]), "currency": shop.currency}
    help_ = _("“%(cell)s” may be in several currencies, and %(currency)s, that of the shop, is not among them.")
    return Asked(question.entry, label, choices, help_ % words)


def _number_or_name(question: Question, job: ImportJob, shop: Shop) -> Asked:
    choices = [
        ("number", _("Numbers: the same entry is the same customer")),
        ("name", _("Names: two customers may have the same one")),
    ]
    shown = ", ".join(seen(sample) for sample in question.samples)
    help_ = _("For instance: %(cells)s") % {"cells": shown} if shown else ""
    label = _("Does “%(column)s” hold the numbers of customers, or their names?") % _column(question)
    return Asked(question.entry, label, choices, help_)


def _repeats(question: Question, job: ImportJob, shop: Shop) -> Asked:
    first, again, count = (formats.number(int(row)) for row in question.samples)
    label = _("Rows stand in this file twice. Are they the same purchases?")
    choices = [
        ("once", _("Yes, count them once: the file was put together of exports that overlap")),
        ("each", _("No, count each: they are purchases of their own")),
    ]
    help_ = ngettext(
        "%(count)s row is the same as another one with other orders between them: row %(again)s as row %(first)s.",
        "%(count)s rows are the same as others with other orders between them, such as row %(again)s as row %(first)s.",
        int(question.samples[2]),
    )
    return Asked(question.entry, label, choices, help_ % {"count": count, "first": first, "again": again})


def _consent_word(question: Question, job: ImportJob, shop: Shop) -> Asked:
    choices = [
        ("granted", _("They have agreed")),
        ("withdrawn", _("They do not want it, or not any more")),
        ("pending", _("They have yet to confirm it")),
        ("none", _("Nothing: it was never asked")),
    ]
    words = {"word": seen(question.samples[0]), **_column(question)}
    return Asked(question.entry, _("What does “%(word)s” in “%(column)s” mean?") % words, choices)


def _tax(question: Question, job: ImportJob, shop: Shop) -> Asked:
    words = (_("It comes on top of the prices"), _("It is within the prices"))
    choices = list(zip(question.readings, _with_worth(words, question), strict=True))
    help_ = _("The file has no totals that would show it.")
    return Asked(question.entry, _("Is the tax in “%(column)s” paid on top?") % _column(question), choices, help_)


def _with_worth(words: Sequence[str], question: Question, *, of_file: bool = False) -> list[str]:
    """The readings, each with what all orders then come to, or with `of_file` what the column does."""
    if not question.worth:
        return list(words)
    told = _("%(reading)s; %(amount)s in the whole file") if of_file else _("%(reading)s: %(amount)s in all orders")
    return [told % {"reading": each, "amount": amount} for each, amount in zip(words, question.worth, strict=True)]


def _zone(question: Question, job: ImportJob, shop: Shop) -> Asked:
    choices = [(zone, zone.replace("_", " ")) for zone in question.readings]
    words = {"word": question.entry.removeprefix("zones."), **_column(question)}
    help_ = _("For instance: %(cells)s") % {"cells": seen(question.samples[0])}
    return Asked(question.entry, _("Whose time is “%(word)s” in “%(column)s”?") % words, choices, help_)


def _converted(question: Question, job: ImportJob, shop: Shop) -> Asked:
    made_out, left = question.samples
    days = {"swapped": swapped(made_out), "as_written": made_out}
    words = {
        "swapped": _("Yes: day and month are the other way round"),
        "as_written": _("No: they are right as they are"),
    }
    choices = [
        (reading, _told(words[reading], made_out, day_words(days[reading], "auto", job, shop)))
        for reading in question.readings
    ]
    label = _("Has a spreadsheet taken the day for the month in some dates of “%(column)s”?") % _column(question)
    help_ = _("It seems so: “%(left)s” stayed a text, since no month is so late, and others are like “%(made_out)s”.")
    return Asked(question.entry, label, choices, help_ % {"left": seen(left), "made_out": seen(made_out)})


def _row_type(question: Question, job: ImportJob, shop: Shop) -> Asked:
    choices = [
        ("sale", _("Sales")),
        ("refund", _("Refunds: money that went back to buyers")),
        ("none", _("Neither: they are left out")),
    ]
    words = {"word": seen(question.samples[0]), **_column(question)}
    return Asked(question.entry, _("What are the rows of which “%(column)s” says “%(word)s”?") % words, choices)


def _no_amounts(question: Question, job: ImportJob, shop: Shop) -> Asked:
    choices = [(name, str(LABELS[name])) for name in AMOUNTS]
    choices.append(("none", _("There is no money in this file: import its orders at 0")))
    help_ = _("We found no amount in this file: all its orders would come to 0.")
    if question.column:
        help_ = _("“%(column)s” is 0 or empty in all rows, so all orders would come to 0.") % _column(question)
    return Asked(question.entry, _("Which column says what was paid?"), choices, help_, needs_column=True)


def _column(question: Question) -> dict[str, str]:
    return {"column": seen(question.column)}


def _told(words: object, text: str, told: str) -> str:
    return (
        _("%(how)s: “%(text)s” is %(meaning)s") % {"how": words, "text": text, "meaning": told} if told else str(words)
    )


_ASK: dict[str, Callable[[Question, ImportJob, Shop], Asked]] = {
    "dates": _dates,
    "decimal": _decimal,
    "currency": _currency,
    "level": _level,
    "number_or_name": _number_or_name,
    "no_amounts": _no_amounts,
    "repeats": _repeats,
    "consent_word": _consent_word,
    "row_type": _row_type,
    "tax": _tax,
    "zone": _zone,
    "converted": _converted,
}


def answered(mapping: Mapping, answers: dict[str, str], columns: dict[str, str]) -> Mapping:
    """The mapping with the answers in it; columns: for an entry whose answer is a field, the column that holds it."""
    said = mapping.to_dict()
    for entry, answer in answers.items():
        key, _dot, part = entry.partition(".")
        if part:
            said[key] = {**said.get(key, {}), part: answer}
        elif heading := columns.get(entry):
            others = {name: other for name, other in said.get("columns", {}).items() if other != heading}
            said["columns"] = {**others, answer: heading}
        else:
            said[key] = answer
    return Mapping.from_dict(said)
