"""Names of months and days of the week in the languages of shops' exports, out of the CLDR."""

import unicodedata
from functools import cache

from babel import Locale

_LANGUAGES = ("en", "en_GB", "de", "de_AT", "fr", "es", "it", "pt", "nl", "pl", "ru")
_WIDTHS = ("wide", "abbreviated")


@cache
def month_names() -> dict[str, int]:
    """Each name of a month as name_key() has it, and its number; without names that are of two months."""
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        for names in Locale.parse(language).months.values():
            for width in _WIDTHS:
                for number, name in names.get(width, {}).items():
                    for key in _keys(name):
                        found.setdefault(key, set()).add(number)
    return {key: numbers.pop() for key, numbers in found.items() if len(numbers) == 1}


@cache
def weekday_names() -> frozenset[str]:
    """The names of the days of the week, as name_key() has them."""
    days = (names for language in _LANGUAGES for names in Locale.parse(language).days.values())
    return frozenset(
        key for names in days for width in _WIDTHS for name in names.get(width, {}).values() for key in _keys(name)
    )


def name_key(name: str) -> str:
    """The name without case and points: "Févr." is "févr"."""
    return unicodedata.normalize("NFC", name).casefold().strip(". ")


def _keys(name: str) -> set[str]:
    """The name, and the name without its accents, as programs without Unicode write it."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))
    return {name_key(name), name_key(bare)}
