"""Which house an address is of, as two spellings of it are compared: 12 Main Street, Apt. 4 and Main St. 12 are one."""

import re
from functools import lru_cache
from typing import NamedTuple

from .addresses import parts_of_chinese
from .names import fold, place

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
# Of one word for a kind of street the shortest; at the end of a German one too.
_SHORT = {
    "street": "st", "str": "st", "strasse": "st", "saint": "st", "road": "rd", "avenue": "ave", "av": "ave",
    "lane": "ln", "drive": "dr", "court": "ct", "place": "pl", "platz": "pl", "square": "sq", "boulevard": "blvd",
    "bd": "blvd", "terrace": "ter", "highway": "hwy", "parkway": "pkwy", "north": "n", "south": "s", "east": "e",
    "west": "w",
}  # fmt: skip
_STREET = re.compile(r"(?:strasse|str)\Z")
# What stands before the number of a flat, or of a part of the house.
_FLAT = frozenset(
    [
        "apt", "apartment", "flat", "unit", "suite", "ste", "room", "rm", "floor", "fl", "wohnung", "whg",
        "appartement", "interno", "bldg", "building",
    ]
)  # fmt: skip
_DISTRICT = re.compile(r"\A[^\d\s]{1,8}?[区县]\s*(?=.)")
_HOUSE = re.compile(r"(?P<house>.*?\d+(?:-\d+)?[号號])(?P<flat>.*)")
_ZIP = re.compile(r"([0-9]{5})-[0-9]{4}\Z")


class House(NamedTuple):
    """key: equal where two addresses are of one house; "" where that cannot be told. flat: within it, "" where none is
    said."""

    key: str = ""
    flat: str = ""


NOWHERE = House()


def house_of(line1: str, line2: str, city: str, postcode: str) -> House:
    """Told by the street with its number, and the postcode or, without one and in Chinese, the city."""
    if not line1:
        return NOWHERE
    if _HAN.search(line1):
        return _chinese(line1, line2, city)
    where = _postcode(postcode) or _city(city)
    words = _words(line1)
    at = next((n for n, word in enumerate(words) if n and word in _FLAT), len(words))
    street, flat = words[:at], [*words[at:], *_words(line2)]
    if not where or not any(map(str.isdigit, street)) or all(map(str.isdigit, street)):
        return NOWHERE
    return House(f"{where} {' '.join(sorted(street))}", " ".join(sorted(word for word in flat if word not in _FLAT)))


def is_same_house(one: House, other: House) -> bool:
    """Whether they may be one address: of one house, and not of two flats."""
    is_house = bool(one.key) and one.key == other.key
    return is_house and (one.flat == other.flat or not (one.flat and other.flat))


def _chinese(line1: str, line2: str, city: str) -> House:
    parts = {} if city else parts_of_chinese(line1)
    where = _city(city or parts.get("city", ""))
    text = _DISTRICT.sub("", parts.get("line1", line1))
    text = "".join(fold(text).split())
    found = _HOUSE.match(text)
    house, flat = (found["house"], found["flat"]) if found else (text, "")
    if not where or len(house) < 4 or not any(map(str.isdigit, house)):
        return NOWHERE
    return House(f"{where} {house}", "".join([flat, *fold(line2).split()]))


def _words(text: str) -> list[str]:
    text = fold(text).replace("#", " apt ")
    return [_SHORT.get(word) or _STREET.sub("st", word) for word in _WORD.findall(text)]


def _postcode(text: str) -> str:
    text = _ZIP.sub(r"\1", text.strip())
    return "".join(_WORD.findall(fold(text)))


@lru_cache(maxsize=5_000)
def _city(text: str) -> str:
    return place(text)
