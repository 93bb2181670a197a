"""The likeness of very many pairs at once: what likeness.py says of each that is worth asking about.

likeness.py is the definition, and this its answer in columns. What needs letters compared, names above all, comes last
and only for pairs that could still reach WORTH_ASKING.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from .blocking import Numbers, Pairs
from .identity import DOTLESS_DOMAINS
from .likeness import (
    COMMON_FROM,
    MOST_COMPARED,
    OF_TWO,
    RARE_UP_TO,
    WEIGHTS,
    WORTH_ASKING,
    Likeness,
    differ_by_digits,
    name_likeness,
    summed,
)
from .name_columns import NameColumns
from .names import parse_name
from .people_columns import Emails, Houses, People, Phones

Codes = NDArray[np.int8]
Which = NDArray[np.bool_]

# From the least weight to the greatest, so that the most of several kinds of one thing is the greatest code; 0 is none.
_KINDS = ("", *sorted(WEIGHTS, key=lambda kind: WEIGHTS[kind]))
_CODE = {kind: np.int8(code) for code, kind in enumerate(_KINDS)}
_WEIGHT = np.array([0, *(WEIGHTS[kind] for kind in _KINDS[1:])])
_MOST_OF_A_SLIP = WEIGHTS["name_alike"]  # The most that a name weighs that is not the other one.


class NamedBy(NamedTuple):
    """By which kinds of identifiers one record named both of a pair, shape (n,) each."""

    email: Which
    phone: Which
    other: Which

    @property
    def any(self) -> Which:
        """Whether by one of them."""
        return self.email | self.phone | self.other


class Scored(NamedTuple):
    """Pairs and what speaks for and against them: codes, shape (n, 8), for `explained`; scores 0 to 100, shape (n,)."""

    pairs: Pairs
    scores: Numbers
    codes: Codes
    named: Which


def scored(people: People, pairs: Pairs, named_by: NamedBy) -> Scored:
    """The pairs that are worth asking about, and those that one record named, whatever their score."""
    one, other = pairs
    named = named_by.any
    columns = [
        _emails(people.emails, pairs, named_by.email),
        np.where(named_by.phone, _CODE["phone"], _phones(people.phones, pairs)),
        np.where(named_by.other, _CODE["other"], _CODE[""]),
        _houses(people.houses, pairs),
        _compared(people.city[one], people.city[other], "city_same", "city_differs"),
        _compared(people.country[one], people.country[other], "", "country_differs"),
        np.where(_share_a_source(people, pairs), _CODE["numbers_differ"], _CODE[""]),
    ]
    without_name = sum(_WEIGHT[column] for column in columns)
    names = _names(people, pairs, named | (without_name + _MOST_OF_A_SLIP >= WORTH_ASKING))
    columns[3] = np.where(np.isin(names, [_CODE[kind] for kind in OF_TWO]), _CODE[""], columns[3])
    columns.insert(3, names)
    codes = np.stack(columns, axis=1).astype(np.int8)
    scores = np.clip(_WEIGHT[codes].sum(axis=1), 0, 100)
    kept = named | (scores >= WORTH_ASKING)
    return Scored(Pairs(one[kept], other[kept]), scores[kept], codes[kept], named[kept])


def explained(codes: Sequence[int]) -> Likeness:
    """The evidence of one pair."""
    return summed(_KINDS[code] for code in codes)


def _compared(one: Numbers, other: Numbers, same: str, differs: str) -> Codes:
    said = np.where(one == other, _CODE[same], _CODE[differs])
    return np.where((one > 0) & (other > 0), said, _CODE[""])


def _share_a_source(people: People, pairs: Pairs) -> Which:
    share = np.zeros(len(pairs.first), bool)
    for rows in people.sources:
        numbered = np.zeros(len(people.ids), bool)
        numbered[rows] = True
        share |= numbered[pairs.first] & numbered[pairs.second]
    return share


def _each_with_each(starts: Numbers, pairs: Pairs) -> tuple[Numbers, Numbers, Numbers]:
    """Every contact of one with every contact of the other, to MOST_COMPARED of each: the pair's row, and both."""
    firsts, seconds = (np.minimum(starts[rows + 1] - starts[rows], MOST_COMPARED) for rows in pairs)
    counts = firsts * seconds
    rows = np.repeat(np.arange(len(counts)), counts)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    one = starts[pairs.first][rows] + nth // seconds[rows]
    other = starts[pairs.second][rows] + nth % seconds[rows]
    return rows, one, other


def _most(count: int, rows: Numbers, codes: Codes) -> Codes:
    """The weightiest code of each pair's."""
    most = np.zeros(count, np.int8)
    np.maximum.at(most, rows, codes)
    return most


def _emails(emails: Emails, pairs: Pairs, is_shared: Which) -> Codes:
    rows, one, other = _each_with_each(emails.starts, pairs)
    codes = _most(len(pairs.first), rows, _addresses(emails, one, other))
    of_many = np.zeros(len(emails.starts) - 1, bool)
    of_many[emails.holders[emails.is_of_many]] = True
    shared = np.where(of_many[pairs.first] | of_many[pairs.second], _CODE["email_role"], _CODE["email"])
    return np.where(is_shared, shared, codes)


def _addresses(emails: Emails, one: Numbers, other: Numbers) -> Codes:
    domains = emails.domain[one], emails.domain[other]
    dotless = np.array([domain in DOTLESS_DOMAINS for domain in emails.domains])
    same_provider = (domains[0] == domains[1]) | (dotless[domains[0]] & dotless[domains[1]])
    same_local = emails.local_hashes[one] == emails.local_hashes[other]
    is_same = same_local & ~emails.is_of_many[one]
    codes = np.full(len(one), _CODE["emails_differ"])
    codes[is_same & (emails.local_lengths[one] > 4)] = _CODE["email_provider"]
    codes[_domains_alike(emails, domains, is_same & ~same_provider)] = _CODE["email_domain"]
    codes[is_same & same_provider] = _CODE["email_dots"]
    codes[_locals_alike(emails, one, other, ~same_local & same_provider)] = _CODE["email_alike"]
    return codes


def _domains_alike(emails: Emails, domains: tuple[Numbers, Numbers], which: Which) -> Numbers:
    """Of those in question the rows whose domains differ by a slip."""
    lengths = np.array([len(domain) for domain in emails.domains])
    rows = np.flatnonzero(which & (np.minimum(*(lengths[each] for each in domains)) > 6))
    texts = [[emails.domains[code] for code in each[rows]] for each in domains]
    alike: Numbers = rows[_distances(*texts, most=2) <= 2]
    return alike


def _locals_alike(emails: Emails, one: Numbers, other: Numbers, which: Which) -> list[int]:
    """The same of those whose locals do, and not only by digits."""
    lengths = emails.local_lengths[one], emails.local_lengths[other]
    rows = np.flatnonzero(which & (np.minimum(*lengths) > 5) & (abs(lengths[0] - lengths[1]) < 2))
    texts = [emails.locals[each[rows]].tolist() for each in (one, other)]
    near = _distances(*texts, most=1) == 1
    return [
        row
        for row, is_near, *both in zip(rows.tolist(), near, *texts, strict=True)
        if is_near and not differ_by_digits(*both)
    ]


def _phones(phones: Phones, pairs: Pairs) -> Codes:
    rows, one, other = _each_with_each(phones.starts, pairs)
    lengths = phones.lengths[one], phones.lengths[other]
    is_long = np.minimum(*lengths) > 8
    is_same = is_long & (phones.nine[one] == phones.nine[other])
    codes = np.full(len(one), _CODE["phones_differ"])
    codes[is_same] = _CODE["phone_country"]
    asked = np.flatnonzero(is_long & ~is_same & (lengths[0] == lengths[1]))
    texts = (phones.digits[each[asked]].tolist() for each in (one, other))
    codes[asked[_distances(*texts, most=1) <= 1]] = _CODE["phone_alike"]
    return _most(len(pairs.first), rows, codes)


def _houses(houses: Houses, pairs: Pairs) -> Codes:
    rows, one, other = _each_with_each(houses.starts, pairs)
    flats = houses.flats[one], houses.flats[other]
    is_same = (houses.keys[one] == houses.keys[other]) & ((flats[0] == flats[1]) | (flats[0] == 0) | (flats[1] == 0))
    codes = np.where(houses.has_many[one], _CODE["address_many"], _CODE["address"])
    return _most(len(pairs.first), rows, np.where(is_same, codes, _CODE[""]))


def _distances(one: list[str], other: list[str], *, most: int) -> NDArray[Any]:
    """Slips between the texts of each row; where there are more than `most`, one more."""
    return np.asarray(cpdist(one, other, scorer=OSA.distance, score_cutoff=most, dtype=np.int32)).ravel()


def _names(people: People, pairs: Pairs, may_matter: Which) -> Codes:
    """What the names say; names_differ also where they could be a slip of each other and it would not matter."""
    one, other = (NameColumns(*(column[rows] for column in people.names)) for rows in pairs)
    han = (one.han > 0) & (other.han > 0)
    latin = (one.han == 0) & (other.han == 0)
    same_letters = one.all_letters == other.all_letters
    same_words = one.all_words == other.all_words
    nameless = (one.words == 0) | (other.words == 0)
    rules = [
        (nameless, ""),
        (han & (one.all_han == other.all_han), "name_same"),
        (han & same_letters, "name_sound"),
        (latin & (same_words | (same_letters & (one.words != other.words))), "name_same"),
        (~han & ~latin & same_letters, "name_pinyin"),
        (~han & ~latin, ""),
        (han & (np.minimum(one.han, other.han) < 5) & (one.surname == other.surname), "name_family"),
        (han & (np.minimum(one.han, other.han) < 5), "names_differ"),
    ]
    codes = np.select([rule for rule, _ in rules], [_CODE[kind] for _, kind in rules], np.int8(-1))
    rows = np.flatnonzero((codes < 0) & may_matter)
    texts = (people.texts[each[rows]].tolist() for each in pairs)
    codes[rows] = [_CODE[name_likeness(parse_name(a), parse_name(b))] for a, b in zip(*texts, strict=True)]
    codes[codes < 0] = _CODE["names_differ"]
    return _rated(codes, one, people.namesakes[pairs.first])


def _rated(codes: Codes, names: NameColumns, namesakes: Numbers) -> Codes:
    is_long = (names.han > 2) | ((names.han == 0) & (names.letters > 7))
    rated = np.select(
        [
            (names.han == 0) & (names.words < 2),
            namesakes >= COMMON_FROM,
            (codes == _CODE["name_same"]) & is_long & (namesakes <= RARE_UP_TO),
        ],
        [_CODE["name_single"], _CODE["name_common"], _CODE["name_rare"]],
        codes,
    )
    return np.where(np.isin(codes, [_CODE[kind] for kind in ("name_same", "name_pinyin", "name_sound")]), rated, codes)
