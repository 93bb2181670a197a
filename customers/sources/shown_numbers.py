"""Numbers as a spreadsheet shows them: 13 in the format `"A-"0000` is A-0013 on the screen.

As an amount such a cell is its number, as an identifier what people see. Which of the two it is tells its column alone,
so a cell carries both.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from .problems import RowProblem

_WHOLE = 10**15  # a spreadsheet keeps 15 digits
# Texts in quotation marks, single signs behind a backslash, room and filling, brackets, signs that need no marks, and
# places of digits.
_MARK = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<room>[_*].)|(?P<bracket>\[[^\]]*\])|(?P<bare>[-+(): $!&\'~{}<>=^/#?0,.])'
    r"|(?P<general>General)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_PLACES = "0#?"
_LONGEST = 255  # a spreadsheet allows no longer format


class ShownNumber(str):
    """The text of a number, and how the sheet shows it; None where that cannot be told.

    is_padded: zeros are shown in front, which nobody does with amounts.
    """

    shown: str | None
    is_padded: bool
    __slots__ = ("is_padded", "shown")

    def __new__(cls, text: str, shown: str | None, *, is_padded: bool) -> "ShownNumber":
        number = super().__new__(cls, text)
        number.shown, number.is_padded = shown, is_padded
        return number


class NumberFormat:
    """A format of numbers that shows letters or digits of its own, or signs between zeros."""

    def __init__(self, marks: Sequence[str], *, has_more: bool) -> None:
        """marks: of numbers above zero; a place, a comma, a point, or "=" and a literal. has_more: for others, too."""
        self._marks, self._has_more = marks, has_more
        self.zeros = sum(mark == "0" for mark in marks)
        at = marks.index(".") if "." in marks else len(marks)
        self._whole, self._behind = marks[:at], marks[at + 1 :]
        places = [mark for mark in self._whole if mark[:1] != "="]
        is_scaled = places[-1:] == [","] or "," in self._behind  # shown in thousands
        self._is_known = "" not in marks and "." not in self._behind and not is_scaled
        self._places = sum(mark in _PLACES for mark in self._behind)

    def shown(self, value: float) -> str | None:
        """None where the format has more in it than is understood here, such as conditions and fractions."""
        if not self._is_known or abs(value) >= _WHOLE or (self._has_more and value <= 0):
            return None
        number = f"{abs(value):.{self._places}f}" if self._places else str(round(abs(value)))
        if not self._places and not float(value).is_integer():
            return None
        digits, _, decimals = number.partition(".")
        behind = "".join(_literals_and(self._behind, iter(decimals)))
        text = self._filled(digits) + ("." if self._places else "") + behind
        return f"{'-' if value < 0 else ''}{text}".strip()

    def _filled(self, digits: str) -> str:
        """The digits from right to left in their places, all that are left over in the first place."""
        parts, left = list[str](), digits if digits != "0" or self.zeros else ""
        first = next((at for at, mark in enumerate(self._whole) if mark in _PLACES), -1)
        is_grouped, written = "," in self._whole, 0
        for at in range(len(self._whole) - 1, -1, -1):
            mark = self._whole[at]
            if mark[0] == "=":
                parts.append(mark[1:])
            elif mark in _PLACES:
                taken = len(left) if at == first else 1
                room = left[len(left) - taken :] if taken else ""
                left = left[: len(left) - len(room)]
                for digit in reversed(room or ("0" if mark == "0" else "")):
                    parts.append("," if is_grouped and written and written % 3 == 0 else "")
                    parts.append(digit)
                    written += 1
        return "".join(reversed(parts))


def _literals_and(marks: Sequence[str], digits: Iterator[str]) -> Iterator[str]:
    for mark in marks:
        yield mark[1:] if mark[0] == "=" else next(digits, "")


def number_format(code: str) -> NumberFormat | None:
    """The format in this code of a workbook, if what it shows is more than the number; else None.

    So is one with letters or digits of its own, and one with other signs where at least two zeros are filled up:
    `000-000`. Zeros alone, currencies in brackets and signs around an amount are not.
    """
    if len(code) > _LONGEST:
        return None
    sections: list[list[str]] = [[]]
    texts = ""
    for found in _MARK.finditer(code):
        if found["other"] == ";":
            sections.append([])
            continue
        literal = found["quoted"] if found["quoted"] is not None else found["escaped"]
        if literal is not None:
            texts += literal if len(sections) == 1 else ""
            sections[-1].append("=" + literal)
        elif found["general"]:
            sections[-1].append("#")
        elif (bare := found["bare"]) is not None:
            is_place = bare in _PLACES or bare in ",."
            sections[-1].append(bare if is_place else "" if bare == "/" else "=" + bare)
        elif not found["room"]:
            sections[-1].append("")  # a bracket, a percent, an exponent, a part of a date
    marks = sections[0]
    has_places = any(mark and mark in _PLACES for mark in marks)
    is_worded = any(sign.isalnum() for sign in texts)
    is_divided = marks.count("0") > 1 and all(mark == "0" or mark[:1] == "=" for mark in marks)
    has_signs = any(mark[:1] == "=" and mark.strip("= ") for mark in marks)
    if not has_places or not (is_worded or (is_divided and has_signs)):
        return None
    return NumberFormat(marks, has_more=len(sections) > 1)


def as_shown(cells: list[str], places: Sequence[int], heading: Sequence[str]) -> list[str]:
    """The cells, those in these columns as the sheet shows them. RowProblem hidden_letters where that is not known."""

    def refuse(cell: ShownNumber, at: int) -> str:
        raise RowProblem("hidden_letters", column=heading[at], value=str(cell))

    return _replaced(cells, places, refuse)


def as_shown_if_known(cells: list[str], places: Sequence[int]) -> list[str]:
    return _replaced(cells, places, lambda cell, at: cell)


def _replaced(cells: list[str], places: Sequence[int], unknown: Callable[[ShownNumber, int], str]) -> list[str]:
    found = list(cells)
    for at in places:
        if at < len(found) and isinstance(cell := found[at], ShownNumber):
            found[at] = cell.shown if cell.shown is not None else unknown(cell, at)
    return found
