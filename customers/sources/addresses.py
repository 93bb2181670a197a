"""Columns of postal addresses: one of each type in columns of its own, what a customer has beside them in one as JSON.

A column called "address.shipping.city" holds that part. Columns of storefronts are read as those that the mapping says
they are; one of them may be read as something else, too, such as the customer's city.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from customers.domain.addresses import LENGTHS, MAX_ADDRESSES, PARTS, PLACE, TYPES, is_masked, parts_of_chinese
from customers.domain.countries import phone_region
from customers.domain.identity import MASKED, PLACEHOLDER, normalise_phone
from customers.domain.spreadsheets import unwrapped

from .characters import joined_name
from .fields import MORE_ADDRESSES, POSTAL, is_postal
from .lines import Memo, exact_text_of, place_of
from .mapping import Mapping as HowToRead
from .mapping import heading_key, is_given_first, positions_of
from .problems import Reject, RowProblem, as_reject

ADDRESS_COLUMNS = ("row_no", "place", "type", *PARTS)
Said = tuple[int, int, str, str, str, str, str, str, str, str, str, str]

# A city alone is where the customer lives, which has a column of its own; of a file of ours it is what was there.
_ENOUGH = ("line1", "line2", "postcode")
# Where a file has columns for none of these, the whole address may be in the first line.
_DIVIDED = frozenset(("line2", "city", "region", "postcode", "country"))


def postal_columns(mapping: HowToRead, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Field → its columns, of those that the mapping says and those that are called so."""
    if not mapping.file_kind.addresses:
        return {}
    keys = [heading_key(heading) for heading in header]
    found = {name: positions_of(header, keys, heading) for name, heading in mapping.addresses.items()}
    for place, heading in enumerate(header):
        name = heading.strip().casefold()
        if is_postal(name):
            found.setdefault(name, (place,))
    return found


class Addresses:
    """Reads the addresses of the rows of one file; what cannot be used is told in `warnings`, and left out of its row.

    places: the columns that are read.

    region: the country (ISO code) of phone numbers where an address names none. told: columns of which the problems
    are told elsewhere, since they are read as something else, too.
    """

    def __init__(
        self,
        mapping: HowToRead,
        header: Sequence[str],
        region: str,
        warnings: list[Reject],
        *,
        is_own: bool = False,
        told: Collection[int] = (),
    ) -> None:
        self._header, self._warnings, self._told = header, warnings, frozenset(told)
        columns = postal_columns(mapping, header)
        self._more = columns.pop(MORE_ADDRESSES, None)
        self._types: dict[str, dict[str, tuple[int, ...]]] = {}
        for name in sorted(columns, key=lambda name: TYPES.index(_split(name)[0])):
            kind, part = _split(name)
            self._types.setdefault(kind, {})[part] = columns[name]
        self._enough = {kind: _enough(header, at) for kind, at in self._types.items()}
        recipients = {kind: at.get("recipient", ()) for kind, at in self._types.items()}
        self._given_first = {
            kind for kind, places in recipients.items() if is_given_first([header[place] for place in places])
        }
        text = exact_text_of if is_own else place_of
        self._parts = {name: Memo[str, str](_in_one_line(text(LENGTHS[name]))) for name in PARTS if name != "phone"}
        if not is_own:
            self._parts["postcode"] = Memo(_in_one_line(lambda cell: place_of(LENGTHS["postcode"])(unwrapped(cell))))
        self._phones: Memo[tuple[str, str], Any] = Memo(
            lambda key: normalise_phone(key[0], phone_region(key[1], region))
        )
        self._has_told_mask = False
        every = [at for parts in self._types.values() for at in parts.values()] + [self._more or ()]
        self.places = tuple(sorted({place for places in every for place in places}))

    def __bool__(self) -> bool:
        return bool(self._types) or self._more is not None

    def said(self, row_no: int, cells: list[str]) -> list[Said]:
        """The addresses of the row, the one of each type that has columns of its own before the others.

        RowProblem: quote_not_closed, since other rows are in such a cell.
        """
        facts: list[Said] = []
        for kind, at in self._types.items():
            texts = {part: _text(cells, places) for part, places in at.items()}
            if kind in self._given_first:
                parts = [text for place in at["recipient"] if (text := cells[place].strip())]
                texts["recipient"] = joined_name(parts, is_given_first=True)
            if any(texts.get(part) for part in self._enough[kind]):
                self._add(facts, row_no, kind, texts, at, cells)
        if self._more is not None and (text := _text(cells, self._more)):
            for kind, texts in self._read_more(row_no, text, self._more, cells):
                self._add(facts, row_no, kind, texts, dict.fromkeys(PARTS, self._more), cells)
        return facts

    def _add(
        self,
        facts: list[Said],
        row_no: int,
        kind: str,
        texts: Mapping[str, str],
        at: Mapping[str, tuple[int, ...]],
        cells: list[str],
    ) -> None:
        read: dict[str, str] = {}
        for part, text in texts.items():
            if part == "phone" or not text:
                continue
            try:
                read[part] = self._parts[part][text]
            except RowProblem as problem:
                if problem.code != "too_long":
                    raise
                told = RowProblem("address_too_long", column=self._heading(at[part]), value=text, limit=LENGTHS[part])
                self._warnings.append(as_reject(row_no, told, cells))
                return
        masked = [part for part, text in read.items() if is_masked(text)]
        if any(part in PLACE for part in masked):
            self._tell_mask(row_no, self._heading(at[next(part for part in masked if part in PLACE)]), cells)
            return
        if not any(read.get(part) for part in PLACE):
            return
        if not at.keys() & _DIVIDED:
            read |= parts_of_chinese(read.get("line1", ""))
        for part in masked:
            read[part] = ""
        if text := texts.get("phone", ""):
            read["phone"] = self._phone(row_no, text, read.get("country", ""), at["phone"], cells)
        facts.append((row_no, len(facts), kind, *(read.get(part, "") for part in PARTS)))  # type: ignore[arg-type]

    def _phone(self, row_no: int, text: str, country: str, places: tuple[int, ...], cells: list[str]) -> str:
        """The number, "" for one that cannot be used, of which is told, or that is masked."""
        checked = self._phones[text, country]
        if checked.problem not in ("", PLACEHOLDER, *MASKED) and not self._told.intersection(places):
            problem = RowProblem(
                checked.problem, column=self._heading(places), value=text, region=country or "?", limit=200
            )
            self._warnings.append(as_reject(row_no, problem, cells))
        return checked.value or ""

    def _tell_mask(self, row_no: int, column: str, cells: list[str]) -> None:
        """Once: where one is masked, mostly all are."""
        if not self._has_told_mask:
            self._has_told_mask = True
            self._warnings.append(as_reject(row_no, RowProblem("masked_address", column=column), cells))

    def _read_more(
        self, row_no: int, text: str, places: tuple[int, ...], cells: list[str]
    ) -> list[tuple[str, dict[str, str]]]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and len(found) <= MAX_ADDRESSES and all(map(_is_address, found)):
            return [(each["type"], {part: each.get(part, "").strip() for part in PARTS}) for each in found]
        problem = RowProblem("invalid_addresses", column=self._heading(places), value=text, limit=MAX_ADDRESSES)
        self._warnings.append(as_reject(row_no, problem, cells))
        return []

    def _heading(self, places: Sequence[int]) -> str:
        return "+".join(self._header[place] for place in places)


def _is_address(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("type") not in TYPES or value.keys() - {"type", *PARTS}:
        return False
    return all(isinstance(text, str) for text in value.values())


def _enough(header: Sequence[str], at: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """The parts of which one has to be filled."""
    has_own = any(header[place].strip().casefold().startswith(POSTAL) for places in at.values() for place in places)
    return PLACE if has_own else _ENOUGH


def _in_one_line(convert: Any) -> Any:
    return lambda text: " ".join(convert(text).split())


def _split(name: str) -> tuple[str, str]:
    kind, _, part = name.removeprefix(POSTAL).partition(".")
    return kind, part


def _text(cells: Sequence[str], places: Sequence[int]) -> str:
    return " ".join(text for place in places if place < len(cells) and (text := cells[place].strip()))
