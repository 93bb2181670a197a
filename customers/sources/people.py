"""Rows of a list of customers: who each is, what they are called, where they live, the tags they wear."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from customers.domain.attributes import BadValue, Cells, Shape, folded, from_text
from customers.domain.identity import Checked, is_unsaid, normalise_email
from customers.domain.limits import MAX_TAGS
from customers.domain.profile import read_birthday, read_company, read_language, read_time_zone

from .addresses import Addresses, Said
from .characters import readable
from .consents import Consents
from .fields import ABOUT, ATTRIBUTE, FLAGS, IDENTIFYING, is_attribute
from .identities import CountryOfPhone, Identities
from .judging import Judgement
from .lines import CITY_LENGTH, COUNTRY_LENGTH, NAME_LENGTH, Context, Memo, exact_text_of, only_text, place_of, text_of
from .own import is_ours
from .problems import Reject, RowProblem, as_reject
from .rows import as_one_text

PERSON_COLUMNS = (
    "row_no",  # row of the file, its first row is 1
    "external_id",  # this and the next two are normal forms, "" where there is none; one of the three is there
    "email",
    "phone",
    "name",  # this and the next two as written, "" where there is none
    "city",
    "country",
    "about",  # what else is said of the person, by the fields of ABOUT, as JSON; "" is not in it
    "cells",  # the row as it stands in the file, as rows.as_one_text() has it
)
Person = tuple[int, str, str, str, str, str, str, str, str]
# What a person has several of: each tag, and all e-mail addresses of a cell that holds more than one.
MORE_COLUMNS = ("row_no", "kind", "value")
More = tuple[int, str, str]
# The values of attributes, each a row with its definition and what the Cell holds; kind is VALUE.
VALUE_COLUMNS = (
    "row_no", "kind", "definition_id", "item", "text_value", "number_value", "date_value", "boolean_value", "choice_id",
)  # fmt: skip
VALUE = "value"
EMAIL, PHONE, TAG = "email", "phone", "tag"

TAG_LENGTH = 60
MAX_IDENTIFIERS = 20  # in one cell: more, or more tags than a customer can wear, are a list of something else
_QUOTED = r"\s*\"((?:[^\"]|\"\")+)\"\s*"
_TAG = re.compile(_QUOTED + r"(?=[,;|\n，；、]|\Z)|([^,;|\n，；、]+)")
_OWN_TAG = re.compile(_QUOTED + r"(?=;|\Z)|([^;]+)")
_BETWEEN_IDENTIFIERS = re.compile(r"[;；]")
_FIELDS = (*IDENTIFYING, "name", "city", "country", "tags")


class PeopleConverter:
    """Turns the cells of one row into a Person. Made once per file; `facts` collects what there are several of."""

    def __init__(self, judgement: Judgement, header: Sequence[str], context: Context) -> None:
        mapping = judgement.mapping
        self.understood = tuple(each for each in judgement.understood if _is_known(each["field"], context.attributes))
        self._columns = columns = mapping.found(header)
        self.width, self.headings = len(header), columns.headings
        self.has_prices, self.has_order_rows, self.per = True, False, dict[str, str]()
        self.is_exact, self.no_lines = False, list[int]()
        self.warnings: list[Reject] = []
        self.facts: list[tuple[Any, ...]] = []
        self.addresses: list[Said] = []
        self._at = [columns.at.get(name, self.width) for name in _FIELDS]
        self._matched_by = mapping.matched_by
        named = {name: columns.headings.get(name, "") for name in _FIELDS}
        self._identities = Identities(named, mapping.region or context.region, self.warnings, one_email)
        self._country_of_phone = CountryOfPhone(columns, header)

        # Files of ours have semicolons between tags, and a comma may be in one; "None" in them is a word of the shop's.
        is_own = is_ours(header)
        tag, place = (_OWN_TAG, exact_text_of) if is_own else (_TAG, place_of)
        self._names: Memo[str, str] = Memo(text_of(NAME_LENGTH, is_exact=is_own), named["name"])
        self._cities: Memo[str, str] = Memo(place(CITY_LENGTH), named["city"])
        self._countries: Memo[str, str] = Memo(place(COUNTRY_LENGTH), named["country"])
        self._tags: Memo[str, tuple[str, ...]] = Memo(lambda text: _tags(text, tag, is_own=is_own), named["tags"])

        zone = ZoneInfo(mapping.zone) if mapping.zone else context.zone
        self._consents = Consents(mapping, header, context, zone, self.warnings)
        self._postal = Addresses(
            mapping,
            header,
            mapping.region or context.region,
            self.warnings,
            is_own=is_own,
            told=columns.sources.get("phone", ()),
        )
        self._about = self._found_about(columns.at, columns.headings, context)
        self._attributes = self._found_attributes(header, columns.sources, context.attributes)

    def _found_about(
        self, at: Mapping[str, int], headings: Mapping[str, str], context: Context
    ) -> list[tuple[int, str, Memo[str, str]]]:
        """(place, field, conversion) of each column that says something else of the person."""
        readers = _readers(context)
        return [(at[name], name, Memo(partial(_about, readers[name]), headings[name])) for name in ABOUT if name in at]

    def _found_attributes(
        self, header: Sequence[str], mapped: Mapping[str, tuple[int, ...]], shapes: Mapping[str, Shape]
    ) -> list[tuple[int, int, Memo[str, Cells]]]:
        """(place, definition, conversion) of each column of an attribute. One that the shop has not is told once.

        mapped: field → its columns. What is called as an attribute is, and no column of anything, is told as well.
        """
        found: list[tuple[int, int, Memo[str, Cells]]] = []
        taken = {place for places in mapped.values() for place in places}
        named = [(places[0], name) for name, places in mapped.items() if is_attribute(name)]
        called = ((place, heading.strip().casefold()) for place, heading in enumerate(header) if place not in taken)
        named += [(place, name) for place, name in called if name.startswith(ATTRIBUTE)]
        for place, name in sorted(named, key=lambda each: each[0] not in taken):
            heading, shape = header[place], shapes.get(name.removeprefix(ATTRIBUTE))
            if shape is None or any(shape.id == known for _, known, _ in found):
                problem = RowProblem("unknown_attribute", column=heading, value=name.removeprefix(ATTRIBUTE))
                self.warnings.append(as_reject(1, problem, list(header)))
            else:
                found.append((place, shape.id, Memo(partial(_cells, shape), heading)))
        return found

    @property
    def ignored_identifiers(self) -> int:
        return self._identities.ignored

    def __call__(self, row_no: int, cells: list[str]) -> Person:
        """RowProblem names_nobody, missing_value (of what customers are matched by), and as the parts raise it."""
        row = self._columns.filled(cells)
        customer_text, email_text, phone_text, name, city, country, tags = (row[at] for at in self._at)
        about = (self._names[name], self._cities[city], self._countries[country])
        told = len(self.warnings)
        where = self._country_of_phone(cells, country)
        emails = parts_of(email_text, lambda text: self._identities.checked(EMAIL, text, where))
        phones = parts_of(phone_text, lambda text: self._identities.checked(PHONE, text, where))
        identity = self._identities(row_no, customer_text, emails[0], phones[0], where, cells)
        try:
            self._require(identity, (customer_text, email_text, phone_text), where)
            addresses = self._postal.said(row_no, cells) if self._postal else ()
        except RowProblem:
            del self.warnings[told:]
            raise
        # Last, so that a row which is rejected leaves no tag and no warning.
        self.addresses.extend(addresses)
        if len(emails) > 1:
            self._add(row_no, EMAIL, emails, where, cells)
        if len(phones) > 1:
            self._add(row_no, PHONE, phones, where, cells)
        if tags:
            self._add_tags(row_no, tags, cells)
        if self._attributes:
            self._add_values(row_no, cells)
        if self._consents:
            self.facts.extend(self._consents.said(row_no, cells))
        more = self._said(row_no, row, cells) if self._about else "{}"
        number, email, phone = identity
        return (row_no, number or "", email or "", phone or "", *about, more, as_one_text(cells))

    def order_of(self, cells: Sequence[str]) -> str | None:
        return None

    def _require(self, identity: Sequence[str | None], texts: Sequence[str], where: str) -> None:
        if not any(identity):
            raise RowProblem("names_nobody")
        if self._matched_by == "auto":
            return
        at = IDENTIFYING.index(self._matched_by)
        if identity[at] is None:
            problem = self._identities.checked(self._matched_by, texts[at], where).problem
            raise self._identities.problem(self._matched_by, problem or "missing_value", texts[at], where)

    def _add(self, row_no: int, kind: str, parts: Sequence[str], where: str, cells: list[str]) -> None:
        """All of them, the first too: which one is the key is chosen when it is seen which are known."""
        for part in parts:
            value, code = self._identities.checked(kind, part, where)
            if value:
                self.facts.append((row_no, kind, value))
            elif code and part is not parts[0]:  # the first was told with the others of the row
                self.warnings.append(as_reject(row_no, self._identities.problem(kind, code, part, where), cells))

    def _add_values(self, row_no: int, cells: list[str]) -> None:
        for place, definition_id, memo in self._attributes:
            if place >= len(cells) or not cells[place].strip():
                continue
            try:
                values = memo[cells[place]]
            except RowProblem as problem:
                self.warnings.append(as_reject(row_no, problem, cells))
                continue
            self.facts.extend((row_no, VALUE, definition_id, *cell) for cell in values)

    def _said(self, row_no: int, row: Sequence[str], cells: list[str]) -> str:
        """What else is said of the person; a value that cannot be read is told, and left out."""
        said = {}
        for place, name, memo in self._about:
            try:
                value = memo[row[place]]
            except RowProblem as problem:
                self.warnings.append(as_reject(row_no, problem, cells))
                continue
            if value:
                said[name] = value
        return json.dumps(said, ensure_ascii=False) if said else "{}"

    def _add_tags(self, row_no: int, text: str, cells: list[str]) -> None:
        try:
            tags = self._tags[text]
        except RowProblem as problem:
            self.warnings.append(as_reject(row_no, problem, cells))
            return
        self.facts.extend((row_no, TAG, tag) for tag in tags)


def _is_known(field: str, attributes: Mapping[str, Shape]) -> bool:
    return not is_attribute(field) or field.removeprefix(ATTRIBUTE) in attributes


def parts_of(text: str, checked: Callable[[str], Checked]) -> list[str]:
    """The parts of a cell divided by semicolons, one that can be used first."""
    if ";" not in text and "；" not in text:
        return [text]
    parts = [part for part in _BETWEEN_IDENTIFIERS.split(text) if part.strip()]
    if not 1 < len(parts) <= MAX_IDENTIFIERS:
        return parts if len(parts) == 1 else [text]
    first = next((part for part in parts if checked(part).value), parts[0])
    return [first, *(part for part in parts if part is not first)]


_YES, _NO = frozenset(("yes", "true", "1", "是")), frozenset(("", "no", "false", "0", "否"))


def _readers(context: Context) -> Mapping[str, Callable[[str], str]]:
    """Field of ABOUT → its conversion, which raises BadValue. "" is nothing said."""
    today = context.now.astimezone(context.zone).date() if context.now else date.max

    def kind(text: str) -> str:
        if (known := context.kinds.get(folded(text[:500]))) is None:
            raise BadValue("unknown_kind", text)
        return known

    def flag(text: str) -> str:
        if (word := folded(text[:500])) not in _YES | _NO:
            raise BadValue("not_yes_or_no", text)
        return "yes" if word in _YES else ""

    return {
        "birthday": lambda text: read_birthday(text, today=today),
        "language": read_language,
        "time_zone": read_time_zone,
        "company": lambda text: read_company(only_text(text)),
        "kind": kind,
    } | dict.fromkeys(FLAGS, flag)


def _about(read: Callable[[str], str], text: str) -> str:
    """RowProblem: invalid_about."""
    if not text.strip():
        return ""
    try:
        return read(text)
    except BadValue as bad:
        raise RowProblem("invalid_about", value=bad.value or text) from None


def _cells(shape: Shape, text: str) -> Cells:
    """RowProblem: invalid_attribute."""
    try:
        return from_text(shape, text)
    except BadValue as bad:
        raise RowProblem("invalid_attribute", value=bad.value or text) from None


def one_email(text: str) -> Checked:
    """As normalise_email, but where the cell seems to hold several addresses the code says so."""
    checked = normalise_email(text)
    return Checked(None, "several_emails") if checked.problem == "invalid_email" and text.count("@") > 1 else checked


def _tags(text: str, tag: re.Pattern[str], *, is_own: bool) -> tuple[str, ...]:
    """The tags in a cell, each once; quotation marks hold one together. Of files that are not ours a bare NULL is none.

    RowProblem: tag_too_long, too_many_tags.
    """
    text = text if is_own else readable(text)
    parts = (
        quoted.replace('""', '"') if quoted else bare
        for quoted, bare in tag.findall(text)
        if quoted or is_own or not is_unsaid(bare)
    )
    tags = tuple(dict.fromkeys(part for each in parts if (part := only_text(" ".join(each.split())))))
    if len(tags) > MAX_TAGS:
        raise RowProblem("too_many_tags", limit=MAX_TAGS)
    for tag_ in tags:
        if len(tag_) > TAG_LENGTH:
            raise RowProblem("tag_too_long", value=tag_, limit=TAG_LENGTH)
    return tags
