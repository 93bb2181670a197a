"""Names of very many people as columns of numbers: what names.py says of each, a million within seconds.

Letters and words are compared whatever their order, so each has a number of its own and a name has their sum. A word is
taken apart once, however many people have it. Two sums of different names are equal once in 10^19 times.
"""

from array import array
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .names import (
    LONGEST,
    bones,
    is_special_word,
    parse_name,
    plain_han,
    plain_word,
    plain_words,
    read_given,
    read_surname,
)

Numbers = NDArray[np.int64]
_SPECIAL = -1


class NameColumns(NamedTuple):
    """A row for each name, shape (n,).

    words, letters, han: how many; han is 0 but for a Chinese name. all_letters, all_words, all_han: equal where those
    are, in any order. surname: equal where Chinese surnames sound the same. bones: equal where the words are but for
    what is easily mistyped. initials: equal where the first letters of the words are, in any order.
    """

    words: Numbers
    letters: Numbers
    han: Numbers
    all_letters: Numbers
    all_words: Numbers
    all_han: Numbers
    surname: Numbers
    bones: Numbers
    initials: Numbers


class NameReader:
    """Reads names, part by part, and remembers their words."""

    def __init__(self) -> None:
        self._words = _Words()
        self._plain = _Remembered(lambda word: _SPECIAL if is_special_word(word) else self._words[plain_word(word)])
        self._surnames = _Remembered(lambda han: self._words[read_surname(han)])
        self._given = _Remembered(lambda han: self._words[read_given(han)])

    def read(self, texts: Iterable[str]) -> NameColumns:
        codes, counts = array("q"), array("q")
        chinese: list[tuple[int, int, int, int]] = []  # row, how many characters, their sum, the surname's code
        for row, text in enumerate(texts):
            found = self._plain_codes(text)
            if found is None:
                found, han, surname = self._codes(text)
                if han:
                    chinese.append((row, len(han), _sum_of_hashes(han), surname))
            codes.extend(found)
            counts.append(len(found))
        return self._columns(np.frombuffer(codes, np.int64), np.frombuffer(counts, np.int64), chinese)

    def _plain_codes(self, text: str) -> list[int] | None:
        """Of the words of most names in Latin letters; None for others."""
        if not text.isascii() or len(text) > LONGEST:
            return None
        codes = [self._plain[word] for word in plain_words(text)]
        return None if _SPECIAL in codes else codes

    def _codes(self, text: str) -> tuple[list[int], str, int]:
        """The words, the Chinese characters and the surname."""
        if (han := plain_han(text)) is not None:
            surname = self._surnames[han[0]]
            return [surname, self._given[han[1]]], text, surname
        name = parse_name(text)
        return [self._words[word] for word in name.words], name.han, self._words[name.surname] if name.han else 0

    def _columns(self, codes: Numbers, counts: Numbers, chinese: list[tuple[int, int, int, int]]) -> NameColumns:
        ends = np.cumsum(counts)

        def summed(of_words: "array[int]") -> Numbers:
            sums = np.concatenate([[0], np.cumsum(np.frombuffer(of_words, np.int64)[codes])])
            total: Numbers = sums[ends] - sums[ends - counts]
            return total

        words = self._words
        han = np.zeros((3, len(counts)), np.int64)
        if chinese:
            rows, *columns = np.array(chinese, np.int64).T
            han[:, rows] = columns
        return NameColumns(
            words=counts.copy(),
            letters=summed(words.lengths),
            han=han[0],
            all_letters=summed(words.letters),
            all_words=summed(words.hashes),
            all_han=han[1],
            surname=han[2],
            bones=summed(words.bones),
            initials=summed(words.initials),
        )


class _Words(dict[str, int]):
    """Word → its place in the columns."""

    def __init__(self) -> None:
        self.lengths, self.letters, self.hashes = array("q"), array("q"), array("q")
        self.bones, self.initials = array("q"), array("q")
        self[""] = 0  # No surname.
        for column in (self.lengths, self.letters, self.hashes, self.bones, self.initials):
            column.append(0)

    def __missing__(self, word: str) -> int:
        self[word] = code = len(self.lengths)
        self.lengths.append(len(word))
        self.letters.append(_sum_of_hashes(word))
        self.hashes.append(hash(word))
        self.bones.append(hash("bones " + bones(word)))
        self.initials.append(hash("initial " + word[0]))
        return code


class _Remembered(dict[str, int]):
    """What a function said of each text."""

    def __init__(self, say: Callable[[str], int]) -> None:
        self._say = say

    def __missing__(self, text: str) -> int:
        self[text] = said = self._say(text)
        return said


def _sum_of_hashes(text: str) -> int:
    """Of its letters, as 64 bits with a sign."""
    return (sum(map(hash, text)) + 2**63) % 2**64 - 2**63
