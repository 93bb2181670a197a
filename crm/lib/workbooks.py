"""Excel workbooks for people, row by row in constant memory: dates are dates, money is numbers, texts stay texts."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm.lib.spreadsheets import Value, guarded, unguarded

MOST_ROWS = 1_048_575  # of data, below the heading
FIRST_YEAR = 1901  # a spreadsheet's calendar begins in 1900, and counts a day of that year that never was
MOST_CHARACTERS = 32_767  # of a cell
_MOST_DIGITS = 15  # of a number; further ones would be rounded
# XML has no way to write these.
_NOT_IN_XML = re.compile("[\\ud800-\\udfff\\ufffe\\uffff\\0]")
_NARROW, _WIDE = 8, 40


class SheetWriter:
    """A workbook with one table, as SafeWriter is for CSV; a further sheet begins where one is full.

    `cut` counts the texts that were longer than a cell may be. `close` must be called; `about` comes before it.
    """

    def __init__(self, path: Path, title: str, headings: Sequence[str], widths: Sequence[int] = ()) -> None:
        """title: of the sheet, at most 28 characters. widths: of the columns, in characters."""
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = Workbook(str(path), options)
        self._title, self._headings, self._widths = title, headings, widths
        self._bold = self._book.add_format({"bold": True})
        self._moments = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._days = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._amounts: dict[int, Format] = {}
        self._sheets, self.cut = 0, 0
        self._sheet, self._row = self._next_sheet(), 0

    def __enter__(self) -> "SheetWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def writerow(self, values: Sequence[Value]) -> None:
        if self._row == MOST_ROWS:
            self._sheet, self._row = self._next_sheet(), 0
        self._row += 1
        self._write(self._sheet, self._row, values)

    def writerows(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            self.writerow(row)

    def about(self, title: str, facts: Iterable[tuple[str, Value]]) -> None:
        """A last sheet that says of the table what it is: a name and a value a row."""
        sheet = self._book.add_worksheet(title)
        sheet.set_column(0, 0, 24, self._bold)
        sheet.set_column(1, 1, 80)
        for row, fact in enumerate(facts):
            self._write(sheet, row, fact)

    def close(self) -> None:
        self._book.close()

    def _next_sheet(self) -> Worksheet:
        self._sheets += 1
        sheet = self._book.add_worksheet(self._title if self._sheets == 1 else f"{self._title} {self._sheets}")
        for at, heading in enumerate(self._headings):
            sheet.set_column(at, at, self._widths[at] if self._widths else min(max(len(heading) + 2, _NARROW), _WIDE))
        sheet.freeze_panes(1, 0)
        for at, heading in enumerate(self._headings):
            sheet.write_string(0, at, heading, self._bold)
        return sheet

    def _write(self, sheet: Worksheet, row: int, values: Sequence[Value]) -> None:
        for at, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                sheet.write_string(row, at, self._text(value))
            elif isinstance(value, bool):
                sheet.write_boolean(row, at, value)
            elif isinstance(value, Decimal):
                self._amount(sheet, row, at, value)
            elif isinstance(value, int | float):
                sheet.write_number(row, at, value)
            elif isinstance(value, datetime):
                self._moment(sheet, row, at, value)
            else:
                sheet.write_datetime(row, at, value, self._days)

    def _text(self, text: str) -> str:
        # A workbook's texts are never run. Only what `unguarded` would take off is made to survive it.
        if unguarded(text) != text:
            text = guarded(text)
        text = _NOT_IN_XML.sub("\ufffd", text)
        if len(text) > MOST_CHARACTERS:
            self.cut += 1
            return text[: MOST_CHARACTERS - 1] + "…"
        return text

    def _amount(self, sheet: Worksheet, row: int, at: int, amount: Decimal) -> None:
        digits = -int(amount.as_tuple().exponent)
        if len(amount.as_tuple().digits) > _MOST_DIGITS:
            sheet.write_string(row, at, f"{amount:f}")
            return
        if digits not in self._amounts:
            self._amounts[digits] = self._book.add_format({"num_format": "0" + ("." + "0" * digits) * (digits > 0)})
        sheet.write_number(row, at, float(amount), self._amounts[digits])

    def _moment(self, sheet: Worksheet, row: int, at: int, moment: datetime) -> None:
        """A spreadsheet's date knows no offset and no parts of a second: what needs them is written as text."""
        if moment.microsecond or moment.fold or moment.year < FIRST_YEAR:
            sheet.write_string(row, at, moment.isoformat())
        else:
            sheet.write_datetime(row, at, moment.replace(tzinfo=None), self._moments)


def sheet_title(text: str) -> str:
    """The text as a sheet may be called: without the signs that are not allowed, and not too long."""
    return re.sub(r"[\[\]:*?/\\']", " ", text)[:28].strip() or "1"
