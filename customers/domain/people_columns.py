"""Everybody of a shop in columns: what likeness.py compares, as numbers, of a million people in some hundred MB."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blocking import Keys
from .houses import house_of
from .likeness import MANY_LIVE_FROM, is_of_many, local_part
from .name_columns import NameColumns, NameReader
from .names import place

Numbers = NDArray[np.int64]
_MIXER = np.int64(-7046029254386353131)  # 2^64 divided by the golden ratio, odd


@dataclass(frozen=True)
class Emails:
    """A row an address, sorted by whose they are. Those of row i of People are starts[i] to starts[i + 1].

    local: before the @, without dots and +tag; domain: where in `domains`. is_of_many: info@, sales@.
    """

    domains: list[str]
    holders: Numbers
    starts: Numbers
    locals: NDArray[Any]
    local_hashes: Numbers
    local_lengths: Numbers
    is_of_many: NDArray[np.bool_]
    domain: Numbers


@dataclass(frozen=True)
class Phones:
    """The same for phones: digits without the +, how many, and hashes of the last nine, the last five, all but five."""

    holders: Numbers
    starts: Numbers
    digits: NDArray[Any]
    lengths: Numbers
    nine: Numbers
    back: Numbers
    front: Numbers


@dataclass(frozen=True)
class Houses:
    """The same for postal addresses that tell their house: hashes of its key, and of the flat, 0 where none is said.

    has_many: many people have an address there.
    """

    holders: Numbers
    starts: Numbers
    keys: Numbers
    flats: Numbers
    has_many: NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """A row a person, by rising id, shape (n,).

    namesakes: how many have the letters of the name, where it has two words. city, country: a number for each place, 0
    for none. sources: for each storefront the rows of those whom it has numbered.
    """

    ids: Numbers
    texts: NDArray[Any]
    names: NameColumns
    namesakes: Numbers
    city: Numbers
    country: Numbers
    emails: Emails
    phones: Phones
    houses: Houses
    sources: list[Numbers]


class Gathering:
    """Takes in people and what they are known by, in parts as the database gives them; ids in any order."""

    def __init__(self) -> None:
        self._reader = NameReader()
        self._places, self._domains = Codes(place), Codes(str)
        self._people, self._names = _Parts(), _Parts()
        self._emails, self._phones, self._houses = _Parts(), _Parts(), _Parts()
        self._sources: list[Numbers] = []
        self.add_people([])
        self.add_emails([])
        self.add_phones([])
        self.add_addresses([])

    def add_people(self, rows: Sequence[tuple[int, str, str, str]]) -> None:
        """Rows of id, name, city and country."""
        ids, names, cities, countries = _columns(rows, 4)
        self._names.append(self._reader.read(names))
        where = ([self._places[text] for text in texts] for texts in (cities, countries))
        self._people.append((_numbers(ids), _strings(names), *map(_numbers, where)))

    def add_emails(self, rows: Sequence[tuple[int, str]]) -> None:
        """Rows of the person's id and an address."""
        ids, addresses = _columns(rows, 2)
        locals_ = [local_part(address) for address in addresses]
        domains = [self._domains[address.partition("@")[2]] for address in addresses]
        self._emails.append(
            (
                _numbers(ids),
                _strings(locals_),
                _numbers(map(hash, locals_)),
                _numbers(map(len, locals_)),
                _numbers(map(is_of_many, locals_)).astype(bool),
                _numbers(domains),
            )
        )

    def add_phones(self, rows: Sequence[tuple[int, str]]) -> None:
        """Rows of the person's id and a number."""
        ids, values = _columns(rows, 2)
        digits = [value.lstrip("+") for value in values]
        self._phones.append(
            (
                _numbers(ids),
                _strings(digits),
                _numbers(map(len, digits)),
                _numbers(hash(each[-9:]) for each in digits),
                _numbers(hash("back" + each[-5:]) for each in digits),
                _numbers(hash("front" + each[:-5]) for each in digits),
            )
        )

    def add_addresses(self, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
        """Rows of the person's id, and of a postal address both lines, city and postcode."""
        found = [(pk, house) for pk, *parts in rows if (house := house_of(*parts)).key]
        self._houses.append(
            (
                _numbers(pk for pk, _ in found),
                _numbers(hash("house " + house.key) for _, house in found),
                _numbers(hash("flat " + house.flat) if house.flat else 0 for _, house in found),
            )
        )

    def add_sources(self, ids: Iterable[bytes]) -> None:
        """For each storefront whom it has numbered: ids of eight bytes each, the highest first."""
        self._sources.extend(np.frombuffer(each, ">i8").astype(np.int64) for each in ids)

    def people(self) -> People:
        """All that was taken in, once. Of whom nobody was told as a person is left out."""
        # The words it remembers take more than the columns.
        self._reader = NameReader()
        ids, texts, city, country = self._people.joined()
        order = np.argsort(ids, kind="stable")
        ids, names = ids[order], NameColumns(*(column[order] for column in self._names.joined()))
        emails, phones, houses = (
            _by_holder(parts.joined(), ids) for parts in (self._emails, self._phones, self._houses)
        )
        holders, starts, keys, flats = houses
        return People(
            ids=ids,
            texts=texts[order],
            names=names,
            namesakes=_namesakes(names),
            city=city[order],
            country=country[order],
            emails=Emails(self._domains.texts, *emails),
            phones=Phones(*phones),
            houses=Houses(holders, starts, keys, flats, _have_many(holders, keys)),
            sources=[rows_of(each, ids)[0] for each in self._sources],
        )


def keys_of(people: People) -> Iterator[Keys]:
    """The blocking keys, one kind each.

    A slip in one digit leaves the front or the back of a number as it was, a slip in a vowel the bones of a name.
    Mailboxes of many, short ones and names of one word are no key; and a house is one with the initials alone, so that
    families are not compared.
    """
    names, emails, phones, houses = people.names, people.emails, people.phones, people.houses
    named = names.words > 1
    placed = named & (people.city > 0)
    long = phones.lengths > 8
    by_name = long & named[phones.holders]
    initials = names.initials[phones.holders]
    yield _keys(names.all_letters, np.arange(len(people.ids)), named)
    yield _keys(names.bones + people.city * _MIXER, np.arange(len(people.ids)), placed)
    yield _keys(phones.nine, phones.holders, long)
    yield _keys(phones.back + initials, phones.holders, by_name)
    yield _keys(phones.front + initials, phones.holders, by_name)
    yield _keys(emails.local_hashes, emails.holders, emails.local_lengths > 2)
    yield _keys(houses.keys + names.initials[houses.holders], houses.holders, named[houses.holders])


def rows_of(ids: Numbers, of: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where in `of`, which rises, those ids are that are in it; and which of the ids those are."""
    rows = np.searchsorted(of, ids)
    is_there = np.append(of, -1)[rows] == ids
    return rows[is_there], is_there


def _keys(keys: Numbers, holders: Numbers, which: NDArray[np.bool_]) -> Keys:
    return Keys(keys[which], holders[which])


class Codes(dict[str, int]):
    """Numbers texts from 1 on by what they are compared by; "" is 0. texts: of each number."""

    def __init__(self, compared_by: Callable[[str], str]) -> None:
        self._compared_by = compared_by
        self._codes, self.texts = {"": 0}, [""]

    def __missing__(self, text: str) -> int:
        compared = self._compared_by(text)
        if compared not in self._codes:
            self._codes[compared] = len(self.texts)
            self.texts.append(compared)
        self[text] = code = self._codes[compared]
        return code


class _Parts(list[tuple[NDArray[Any], ...]]):
    def joined(self) -> Iterator[NDArray[Any]]:
        """The columns one after the other; what is handed on is forgotten."""
        columns = [list(parts) for parts in zip(*self, strict=True)]
        self.clear()
        while columns:
            yield np.concatenate(columns.pop(0))


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _numbers(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, np.int64)


def _strings(values: Sequence[str]) -> NDArray[Any]:
    # Of variable length: a fifth of the memory of as many objects.
    return np.array(values, np.dtypes.StringDType())


def _by_holder(columns: Iterator[NDArray[Any]], people: Numbers) -> list[NDArray[Any]]:
    """Holders, starts and the other columns, sorted by holder."""
    holders, is_there = rows_of(next(columns), people)
    order = np.argsort(holders, kind="stable")
    holders = holders[order]
    starts = np.searchsorted(holders, np.arange(len(people) + 1))
    return [holders, starts, *(column[is_there][order] for column in columns)]


def _have_many(holders: Numbers, keys: Numbers) -> NDArray[np.bool_]:
    """Of each address whether many people have one in its house."""
    order = np.lexsort((holders, keys))
    _, starts, which = np.unique(keys, return_index=True, return_inverse=True)
    is_new = np.ones(len(keys), bool)
    is_new[1:] = (keys[order][1:] != keys[order][:-1]) | (holders[order][1:] != holders[order][:-1])
    living = np.bincount(which[order], weights=is_new, minlength=len(starts))
    return np.asarray(living[which] >= MANY_LIVE_FROM, bool)


def _namesakes(names: NameColumns) -> Numbers:
    counts = np.full(len(names.words), 2)
    named = names.words > 1
    _, which, how_many = np.unique(names.all_letters[named], return_inverse=True, return_counts=True)
    counts[named] = np.maximum(how_many[which], 2)
    return counts
