"""Numbers as people and programs write them, kept exact: "1,234.50" is 123450 with 2 places. No floats, no Decimal."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from crm.lib.money import MAX_MINOR, half_up
from crm.lib.money import exponent as exponent_of
from customers.domain.identity import is_unsaid
from customers.domain.spreadsheets import unwrapped

from .characters import plain
from .currencies import currencies_of, is_one_currency, takes_point
from .problems import RowProblem

_MANY = 100_000  # texts of a column that are remembered
MAX_QUANTITY = 1_000_000_000
_MAX_TEXT = 40
_MAX_DIGITS = 20
_THOUSANDTHS = 3
_FREE = frozenset(
    ["free", "free shipping", "free delivery", "gratis", "kostenlos", "gratuit", "免费", "免运费", "包邮", "免邮"]
)
_POWERS: list[int] = [10**places for places in range(_MAX_TEXT + 1)]
_PLAIN = re.compile(r"(-?)([0-9]{1,15})(?:([.,])([0-9]{1,8}))?\Z")

# Arabic script has signs of its own, which mean one thing only: ٫ before decimals, ٬ and the apostrophe of the Swiss
# between thousands. The Arabic comma is used as the comma is.
_SURE_POINT = "٫"
_ONE_MEANING = {0x066C: "'", 0x060C: ",", 0x60: "'"}
_FIRST_DIGIT = re.compile(r"[.,٫]?[0-9]")
_LAST_DIGIT = re.compile(r"[0-9](?:\.(?=\s*\Z)|[.,]-{1,2})?(?=[^0-9]*\Z)")
_BETWEEN = re.compile(r"[^0-9]")
_IN_THREES = re.compile(r"[0-9]{1,3}(?:(?P<sign>[.,' ])[0-9]{3})(?:(?P=sign)[0-9]{3})*\Z")
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}\Z")
_NO_DECIMALS = re.compile(r"[.,]-{1,2}\Z")
_BEFORE = re.compile(r"(?P<minus>[+-]?) ?(?P<name>[^+()0-9-]*)(?P<then>[+-]?) ?\Z")
# "5-" is minus five, but "5 -" and "5-EUR" may be half of a range or a hyphen.
_BEHIND = re.compile(r"(?P<minus>-(?=\Z| ))?(?P<name>[^+()0-9-]*)\Z")


class Number(NamedTuple):
    """mantissa / 10 ** places, and the currencies its cell may name, the likeliest first; () where it names none."""

    mantissa: int
    places: int
    currencies: tuple[str, ...] = ()


class _Digits(NamedTuple):
    """The digits of a number, and the sign before decimals they prove: ".", ",", "" for none, "?" if unsure."""

    whole: str
    places: str
    proof: str


def parse_number(text: str, decimal: str = "auto") -> Number:
    """The number in the text. `decimal` is the sign before decimals: ".", "," or "auto".

    "auto" reads what can only be meant in one way, such as "12,5" and "1.234,50"; "1,234" and "1.234" alone are
    refused: each may be a thousand or one and a bit. Digits of all scripts, a currency before or behind, spaces and
    apostrophes between thousands, and minus as "(5)" or "5-" are understood.
    RowProblem: missing_value, not_a_number, ambiguous_number, amount_too_large.
    """
    if found := _PLAIN.match(text):
        sign, whole, point, places = found.groups("")
        if not point or point == decimal or (decimal == "auto" and not _is_unsure(whole, places)):
            return Number(int(sign + whole + places), len(places))
    return _unusual_number(text, decimal)


def parse_quantity(text: str, decimal: str = "auto") -> int:
    """The whole number in the text, which names no currency: a price is no quantity.

    RowProblem: those of parse_number and whole_quantity.
    """
    number = parse_number(text, decimal)
    if number.currencies:
        raise RowProblem("not_a_number", value=text)
    return whole_quantity(number, text)


def _is_unsure(whole: str, places: str) -> bool:
    """Whether the digits behind a sign may be thousands: those of "1.250", but not of "0.125" and "1234.567"."""
    return len(places) == _THOUSANDTHS and len(whole) <= _THOUSANDTHS and whole.strip("0") != ""


def _unusual_number(text: str, decimal: str) -> Number:
    if len(text) > _MAX_TEXT:
        raise RowProblem("not_a_number", value=text) if text.strip() else RowProblem("missing_value")
    bare = _bare(text)
    if not bare:
        raise RowProblem("missing_value")
    if named := _zero_of(bare):
        return Number(0, 0, named)
    minus, body, currencies = _parts(bare, text)
    digits = _digits(body, decimal, currencies)
    if digits is None:
        raise RowProblem("not_a_number", value=text)
    if digits.proof == "?":
        raise RowProblem("ambiguous_number", value=text)
    written = digits.whole + digits.places
    if len(written.lstrip("0")) > _MAX_DIGITS:
        raise RowProblem("amount_too_large", value=text)
    return Number(int(minus + written), len(digits.places), currencies)


def _bare(text: str) -> str:
    return " ".join(plain(unwrapped(text)).translate(_ONE_MEANING).split())


def _zero_of(bare: str) -> tuple[str, ...]:
    """The currencies of "$ -" and "- €", which is how a spreadsheet's format for accounts shows 0; () of all else."""
    sign = next((name for name in (bare.removesuffix("-"), bare.removeprefix("-")) if name != bare), "")
    return currencies_of(sign) if sign.strip() else ()


def is_no_amount(text: str) -> bool:
    """Whether the cell of an amount says nothing, or that there is none: "", "-", "N/A"."""
    return not text.strip() or is_unsaid(text)


def is_free(text: str) -> bool:
    """Whether the cell of what a customer pays for shipping says that it costs nothing: "Free", 包邮."""
    return text.strip().casefold() in _FREE


def _parts(bare: str, text: str) -> tuple[str, str, tuple[str, ...]]:
    """The minus sign or "", the digits with what is between them, and the currencies named beside them."""
    first, last = _FIRST_DIGIT.search(bare), _LAST_DIGIT.search(bare)
    if first is None or last is None:
        raise RowProblem("not_a_number", value=text)
    start = first.start()
    # The point of "Rs.50" belongs to the rupee, that of "$.50" to the number.
    if bare[start] == "." and takes_point(bare[:start]):
        start += 1
    head, tail, is_minus = bare[:start], bare[last.end() :], False
    if "(" in head and ")" in tail:
        head, tail, is_minus = head.replace("(", "", 1), tail.replace(")", "", 1), True
    before, behind = _BEFORE.match(head), _BEHIND.match(tail)
    if before is None or behind is None:
        raise RowProblem("not_a_number", value=text)
    signs = ["-"] * is_minus + [sign for sign in (before["minus"], before["then"], behind["minus"]) if sign]
    named = [currencies_of(name) for name in (before["name"].strip(), behind["name"].strip()) if name]
    both = tuple(code for code in named[0] if code in named[-1]) if named else ()
    if len(signs) > 1 or (named and not both):
        raise RowProblem("not_a_number", value=text)
    return "-" if signs == ["-"] else "", bare[start : last.end()], both


def _digits(body: str, decimal: str, currencies: tuple[str, ...] = ()) -> _Digits | None:
    """The digits before and behind the decimal sign; None if this is no number, or none with that decimal sign."""
    body, is_whole = _NO_DECIMALS.sub(lambda dash: dash[0][0], body), body.endswith("-")
    signs = _BETWEEN.findall(body)
    marks = {sign for sign in signs if sign in ".,"}
    if _SURE_POINT in signs:
        point: str = _SURE_POINT
    elif len(marks) == 2 or (len(marks) == 1 and signs.count(min(marks)) == 1):
        point = next(sign for sign in reversed(signs) if sign in ".,")
    else:
        whole = _ungrouped(body)
        proof = "" if not marks else "." if "," in marks else ","
        return None if whole is None or decimal == min(marks, default="") else _Digits(whole, "", proof)
    return _divided(body, point, decimal, is_whole=is_whole, is_thousandths=_is_thousandths(point, currencies))


def _is_thousandths(point: str, currencies: tuple[str, ...]) -> bool:
    return bool(currencies) and point == "." and all(exponent_of(code) == _THOUSANDTHS for code in currencies)


def _divided(body: str, point: str, decimal: str, *, is_whole: bool, is_thousandths: bool) -> _Digits | None:
    """The digits where `point` is the only sign that may stand before decimals."""
    before, _, places = body.partition(point) if body.count(point) == 1 else (body, "", "-")
    whole = _ungrouped(before) if before else "0"
    is_alone = _is_digits(before) and not is_whole
    if decimal not in ("auto", point) and point != _SURE_POINT:
        grouped = _ungrouped(body) if is_alone else None
        return None if grouped is None else _Digits(grouped, "", "")
    if whole is None or not (_is_digits(places) or (not places and before)):
        return None
    if point == _SURE_POINT:
        return _Digits(whole, places, "")
    is_unsure = decimal == "auto" and is_alone and _is_unsure(before, places) and not is_thousandths
    return _Digits(whole, places, "?" if is_unsure else point)


def _ungrouped(body: str) -> str | None:
    """The digits without what stands between thousands; None where the groups are not those of thousands."""
    if _is_digits(body):
        return body
    if _IN_THREES.match(body) or _INDIAN.match(body):
        return _BETWEEN.sub("", body)
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()  # "²" is a digit too, but none of a number


class Evidence:
    """What a column's texts say of the decimal sign, which signs they prove and a text that may be two numbers, and
    which currencies they name (each as `Number.currencies`).

    "12.5", "0.125", "1.2345" and "1,234,567" prove the point, "12,5" and "1.234.567" the comma; "1.234" proves
    nothing. Only where the currency has an `exponent` of 3 "12.500" proves the point: its prices are written so.
    """

    def __init__(self, exponent: int = 2) -> None:
        self._exponent = exponent
        self._seen: set[str] = set()
        self.proofs: set[str] = set()
        self.unsure = ""
        self.named: set[tuple[str, ...]] = set()

    def add_all(self, texts: Iterable[str]) -> None:
        for text in texts:
            if _is_digits(text) or text in self._seen:
                continue
            if len(self._seen) >= _MANY:
                self._seen.clear()
            self._seen.add(text)
            sign, currencies = _proof(text, self._exponent)
            if currencies:
                self.named.add(currencies)
            if sign == "?":
                self.unsure = self.unsure or text
            elif sign:
                self.proofs.add(sign)


def _proof(text: str, exponent: int) -> tuple[str, tuple[str, ...]]:
    """The decimal sign that the text proves, "" for none, "?" where it may be two; and the currencies it names."""
    if (found := _PLAIN.match(text)) and found[3] and len(found[4]) != _THOUSANDTHS:
        return found[3], ()
    if len(text) > _MAX_TEXT or not (bare := _bare(text)):
        return "", ()
    try:
        _, body, currencies = _parts(bare, text)
    except RowProblem:
        return "", ()
    digits = _digits(body, "auto", currencies)
    if digits is None:
        return "", ()
    is_fine_money = digits.proof == "?" and exponent == _THOUSANDTHS and "." in body
    return "." if is_fine_money else digits.proof, currencies


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


def named_currency(number: Number, default: str) -> str:
    """The currency of a number where nothing but its own cell may say it: `default` unless it can only be another."""
    named = number.currencies
    return named[0] if named and default not in named and is_one_currency(named) else default


def require_currency(number: Number, currency: str, text: str, column: str = "") -> None:
    """RowProblem currency_mismatch if the cell names another currency than `currency`, that of its row."""
    if number.currencies and currency not in number.currencies:
        raise RowProblem("currency_mismatch", column=column, value=text, currency=currency)
