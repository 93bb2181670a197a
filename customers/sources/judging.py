"""What a whole file proves of how its columns are to be read. What it does not prove, and changes money, people or
days, becomes a question, one a column.

The file is read once more for this, before a row of it is used: a date that proves the day first may stand at the end.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from crm.lib.money import exponent, from_minor, half_up

from .addresses import postal_columns
from .consents import DATES as CONSENT_DATES
from .consents import MOST_UNKNOWN, consent_columns, field_of, word_key, word_of, words_of
from .currencies import code_of, currencies_of, is_one_currency
from .dates import AMBIGUOUS_ZONES, Swaps, zone_word
from .dates import Evidence as DateEvidence
from .fields import CONSENT, CUSTOMERS, PRODUCTS, SUPPRESSIONS, is_postal
from .lines import Context
from .mapping import AS_WRITTEN, CONSENT_READINGS, ORDER_AMOUNTS, ROW_TYPES, SWAPPED, Mapping, heading_key, unit_of
from .numbers import Evidence as NumberEvidence
from .problems import Question, Unsure
from .repeats import Repeats
from .totals import PER_ORDER, PER_ROW, Totals

CHUNK = 10_000
SAMPLES = 3
_CENTS = 2
NUMERIC = ("quantity", "unit_price", "discount", "line_total", *ORDER_AMOUNTS, "price", "cost")
MONEY = (
    "unit_price",
    "line_total",
    "order_total",
    "subtotal",
    "discount",
    "order_discount",
    "shipping",
    "tax",
    "refunded",
    "price",
    "cost",
)
PRICES = frozenset(["unit_price", "line_total"])  # without them a row is an order, and its products are not taken
MOST_CURRENCIES = 8  # of some thirty that "$" may mean; the mapping takes any
DATES = ("ordered_at", "refunded_at", "suppressed_at")
_NOT_ASKED = ("suppressed_at",)  # an address is suppressed whenever it was
# Headings that some storefronts write above numbers and others above names or nicknames.
NUMBER_OR_NAME = frozenset(
    map(heading_key, ("customer", "client", "buyer", "user", "member", "客户", "买家", "会员", "买家昵称", "昵称"))
)
_NUMBER = re.compile(r"\S*\d\S*\Z")
SURE = 0.9  # of the different values
_WORD_LENGTH = 60
_MANY = 100_000  # different values that are remembered of a column


@dataclass(frozen=True)
class Judgement:
    """mapping: with every "auto" settled. understood: for each column in use, what it was taken for. with_currency: the
    amounts whose cells name one, such as "$12.50". repeated: (row, the same row before it), to be left out.
    """

    mapping: Mapping
    understood: tuple[dict[str, Any], ...]
    with_currency: tuple[str, ...] = ()
    repeated: tuple[tuple[int, int], ...] = ()


def judged(
    mapping: Mapping,
    header: Sequence[str],
    rows: Iterable[tuple[int, list[str]]],
    context: Context,
    *,
    decimal: str = "",
) -> Judgement:
    """Judge the rows below the heading. decimal: what is known beforehand (a workbook's numbers have a point).

    Raises Unsure with all questions at once, and SourceError for columns that are not there.
    """
    look = _Look(mapping, header, context, decimal)
    for chunk in _chunks(rows):
        look.at(chunk)
    return look.judgement(decimal)


def _chunks(rows: Iterable[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


class _Look:
    """What was seen of each column so far."""

    def __init__(self, mapping: Mapping, header: Sequence[str], context: Context, decimal: str) -> None:
        self._mapping, self._header, self._context = mapping, header, context
        self._columns = columns = mapping.found(header)
        found = consent_columns(mapping, header, context.consents)[0] if mapping.list_of == CUSTOMERS else []
        consents = {field_of(each): each.at for each in found}
        more = consents | postal_columns(mapping, header)
        self._at = columns.sources | more  # field → the columns it may come from
        self._headings = columns.headings | {name: header[at[0]] for name, at in more.items()}
        dates = (*DATES, *(field_of(each) for each in found if each.part in CONSENT_DATES))
        self._dates = {name: DateEvidence(context.now) for name in dates if name in self._at}
        self._swaps = {name: Swaps() for name in self._dates if name in DATES and mapping.converted == "auto"}
        self._zone = ZoneInfo(mapping.zone) if mapping.zone else context.zone
        self._zone_words: dict[str, tuple[str, str]] = {}  # letters → their column, and a text with them
        self._said = {field_of(each): each.at[0] for each in found if not each.part}
        self._words = words_of(mapping)
        self._types = {word_key(word) for word in mapping.row_types}
        self._type_at = header.index(mapping.row_type) if mapping.row_type in header else None
        self._unknown_types: dict[str, str] = {}
        self._unknown: dict[str, dict[str, str]] = {name: {} for name in self._said}  # the first of each unknown word
        digits = exponent(mapping.currency or context.currency)
        self._numbers = {name: NumberEvidence(digits) for name in NUMERIC if name in self._at}
        self._samples: dict[str, list[str]] = {name: [] for name in self._at}
        order = self._at.get("order_id")
        self._repeats = Repeats(order[0], len(header)) if order and mapping.repeats != "each" else None
        self._ids: set[str] = set()
        self._currencies: set[str] = set()  # as their column writes them
        said = mapping.per.get("order_total", "")
        is_open = "order_total" in self._at and "order_id" in self._at and said != PER_ORDER
        sign = decimal or mapping.decimal
        self._totals = Totals(columns, sign, max(digits, _CENTS), said) if is_open else None

    def at(self, rows: list[tuple[int, list[str]]]) -> None:
        if self._repeats:
            self._repeats.add_all(rows)
        chunk = [cells for _, cells in rows]
        if self._type_at is not None:
            self._look_for_types(self._type_at, chunk)
        for name, position in self._said.items():
            self._look_for_words(name, position, chunk)
        for name, positions in self._at.items():
            if len(self._samples[name]) < SAMPLES:
                self._sample(name, positions, chunk)
            if name not in self._dates and name not in self._numbers and name not in ("customer_id", "currency"):
                continue
            texts = dict.fromkeys(cells[at] for at in positions for cells in chunk if at < len(cells))
            if name in self._dates:
                self._dates[name].add_all(texts)
                self._look_for_zones(name, texts)
                if name in self._swaps:
                    self._swaps[name].add_all(texts)
            elif name in self._numbers:
                self._numbers[name].add_all(texts)
            elif name == "currency" and len(self._currencies) < _MANY:
                self._currencies |= set(texts)
            elif name == "customer_id" and len(self._ids) < _MANY:
                self._ids |= {text.strip() for text in texts}
        if self._totals:
            self._totals.add_all(chunk)

    def _look_for_words(self, name: str, position: int, chunk: list[list[str]]) -> None:
        unknown = self._unknown[name]
        for text in dict.fromkeys(cells[position] for cells in chunk if position < len(cells)):
            if len(unknown) > MOST_UNKNOWN:
                return
            if word_of(text, self._words) is None and "\0" not in text:
                unknown.setdefault(word_key(text), text.strip()[:_WORD_LENGTH])

    def _look_for_zones(self, name: str, texts: Iterable[str]) -> None:
        for text in texts if name in DATES and name not in _NOT_ASKED else ():
            word = zone_word(text, self._zone)
            if word and word not in self._mapping.zones:
                self._zone_words.setdefault(word, (name, text.strip()))

    def _look_for_types(self, position: int, chunk: list[list[str]]) -> None:
        for text in dict.fromkeys(cells[position] for cells in chunk if position < len(cells)):
            key = word_key(text)
            if len(self._unknown_types) <= MOST_UNKNOWN and key and key not in self._types and "\0" not in text:
                self._unknown_types.setdefault(key, text.strip()[:_WORD_LENGTH])

    def _sample(self, name: str, positions: Sequence[int], chunk: list[list[str]]) -> None:
        seen = self._samples[name]
        for cells in chunk:
            text = " ".join(cells[position].strip() for position in positions if position < len(cells)).strip()[:200]
            if text and "\0" not in text and text not in seen:  # its row will be refused, and no database takes it
                seen.append(text)
                if len(seen) == SAMPLES:
                    return

    def judgement(self, decimal: str) -> Judgement:
        questions: list[Question] = []
        mapping = self._settled_columns(questions)
        mapping = replace(
            mapping,
            date_order=self._date_order(questions),
            decimal=self._decimal(decimal, questions),
        )
        self._ask_about_dates(questions)
        with_currency = tuple(name for name, evidence in self._numbers.items() if evidence.named and name in MONEY)
        self._ask_currency(with_currency, questions)
        mapping = replace(mapping, currency=mapping.currency or self._currency_of_headings(questions))
        self._ask_words(questions)
        for word in self._unknown_types.values():
            questions.append(Question("row_type", f"row_types.{word}", mapping.row_type, ROW_TYPES, (word,)))
        repeated = tuple(self._repeats.found()) if self._repeats else ()
        if repeated and mapping.repeats == "auto":
            rows = tuple(str(row) for row in (*repeated[0][::-1], len(repeated)))
            column = self._columns.headings["order_id"]
            questions.append(Question("repeats", "repeats", column, ("once", "each"), rows))
        if questions:
            raise Unsure(questions)
        fields = {heading: name for name, heading in mapping.columns.items()}  # some columns were found to hold another
        with_currency = tuple(fields.get(self._mapping.columns[name], name) for name in with_currency)
        return Judgement(mapping, self._understood(mapping), with_currency, repeated)

    def _ask_about_dates(self, questions: list[Question]) -> None:
        """Ask where times are of which only letters are said, and whether a spreadsheet took days for months."""
        for word, (name, text) in self._zone_words.items():
            column = self._headings[name]
            questions.append(Question("zone", f"zones.{word}", column, AMBIGUOUS_ZONES[word], (text,)))
        for name, swaps in self._swaps.items():
            if examples := swaps.examples():
                column = self._headings[name]
                questions.append(Question("converted", "converted", column, (SWAPPED, AS_WRITTEN), examples))
                return

    def _settled_columns(self, questions: list[Question]) -> Mapping:
        """The mapping, its columns changed where their cells say that they hold something else."""
        mapping, columns = self._mapping, dict(self._mapping.columns)
        if self._totals:
            mapping = self._settled_totals(self._totals, columns, questions)
        heading = columns.get("customer_id", "")
        if heading_key(heading) in NUMBER_OR_NAME:
            said = mapping.ids.get(heading) or self._number_or_name()
            if said == "name":
                del columns["customer_id"]
                columns.setdefault("name", heading)
            elif said != "number":
                samples = tuple(self._samples["customer_id"])
                questions.append(Question("number_or_name", f"ids.{heading}", heading, ("number", "name"), samples))
        return replace(mapping, columns=columns)

    def _settled_totals(self, totals: Totals, columns: dict[str, str], questions: list[Question]) -> Mapping:
        """The mapping, with what totals and prices are of; changes `columns` where they are of other things."""
        reading = totals.reading()
        if totals.is_price_of_all():
            columns["line_total"] = columns.pop("unit_price")
        if reading == PER_ROW and totals.is_line_total():
            columns["line_total"] = columns.pop("order_total")
            return self._mapping
        if not reading:
            column = self._columns.headings["order_total"]
            worth = tuple(self._told(minor) for minor in totals.worth())
            questions.append(Question("level", "per.order_total", column, (PER_ORDER, PER_ROW), worth=worth))
            return self._mapping
        # What makes no difference here may make one in rows that are corrected later.
        proven = {"order_total": reading} if totals.matters() else {}
        return replace(self._mapping, per={**self._mapping.per, **proven})

    def _told(self, minor: int) -> str:
        """An amount of the file, with its currency where it has one only."""
        default = self._mapping.currency or self._context.currency
        named = {code_of(text, default) or "" for text in self._currencies if text.strip()} or {default}
        code = named.pop() if len(named) == 1 else ""
        more = max(exponent(default), _CENTS) - exponent(code or default)
        amount = from_minor(half_up(minor, 10 ** max(more, 0)), code or default)
        return f"{amount} {code}".strip()

    def _number_or_name(self) -> str:
        values = self._ids - {""}
        if not values:
            return "number"
        share = sum(bool(_NUMBER.match(value)) for value in values) / len(values)
        return "number" if share >= SURE else "name" if share <= 1 - SURE else ""

    def _date_order(self, questions: list[Question]) -> str:
        if self._mapping.date_order != "auto":
            return self._mapping.date_order
        found: set[str] = set()
        for name, evidence in self._dates.items():
            readings = evidence.readings()
            orders = tuple(reading.order for reading in readings)
            if len(orders) > 1 and name in _NOT_ASKED:
                continue
            if len(orders) > 1:
                samples = tuple(dict.fromkeys(reading.example for reading in readings))
                questions.append(Question("dates", "date_order", self._headings[name], orders, samples))
                return "auto"
            found |= set(orders) - {"auto"}
        return found.pop() if len(found) == 1 else "auto"

    def _decimal(self, known: str, questions: list[Question]) -> str:
        if self._mapping.decimal != "auto" or known:
            return known or self._mapping.decimal
        proofs = {sign for evidence in self._numbers.values() for sign in evidence.proofs}
        if not proofs and self._has_no_decimals():  # then the only sign is that of thousands
            unsure = [evidence.unsure for evidence in self._numbers.values() if evidence.unsure]
            proofs = {"." if "," in text else "," for text in unsure}
        if len(proofs) == 1:
            return proofs.pop()
        for name, evidence in self._numbers.items():
            if evidence.unsure:
                column = self._columns.headings[name]
                questions.append(Question("decimal", "decimal", column, (".", ","), (evidence.unsure,)))
                break
        return "auto"

    def _has_no_decimals(self) -> bool:
        """Whether all money of the file is in currencies without decimals, such as JPY."""
        default = self._mapping.currency or self._context.currency
        codes = {code_of(text, default) or default for text in self._currencies} or {default}
        named = (named for name in MONEY if name in self._numbers for named in self._numbers[name].named)
        return all(exponent(code) == 0 for code in codes) and all(codes & set(each) for each in named)

    def _ask_currency(self, with_currency: Sequence[str], questions: list[Question]) -> None:
        """Ask what a sign of many currencies means, such as "$" in a shop that sells in pounds."""
        # Of products it must be the shop's: what names another is told.
        if "currency" in self._at or self._mapping.currency or self._mapping.list_of == PRODUCTS:
            return
        for name in with_currency:
            for named in sorted(self._numbers[name].named):
                if self._context.currency in named or is_one_currency(named):
                    continue
                samples, column = tuple(self._samples[name]), self._columns.headings[name]
                questions.append(Question("currency", "currency", column, named[:MOST_CURRENCIES], samples))
                return

    def _currency_of_headings(self, questions: list[Question]) -> str:
        """The currency that headings such as "Total (EUR)" name, where no cell and nobody does; "" for the shop's."""
        if "currency" in self._at or any(question.entry == "currency" for question in questions):
            return ""
        for name in MONEY:
            named = currencies_of(unit_of(self._headings.get(name, "")))
            if not named or self._context.currency in named:
                continue
            if is_one_currency(named):
                return named[0]
            if not self._mapping.currency:
                column, samples = self._headings[name], tuple(self._samples[name])
                questions.append(Question("currency", "currency", column, named[:MOST_CURRENCIES], samples))
            return ""
        return ""

    def _ask_words(self, questions: list[Question]) -> None:
        """Ask what words of consents mean, each once; a column of more of them holds something else, and is told."""
        asked: set[str] = set()
        for name, unknown in self._unknown.items():
            if len(unknown) > MOST_UNKNOWN:
                continue
            for key, word in unknown.items():
                if key not in asked:
                    entry = f"consent_words.{word}"
                    questions.append(Question("consent_word", entry, self._headings[name], CONSENT_READINGS, (word,)))
                    asked.add(key)

    def _understood(self, mapping: Mapping) -> tuple[dict[str, Any], ...]:
        readings = dict.fromkeys(self._dates, mapping.date_order) | dict.fromkeys(NUMERIC, mapping.decimal)
        columns = mapping.found(self._header)
        # Of a list of addresses not to be written to nothing readable is kept.
        is_hidden = mapping.list_of == SUPPRESSIONS
        samples = {positions: [] if is_hidden else self._samples[name] for name, positions in self._at.items()}
        sources = columns.sources | {
            name: at for name, at in self._at.items() if name.startswith(CONSENT) or is_postal(name)
        }
        return tuple(
            {
                "field": name,
                "column": self._headings.get(name) or columns.headings[name],
                "reading": readings.get(name, ""),
                "samples": samples[positions],
            }
            | ({"per": mapping.per[name]} if mapping.per.get(name) else {})
            for name, positions in sorted(sources.items(), key=lambda item: item[1])
            if name != "product_name" or "product_id" in columns.sources or PRICES & set(columns.sources)
        )
