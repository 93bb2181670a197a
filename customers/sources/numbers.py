"""Numbers as people and programs write them, kept exact: "1,234.50" is 123450 with 2 places. No floats, no Decimal."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from crm.lib.money import MAX_MINOR, half_up

from .problems import RowProblem

MAX_QUANTITY = 1_000_000_000
_MAX_TEXT = 40
_POWERS: list[int] = [10**places for places in range(_MAX_TEXT + 1)]
_PLAIN = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,8}))?\Z")
_GROUPED = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?\Z")
_COMMA_DECIMAL = re.compile(r"[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})\Z|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+\Z|0,[0-9]+\Z")
_POINT_DECIMAL = re.compile(r"[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})\Z|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+\Z|0\.[0-9]+\Z")
_ONE_GROUP = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}\Z")
_THOUSANDS_ONLY = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}\Z")
_SIGNS = re.compile(r"[\s'’$€£¥₩₹\u200b\ufeff]+")
_TO_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0xFFE5: 0xA5, 0xFFE1: 0xA3, 0x2212: 0x2D, 0x3000: 0x20}


class Number(NamedTuple):
    """mantissa / 10 ** places."""

    mantissa: int
    places: int


def parse_number(text: str, decimal: str = "auto") -> Number:
    """The number in the text. `decimal` is the sign before decimals: ".", "," or "auto".

    "auto" takes "." but "12,5" and "1.234,50" as they can only be meant; "1,234" alone is refused: it may be 1234 or
    1.234. Full-width digits, currency signs, spaces and apostrophes between thousands are understood.
    RowProblem: missing_value, not_a_number, ambiguous_number, amount_too_large.
    """
    if decimal != "," and (plain := _PLAIN.match(text)):
        sign, whole, places = plain.groups("")
        return Number(int(sign + whole + places), len(places))
    return _unusual_number(text, decimal)


def _unusual_number(text: str, decimal: str) -> Number:
    bare = _SIGNS.sub("", text[: _MAX_TEXT * 2].translate(_TO_HALF_WIDTH))
    if not bare:
        raise RowProblem("missing_value") if not text.strip() else RowProblem("not_a_number", value=text)
    if len(text) > _MAX_TEXT:
        raise RowProblem("not_a_number", value=text)
    grouped = _GROUPED.match(_with_point(text, bare, decimal))
    if not grouped or not (grouped[2] or grouped[3]):
        raise RowProblem("not_a_number", value=text)
    places = grouped[3] or ""
    digits = grouped[2].replace(",", "") + places
    if len(digits.lstrip("0")) > 20:
        raise RowProblem("amount_too_large", value=text)
    return Number(int(grouped[1] + digits), len(places))


def _with_point(text: str, bare: str, decimal: str) -> str:
    """The number with "," for thousands and "." for decimals."""
    if decimal == "." or (decimal == "auto" and "," not in bare and not _THOUSANDS_ONLY.match(bare)):
        return bare
    if decimal == "auto" and _ONE_GROUP.match(bare):
        raise RowProblem("ambiguous_number", value=text)
    if decimal == "," or _COMMA_DECIMAL.match(bare.lstrip("+-")) or _THOUSANDS_ONLY.match(bare):
        return bare.translate({0x2C: ".", 0x2E: ","})
    return bare


def decimal_sign(samples: Iterable[str]) -> str:
    """The decimal sign the samples prove, or "auto" where they prove none or both."""
    proved = {sign for text in samples if (sign := _proof(_SIGNS.sub("", text.translate(_TO_HALF_WIDTH)).lstrip("+-")))}
    return proved.pop() if len(proved) == 1 else "auto"


def _proof(bare: str) -> str:
    if _POINT_DECIMAL.match(bare):
        return "."
    return "," if _COMMA_DECIMAL.match(bare) else ""


def whole_quantity(number: Number, text: str) -> int:
    """The quantity if it is a whole number. RowProblem: fractional_quantity, quantity_too_large."""
    quantity, remainder = divmod(number.mantissa, _POWERS[number.places])
    if remainder:
        raise RowProblem("fractional_quantity", value=text)
    if abs(quantity) > MAX_QUANTITY:
        raise RowProblem("quantity_too_large", value=text)
    return quantity


def minor_units(number: Number, exponent: int, quantity: int = 1) -> int:
    """quantity x number in minor units, rounded once, half up. RowProblem: amount_too_large."""
    minor = half_up(quantity * number.mantissa * _POWERS[exponent], _POWERS[number.places])
    if abs(minor) > MAX_MINOR:
        raise RowProblem("amount_too_large", value=str(minor))
    return minor
