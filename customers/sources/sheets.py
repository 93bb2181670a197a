"""Rows of text out of an Excel workbook, which is bounded before it is opened: its sheet is held in memory."""

import datetime
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from .archives import BLOCK, Blocks
from .headings import LOOKED_AT, Score
from .leading_zeros import Cell, ZeroFormats, number_text
from .problems import SourceError
from .rows import MAX_CELL, Numbered, Rows, Shape, column_number, is_blank
from .shown_numbers import ShownNumber

# calamine keeps a cell for every place up to the last row and column, filled or not, at some 32 bytes.
MAX_CELLS = 10_000_000
_KEPT = (".xml", ".rels")
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*[0-9]+)")
_PREFIXED = re.compile(rb"<\w+:(?:c|row)[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LONGEST = 1024**2
_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"))
_SHAPE = Shape(encoding="", delimiter="", bom=0, decimal=".")


class SheetRows:
    """The rows of one sheet, as `Rows`. Cells are as a spreadsheet means them: dates in ISO, numbers without exponent,
    with the zeros in front that a format of zeros shows. A number that its format shows otherwise is a ShownNumber.

    A cell merged over several rows stands in each of them if it is a text or a date, or in the first column: those say
    whose row it is. A number elsewhere stays in the first, so that no sum is counted twice.
    """

    compression = "xlsx"

    def __init__(self, sheet: CalamineSheet, zeros: ZeroFormats, at: int, size: int, max_rows: int) -> None:
        """sheet: the one at place `at` of the workbook. size: of the file on disk, in bytes."""
        self._sheet, self._zeros, self._at, self._size, self._max_rows = sheet, zeros, at, size, max_rows
        self.shape = _SHAPE._replace(sheet=sheet.name)
        self.row_no, self.unpacked, self.has_nul = 0, 0, False
        self.has_shown = zeros.has_formats
        self._total = sheet.total_height + 1

    @property
    def position(self) -> int:
        return self._size * min(self.row_no, self._total) // self._total

    def __iter__(self) -> Iterator[Numbered]:
        start = self._sheet.start
        if start is None:  # nothing in it
            return
        ranges = self._sheet.merged_cell_ranges or []
        merged = _MergedDown(ranges, start[1]) if ranges else None
        shown = self._zeros.of_sheet(self._at)
        for values in self._sheet.iter_rows():
            self.row_no = row_no = self.row_no + 1
            if row_no > self._max_rows:
                raise SourceError("too_many_rows", limit=self._max_rows)
            if shown:
                shown.fill(row_no - 1, start[1], values)
            if merged:
                merged.fill(row_no - 1, values)
            cells = [value if type(value) is str else _TEXT_OF[type(value)](value) for value in values]
            if _ERRORS.intersection(cells):
                cells = ["" if cell in _ERRORS else cell for cell in cells]
            if is_blank(cells):
                continue
            text = "".join(cells)
            self.unpacked += len(text)
            if len(text) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
                raise SourceError("cell_too_long", row=row_no, limit=MAX_CELL)
            self.has_nul = self.has_nul or "\0" in text
            yield row_no, cells

    @contextmanager
    def again(self) -> Iterator[Rows]:
        yield SheetRows(self._sheet, self._zeros, self._at, self._size, self._max_rows)


class _MergedDown:
    """Carries the value of cells merged over several rows to the rows below."""

    def __init__(self, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], first_column: int) -> None:
        down = [((top, left), bottom) for (top, left), (bottom, _) in ranges if bottom > top and left >= first_column]
        self._starts: dict[int, list[tuple[int, int]]] = {}
        for (top, left), bottom in down:
            self._starts.setdefault(top, []).append((left - first_column, bottom))
        self._open: dict[int, tuple[int, Cell]] = {}  # column → (last row, value)

    def fill(self, row: int, values: list[Cell]) -> None:
        for column, (bottom, value) in list(self._open.items()):
            if row > bottom:
                del self._open[column]
            elif column < len(values) and values[column] == "":
                values[column] = value
        for column, bottom in self._starts.get(row, ()):
            if column < len(values) and (column == 0 or _says_whose(values[column])):
                self._open[column] = (bottom, values[column])


def _says_whose(value: Cell) -> bool:
    """Whether it is no amount: a text, a date, a number that is filled up with zeros."""
    return value.is_padded if isinstance(value, ShownNumber) else isinstance(value, str | datetime.date)


def _moment(value: datetime.datetime) -> str:
    """On the sheet's clock, to the second: a day's fraction is never exact."""
    if value.microsecond:
        value += datetime.timedelta(microseconds=500_000)
    return value.isoformat(" ", "seconds")


def _duration(value: datetime.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


_TEXT_OF: dict[type, Callable[..., str]] = {
    int: number_text,
    float: number_text,
    ShownNumber: lambda value: value,
    bool: lambda value: "TRUE" if value else "FALSE",
    datetime.datetime: _moment,
    datetime.date: datetime.date.isoformat,
    datetime.time: lambda value: f"{value:%H:%M:%S}",
    datetime.timedelta: _duration,
}


@contextmanager
def opened_sheet(source: Blocks, score: Score) -> Iterator[SheetRows]:
    """The one sheet with data; of several the one whose heading is known best. Hidden ones only if no other has any.

    SourceError: workbook_too_large, compression_bomb, workbook_damaged, workbook_encrypted, empty_file.
    """
    descriptor, copy = tempfile.mkstemp(suffix=".xlsx")
    os.close(descriptor)
    try:
        _copy_bounded(source, Path(copy))
        with _calamine_errors():
            workbook = CalamineWorkbook.from_path(copy)
        zeros = ZeroFormats(Path(copy))
        with workbook:
            size = source.file.seek(0, os.SEEK_END)
            at, sheet = _chosen(workbook, zeros, score)
            yield SheetRows(sheet, zeros, at, size, source.limits.max_rows)
    finally:
        Path(copy).unlink()


@contextmanager
def _calamine_errors() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise SourceError("workbook_encrypted") from error
    except (CalamineError, OSError, ValueError) as error:
        raise SourceError("workbook_damaged") from error
    except BaseException as error:
        # A panic of its Rust code is no Exception. It is told by its name, for the class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise SourceError("workbook_damaged") from error


def _chosen(workbook: CalamineWorkbook, zeros: ZeroFormats, score: Score) -> tuple[int, CalamineSheet]:
    """The sheet to read, and its place in the workbook."""
    sheets = [(at, data) for at, data in enumerate(workbook.sheets_metadata) if data.typ == SheetTypeEnum.WorkSheet]
    for is_hidden in (False, True):
        best: tuple[tuple[bool, int], int, CalamineSheet] | None = None
        for at, data in sheets:
            if (data.visible != Visible.Visible) is not is_hidden:
                continue
            with _calamine_errors():
                sheet = workbook.get_sheet_by_index(at)
                first = [cells for _, cells in islice(SheetRows(sheet, zeros, at, 0, LOOKED_AT * 1_000), LOOKED_AT)]
            if first:
                rank = (len(first) > 1, max(map(score, first)))
                if best is None or rank > best[0]:
                    best = rank, at, sheet
        if best:
            return best[1:]
    raise SourceError("empty_file")


def _copy_bounded(source: Blocks, copy: Path) -> None:
    """Unpack the parts that matter into a plain archive, counting what comes out and not what the directory says.

    calamine then sees only what was counted here, whatever the workbook's own directory promises.
    """
    room = source.limits.max_workbook_bytes
    packed = max(source.file.seek(0, os.SEEK_END), 1)
    source.file.seek(0)
    unpacked = 0
    try:
        with zipfile.ZipFile(source.file) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as plain:
            entries = {entry.filename: entry for entry in archive.infolist()}
            kept = [entry for name, entry in entries.items() if name.lower().endswith(_KEPT)]
            # zipfile hands out no more of a part than its size says here, so one that lies comes out cut and damaged.
            if sum(entry.file_size for entry in kept) > room:
                raise SourceError("workbook_too_large", limit=room)
            for entry in kept:
                if entry.flag_bits & 0x1:
                    raise SourceError("workbook_encrypted")
                extent = _Extent()
                with archive.open(entry) as part, plain.open(entry.filename, "w") as target:
                    while block := part.read(BLOCK):
                        unpacked += len(block)
                        source.refuse_ratio(unpacked, packed)
                        extent.look(block)
                        target.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, RuntimeError) as error:
        raise SourceError("workbook_damaged") from error


class _Extent:
    """How far the cells of a part reach. A single cell in the last corner would make calamine ask for gigabytes."""

    def __init__(self) -> None:
        self._rest, self._rows, self._columns, self._run, self._tags = b"", 1, 1, 0, 0

    def look(self, block: bytes) -> None:
        if b"\0" in block:  # UTF-16, in which nothing would be found here
            raise SourceError("workbook_damaged")
        text = self._rest + block
        cut = text.rfind(b">") + 1
        if len(text) - cut > _LONGEST:  # no tag is as long
            cut = len(text)
        text, self._rest = text[:cut], text[cut:]
        places = _PLACE.findall(text)
        for letters in {place.rstrip(b"0123456789") for place in places}:
            self._columns = max(self._columns, column_number(letters))
        self._rows = max(self._rows, *[int(place.lstrip(_LETTERS)[:9]) for place in places], 1)
        # Nearly always every cell says its place, and then they need not be counted.
        if len(places) < text.count(b"<c") + text.count(b"<row") or _PREFIXED.search(text):
            self._count_unplaced(text)
        else:
            self._run, self._tags = 0, self._tags + text.count(b"<row")
            self._rows = max(self._rows, self._tags)
        if self._rows * self._columns > MAX_CELLS:
            raise SourceError("workbook_too_large", limit=MAX_CELLS)

    def _count_unplaced(self, text: bytes) -> None:
        """Cells need not say where they are: then they follow each other, and so do rows."""
        first, *others = _ROW.split(text)
        self._run += len(_CELL.findall(first))
        for row in others:
            self._columns = max(self._columns, self._run)
            self._run = len(_CELL.findall(row))
        self._columns = max(self._columns, self._run)
        self._tags += len(others)
        self._rows = max(self._rows, self._tags)
