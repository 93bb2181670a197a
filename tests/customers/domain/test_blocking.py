import random

import numpy as np
import pytest

from customers.domain.blocking import Keys, Pairs, pairs_to_compare


def keys(text):
    """ "aba": persons 0 and 2 have key a, person 1 has b; "." is none."""
    rows = [(ord(sign), place) for place, sign in enumerate(text) if sign != "."]
    return Keys(*np.array(rows, np.int64).reshape(-1, 2).T)


def pairs(*kinds, largest_block=50, most_pairs=1_000):
    found = pairs_to_compare(kinds, largest_block=largest_block, most_pairs=most_pairs)
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["abab"], [(0, 2), (1, 3)]),
        (["aaa"], [(0, 1), (0, 2), (1, 2)]),
        (["abc", "..."], []),
        ([""], []),
        (["ab", "ba"], []),
        (["aa.", "aa.", "b.b"], [(0, 1), (0, 2)]),
        (["aaaa"], []),
    ],
)
def test_those_who_share_a_key_are_pairs(kinds, expected):
    assert pairs(*map(keys, kinds), largest_block=3) == expected


def test_one_who_has_a_key_twice_counts_once():
    twice = Keys(np.array([7, 7, 7]), np.array([0, 0, 1]))
    assert pairs(twice, largest_block=2) == [(0, 1)]
    assert pairs(Keys(np.array([7, 7]), np.array([0, 0]))) == []


def test_the_smallest_blocks_come_first_to_so_many_pairs():
    assert pairs(keys("aaabb"), keys("..ccc"), most_pairs=3) == [(3, 4)]
    assert pairs(keys("aaabb"), keys("..ccc"), most_pairs=4) == [(0, 1), (0, 2), (1, 2), (3, 4)]
    assert pairs(keys("aaa"), most_pairs=2) == []


def test_the_same_as_each_with_each():
    source = random.Random(5)
    for _ in range(20):
        texts = ["".join(source.choice("abcdefg.") for _ in range(40)) for _ in range(3)]
        expected = set()
        for text in texts:
            sizes = {sign: text.count(sign) for sign in text}
            expected |= {
                (one, other)
                for other in range(40)
                for one in range(other)
                if text[one] == text[other] != "." and sizes[text[one]] <= 5
            }
        assert pairs(*map(keys, texts), largest_block=5) == sorted(expected)


def test_pairs_are_two_columns_of_whole_numbers():
    found = pairs_to_compare([keys("aa")], largest_block=2, most_pairs=1)
    assert isinstance(found, Pairs)
    assert (found.first.dtype, found.second.dtype) == (np.int64, np.int64)
