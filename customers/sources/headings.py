"""Where a table begins and ends: lines above its heading, headings that come again, and lines below its last row."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from crm.lib.spreadsheets import unguarded

from .problems import SourceError
from .rows import Numbered

LOOKED_AT = 40
# A heading is recognised by at least two names; "Order" alone may be a title.
_SURE = 2
_LOOKED_AT_CLOSELY = 200  # rows; further down only those of another width
_SURELY = 3  # names in a row that is surely a heading
_MAX_FOOTER = 20

Score = Callable[[Sequence[str]], int]

_VALUE = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+\Z|[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|https?://"
)
_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub|sub-|overall|order|orders|report)?\s*totals?|sum|summe|gesamt(?:summe)?|total\s+g[eé]n[eé]ral|"
    r"итого|合\s*计|总\s*计|小\s*计|汇\s*总|本页合计|合計|総計|小計|합계|총계)\s*[:：]?\s*\W*\Z",
    re.IGNORECASE,
)
# How many there are, said in words that no cell of data holds alone.
_COUNT = re.compile(
    r"\W*(?:[0-9][0-9,.]*\s*)?(?:record\(s\)|records?|rows?|orders?|lines?|entries|results?)\s+"
    r"(?:downloaded|exported|found|in\s+total|total|listed)\s*[.:]?\s*\Z|\W*共\s*[0-9,]+\s*[条笔单行个件]",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\W*(?:seller\s+id|generated|exported|printed|downloaded|created\s+(?:on|at|by)|"
    r"end\s+of\s+(?:report|file|data|export)|page\s+[0-9]+|copyright|©|"
    r"导出(?:时间|人|日期)|制表(?:人|时间|日期)?|打印时间|生成时间|下载时间|数据来源)(?:\b|[:：])",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^\W\d][^:：]{0,40}[:：]\s*\S")


@dataclass
class Skipped:
    """Rows that are no data: above the heading, the heading once more, below the last row. Blank rows do not count."""

    above: int = 0
    repeated: int = 0
    footer: int = 0


@dataclass(frozen=True)
class Heading:
    """The row with the names of the columns, without empty cells at its end. `above`: the rows before it.

    Row 0: the table has no heading, and these are the cells of its first row.
    """

    row_no: int
    cells: tuple[str, ...]
    above: tuple[tuple[str, ...], ...] = ()


def find_heading(rows: Sequence[Numbered], score: Score, row_no: int | None = None) -> Heading | None:
    """The heading among the first rows (not blank) of a file; None where there is no row at all.

    `row_no` says which row it is: SourceError heading_row_missing if it is blank or not among them. Else it is the row
    with the most names that `score` knows, else the first row as wide as those below whose cells are words, else the
    first row.
    """
    if row_no is not None:
        at = next((at for at, (number, _) in enumerate(rows) if number == row_no), None)
        if at is None:
            raise SourceError("heading_row_missing", row=row_no)
    elif not rows:
        return None
    else:
        at = _best(rows, score)
    number, cells = rows[at]
    return Heading(number, trimmed(cells), tuple(trimmed(above) for _, above in rows[:at]))


def _best(rows: Sequence[Numbered], score: Score) -> int:
    scores = [score(cells) if _are_names(cells, 4) else 0 for _, cells in rows]
    if max(scores) >= _SURE:
        return scores.index(max(scores))
    # As in the rows below: a title line is shorter, or padded with empty cells.
    widths = Counter(len(cells) for _, cells in rows)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    usual = sorted(_filled(cells) for _, cells in rows if len(cells) == width)[count // 2]
    for at, (_, cells) in enumerate(rows):
        if len(trimmed(cells)) <= width <= len(cells) and _filled(cells) * 2 > usual and _are_names(cells, 10**6):
            return at
    return 0


def _are_names(cells: Sequence[str], tolerance: int) -> bool:
    """Whether at least two cells are filled, and at most one of `tolerance` is a value: a number, date or address."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    values = sum(1 for cell in filled if not any(map(str.isalpha, cell)) or _VALUE.match(cell))
    return len(filled) >= 2 and values * tolerance <= len(filled)


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without empty ones at the end."""
    return tuple(cells[: max((at + 1 for at, cell in enumerate(cells) if cell.strip()), default=0)])


class Table:
    """A file's rows of data below its heading. `skipped` counts what was left out up to the row handed out last.

    SourceError other_heading where the heading of another table comes, as in two exports pasted together: its columns
    would be read as ours.
    """

    def __init__(
        self,
        rows: Iterator[Numbered],
        score: Score,
        row_no: int | None = None,
        *,
        has_heading: Callable[[Sequence[str]], bool] = lambda first: True,
        is_guarded: Callable[[Sequence[str]], bool] = lambda heading: False,
    ) -> None:
        """is_guarded: whether the heading is of a file of ours, whose cells have apostrophes of ours."""
        self._score, self._is_chosen = score, row_no is not None
        beginning = list(islice(rows, max(LOOKED_AT, row_no or 0)))
        heading = find_heading(beginning, score, row_no)
        if heading is None:
            raise SourceError("empty_file")
        if not has_heading(beginning[0][1]):  # The kind of file has none: its first row is data and tells the width.
            heading = Heading(0, trimmed(beginning[0][1]))
        self.heading = heading
        # Above the row next to it, which may name groups of columns.
        if heading.row_no and any(map(self._is_of_another, heading.above[:-1])):
            raise SourceError("other_heading", row=heading.row_no)
        self.skipped = Skipped(above=len(heading.above))
        self._rows: Iterator[Numbered] = chain(beginning[len(heading.above) + (heading.row_no > 0) :], rows)
        if is_guarded(heading.cells):
            self.heading = replace(heading, cells=tuple(map(unguarded, heading.cells)))
            self._rows = ((number, list(map(unguarded, cells))) for number, cells in self._rows)

    def _is_of_another(self, cells: Sequence[str]) -> bool:
        """Whether the row is the heading of another table: the file is made of blocks."""
        found = trimmed(cells)
        if self._is_chosen:  # whoever has said where the heading is knows the others
            return False
        if len(found) < _SURELY or found == self.heading.cells or not _are_names(found, 10**6):
            return False
        known = self._score(found)
        return known >= _SURELY and known * 2 > len(found) and len(set(found) & set(self.heading.cells)) * 2 <= known

    def __iter__(self) -> Iterator[Numbered]:
        if not self.heading.row_no:
            yield from self._rows
            return
        heading, above = self.heading.cells, set(self.heading.above)
        names, width = set(heading) - {""}, len(heading)
        first = next(at for at, cell in enumerate(heading) if cell)
        held: list[Numbered] = []  # may be the end of the table, or of its first part
        for at, numbered in enumerate(self._rows):
            cells = numbered[1]
            may_be_heading = first < len(cells) and (cells[first] in names or cells[first][:1] == "\ufeff")
            is_odd = at < _LOOKED_AT_CLOSELY or ((len(cells) != width or not cells[-1]) and cells[0].isalpha())
            if is_odd and self._is_of_another(cells):
                raise SourceError("other_heading", row=numbered[0])
            if may_be_heading and _is_heading(cells, heading, names, numbered[0]):
                self.skipped.footer += sum(1 for _, other in held if trimmed(other) not in above)
                self.skipped.repeated += 1 + sum(1 for _, other in held if trimmed(other) in above)
                held.clear()
            elif _may_be_outside(cells, width, above) and len(held) < _MAX_FOOTER:
                held.append(numbered)
            else:
                if held:
                    yield from held
                    held.clear()
                yield numbered
        # A title line comes only above: at the very end, what looks like one is kept as a row.
        for numbered in held:
            if is_footer(numbered[1], width):
                self.skipped.footer += 1
            else:
                yield numbered


def _is_heading(cells: Sequence[str], heading: Sequence[str], names: Collection[str], row_no: int) -> bool:
    found = trimmed([cell.removeprefix("\ufeff") for cell in cells])  # a file put behind another keeps its mark
    if found == tuple(heading):
        return True
    known = sum(1 for cell in set(found) if cell in names)
    if known >= 3 and known * 2 > len(names) and _are_names(found, 10**6):
        raise SourceError("other_heading", row=row_no)
    return False


def _may_be_outside(cells: Sequence[str], width: int, above: Collection[tuple[str, ...]]) -> bool:
    # Almost every row of data ends the question here.
    if len(cells) == width and cells.count("") * 2 < width and not (cells.count("") and _TOTAL.match(cells[0])):
        return False
    return is_footer(cells, width) or (bool(above) and trimmed(cells) in above)


def is_footer(cells: Sequence[str], width: int) -> bool:
    """Whether the row is surely none of a table `width` cells wide: a total, a count of rows, a note about the export.

    A row that was cut off, or that only lacks most of its cells, is no footer: it is to be reported.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or len(filled) >= max(width, 2):
        return False
    if _TOTAL.match(filled[0]):
        return True
    if len(filled) <= 3 and any(map(_COUNT.match, filled)):
        return True
    if len(filled) > 3 or len(filled) * 2 > max(width, 2):
        return False
    return bool(_NOTE.match(filled[0])) or (len(filled) == 1 and bool(_LABELLED.match(filled[0])))
