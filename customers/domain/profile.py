"""What a record says about the person: birthday, language, time zone, company. Pages, the API and files read them here.

| of the person | written as | kept as |
|---|---|---|
| birthday | 1990-05-17, 1990/5/17, 1990年5月17日; without a year 05-17, --05-17, 5月17日 | "1990-05-17", "--05-17" |
| language | a tag of BCP 47 out of CLDR's list, in whatever case: zh-Hans, zh_CN, EN | "zh-Hans", "zh-CN", "en" |
| time zone | a name of the IANA database, in whatever case: Asia/Shanghai | "Asia/Shanghai" |
| company | one line of at most 200 characters | the same, runs of spaces made single |

Empty text is none of each.
"""

import re
import unicodedata
import zoneinfo
from datetime import date
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from .attributes import BadValue, one_line
from .countries import country_code

BIRTHDAY_LENGTH, LANGUAGE_LENGTH, TIME_ZONE_LENGTH, COMPANY_LENGTH = 10, 20, 64, 200
FIRST_BIRTH_YEAR = 1900
_LEAP_YEAR = 2000  # by which a birthday without a year is checked: 29 February is a day

_BIRTHDAY = re.compile(r"(?:--|(?P<year>[0-9]{4})[-/.年])?(?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?\Z")

# Tags that storefronts send and CLDR has under another name; and codes of languages that have changed.
_ALSO_LANGUAGES = ("zh-CN", "zh-TW", "zh-HK", "zh-MO", "zh-SG")
_RENAMED_LANGUAGES = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro", "tl": "fil"}
_NO_LANGUAGES = {"root", "en-us-posix"}

# Where a country has several zones and nearly all its people live by one. Of others, such as the United States, a
# customer's country says nothing.
_USUAL_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PG": "Pacific/Port_Moresby",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


def read_birthday(text: str, *, today: date) -> str:
    """The birthday as it is kept; "" for none. today: where the shop is.

    BadValue: invalid_date, date_in_future, date_out_of_range (before 1900).
    """
    plain = "".join(unicodedata.normalize("NFKC", text[:60]).split())
    if not plain:
        return ""
    match = _BIRTHDAY.match(plain)
    if match is None or len(text) > 60:
        raise BadValue("invalid_date", text)
    year = int(match["year"]) if match["year"] else None
    try:
        day = date(_LEAP_YEAR if year is None else year, int(match["month"]), int(match["day"]))
    except ValueError:
        raise BadValue("invalid_date", text) from None
    if year is None:
        return f"--{day:%m-%d}"
    if year < FIRST_BIRTH_YEAR:
        raise BadValue("date_out_of_range", text)
    if day > today:
        raise BadValue("date_in_future", text)
    return day.isoformat()


def without_year(birthday: str) -> str:
    """The same birthday as those see it who may not see contacts: "1990-05-17" → "--05-17"."""
    return f"--{birthday[-5:]}" if birthday else ""


def birthday_parts(birthday: str) -> tuple[date, bool]:
    """The day, of a leap year where the year is not known, and whether it is known. For one that is not empty."""
    if birthday.startswith("--"):
        return date.fromisoformat(f"{_LEAP_YEAR}{birthday[1:]}"), False
    return date.fromisoformat(birthday), True


def read_language(text: str) -> str:
    """The tag as it is kept; "" for none. BadValue: unknown_language."""
    tag = unicodedata.normalize("NFKC", text[:60]).strip().replace("_", "-")
    if not tag:
        return ""
    folded = tag.casefold()
    known = _languages().get(_RENAMED_LANGUAGES.get(folded, folded))
    if known is None:
        raise BadValue("unknown_language", text)
    return known


@cache
def _languages() -> dict[str, str]:
    """Every known tag by its form without case."""
    tags = [identifier.replace("_", "-") for identifier in locale_identifiers()] + list(_ALSO_LANGUAGES)
    return {tag.casefold(): tag for tag in tags if tag.casefold() not in _NO_LANGUAGES}


@cache
def main_languages() -> tuple[str, ...]:
    """Those that a form offers: languages of two letters without a country, and both ways to write Chinese."""
    tags = (tag for tag in _languages().values() if len(tag) == 2 and tag != "zh")
    return tuple(sorted([*tags, "fil", "yue", "zh-Hans", "zh-Hant"]))


def language_name(tag: str, reader: Any) -> str:
    """What a language is called in that of the reader, a Babel Locale; the tag where nobody has a name for it."""
    return Locale.parse(tag, sep="-").get_display_name(reader) or tag


def nearest_language(tag: str, offered: tuple[str, ...]) -> str | None:
    """Of languages that are offered, such as ("en", "zh-hans"), the one in which a reader of `tag` reads; else None.

    Chinese in whatever script is read by who reads Chinese.
    """
    language = tag.casefold().partition("-")[0]
    if language == "yue":
        language = "zh"
    exact = [code for code in offered if code.casefold() == tag.casefold()]
    near = [code for code in offered if code.casefold().partition("-")[0] == language]
    return next(iter(exact + near), None)


def read_time_zone(text: str) -> str:
    """The name as the database has it; "" for none. BadValue: unknown_time_zone."""
    name = text.strip()
    if not name:
        return ""
    known = _zones().get(name.casefold()) if len(name) <= TIME_ZONE_LENGTH else None
    if known is None:
        raise BadValue("unknown_time_zone", text)
    return known


@cache
def _zones() -> dict[str, str]:
    """Every zone with a place, and UTC, by its form without case."""
    names = (name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return {name.casefold(): name for name in names}


def zone_of_country(country: str) -> str:
    """The zone of a country in words or as a code, where it has one or a usual one; else ""."""
    code = country_code(country.strip()) if country.strip() else None
    return "" if code is None else _USUAL_ZONES.get(code) or _only_zones().get(code, "")


@cache
def _only_zones() -> dict[str, str]:
    """Country → its zone, where it has but one."""
    found: dict[str, list[str]] = {}
    for zone, code in get_global("zone_territories").items():
        found.setdefault(str(code), []).append(str(zone))
    known = set(_zones().values())
    return {code: zones[0] for code, zones in found.items() if len(zones) == 1 and zones[0] in known}


def read_company(text: str) -> str:
    """The name on one line; "" for none. BadValue: control_character, too_long."""
    company = one_line(text)
    if len(company) > COMPANY_LENGTH:
        raise BadValue("too_long", company)
    return company
