"""A customer has a stage and an RFM group, and they often differ: no name may be taken for one of the other kind."""

import re
from itertools import product

import pytest
from django.utils.translation import override

from segmentation.models import RFMGroup, Stage

# "at", "in" and the like say nothing; a stem does: "new" and "newcomers" are one word to whoever reads a list.
SHORTEST_STEM = 3
CUSTOMER = re.compile("客户?")


def words(label):
    return re.findall(r"\w+", label.lower())


def are_one(word, other):
    short, long = sorted((word, other), key=len)
    return short == long or (len(short) >= SHORTEST_STEM and long.startswith(short))


def test_no_group_shares_an_english_word_with_a_stage():
    with override("en"):
        labels = [(str(group.label), str(stage.label)) for group, stage in product(RFMGroup, Stage)]
    assert [pair for pair in labels if any(are_one(*two) for two in product(*map(words, pair)))] == []


def test_no_group_shares_a_chinese_character_with_a_stage_but_customer():
    with override("zh-hans"):
        labels = [(str(group.label), str(stage.label)) for group, stage in product(RFMGroup, Stage)]
    assert all(not label.isascii() for pair in labels for label in pair)
    assert [pair for pair in labels if set.intersection(*(set(CUSTOMER.sub("", label)) for label in pair))] == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_names_are_told_apart_among_themselves(language):
    with override(language):
        assert len({str(each.label) for each in [*RFMGroup, *Stage]}) == len(RFMGroup) + len(Stage)
