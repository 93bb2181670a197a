"""Reads a file of orders batch by batch, and looks at its beginning for the upload page."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from .archives import Limits, refuse_bomb
from .csv import CsvSource, as_reject
from .lines import Batch, Context, Converter, Source
from .mapping import Mapping
from .presets import PRESETS, OnlineRetail
from .problems import RowProblem, SourceError, shown_text
from .stream import Rows, opened_rows

BATCH_ROWS = 10_000
# A batch of very long rows is handed on earlier, so that memory stays flat.
_BATCH_BYTES = 8 * 1024**2
_PREVIEW = 20

Numbered = tuple[int, list[str]]


@dataclass(frozen=True)
class FileFacts:
    """What the beginning of a file tells. `header` is None where the file has no heading; cells are cut for display."""

    size: int
    compression: str  # "", "gz" or "zip"
    encoding: str
    delimiter: str
    header: tuple[str, ...] | None
    rows: tuple[tuple[str, ...], ...]
    preset: str
    mapping: Mapping


def read(
    path: str | os.PathLike[str],
    preset_or_mapping: str | Mapping,
    context: Context,
    *,
    batch_rows: int = BATCH_ROWS,
    after_row: int = 0,
    limits: Limits | None = None,
) -> Iterator[Batch]:
    """The file's rows as batches, in file order and constant memory; rows up to `after_row` are read, not handed out.

    A bad row becomes a reject and never stops the file. SourceError (at the first batch or at any later one) where
    the file cannot be read on; what was handed out before stays right.
    """
    source = _source(preset_or_mapping)
    with opened_rows(path, encoding=source.encoding, delimiter=source.delimiter, limits=limits) as rows:
        header, numbered = _heading(source, rows)
        shape = rows.shape

        def reread() -> Iterator[Numbered]:
            with opened_rows(path, encoding=shape.encoding, delimiter=shape.delimiter, limits=limits) as again:
                yield from _heading(source, again)[1]

        convert = source.converter(header, context, reread)
        yield from _batches(rows, numbered, convert, batch_rows, after_row)


def cells_of(path: str | os.PathLike[str], preset_or_mapping: str | Mapping) -> Iterator[Numbered]:
    """The rows as they stand in the file, with the numbers that `read` gives them."""
    source = _source(preset_or_mapping)
    with opened_rows(path, encoding=source.encoding, delimiter=source.delimiter) as rows:
        yield from rows


def _source(preset_or_mapping: str | Mapping) -> Source:
    if isinstance(preset_or_mapping, Mapping):
        return CsvSource(preset_or_mapping)
    if preset_or_mapping not in PRESETS:
        raise SourceError("unknown_preset", name=preset_or_mapping)
    return PRESETS[preset_or_mapping]()


def _heading(source: Source, rows: Rows) -> tuple[list[str], Iterator[Numbered]]:
    """The first row without empty cells at its end, and the rows that hold orders."""
    numbered = iter(rows)
    first = next(numbered, None)
    if first is None:
        raise SourceError("empty_file")
    header = first[1][: max((at + 1 for at, cell in enumerate(first[1]) if cell.strip()), default=0)]
    if not header:
        raise SourceError("missing_column", row=first[0], column="order_id", name="order_id")
    return header, numbered if source.has_heading(header) else chain([first], numbered)


def _batches(
    rows: Rows, numbered: Iterator[Numbered], convert: Converter, batch_rows: int, after_row: int
) -> Iterator[Batch]:
    batch, width, began_at, row_no = Batch(), convert.width, rows.unpacked, 0
    for row_no, cells in numbered:
        try:
            if len(cells) != width:
                cells = _fitted(cells, width)
            if rows.has_nul:
                _refuse_nul(cells)
            line = convert(row_no, cells)
            if row_no > after_row:
                batch.lines.append(line)
        except RowProblem as problem:
            if row_no > after_row:
                batch.rejects.append(as_reject(row_no, _explained(problem), cells))
        if len(batch.lines) + len(batch.rejects) >= batch_rows or rows.unpacked - began_at > _BATCH_BYTES:
            yield _finished(batch, rows, convert, row_no, after_row)
            batch, began_at = Batch(), rows.unpacked
    if not row_no:
        raise SourceError("no_rows", row=1)
    if batch.lines or batch.rejects:
        yield _finished(batch, rows, convert, row_no, after_row)


def _finished(batch: Batch, rows: Rows, convert: Converter, row_no: int, after_row: int) -> Batch:
    batch.last_row, batch.bytes_read = row_no, rows.position
    batch.warnings = [warning for warning in convert.warnings if warning.row_no > after_row]
    convert.warnings.clear()
    return batch


def _fitted(cells: list[str], width: int) -> list[str]:
    """The row without empty cells beyond the heading. RowProblem for any other number of cells."""
    if len(cells) > width and not any(cells[width:]):
        return cells[:width]
    # A quotation mark that is not closed swallows the next lines up to the next mark.
    if lines := sum(cell.count("\n") for cell in cells):
        raise RowProblem("quote_not_closed", lines=lines + 1)
    raise RowProblem("wrong_cell_count", found=len(cells), expected=width)


def _explained(problem: RowProblem) -> RowProblem:
    """A number, date or id that runs over several lines is not the mistake; the quotation mark before it is."""
    if lines := str(problem.params.get("value", "")).count("\n"):
        return RowProblem("quote_not_closed", column=problem.column, lines=lines + 1)
    return problem


def _refuse_nul(cells: Sequence[str]) -> None:
    for position, cell in enumerate(cells):
        if "\0" in cell:
            raise RowProblem("nul_character", column=str(position + 1))


def sniff(path: str | os.PathLike[str], said: Mapping | None = None) -> FileFacts:
    """What to show of an uploaded file before it is read; `said` may name its encoding and delimiter.

    SourceError where it cannot be read at all.
    """
    said = said or Mapping()
    refuse_bomb(path)
    with opened_rows(path, encoding=said.encoding, delimiter=said.delimiter) as rows:
        first = [cells for _, cells in islice(rows, _PREVIEW + 1)]
        if not first:
            raise SourceError("empty_file")
        preset = _suggested_preset(first[0], rows.shape.delimiter)
        header = first[0] if PRESETS[preset]().has_heading(first[0]) else None
        return FileFacts(
            size=os.path.getsize(path),
            compression=rows.compression,
            encoding=rows.shape.encoding,
            delimiter=rows.shape.delimiter,
            header=tuple(map(shown_text, header)) if header else None,
            rows=tuple(tuple(map(shown_text, cells)) for cells in first[1 if header else 0 :][:_PREVIEW]),
            preset=preset,
            mapping=Mapping.recognised(header or []),
        )


def _suggested_preset(first: Sequence[str], delimiter: str) -> str:
    if OnlineRetail.fits(first):
        return "online-retail"
    return "cdnow" if delimiter == " " else "generic"
