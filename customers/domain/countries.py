"""Which country a record names, in whatever way a storefront writes it: by its phone numbers are read."""

import re
import unicodedata
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from .identity import is_placeholder

# Exports name countries in the language of the storefront. Those of the dates that are read, and of their neighbours.
_LANGUAGES = (
    "en", "zh", "zh_Hant", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "ko", "sv", "da", "nb", "fi", "cs",
    "tr",
)  # fmt: skip
# Names in common use that Unicode's tables have in another form; compared as _key() has them.
_ALSO = {
    "AE": ("UAE", "U.A.E."),
    "BA": ("Bosnia",),
    "BO": ("Bolivia, Plurinational State of",),
    "BN": ("Brunei Darussalam",),
    "CD": ("DR Congo", "Congo, Democratic Republic of the", "Democratic Republic of the Congo"),
    "CG": ("Republic of the Congo",),
    "CI": ("Ivory Coast",),
    "CN": (
        "PRC", "P.R. China", "PR China", "Mainland China", "China Mainland", "People's Republic of China",
        "中国大陆", "中国内地", "大陆", "中华人民共和国", "中國大陸",
    ),
    "CV": ("Cabo Verde",),
    "CZ": ("Czech Republic",),
    "GB": (
        "UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland",
        "United Kingdom of Great Britain and Northern Ireland", "Großbritannien", "England (UK)", "Grande-Bretagne",
        "Angleterre", "Gran Bretaña", "Gran Bretagna",
    ),
    "HK": ("Hong Kong", "Hong Kong SAR", "Hong Kong, China", "Hongkong", "香港", "中国香港", "香港特别行政区"),
    "IE": ("Eire", "Éire", "Republic of Ireland", "Ireland, Republic of"),
    "IR": ("Iran, Islamic Republic of",),
    "KP": ("Korea, Democratic People's Republic of",),
    "KR": ("Korea", "Republic of Korea", "Korea, Republic of", "Korea, South", "S. Korea"),
    "LA": ("Lao People's Democratic Republic",),
    "MD": ("Republic of Moldova", "Moldova, Republic of"),
    "MK": ("Macedonia", "Macedonia, the Former Yugoslav Republic of"),
    "MM": ("Burma", "Myanmar"),
    "MO": ("Macao", "Macau", "Macao SAR", "Macau SAR", "澳门", "澳門", "中国澳门", "澳门特别行政区"),
    "NL": ("The Netherlands", "Holland"),
    "PS": ("Palestine", "Palestine, State of", "State of Palestine"),
    "RU": ("Russian Federation",),
    "SK": ("Slovak Republic",),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey", "Turkiye"),
    "TW": ("Taiwan, Province of China", "Taiwan, China", "Taiwan (R.O.C.)", "中国台湾", "中国台湾省", "臺灣", "台湾省"),
    "TZ": ("United Republic of Tanzania", "Tanzania, United Republic of"),
    "US": ("U.S.", "U.S.A.", "United States of America", "The United States", "America", "Etats-Unis d'Amérique"),
    "VA": ("Holy See",),
    "VE": ("Venezuela, Bolivarian Republic of",),
    "VN": ("Viet Nam",),
}  # fmt: skip
_LONGEST = 80
_BETWEEN = re.compile(r"[()\[\]（）/|,;–—-]+")


def phone_region(country: str, otherwise: str) -> str:
    """The country (ISO code) by which a phone number without a country code is read, in a record that names `country`.

    That country alone, and `otherwise` (the shop's) only where the record names none: the digits of a Belgian number
    may be those of somebody else in France. "" for a country that is not understood: nothing is guessed of it, so that
    only numbers that begin with + or 00 can be read.
    """
    text = country.strip()
    if text.casefold() == "na":  # Namibia, or "not available": a shop there means the one, and of others it is not sure
        return "NA" if otherwise == "NA" else ""
    if not text or is_placeholder(text):
        return otherwise
    return country_code(text) or ""


@lru_cache(maxsize=5_000)
def country_code(text: str) -> str | None:
    """The ISO 3166 code of two letters of a country named by code or in words ("be", "BEL", "Belgique", "比利时");
    None for what names no country, or two.
    """
    if len(text) > _LONGEST:
        return None
    if found := _known().get(_key(text)):
        return found
    # "BE - Belgium", "Belgium (BE)": only if each part names it.
    parts = {_known().get(_key(part)) for part in _BETWEEN.split(text) if part.strip()}
    return parts.pop() if len(parts) == 1 else None


def country_shown(text: str, language: str) -> str:
    """A country as it is kept, in English, as files and storefronts mostly write it; in another language (a locale such
    as "zh_Hans") as it is called there.
    """
    return text if language.startswith("en") else country_name(text, language.replace("_", "-"))


def country_name(text: str, language: str) -> str:
    """What a country, written in whatever way, is called in the language (a tag such as "zh-hans"); the text itself
    where it names none.
    """
    code = country_code(text)
    return _territories(_locale(language)).get(code, text) if code else text


@cache
def _locale(language: str) -> str:
    return str(Locale.parse(language, sep="-"))


def _key(name: str) -> str:
    """The name without case, width, accents, spaces and signs."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


@cache
def _known() -> dict[str, str]:
    """Key of each code and name → code; what two countries are called in two languages is left out."""
    codes = {code for code in _territories("en") if len(code) == 2 and code.isalpha()} - {"EU", "EZ", "UN", "ZZ"}
    named: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in _territories(language).items():
            if code in codes:
                named.setdefault(_key(name), set()).add(code)
    known = {key: min(found) for key, found in named.items() if len(found) == 1}
    known |= {_key(name): code for code, names in _ALSO.items() for name in names}
    for alias, replaced in get_global("territory_aliases").items():  # codes of three letters among them
        if alias.isalpha() and len(replaced) == 1 and replaced[0] in codes:
            known.setdefault(_key(alias), replaced[0])
    return known | {_key(code): code for code in codes} | {"uk": "GB"}


@cache
def _territories(language: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse(language).territories.items()}
