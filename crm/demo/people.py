"""Invented names, e-mail addresses and phone numbers for the demo shop's real customers.

The addresses end in example.com, which nobody can own; the phone numbers are those in London that Ofcom keeps for drama
(its mobile ones pass for invalid, so that a file of them would not come in again), but for that of 王小明, whom
documents and pages give as the example: his is the number every Chinese form shows.
"""

import random
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from faker import Faker

LOCALES = {
    "United Kingdom": "en_GB",
    "EIRE": "en_IE",
    "Germany": "de_DE",
    "France": "fr_FR",
    "Spain": "es_ES",
    "Italy": "it_IT",
    "Netherlands": "nl_NL",
    "Sweden": "sv_SE",
    "Japan": "ja_JP",
}
CHINESE_SHARE = 0.15
DRAMA_NUMBERS = 1000


EXAMPLE_NAME, EXAMPLE_EMAIL, EXAMPLE_PHONE = "王小明", "wang.xiaoming@example.com", "+8613800138000"


class Person(NamedTuple):
    name: str
    email: str
    phone: str  # "" for most: there are only a thousand drama numbers


def invent(customers: list[tuple[str, str]]) -> Iterator[Person]:
    """One person for each (customer number, country), always the same for the same list."""
    random_source = random.Random("huitou")  # noqa: S311  # names, not secrets
    fakers: dict[str, Faker] = {}
    is_example_due = True
    for position, (number, country) in enumerate(customers):
        locale = "zh_CN" if random_source.random() < CHINESE_SHARE else LOCALES.get(country, "en_US")
        if locale not in fakers:
            fakers[locale] = Faker(locale)
            fakers[locale].seed_instance(f"huitou-{locale}")
        name = fakers[locale].name()
        phone = f"+442079460{position // 4:03d}" if position % 4 == 0 and position // 4 < DRAMA_NUMBERS else ""
        if is_example_due and locale == "zh_CN":
            is_example_due = False
            yield Person(EXAMPLE_NAME, EXAMPLE_EMAIL, EXAMPLE_PHONE)
            continue
        yield Person(name, f"{_latin(name)}{number}@example.com", phone)


def _latin(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = ["".join(c for c in word if c.isalnum()) for word in plain.split()]
    return "".join(f"{word}." for word in words if word)
