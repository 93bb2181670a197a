"""Which house an address is of: spellings of one, and addresses that are of two."""

import pytest

from customers.domain.houses import NOWHERE, House, house_of, is_same_house

MAIN, LEEDS = ("", "Boston", "02110"), ("", "Leeds", "")
SAME = [
    [("12 Main Street", *MAIN), ("Main St. 12", "", "", "02110-1234"), ("12 MAIN ST", *MAIN)],
    [("12 Main St Apt 4", *MAIN), ("12 Main Street", "Apartment 4", "", "02110"), ("12 Main St, #4", *MAIN)],
    [("Hauptstraße 5", "", "Köln", "50667"), ("Hauptstr. 5", "", "", "50667"), ("HAUPTSTRASSE 5", "", "x", "50667")],
    [("Mill Road 1", *LEEDS), ("1, Mill Rd", "", "leeds", "")],
    [("Mill Road 1", "", "", "LS1 4AP"), ("Mill Road 1", "", "", "ls14ap")],
    [("西湖区 样本路1号", "", "杭州市", "310000"), ("样本路１号", "", "Hangzhou", "")],
    [("样本路1号", "", "杭州市", ""), ("浙江省 杭州市 西湖区 样本路1号", "", "", "")],
    [("样本路1号3栋502", "", "杭州市", ""), ("样本路1号", "3栋502", "杭州", "")],
]


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_address_are_one(spellings):
    houses = [house_of(*each) for each in spellings]
    assert all(house.key for house in houses)
    assert all(is_same_house(houses[0], each) for each in houses[1:])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Mill Road 1", "", "Leeds", "LS1 4AP"), ("Mill Road 2", "", "Leeds", "LS1 4AP")),
        (("Mill Road 1", "", "Leeds", ""), ("Mill Road 1", "", "York", "")),
        (("Mill Road 1", "Flat 2", "Leeds", ""), ("Mill Road 1", "Flat 3", "Leeds", "")),
        (("Mill Road 1", "", "Leeds", "LS1 4AP"), ("High Road 1", "", "Leeds", "LS1 4AP")),
        (("样本路1号3栋502", "", "杭州", ""), ("样本路1号3栋503", "", "杭州", "")),
        (("样本路1号", "", "杭州", ""), ("样本路11号", "", "杭州", "")),
    ],
)
def test_two_houses_and_two_flats_of_one_are_two(one, other):
    assert not is_same_house(house_of(*one), house_of(*other))


def test_one_that_does_not_say_its_flat_may_be_any():
    assert is_same_house(House("a", ""), House("a", "2"))
    assert not is_same_house(House("", ""), House("", ""))


@pytest.mark.parametrize(
    "address",
    [
        ("", "", "Leeds", "LS1"),
        ("Mill Road", "", "Leeds", "LS1"),
        ("12", "", "Leeds", "LS1"),
        ("Mill Road 1", "", "", ""),
        ("样本路", "", "杭州", ""),
        ("1号", "", "杭州", ""),
        ("样本路1号", "", "", "310000"),
    ],
)
def test_what_tells_no_house_is_nowhere(address):
    assert house_of(*address) == NOWHERE
