"""Rows of text out of bytes: finds encoding and delimiter from the first 64 kB, then reads on in constant memory."""

import codecs
import csv
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import NamedTuple

from .archives import Blocks, Limits, opened
from .problems import SourceError

SAMPLE = 64 * 1024
MAX_LINE = 1_000_000
# csv.field_size_limit() as Python sets it. Left as it is: it is one setting for the whole process.
MAX_CELL = 131_072
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "windows-1252")
DELIMITERS = (",", ";", "\t", " ")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_BLANK_TABLE = re.compile(r" *(?:[0-9]+ +){3,4}[0-9.]+ *\Z| *customer_id +date ")


class Shape(NamedTuple):
    """How the text is written down. `bom`: bytes to skip, a byte-order mark and Excel's line "sep=;"."""

    encoding: str
    delimiter: str
    bom: int


class Rows:
    """The file's rows from the first one on, as (row number, cells). Empty rows are counted, but not handed out.

    A quotation mark that opens a cell must be closed; one inside a cell is kept as it is, as spreadsheets do.
    """

    def __init__(self, blocks: Iterator[bytes], source: Blocks, shape: Shape) -> None:
        self._blocks, self._source, self.shape = blocks, source, shape
        self._max_rows = source.limits.max_rows
        self.row_no = 0
        self.has_nul = False
        self._ended = False

    @property
    def position(self) -> int:
        return self._source.position

    @property
    def unpacked(self) -> int:
        return self._source.unpacked

    @property
    def compression(self) -> str:
        return self._source.compression

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        # Spaces after a delimiter belong to the cell, except where spaces are the delimiter.
        spaced = self.shape.delimiter == " "
        reader = csv.reader(self._lines(), delimiter=self.shape.delimiter, skipinitialspace=spaced)
        try:
            for cells in reader:
                self.row_no = row_no = self.row_no + 1
                if row_no > self._max_rows:
                    raise SourceError("too_many_rows", limit=self._max_rows)
                if self._ended:  # The reader asked for one more line to close a quotation mark.
                    raise SourceError("unterminated_quote", row=row_no)
                if cells:
                    yield row_no, cells
        except csv.Error as error:
            raise SourceError("cell_too_long", row=self.row_no + 1, limit=MAX_CELL) from error

    def _lines(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.shape.encoding)("strict")
        rest, row_before, since = "", 0, 0
        for block in chain(self._blocks, [b""]):
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                yield from self._before(error, rest)
                return
            if "\0" in text:
                self.has_nul = True
            # A row may run over many lines; without this a file of one endless row would be kept in memory.
            since = since + len(text) if self.row_no == row_before else 0
            row_before = self.row_no
            text = rest + text
            cut = _line_end(text) if block else len(text)
            if len(text) - cut > MAX_LINE or since > MAX_LINE + 4 * SAMPLE:
                yield from io.StringIO(text[:cut], newline="")
                raise SourceError("line_too_long", row=self.row_no + 1, limit=MAX_LINE)
            rest = text[cut:]
            yield from io.StringIO(text[:cut], newline="")
        self._ended = True

    def _before(self, error: UnicodeDecodeError, rest: str) -> Iterator[str]:
        """The whole lines before the bad byte, so that the row number is right; then the error."""
        data: bytes = error.object
        text = rest + data[: error.start].decode(self.shape.encoding, "replace")
        cut = max(text.rfind("\n"), text.rfind("\r")) + 1
        yield from io.StringIO(text[:cut], newline="")
        cells = next(csv.reader([text[cut : cut + MAX_CELL]], delimiter=self.shape.delimiter), [])
        raise SourceError(
            "undecodable", row=self.row_no + 1, column=str(max(len(cells), 1)), encoding=self.shape.encoding
        ) from error


def _line_end(text: str) -> int:
    """Where the last whole line ends. A \\r at the very end may be half of \\r\\n."""
    return max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1


@contextmanager
def opened_rows(
    path: str | os.PathLike[str],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits | None = None,
) -> Iterator[Rows]:
    """The rows of the file; encoding and delimiter are found where they are not given. SourceError as its code says."""
    with opened(path, limits) as source:
        blocks = iter(source)
        start = b"".join(islice(blocks, 1))
        shape = _shape(start, encoding, delimiter)
        yield Rows(chain([start[shape.bom :]] if len(start) > shape.bom else [], blocks), source, shape)


def _shape(start: bytes, encoding: str | None, delimiter: str | None) -> Shape:
    sample = start[:SAMPLE]
    bom = next((len(mark) for mark, _ in _BOMS if sample.startswith(mark)), 0)
    encoding = encoding or find_encoding(sample, is_whole=len(start) <= SAMPLE)
    if len(start) <= bom:
        raise SourceError("empty_file")
    text = sample[bom:].decode(encoding, "replace")
    if said := _SEPARATOR_LINE.match(text):
        delimiter, bom, text = delimiter or said[1], bom + len(said[0].encode(encoding)), text[said.end() :]
    return Shape(encoding, delimiter or find_delimiter(text), bom)


def find_encoding(sample: bytes, *, is_whole: bool) -> str:
    """By mark, else UTF-8 if it is valid, else UTF-16 by its zero bytes, else GB18030 if it reads like Chinese."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) / 8 and min(even, odd) * 8 <= max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    if _decodes(sample, "utf-8", is_whole=is_whole):
        return "utf-8"
    if _decodes(sample, "gb18030", is_whole=is_whole) and _reads_like_chinese(sample):
        return "gb18030"
    return _first_valid_part(sample)


def _first_valid_part(sample: bytes) -> str:
    """UTF-8 with one bad byte far in is UTF-8 with a bad byte, to be reported by its row; else we do not know."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if not sample[: error.start].isascii():
            return "utf-8"
        row = sample[: error.start].count(b"\n") + 1
        raise SourceError("encoding_unclear", row=row) from error
    return "utf-8"


def _decodes(sample: bytes, encoding: str, *, is_whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(sample, final=is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _reads_like_chinese(sample: bytes) -> bool:
    """Whether most characters are everyday ones. Any Latin-1 text with "és" also decodes, but to rare hanzi."""
    unusual = [c for c in sample.decode("gb18030", "ignore") if c > "\x7f"]
    everyday = len("".join(unusual).encode("gb2312", "ignore")) // 2
    return everyday * 2 >= len(unusual)


def find_delimiter(text: str) -> str:
    """The sign that cuts the first row into most cells and the next rows into as many."""
    lines = list(io.StringIO(text[:SAMPLE], newline=""))[:50]
    best = max(DELIMITERS[:3], key=lambda sign: _fitness(lines, sign))
    if _fitness(lines, best)[1] <= 1 and any(_BLANK_TABLE.match(line.rstrip("\r\n")) for line in lines[:1]):
        return " "
    return best


def _fitness(lines: list[str], delimiter: str) -> tuple[bool, int, float]:
    try:
        widths = [len(cells) for cells in islice(csv.reader(lines, delimiter=delimiter), 20) if cells]
    except csv.Error:
        return False, 0, 0.0
    width = widths[0] if widths else 0
    agreeing = sum(1 for other in widths if other == width) / max(len(widths), 1)
    return width > 1 and agreeing >= 0.5, width, agreeing
