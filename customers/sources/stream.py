"""Rows of text out of bytes: finds encoding and delimiter from the first 64 kB, then reads on in constant memory."""

import codecs
import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain, islice

from .archives import Blocks, Limits, opened
from .encodings import BOMS, ENCODINGS, codec_of, find_encoding, is_another
from .headings import LOOKED_AT, Score
from .kinds import refuse_other_kinds
from .problems import SourceError
from .rows import MAX_CELL, Rows, Shape, is_blank
from .sheets import opened_sheet

__all__ = ["DELIMITERS", "ENCODINGS", "opened_rows"]

SAMPLE = 64 * 1024
MAX_LINE = 1_000_000
DELIMITERS = (",", ";", "\t", " ")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_BLANK_TABLE = re.compile(r" *(?:[0-9]+ +){3,4}[0-9.]+ *\Z| *customer_id +date ")


Again = Callable[[], AbstractContextManager[Rows]]


class TextRows:
    """The rows of a text, as `Rows`.

    A quotation mark that opens a cell must be closed; one inside a cell is kept as it is, as spreadsheets do.
    """

    def __init__(
        self, blocks: Iterator[bytes], source: Blocks, shape: Shape, again: Again, *, is_undecided: bool, is_found: bool
    ) -> None:
        self._blocks, self._source, self.shape, self._again = blocks, source, shape, again
        # ASCII so far, which tells nothing: the encoding is found where the first other byte comes.
        self._is_undecided, self._is_found = is_undecided, is_found
        self._max_rows = source.limits.max_rows
        self.row_no = 0
        self.has_nul = self.has_shown = False
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
                if not is_blank(cells):
                    yield row_no, cells
        except csv.Error as error:
            raise SourceError("cell_too_long", row=self.row_no + 1, limit=MAX_CELL) from error

    def again(self) -> AbstractContextManager[Rows]:
        return self._again()

    def _lines(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(codec_of(self.shape.encoding))("strict")
        rest, row_before, since = "", 0, 0
        for block in chain(self._blocks, [b""]):
            if self._is_undecided and not block.isascii():
                block += next(self._blocks, b"")  # more to tell the encoding by
                yield from self._decided(rest, block)
                decoder = codecs.getincrementaldecoder(codec_of(self.shape.encoding))("strict")
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
            if self._is_found and row_before and not text.isascii() and is_another(block, self.shape.encoding):
                raise SourceError("encoding_mixed", row=self.row_no + 1, encoding=self.shape.encoding)
            text = rest + text
            cut = _line_end(text) if block else len(text)
            if len(text) - cut > MAX_LINE or since > MAX_LINE + 4 * SAMPLE:
                yield from io.StringIO(text[:cut], newline="")
                raise SourceError("line_too_long", row=self.row_no + 1, limit=MAX_LINE)
            rest = text[cut:]
            yield from io.StringIO(text[:cut], newline="")
        self._ended = True

    def _decided(self, rest: str, block: bytes) -> Iterator[str]:
        """Find the encoding by the first bytes beyond ASCII; if it cannot be told, the lines before, then the error."""
        at = next(at for at, byte in enumerate(block) if byte > 127)
        start = max(block.rfind(b"\n", 0, at), block.rfind(b"\r", 0, at)) + 1
        try:
            found = find_encoding(block[start : start + SAMPLE], is_whole=False)
        except SourceError as error:
            yield from io.StringIO(rest + block[:start].decode("ascii") if start else "", newline="")
            error.row = self.row_no + 1
            raise
        self.shape = self.shape._replace(encoding=found)
        self._is_undecided = False

    def _before(self, error: UnicodeDecodeError, rest: str) -> Iterator[str]:
        """The whole lines before the bad byte, so that the row number is right; then the error."""
        data: bytes = error.object
        text = rest + data[: error.start].decode(codec_of(self.shape.encoding), "replace")
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
    score: Score = len,
) -> Iterator[Rows]:
    """The rows of the file; encoding and delimiter are found where they are not given. SourceError as its code says.

    `score` says how well a row is known as a heading; of a workbook's sheets it chooses one.
    """
    with opened(path, limits) as source:
        if source.compression == "xlsx":
            with opened_sheet(source, score) as sheet:
                yield sheet
            return
        blocks = iter(source)
        start = b"".join(islice(blocks, 1))
        refuse_other_kinds(start)
        shape = _shape(start, encoding, delimiter)
        is_undecided = encoding is None and shape.encoding == "utf-8" and start[:SAMPLE].isascii()

        def again() -> AbstractContextManager[Rows]:
            known = None if is_undecided else shape.encoding
            return opened_rows(path, encoding=known, delimiter=shape.delimiter, limits=limits)

        content = chain([start[shape.bom :]] if len(start) > shape.bom else [], blocks)
        yield TextRows(content, source, shape, again, is_undecided=is_undecided, is_found=encoding is None)


def _shape(start: bytes, encoding: str | None, delimiter: str | None) -> Shape:
    sample = start[:SAMPLE]
    bom = next((len(mark) for mark, _ in BOMS if sample.startswith(mark)), 0)
    encoding = encoding or find_encoding(sample, is_whole=len(start) <= SAMPLE)
    if len(start) <= bom:
        raise SourceError("empty_file")
    text = sample[bom:].decode(codec_of(encoding), "replace")
    if said := _SEPARATOR_LINE.match(text):
        delimiter, bom, text = delimiter or said[1], bom + len(said[0].encode(codec_of(encoding))), text[said.end() :]
    return Shape(encoding, delimiter or find_delimiter(text), bom)


def find_delimiter(text: str) -> str:
    """The sign that cuts the first row into most cells and the next rows into as many; titles above do not count."""
    lines = list(io.StringIO(text[:SAMPLE], newline=""))[: 2 * LOOKED_AT]
    if any(_BLANK_TABLE.match(line.rstrip("\r\n")) for line in lines[:1]) and _best(lines)[1][1] <= 1:
        return " "
    for start in range(min(len(lines), LOOKED_AT)):
        sign, (is_fit, _, _) = _best(lines[start:])
        if is_fit:
            return sign
    return _best(lines)[0]


def _best(lines: list[str]) -> tuple[str, tuple[bool, int, float]]:
    return max(((sign, _fitness(lines, sign)) for sign in DELIMITERS[:3]), key=lambda pair: pair[1])


def _fitness(lines: list[str], delimiter: str) -> tuple[bool, int, float]:
    try:
        widths = [len(cells) for cells in islice(csv.reader(lines, delimiter=delimiter), 20) if any(cells)]
    except csv.Error:
        return False, 0, 0.0
    width = widths[0] if widths else 0
    agreeing = sum(1 for other in widths if other == width) / max(len(widths), 1)
    return width > 1 and agreeing >= 0.5, width, agreeing
