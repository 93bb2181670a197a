"""Attributes of a shop's own: which types there are, and from what is sent or typed to the value that is kept.

A value is one `Cell`, of a list one for each choice; () is none, and takes away what was there. JSON and text say the
same things, so that pages, files and the API agree about what is a value.

| type | JSON | text | kept as |
|---|---|---|---|
| text | a string of at most 500 characters | as it is | one line, runs of spaces made single |
| number | a number | 1234.5 | double precision: 15 digits are exact, more are refused |
| date | "2026-11-20" | the same, also 2026/11/20 and 2026年11月20日 | a day |
| yearly | "11-20" | the same, also --11-20, 11/20 and 11月20日 | that day of the leap year 2000 |
| boolean | true, false | yes, no, true, false, 1, 0, 是, 否 | a boolean |
| choice | the label of a choice | the same | the id of the choice |
| choices | a list of labels | the labels with ; between them | a row for each choice |
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

TEXT, NUMBER, DATE, YEARLY = "text", "number", "date", "yearly"
BOOLEAN, CHOICE, CHOICES = "boolean", "choice", "choices"
TYPES = (TEXT, NUMBER, DATE, YEARLY, BOOLEAN, CHOICE, CHOICES)
WITH_CHOICES = (CHOICE, CHOICES)

TEXT_LENGTH = 500  # four bytes each still fit into an entry of a b-tree
KEY_LENGTH, LABEL_LENGTH = 40, 80
MAX_DEFINITIONS, MAX_CHOICES = 200, 500  # of a shop; of one attribute
MAX_IN_LIST = 6  # columns of the list of customers: more would not fit beside its own
MOST = 1e15  # beyond it a double cannot tell one whole number from the next for long
LEAST = 1e-12  # nearer to zero a number has more decimals than anybody writes
YEAR = 2000  # of yearly dates: a leap year, so that 29 February is one
FIRST_YEAR, LAST_YEAR = 1000, 9999

_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})\Z")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?\Z")
_YEARLY = re.compile(r"(?:--)?([0-9]{1,2})[-/.月]([0-9]{1,2})日?\Z")
_YES, _NO = frozenset(("yes", "true", "1", "是")), frozenset(("no", "false", "0", "否"))
_BETWEEN = re.compile(r"[;；\n]")


class Cell(NamedTuple):
    """One value as it is kept. item: 0, or the choice of a list, of which there are several rows."""

    item: int = 0
    text: str | None = None
    number: float | None = None
    day: date | None = None
    boolean: bool | None = None
    choice: int | None = None


Cells = tuple[Cell, ...]


class BadValue(ValueError):
    """What was sent is no value of this type. code: a word for programs; value: the part that is wrong, for people."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value[:LABEL_LENGTH]


@dataclass(frozen=True)
class Shape:
    """What a value of one attribute may be. choices: folded label → id, of those that can be chosen."""

    id: int
    key: str
    type: str
    choices: Mapping[str, int] = field(default_factory=dict)


def folded(label: str) -> str:
    """The label without case and width: “VIP” and “ｖｉｐ” are one choice."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def is_key(text: str) -> bool:
    """Whether it can be the name of an attribute in the API and in files: small letters, digits and _."""
    return bool(_KEY.match(text)) and len(text) <= KEY_LENGTH


def one_line(text: str) -> str:
    """Runs of spaces made single. BadValue: control_character."""
    if not text.isprintable() and any(
        unicodedata.category(sign) in ("Cc", "Cs") for sign in text if not sign.isspace()
    ):
        raise BadValue("control_character")
    return " ".join(text.split())


def from_json(shape: Shape, value: Any) -> Cells:
    """The cells that a value of JSON means; None, "" and [] are none.

    BadValue: wrong_type, control_character, too_long, not_a_number, out_of_range, invalid_date, unknown_choice.
    """
    if value is None or value == "" or value == []:
        return ()
    if shape.type == CHOICES:
        if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
            raise BadValue("wrong_type")
        return _several(shape, value)
    if shape.type == BOOLEAN:
        if not isinstance(value, bool):
            raise BadValue("wrong_type")
        return (Cell(boolean=value),)
    if shape.type == NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadValue("wrong_type")
        return (Cell(number=_number(value)),)
    if not isinstance(value, str):
        raise BadValue("wrong_type")
    return from_text(shape, value)


def from_text(shape: Shape, text: str) -> Cells:
    """The cells that a text means, as a person or a file writes it; "" is none. BadValue as from_json()."""
    if shape.type == CHOICES:
        return _several(shape, _BETWEEN.split(text))
    text = one_line(text)
    if not text:
        return ()
    if shape.type == TEXT:
        if len(text) > TEXT_LENGTH:
            raise BadValue("too_long")
        return (Cell(text=text),)
    if shape.type == NUMBER:
        return (Cell(number=_number_of_text(text)),)
    if shape.type == DATE:
        return (Cell(day=_day(_DATE.match(text), text)),)
    if shape.type == YEARLY:
        return (Cell(day=_day(_YEARLY.match(text), text)),)
    if shape.type == BOOLEAN:
        return (Cell(boolean=_boolean(text)),)
    return (Cell(choice=_choice(shape, text)),)


def _several(shape: Shape, labels: Sequence[str]) -> Cells:
    chosen = dict.fromkeys(_choice(shape, label) for label in labels if label.strip())
    return tuple(Cell(item=choice, choice=choice) for choice in sorted(chosen))


def _choice(shape: Shape, label: str) -> int:
    found = shape.choices.get(folded(label))
    if found is None:
        raise BadValue("unknown_choice", "".join(sign for sign in label if sign.isprintable()))
    return found


def _number(value: float) -> float:
    if not (value == 0 or LEAST <= abs(value) <= MOST):  # nor if it is no number at all
        raise BadValue("out_of_range")
    return float(value) + 0.0  # no minus before zero


def _number_of_text(text: str) -> float:
    plain = unicodedata.normalize("NFKC", text)
    if not _NUMBER.match(plain):
        raise BadValue("not_a_number", text)
    number = _number(float(plain))
    if Decimal(repr(number)) != Decimal(plain):
        raise BadValue("out_of_range", text)  # it would be another number when it is read again
    return number


def _day(match: "re.Match[str] | None", text: str) -> date:
    """A day, or that of the year 2000 where the text names none."""
    if match is None:
        raise BadValue("invalid_date", text)
    *year, month, day = map(int, match.groups())
    try:
        found = date(year[0] if year else YEAR, month, day)
    except ValueError:
        raise BadValue("invalid_date", text) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadValue("invalid_date", text)
    return found


def _boolean(text: str) -> bool:
    word = folded(text)
    if word not in _YES | _NO:
        raise BadValue("not_yes_or_no", text)
    return word in _YES


def as_json(type_: str, cells: Sequence[Cell], labels: Mapping[int, str]) -> Any:
    """The value as from_json() reads it; None for none. labels: choice → label, archived ones too."""
    if type_ == CHOICES:
        return [labels[cell.choice] for cell in cells if cell.choice is not None] or None
    if not cells:
        return None
    (cell,) = cells
    if type_ == NUMBER and cell.number is not None:
        return int(cell.number) if cell.number.is_integer() else cell.number
    if type_ == BOOLEAN:
        return cell.boolean
    return as_text(type_, cells, labels)


def as_text(type_: str, cells: Sequence[Cell], labels: Mapping[int, str]) -> str:
    """The value as from_text() reads it; "" for none."""
    return "; ".join(_text(type_, cell, labels) for cell in cells)


def _text(type_: str, cell: Cell, labels: Mapping[int, str]) -> str:
    if cell.choice is not None:
        return labels[cell.choice]
    if cell.day is not None:
        return cell.day.strftime("%m-%d") if type_ == YEARLY else cell.day.isoformat()
    if cell.number is not None:
        return plain_number(cell.number)
    if cell.boolean is not None:
        return "yes" if cell.boolean else "no"
    return cell.text or ""


def plain_number(number: float) -> str:
    """Without an exponent, and without a point where it is whole."""
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
