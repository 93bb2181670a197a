"""Who is compared with whom: those who share a key, the smallest blocks first."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class Keys(NamedTuple):
    """Keys and who has them, as rows of People in rising order; shape (n,) both. One kind of keys."""

    keys: Numbers
    holders: Numbers


class Pairs(NamedTuple):
    """Two rows of People each, the lower one first; every pair once. Shape (n,) both."""

    first: Numbers
    second: Numbers


class _Blocks(NamedTuple):
    members: Numbers  # one block after the other
    starts: Numbers
    sizes: Numbers


def pairs_to_compare(kinds: Iterable[Keys], *, largest_block: int, most_pairs: int) -> Pairs:
    """The pairs within blocks of 2 to largest_block people, of the smallest blocks as long as there are no more than
    most_pairs in them; a pair that shares two keys counts twice."""
    blocks = _smallest(_joined([_grouped(each, largest_block) for each in kinds]), most_pairs)
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(blocks.sizes):
        rows = blocks.members[blocks.starts[blocks.sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        firsts.append(rows[:, one].ravel())
        seconds.append(rows[:, other].ravel())
    return unique_pairs(Pairs(np.concatenate(firsts), np.concatenate(seconds)))


def unique_pairs(pairs: Pairs) -> Pairs:
    """In order, each once."""
    people = int(pairs.second.max(initial=0)) + 1
    first, second = np.divmod(np.unique(pairs.first * people + pairs.second), people)
    return Pairs(first, second)


def _grouped(kind: Keys, largest_block: int) -> _Blocks:
    order = np.argsort(kind.keys, kind="stable")
    keys, members = kind.keys[order], kind.holders[order]
    is_new = _changes(keys) | _changes(members)  # Two addresses of one person may have one key.
    keys, members = keys[is_new], members[is_new]
    starts = np.flatnonzero(_changes(keys))
    sizes = np.diff(np.append(starts, len(keys)))
    kept = (sizes >= 2) & (sizes <= largest_block)
    return _Blocks(members, starts[kept], sizes[kept])


def _changes(values: Numbers) -> NDArray[np.bool_]:
    """Whether each is another than the one before it."""
    changes = np.ones(len(values), bool)
    changes[1:] = values[1:] != values[:-1]
    return changes


def _joined(parts: Sequence[_Blocks]) -> _Blocks:
    offsets = np.cumsum([0, *(len(each.members) for each in parts)])
    starts = [each.starts + offset for each, offset in zip(parts, offsets[:-1], strict=True)]
    return _Blocks(
        np.concatenate([each.members for each in parts]),
        np.concatenate(starts),
        np.concatenate([each.sizes for each in parts]),
    )


def _smallest(blocks: _Blocks, most_pairs: int) -> _Blocks:
    order = np.lexsort((blocks.members[blocks.starts], blocks.sizes))
    starts, sizes = blocks.starts[order], blocks.sizes[order]
    kept = np.cumsum(sizes * (sizes - 1) // 2) <= most_pairs
    return _Blocks(blocks.members, starts[kept], sizes[kept])
