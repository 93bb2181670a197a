"""Reads a file batch by batch, and looks at its beginning for the upload page."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from crm.lib.spreadsheets import unguarded

from .archives import Limits, refuse_bomb
from .csv import CsvSource
from .fields import ORDERS
from .headings import Score, Skipped, Table
from .lines import Batch, Context, Converter, Source
from .mapping import KNOWN_HEADINGS, Mapping, heading_key
from .own import OwnSource, is_ours
from .platforms import PLATFORMS
from .presets import PRESETS, PUBLISHED, OnlineRetail
from .problems import RowProblem, SourceError, as_reject, shown_text
from .rows import Numbered, Rows
from .shown_numbers import as_shown, as_shown_if_known
from .stream import opened_rows

BATCH_ROWS = 10_000
# A batch of very long rows is handed on earlier, so that memory stays flat.
_BATCH_BYTES = 8 * 1024**2
_PREVIEW = 20
_KNOWN_HEADINGS = KNOWN_HEADINGS.union(
    heading_key(name)
    for names in (*OnlineRetail.COLUMNS, OwnSource.headings, *(platform.headings for platform in PLATFORMS))
    for name in names
)


@dataclass(frozen=True)
class FileFacts:
    """What the beginning of a file tells. `header` is None where the file has no heading; cells are cut for display."""

    size: int
    compression: str  # "", "gz", "zip" or "xlsx"
    encoding: str  # of a workbook it is "", and so is the delimiter
    delimiter: str
    header: tuple[str, ...] | None
    rows: tuple[tuple[str, ...], ...]
    preset: str
    mapping: Mapping
    heading_row: int = 0  # as a spreadsheet counts; 0 where the file has no heading
    sheet: str = ""  # the one that is read of a workbook
    skipped: Skipped = field(default_factory=Skipped)  # among the rows looked at


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
    score = _score(source)
    with opened_rows(path, encoding=source.encoding, delimiter=source.delimiter, limits=limits, score=score) as rows:
        table = _table(source, rows, score)
        if rows.shape.decimal and isinstance(source, CsvSource):
            source.decimal = rows.shape.decimal

        def reread() -> Iterator[Numbered]:
            with rows.again() as again:
                yield from _table(source, again, score)

        try:
            convert = source.converter(list(table.heading.cells), context, reread)
        except SourceError as error:
            if error.row == 1:  # The heading, wherever it stands.
                error.row = table.heading.row_no
            raise
        yield from _batches(rows, table, convert, _texts(source, table.heading.cells), batch_rows, after_row)


def cells_of(path: str | os.PathLike[str], preset_or_mapping: str | Mapping) -> Iterator[Numbered]:
    """The rows as they stand in the file, with the numbers that `read` gives them."""
    source = _source(preset_or_mapping)
    score = _score(source)
    with opened_rows(path, encoding=source.encoding, delimiter=source.delimiter, score=score) as rows:
        with rows.again() as again:
            heading = _table(source, again, score).heading.cells
        is_guarded, texts = is_ours(heading), _texts(source, heading)
        for row_no, cells in rows:
            if rows.has_shown:
                cells = as_shown_if_known(cells, texts)  # what people see is what they correct
            yield row_no, list(map(unguarded, cells)) if is_guarded else cells


def _source(preset_or_mapping: str | Mapping) -> Source:
    if isinstance(preset_or_mapping, Mapping):
        return CsvSource(preset_or_mapping)
    if preset_or_mapping not in PRESETS:
        raise SourceError("unknown_preset", name=preset_or_mapping)
    return PRESETS[preset_or_mapping]()


def _texts(source: Source, heading: Sequence[str]) -> tuple[int, ...]:
    return source.texts(heading) if isinstance(source, CsvSource) else ()


def _score(source: Source) -> Score:
    """How many different headings in a row are known: of all sources, and those that the mapping names."""
    known = _KNOWN_HEADINGS | {heading_key(heading) for heading in getattr(source, "headings", ())}
    return lambda cells: len({key for cell in cells if (key := heading_key(cell[:200])) in known})


def _table(source: Source, rows: Rows, score: Score) -> Table:
    """The file's rows of data below its heading."""
    return Table(
        iter(rows), score, getattr(source, "heading_row", None), has_heading=source.has_heading, is_guarded=is_ours
    )


def _batches(
    rows: Rows, table: Table, convert: Converter, texts: Sequence[int], batch_rows: int, after_row: int
) -> Iterator[Batch]:
    batch, width, began_at, row_no = Batch(), convert.width, rows.unpacked, 0
    cells, before, is_cut_off = list[str](), list[str](), False
    for row_no, next_cells in table:
        before, cells, is_cut_off = cells, next_cells, False
        try:
            if len(cells) != width:
                cells = _fitted(cells, width)
            if rows.has_shown:
                cells = as_shown(cells, texts, table.heading.cells)
            if rows.has_nul:
                _refuse_nul(cells)
            line = convert(row_no, cells)
            if row_no > after_row:
                batch.lines.append(line)
        except RowProblem as problem:
            if row_no > after_row:
                batch.rejects.append(as_reject(row_no, _explained(problem), cells))
                is_cut_off = problem.code == "wrong_cell_count" and len(cells) < width
                if problem.code == "row_repeated":
                    continue  # its order is whole without it
                batch.spoiled.extend((row_no, order) for order in _orders_in(cells, rows.shape.delimiter, convert))
        if len(batch.lines) + len(batch.rejects) >= batch_rows or rows.unpacked - began_at > _BATCH_BYTES:
            yield _finished(batch, rows, table, convert, row_no, after_row)
            batch, began_at = Batch(), rows.unpacked
    if not row_no:
        raise SourceError("no_rows", row=table.heading.row_no)
    if is_cut_off and convert.order_of(cells) is None and (order := convert.order_of(before)) is not None:
        batch.spoiled.append((row_no, order))  # The file ends within the row, which may have been of this order, too.
    if batch.lines or batch.rejects:
        yield _finished(batch, rows, table, convert, row_no, after_row)


def _finished(batch: Batch, rows: Rows, table: Table, convert: Converter, row_no: int, after_row: int) -> Batch:
    batch.last_row, batch.bytes_read, batch.skipped = row_no, rows.position, replace(table.skipped)
    batch.has_prices, batch.per, batch.headings = convert.has_prices, convert.per, convert.headings
    batch.has_order_rows, batch.is_exact = convert.has_order_rows, convert.is_exact
    batch.no_lines = [row for row in convert.no_lines if row > after_row]
    convert.no_lines.clear()
    batch.understood, batch.ignored_identifiers = convert.understood, convert.ignored_identifiers
    batch.warnings = [warning for warning in convert.warnings if warning.row_no > after_row]
    convert.warnings.clear()
    batch.facts = [fact for fact in convert.facts if fact[0] > after_row]
    convert.facts.clear()
    batch.addresses = [said for said in convert.addresses if said[0] > after_row]
    convert.addresses.clear()
    return batch


def _orders_in(cells: Sequence[str], delimiter: str, convert: Converter) -> Iterator[str]:
    """The orders a row that cannot be used is of: its own, and those of rows that an open quotation mark swallowed."""
    lines = [cells]
    if any("\n" in cell for cell in cells):
        text = delimiter.join(cells).replace('"', "")
        lines += [line.split(delimiter) for line in text.splitlines()[1:]]
    return (order for line in lines if (order := convert.order_of(line)) is not None)


def _fitted(cells: list[str], width: int) -> list[str]:
    """The row without empty cells beyond the heading. RowProblem for any other number of cells."""
    if len(cells) > width and not any(map(str.strip, cells[width:])):
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
    score = _score(CsvSource(said))
    with opened_rows(path, encoding=said.encoding, delimiter=said.delimiter, score=score) as rows:
        has_heading = _has_heading(rows.shape.delimiter)
        table = Table(iter(rows), score, said.heading_row, has_heading=has_heading, is_guarded=is_ours)
        first = [cells for _, cells in islice(table, _PREVIEW)]
        heading = table.heading.cells
        preset = _suggested_preset(heading, rows.shape.delimiter)
        mapping = suggested_mapping(preset, heading if table.heading.row_no else [], rows=first)
        if rows.has_shown:
            texts = CsvSource(mapping).texts(heading)
            first = [as_shown_if_known(cells, texts) for cells in first]
        return FileFacts(
            size=os.path.getsize(path),
            compression=rows.compression,
            encoding=rows.shape.encoding,
            delimiter=rows.shape.delimiter,
            header=tuple(map(shown_text, heading)) if table.heading.row_no else None,
            rows=tuple(tuple(map(shown_text, cells)) for cells in first),
            preset=preset,
            mapping=mapping,
            heading_row=table.heading.row_no,
            sheet=rows.shape.sheet,
            skipped=replace(table.skipped),
        )


def _has_heading(delimiter: str) -> Callable[[Sequence[str]], bool]:
    """Of a file whose preset is not known yet: only one divided by spaces may have no heading."""
    return PRESETS["cdnow"]().has_heading if delimiter == " " else lambda first: True


def _suggested_preset(first: Sequence[str], delimiter: str) -> str:
    if OwnSource.fits(first):
        return "huitou"
    if OnlineRetail.fits(first):
        return "online-retail"
    if delimiter == " ":
        return "cdnow"
    return next((platform.name for platform in PLATFORMS if platform.fits(first)), "generic")


def suggested_mapping(
    preset: str, header: Sequence[str], kind: str = "auto", rows: Sequence[Sequence[str]] = ()
) -> Mapping:
    """How a file with this heading is to be read as that preset; empty where a mapping has no say.

    kind: what it is a list of, where somebody said so; rows: the first ones, which help to find it out.
    """
    platform = next((platform for platform in PLATFORMS if platform.name == preset), None)
    if platform:
        return platform.mapping(header)
    return Mapping() if preset in PUBLISHED else Mapping.recognised(header, kind, rows)


def kind_of_preset(preset: str) -> str:
    """What files of this preset are lists of; "" where it may be anything."""
    platform = next((platform for platform in PLATFORMS if platform.name == preset), None)
    return platform.kind if platform else ORDERS if preset in PUBLISHED else ""
