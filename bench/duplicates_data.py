"""A shop's customers as they are, for looking for duplicates: which of them are one person is known.

Names have a long tail: the thousand commonest of the United States, German ones, Chinese ones by how many bear them,
and behind them tens of thousands that few have. About one record in fifty is the second of a person, by eight kinds of
slip. One in fifteen is of the family of another customer: the surname, the city, often a number beside theirs. Some
order for a company by its mailbox, some as guests. Of every other one an address is known, which a family has in
common, and a second record spells otherwise.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from django.db import connections
from faker.providers.person.de_DE import Provider as German
from faker.providers.person.en_US import Provider as American
from faker.providers.person.zh_CN import Provider as Chinese
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

from crm.shops.models import Shop
from customers.domain.identity import match_value

Texts = NDArray[np.str_]
Shares = NDArray[np.float64]

PROVIDERS = (
    "gmail.com", "qq.com", "163.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "web.de", "gmx.de",
    "126.com",
)  # fmt: skip


class Record(NamedTuple):
    """What a shop knows of a customer. surname and given name apart, for their families and second records."""

    surname: str
    given: str
    name: str
    city: str
    country: str
    email: str
    phone: str
    street: str = ""  # with the number; "" where no address is known
    postcode: str = ""


class Made(NamedTuple):
    """truth: ids of both records of a person → the kind of slip. related: ids of two of one family."""

    truth: dict[tuple[int, int], str]
    related: set[tuple[int, int]]


def _letters_swapped(old: Record) -> dict[str, str] | None:
    given, at = old.given, len(old.given) // 2
    if not given.isascii() or len(given) < 4 or not old.email:
        return None
    given = f"{given[: at - 1]}{given[at]}{given[at - 1]}{given[at + 1 :]}"
    return {"name": f"{given} {old.surname}", "email": _elsewhere(old.email)}


def _letter_lost(old: Record) -> dict[str, str] | None:
    if not old.surname.isascii() or len(old.surname) < 5 or not old.phone:
        return None
    return {"name": f"{old.given} {old.surname[:-2]}{old.surname[-1]}", "phone": _near(old.phone)}


def _other_order(old: Record) -> dict[str, str] | None:
    if not old.email:
        return None
    name = f"{old.surname.upper()}, {old.given}" if old.surname.isascii() else f"{old.given}{old.surname}"
    return {"name": name, "email": _elsewhere(old.email)}


def _plus_tag(old: Record) -> dict[str, str] | None:
    # At Gmail the two would be one identifier, of one customer.
    if not old.email or old.email.endswith("@gmail.com"):
        return None
    return {"email": old.email.replace("@", "+shop@")}


def _country_prefix(old: Record) -> dict[str, str] | None:
    return {"phone": f"+44{old.phone[3:]}"} if old.phone.startswith("+86") else None


def _in_pinyin(old: Record) -> dict[str, str] | None:
    if old.surname.isascii() or not old.phone:
        return None
    name = f"{_pinyin(old.given)} {_pinyin(old.surname)}".title()
    return {"name": name, "phone": _near(old.phone)}


def _slip_after_the_at(old: Record) -> dict[str, str] | None:
    local, _, domain = old.email.partition("@")
    return {"email": f"{local}@{domain[0]}{domain[2]}{domain[1]}{domain[3:]}"} if len(domain) > 6 else None


def _full_width(old: Record) -> dict[str, str] | None:
    if not old.name.isascii() or not old.phone:
        return None
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else "\u3000" for sign in old.name)
    return {"name": wide, "phone": _near(old.phone)}


# What is otherwise in the second record, None where it cannot be.
SLIPS: dict[str, Callable[[Record], dict[str, str] | None]] = {
    "two letters swapped, another provider": _letters_swapped,
    "a letter lost, a digit wrong": _letter_lost,
    "the name in another order, another provider": _other_order,
    "a +tag": _plus_tag,
    "another country's prefix": _country_prefix,
    "the name in pinyin, a digit wrong": _in_pinyin,
    "a slip after the @": _slip_after_the_at,
    "a name in full width, a digit wrong": _full_width,
}
SHARES = {"new": 0.87, "again": 0.04, "family": 0.065, "company": 0.015, "guest": 0.01}


def _near(phone: str) -> str:
    return f"{phone[:-1]}{(int(phone[-1]) + 3) % 10}"


def _elsewhere(email: str) -> str:
    return f"{email.partition('@')[0]}@mail.example"


STAGING = (
    "CREATE TEMP TABLE made (id bigint, name text, city text, country text, email text, phone text, street text,"
    " postcode text) ON COMMIT DROP"
)
WRITE = (
    """INSERT INTO customers_customer (id, shop_id, name, city, country, created_at, updated_at)
    SELECT id, %(shop)s, name, city, country, now(), now() FROM made""",
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, source, value)
    SELECT %(shop)s, id, kind, '', value
    FROM made
    CROSS JOIN LATERAL (VALUES ('external', 'c' || id), ('email', email), ('phone', phone)) AS each (kind, value)
    WHERE value <> ''
    ON CONFLICT DO NOTHING""",
    """INSERT INTO customers_address (shop_id, customer_id, type, line1, city, postcode, country)
    SELECT %(shop)s, id, 'shipping', street, city, postcode, country FROM made WHERE street <> ''""",
)


def fill(shop: Shop, count: int) -> Made:
    """Write so many customers with ids from 1 on, and their identifiers."""
    truth: dict[tuple[int, int], str] = {}
    crowd = _Crowd(count)
    records: list[Record] = []
    for pk, (record, twin_of, slip) in enumerate(crowd.records(), start=1):
        records.append(record)
        if slip:
            truth[twin_of, pk] = slip
    with connections["default"].cursor() as cursor:
        cursor.execute(STAGING)
        with cursor.copy("COPY made FROM STDIN") as copy:
            for pk, each in enumerate(records, start=1):
                copy.write_row(
                    (pk, each.name, each.city, each.country, each.email, each.phone, each.street, each.postcode)
                )
        for statement in WRITE:
            cursor.execute(statement, {"shop": shop.pk})
    return Made(truth, crowd.related)


class _Crowd:
    def __init__(self, count: int) -> None:
        self.count = count
        self.related: set[tuple[int, int]] = set()
        self._random = np.random.default_rng(20260104)
        self._homes = np.random.default_rng(20260105)
        self._taken: set[str] = set()
        self._cities = [f"{stem}{end}" for stem in _syllables(40) for end in ("ton", "burg", "hou", "zhou", "stadt")]

    def records(self) -> Iterator[tuple[Record, int, str]]:
        """Each with the id of whom it is the second record, and by which slip."""
        kinds = self._random.choice(list(SHARES), self.count, p=list(SHARES.values()))
        slips = self._random.choice(list(SLIPS), self.count)
        whose = self._random.random(self.count)
        records: list[Record] = []
        seconds: set[int] = set()
        for place, (kind, new) in enumerate(zip(kinds, self._strangers(), strict=False)):
            old = int(whose[place] * place)
            record, slip = new, ""
            if kind == "again" and place and old not in seconds:
                again = self._again(records[old], new, str(slips[place]))
                if again is not None:
                    record, slip = again, str(slips[place])
                    seconds.update((old, place))
            elif kind == "family" and place and records[old].surname.isascii() == new.given.isascii():
                record = self._of_family(records[old], new)
                self.related.add((old + 1, place + 1))
            elif kind == "company" and new.surname.isascii():
                record = new._replace(email=f"info@{new.surname.lower()}{place}.example")
            elif kind == "guest":
                record = new._replace(surname="", given="", name="Guest", email="")
            records.append(record)
            yield record, old + 1, slip

    def _again(self, old: Record, new: Record, slip: str) -> Record | None:
        """The second record of a person, None where they cannot have this slip: all as it was but for it, another phone
        or none, and one in seven has moved."""
        slipped = SLIPS[slip](old)
        if slipped is None or not old.surname:
            return None
        contacts = {kind: self._free(slipped[kind]) for kind in ("email", "phone") if kind in slipped}
        if not all(contacts.values()):
            return None
        home = new if self._random.random() < 1 / 7 else old
        words = home.street.replace("street", "str.").split()
        street = " ".join(words[::-1]) if home.street.isascii() else f"东城区 {home.street}"
        where = {"city": home.city, "street": street, "postcode": home.postcode}
        return old._replace(email="", phone=new.phone, **where)._replace(**(slipped | contacts))

    def _of_family(self, old: Record, new: Record) -> Record:
        name = f"{new.given} {old.surname}" if new.given.isascii() else f"{old.surname}{new.given}"
        beside = self._free(_near(old.phone)) if old.phone else ""
        where = {"city": old.city, "street": old.street, "postcode": old.postcode}
        return new._replace(surname=old.surname, name=name, phone=beside or new.phone, **where)

    def _free(self, value: str) -> str:
        """The value, or "" where another customer has it."""
        key = match_value("email" if "@" in value else "phone", value)
        if key in self._taken:
            return ""
        self._taken.add(key)
        return value

    def _strangers(self) -> Iterator[Record]:
        while True:
            yield from self._some(20_000)

    def _some(self, size: int) -> Iterator[Record]:
        draw = self._random
        han = draw.random(size) < 0.45
        surnames = np.where(han, _drawn(draw, dict(Chinese.last_names), size), _latin_surnames(draw, size))
        given = np.where(han, _han_given(draw, size), _latin_given(draw, size))
        cities = draw.choice(self._cities, size, p=_zipf(len(self._cities), 5))
        providers = draw.choice(PROVIDERS, size, p=_zipf(len(PROVIDERS), 1))
        numbers, has = draw.integers(10**8, size=(2, size)), draw.random((3, size))
        fronts = draw.integers(30, 100, size=size)
        streets, houses = self._homes.choice(self._cities, size), self._homes.integers(1, 200, size=size)
        characters, has_home = self._homes.choice(_CHARACTERS, size), self._homes.random(size) < 0.5
        for place in range(size):
            surname, name = str(surnames[place]), str(given[place])
            is_han = bool(han[place])
            sound = [_pinyin(surname), _pinyin(name)] if is_han else [surname.lower(), name.lower()]
            stem = (f"{sound[1]}.{sound[0]}", f"{sound[0]}{sound[1]}", f"{sound[1][:1]}{sound[0]}")[place % 3]
            number = str(numbers[0, place] % (10 ** (2 + place % 4)))
            email = f"{stem}{'' if has[0, place] < 0.3 else number}@{providers[place]}" if has[1, place] < 0.8 else ""
            phone = f"+861{fronts[place]}{numbers[1, place]:08}" if is_han else f"+49151{numbers[1, place]:08}"
            yield Record(
                surname,
                name,
                f"{surname}{name}" if is_han else f"{name} {surname}",
                str(cities[place]) if has[0, place] < 0.9 else "",
                "CN" if is_han else "DE",
                email and self._free(email),
                self._free(phone) if has[2, place] < 0.65 else "",
                (f"{characters[place]}江路{houses[place]}号" if is_han else f"{streets[place]} street {houses[place]}")
                if has_home[place]
                else "",
                "" if is_han else f"{len(cities[place]) * 1009 + ord(cities[place][0]) * 97:05}",
            )


def _zipf(count: int, start: int) -> Shares:
    weights = 1 / (np.arange(count) + start)
    shares: Shares = weights / weights.sum()
    return shares


def _drawn(draw: np.random.Generator, weights: dict[str, float], size: int) -> Texts:
    values = np.fromiter(weights.values(), float)
    return draw.choice(list(weights), size, p=values / values.sum())


def _latin_surnames(draw: np.random.Generator, size: int) -> Texts:
    american, german = _drawn(draw, dict(American.last_names), size), draw.choice(German.last_names, size)
    common = np.where(draw.random(size) < 0.8, american, german)
    return np.where(draw.random(size) < 0.5, common, draw.choice(_RARE, size, p=_zipf(len(_RARE), 50)))


def _latin_given(draw: np.random.Generator, size: int) -> Texts:
    american, german = _drawn(draw, dict(American.first_names), size), draw.choice(German.first_names, size)
    return np.where(draw.random(size) < 0.7, american, german)


def _han_given(draw: np.random.Generator, size: int) -> Texts:
    one, other = draw.choice(_CHARACTERS, (2, size), p=_zipf(len(_CHARACTERS), 30))
    return np.where(draw.random(size) < 0.25, draw.choice(Chinese.first_names, size), np.char.add(one, other))


@cache
def _pinyin(text: str) -> str:
    return "".join(lazy_pinyin(text)).lower()


def _syllables(count: int) -> list[str]:
    onsets = ("b", "br", "d", "f", "g", "h", "k", "kl", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w", "z", "sch")
    return [f"{onset}{vowel}".capitalize() for onset in onsets for vowel in "aeiou"][:count]


_RARE = [
    f"{one}{two.lower()}{end}"
    for one in _syllables(100)
    for two in _syllables(100)
    for end in ("n", "rt", "ski", "ll", "mann", "x")
]
# Those in daily use, in no order that matters.
_CHARACTERS = [bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)][::3]
