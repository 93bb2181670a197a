"""The registry through which apps meet: one item a name, in the order of registration."""

from dataclasses import dataclass

import pytest

from crm.lib.registry import Registry


@dataclass(frozen=True)
class Fruit:
    name: str
    colour: str = ""


@pytest.fixture
def fruits():
    registry = Registry[Fruit]("fruit")
    for name in ("pear", "apple", "fig"):
        registry.register(Fruit(name, "green"))
    return registry


def test_items_come_in_the_order_of_registration(fruits):
    assert [fruit.name for fruit in fruits] == ["pear", "apple", "fig"]
    assert len(fruits) == 3


def test_an_item_is_found_by_its_name(fruits):
    assert fruits["apple"] == fruits.get("apple") == Fruit("apple", "green")
    assert ("apple" in fruits, "plum" in fruits, fruits.get("plum")) == (True, False, None)


def test_registering_answers_the_item_and_an_equal_one_changes_nothing(fruits):
    apple = fruits["apple"]
    assert fruits.register(Fruit("apple", "green")) is apple
    assert [fruit.name for fruit in fruits] == ["pear", "apple", "fig"]


def test_a_name_is_not_given_twice(fruits):
    with pytest.raises(ValueError, match=r"^The fruit 'apple' is registered already, as Fruit\(.*'green'\)\.$"):
        fruits.register(Fruit("apple", "red"))
    assert fruits["apple"].colour == "green"


def test_an_unknown_name_says_what_there_is(fruits):
    with pytest.raises(LookupError, match=r"^There is no fruit 'plum'; there are pear, apple, fig\.$"):
        fruits["plum"]
    with pytest.raises(LookupError, match="there are none"):
        Registry[Fruit]("fruit")["plum"]
