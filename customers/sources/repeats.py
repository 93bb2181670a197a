"""Rows that stand in a file twice, apart from each other: two exports that overlap were pasted together.

Equal rows of one order that follow each other are two of its lines. Equal rows with other orders between them may be
the same line once more; nothing in them says which, so it is asked.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np


class Repeats:
    """What was seen of the rows so far: 16 bytes of each."""

    def __init__(self, order_at: int, width: int) -> None:
        self._order_at, self._width = order_at, width
        self._hashes, self._runs, self._row_nos = array("q"), array("i"), array("i")
        self._order, self._run = "", 0

    def add_all(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        for row_no, cells in rows:
            if len(cells) < self._width or not (order := cells[self._order_at].strip()):
                continue  # a row that is no order's does not part those around it
            if order != self._order:
                self._order, self._run = order, self._run + 1
            self._hashes.append(hash(tuple(cells)))
            self._runs.append(self._run)
            self._row_nos.append(row_no)

    def found(self) -> Iterator[tuple[int, int]]:
        """(row, the row before it that it repeats) in file order."""
        if not self._hashes:
            return
        hashes, runs = np.frombuffer(self._hashes, dtype=np.int64), np.frombuffer(self._runs, dtype=np.int32)
        by_hash = np.argsort(hashes, kind="stable")
        # Each row with the first one like it: that of a repeat's own run may be a repeat itself.
        is_first = np.concatenate(([True], hashes[by_hash][1:] != hashes[by_hash][:-1]))
        first = np.empty(len(hashes), dtype=np.int64)
        first[by_hash] = by_hash[np.maximum.accumulate(np.where(is_first, np.arange(len(hashes)), 0))]
        for at in np.flatnonzero(runs != runs[first]):
            yield self._row_nos[at], self._row_nos[first[at]]
