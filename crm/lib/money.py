"""Money as whole minor units (pence, fen): from decimal text at the doors, and back to words people read."""

import re
from collections.abc import Sequence
from copy import copy
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache, lru_cache
from typing import cast

from babel import Locale
from babel.core import get_global
from babel.numbers import NumberPattern, format_compact_currency, get_currency_symbol

# ISO 4217 list one: every currency whose minor unit is not a hundredth. Not Babel's own table, which is CLDR's: that
# says how many decimals people usually print (0 for LBP or IRR), while a payment file counts in ISO's units.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3) | {"CLF": 4, "UYW": 4}
DEFAULT_EXPONENT = 2

# Beyond 2^53 a JavaScript chart or a spreadsheet would silently round; in hundredths that is 90 trillion.
MAX_MINOR = 2**53 - 1
_MAX_TEXT = 40
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?\Z|[+-]?\.[0-9]+\Z")


class BadAmount(ValueError):
    """The text or number is no amount of money that can be kept. `code` says why, for a message to people."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@cache
def known_currencies() -> frozenset[str]:
    """Every ISO 4217 code Babel knows, also withdrawn ones: old orders keep their currency."""
    return frozenset(cast("dict[str, object]", get_global("all_currencies")))


def exponent(currency: str) -> int:
    """Decimals of the currency: 2 for GBP, 0 for JPY, 3 for KWD. BadAmount("unknown_currency") for anything else."""
    if (digits := _EXPONENTS.get(currency)) is not None:
        return digits
    if currency not in known_currencies():
        raise BadAmount("unknown_currency")
    return DEFAULT_EXPONENT


def average_order(revenue_minor: int, orders: int) -> int | None:
    """AOV: revenue before refunds ÷ orders, in minor units, halves up; None without an order."""
    return (2 * revenue_minor + orders) // (2 * orders) if orders else None


def to_minor(amount: Decimal | str, currency: str) -> int:
    """The amount in minor units, halves rounded away from zero ("half up", as shops and tax offices do).

    A text is plain digits with at most one point: no exponent, grouping or currency sign.
    BadAmount with code not_a_number, amount_too_large or unknown_currency.
    """
    digits = exponent(currency)
    number = _decimal(amount)
    if not number or number.adjusted() < -20:
        return 0
    # Asked before any arithmetic: Decimal("1e999999999") is a few bytes that would be multiplied out to a gigabyte.
    if number.adjusted() > 17 or len(number.as_tuple().digits) > _MAX_TEXT:
        raise BadAmount("amount_too_large")
    with localcontext(prec=2 * _MAX_TEXT):
        minor = int(number.scaleb(digits).to_integral_value(ROUND_HALF_UP))
    if abs(minor) > MAX_MINOR:
        raise BadAmount("amount_too_large")
    return minor


def _decimal(amount: Decimal | str) -> Decimal:
    if isinstance(amount, str):
        if len(amount) > _MAX_TEXT or not _PLAIN.match(amount):
            raise BadAmount("not_a_number")
        return Decimal(amount)
    if not amount.is_finite():
        raise BadAmount("not_a_number")
    return amount


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount with exactly the decimals of its currency: 1234 → Decimal("12.34") in GBP, Decimal("1234") in JPY."""
    return Decimal(minor).scaleb(-exponent(currency))


def half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, halves away from zero. The denominator is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in parts that sum to it, in proportion to the weights (0 or more, their sum above 0).

    Each part is rounded together with those before it, so none is off by more than one.
    """
    whole, until, given = sum(weights), 0, 0
    parts = []
    for weight in weights:
        until += weight
        share = half_up(amount * until, whole)
        parts.append(share - given)
        given = share
    return parts


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache(maxsize=256)
def _symbol(currency: str, language: str) -> str:
    return get_currency_symbol(currency, _locale(language))


@lru_cache(maxsize=256)
def _pattern(language: str, digits: int, is_letters: bool) -> NumberPattern:
    pattern = copy(_locale(language).currency_formats["standard"])
    if is_letters and pattern.prefix[0].endswith("¤"):
        # Letters before digits want a space between: £1.00, but KWD 1.000.
        pattern.prefix = tuple(before + "\N{NO-BREAK SPACE}" for before in pattern.prefix)
    pattern.frac_prec = (digits, digits)
    return cast(NumberPattern, pattern)


def format_money(minor: int, currency: str, language: str, *, compact: bool = False, whole: bool = False) -> str:
    """The amount as people of the language write it: £1,234.50; compact (for charts): £1.2K, in Chinese ¥1.2万.

    whole (for sentences): from 100 on without the small change, £1,235.
    `language` is Django's code, such as "en" or "zh-hans". All minor digits are shown, whatever CLDR usually prints.
    """
    locale, amount, digits = _locale(language), from_minor(minor, currency), exponent(currency)
    if compact and abs(amount) >= 1000:
        return format_compact_currency(amount, currency, locale=locale, fraction_digits=1)
    if whole and abs(amount) >= 100:
        amount, digits = amount.to_integral_value(ROUND_HALF_UP), 0
    symbol = _symbol(currency, language)
    pattern = _pattern(language, digits, symbol[-1].isalpha())
    # Told the currency, Babel would also look up its name in the plural of the amount: half of the time, for nothing.
    return cast(str, pattern.apply(amount, locale)).replace("¤", symbol)
