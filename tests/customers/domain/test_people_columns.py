"""The keys and the columns of names, beside what names.py says of each name by itself."""

import numpy as np
import pytest

from customers.domain.name_columns import NameReader
from customers.domain.names import bones, parse_name
from customers.domain.people_columns import Gathering, keys_of
from tests.customers.domain.test_likeness_columns import NAMES

NAME, BONES, NINE, BACK, FRONT, LOCAL = range(6)


def first_letters(name):
    return sorted(word[0] for word in name.words)


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("all_letters", lambda name: name.letters),
        ("all_words", lambda name: name.words),
        ("all_han", lambda name: sorted(name.han)),
        ("surname", lambda name: name.surname),
        ("bones", lambda name: sorted(map(bones, name.words))),
        ("initials", first_letters),
    ],
)
def test_columns_are_equal_where_names_are(column, meant):
    names = [parse_name(text) for text in NAMES]
    found = getattr(NameReader().read(NAMES), column)
    for one, a in zip(names, found, strict=True):
        for other, b in zip(names, found, strict=True):
            assert (a == b) == (meant(one) == meant(other)), (one, other)


def test_columns_count_words_letters_and_characters():
    names = [parse_name(text) for text in NAMES]
    found = NameReader().read(NAMES)
    assert found.words.tolist() == [len(name.words) for name in names]
    assert found.letters.tolist() == [len(name.letters) for name in names]
    assert found.han.tolist() == [len(name.han) for name in names]


def share(kind, one, other):
    """Whether two people, each {field: value}, have a key of the kind in common."""
    gathering = Gathering()
    for pk, each in enumerate((one, other)):
        gathering.add_people([(pk, each.get("name", ""), each.get("city", ""), "")])
        gathering.add_emails([(pk, each["email"])] if "email" in each else [])
        gathering.add_phones([(pk, each["phone"])] if "phone" in each else [])
    keys = list(keys_of(gathering.people()))[kind]
    return bool(set(keys.keys[keys.holders == 0]) & set(keys.keys[keys.holders == 1]))


@pytest.mark.parametrize(
    ("kind", "one", "other", "expected"),
    [
        (NAME, {"name": "王小明"}, {"name": "Xiao Ming Wang"}, True),
        (NAME, {"name": "Ana"}, {"name": "Ana"}, False),
        (NAME, {"name": "Guest User"}, {"name": "guest-user"}, False),
        (BONES, {"name": "Katharina Huber", "city": "Wien"}, {"name": "Hubar, Katarinna", "city": "WIEN"}, True),
        (BONES, {"name": "Katharina Huber", "city": "Wien"}, {"name": "Katharina Huber", "city": "Graz"}, False),
        (BONES, {"name": "Katharina Huber"}, {"name": "Katharina Huber"}, False),
        (NINE, {"phone": "+8613800138000"}, {"phone": "+4413800138000"}, True),
        (NINE, {"phone": "+8613800138000"}, {"phone": "+8613800138001"}, False),
        (NINE, {"phone": "+12345"}, {"phone": "+12345"}, False),
        (BACK, {"name": "Ana Silva", "phone": "+8613800138000"}, {"name": "S. Ana", "phone": "+8613911138000"}, True),
        (
            BACK,
            {"name": "Ana Silva", "phone": "+8613800138000"},
            {"name": "Bob Silva", "phone": "+8613911138000"},
            False,
        ),
        (BACK, {"phone": "+8613800138000"}, {"phone": "+8613911138000"}, False),
        (FRONT, {"name": "Ana Silva", "phone": "+8613800138000"}, {"name": "S. Ana", "phone": "+8613800145678"}, True),
        (FRONT, {"name": "Ana Silva", "phone": "+8613800138000"}, {"name": "S. Ana", "phone": "+8613811138000"}, False),
        (LOCAL, {"email": "ana.silva+shop@web.de"}, {"email": "anasilva@gmx.de"}, True),
        (LOCAL, {"email": "me@web.de"}, {"email": "me@gmx.de"}, False),
    ],
)
def test_slips_leave_a_key_as_it_was(kind, one, other, expected):
    assert share(kind, one, other) is expected


def test_who_lives_in_one_house_shares_a_key_with_whom_the_initials_fit():
    gathering = Gathering()
    names = ["Ana Silva", "SILVA A.", "Pedro Silva", "Ana", "Ana Silva"]
    gathering.add_people([(pk, name, "", "") for pk, name in enumerate(names)])
    streets = ["Mill Road 1", "1, mill rd", "Mill Road 1", "Mill Road 1", "Mill Road 2"]
    gathering.add_addresses([(pk, street, "", "Leeds", "") for pk, street in enumerate(streets)])
    people = gathering.people()
    *_, houses = keys_of(people)
    keys = dict(zip(houses.holders.tolist(), houses.keys.tolist(), strict=True))
    assert sorted(keys) == [0, 1, 2, 4]
    assert keys[0] == keys[1]
    assert len({keys[0], keys[2], keys[4]}) == 3
    assert not people.houses.has_many.any()


def test_a_house_has_many_if_many_people_have_an_address_there():
    gathering = Gathering()
    gathering.add_people([(pk, "", "", "") for pk in range(8)])
    many = [(pk, "Mill Road 1", "", "Leeds", "") for pk in range(6)]
    twice = [(6, "Mill Road 2", "", "Leeds", "")] * 6
    gathering.add_addresses([*twice, *many, (7, "Mill Road 2", "", "Leeds", "")])
    houses = gathering.people().houses
    assert dict(zip(houses.holders.tolist(), houses.has_many.tolist(), strict=True)) == {
        **dict.fromkeys(range(6), True),
        6: False,
        7: False,
    }


def test_nobody_has_no_keys():
    people = Gathering().people()
    assert [len(each.keys) for each in keys_of(people)] == [0] * 7
    assert people.ids.dtype == np.int64


def test_who_came_meanwhile_is_left_out():
    """Their contacts are read after the people."""
    gathering = Gathering()
    gathering.add_people([(3, "Ana Silva", "", ""), (1, "Bob Miller", "", "")])
    gathering.add_emails([(2, "cy@post.example"), (3, "ana@post.example"), (4, "dee@post.example")])
    gathering.add_sources([np.array([4, 1, 2], ">i8").tobytes()])
    people = gathering.people()
    assert people.ids.tolist() == [1, 3]
    assert people.emails.locals.tolist() == ["ana"]
    assert (people.emails.holders.tolist(), people.emails.starts.tolist()) == ([1], [0, 0, 1])
    assert [rows.tolist() for rows in people.sources] == [[0]]
