"""CSV files for people: what a customer typed as a name must not run as a formula on the shopkeeper's computer."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

Value = str | int | float | Decimal | bool | date | datetime | None

# A spreadsheet skips these before it looks for a formula; so does the guard. Tab and line ends are not skipped here:
# they are dangerous themselves.
_SKIPPED = (
    r"[\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u00ad\u180e"
    r"\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*"
)
_SIGNS = r"[=+\-@\t\r\n\0＝＋－＠|]"
# With apostrophes before it, too: else nobody could tell ours from one that the text began with.
_FORMULA = re.compile(rf"'*{_SKIPPED}{_SIGNS}")
# Where lists are divided by semicolons, as in half of Europe, a spreadsheet divides our cells there too, quoted
# or not; a tab and a line end do the same. What would begin a cell then is guarded as what does.
_LATER = re.compile(rf"([;\t\r\n])(?='*{_SKIPPED}[=+\-@＝＋－＠|])")
_GUARDED_LATER = re.compile(rf"([;\t\r\n])'(?='*{_SKIPPED}[=+\-@＝＋－＠|])")
_RARE = re.compile(r"[;\t\r\n\0]")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")


class Writable(Protocol):
    def write(self, text: str, /) -> object: ...


def guarded(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet could run of it; NUL characters are dropped."""
    if not text or (text[:1].isalnum() and not _RARE.search(text)):  # nearly always
        return text
    mark = "'" if _FORMULA.match(text) else ""
    return mark + _LATER.sub(r"\1'", text.replace("\0", ""))


def unguarded(text: str) -> str:
    """The text that `guarded` was given, without NUL characters."""
    if text[:1] == "'" and _FORMULA.match(text):
        text = text[1:]
    return _GUARDED_LATER.sub(r"\1", text) if "'" in text else text


def cell(value: Value) -> str:
    """One value as CSV text. Only text is guarded: a number written by us, also a negative one, stays a number."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    # Infinity, NaN and exponents are no plain numbers to every spreadsheet; they go out as guarded text.
    return text if _PLAIN_NUMBER.match(text) else guarded(text)


class SafeWriter:
    """csv.writer with the guard in every cell, and the byte-order mark Excel needs to read 中文 as UTF-8."""

    def __init__(self, file: Writable, *, bom: bool = True) -> None:
        if bom:
            file.write("\ufeff")
        self._writer = csv.writer(file, lineterminator="\r\n")

    def writerow(self, values: Sequence[Value]) -> None:
        self._writer.writerow([guarded(value) if type(value) is str else cell(value) for value in values])

    def writerows(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            self.writerow(row)
