"""Attributes of a shop's own: made, changed, refused, archived."""

from functools import partial

import pytest

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.attributes import AttributeRefused, change_definition, create_definition, definitions
from customers.models import AttributeChoice, AttributeDefinition
from tests.factories.customers import attribute, customer, give
from tests.factories.shops import NOW

COLOURS = ["Red", "Green", "Blue"]


def choices_of(shop, definition):
    """(label, whether it is archived) in order."""
    with shop_scope(shop):
        rows = AttributeChoice.objects.filter(definition=definition).order_by("position", "pk")
        return [(row.label, row.archived_at is not None) for row in rows]


def change(shop, definition, **said):
    with shop_scope(shop):
        return change_definition(definition, by=None, now=NOW, **said)


def refusal(shop, definition=None, **said):
    """(field, code, count) of what is refused."""
    made = {"key": "size", "label": "Size", "type_": "text"} | said
    write = partial(change_definition, definition, **said) if definition else partial(create_definition, **made)
    with shop_scope(shop), pytest.raises(AttributeRefused) as refused:
        write(by=None, now=NOW)
    return refused.value.field, refused.value.code, refused.value.count


def test_attributes_stand_in_the_order_they_were_made(shop, other_shop, owner):
    first = attribute(shop, "size", by=owner)
    second = attribute(shop, "colour", "choice", choices=COLOURS, group="Looks", by=owner)
    attribute(other_shop, "size")
    with shop_scope(shop):
        assert definitions().all == [first, second]
        assert [(name, [each.key for each in group]) for name, group in definitions().groups("customer")] == [
            ("", ["size"]),
            ("Looks", ["colour"]),
        ]
        entry = AuditEntry.objects.filter(action="attribute.created").latest("seq")
        assert (entry.object_id, entry.actor_id) == (second.pk, owner.pk)
        assert entry.details == {"key": "colour", "type": "choice"}
    assert choices_of(shop, second) == [("Red", False), ("Green", False), ("Blue", False)]


@pytest.mark.parametrize(
    ("said", "field", "code", "count"),
    [
        ({"key": "Size"}, "key", "invalid_key", 0),
        ({"key": "known"}, "key", "key_taken", 0),
        ({"label": " "}, "label", "too_short", 0),
        ({"label": "x" * 81}, "label", "too_long", 80),
        ({"label": "a\0"}, "label", "control_character", 0),
        ({"type_": "colour"}, "type", "unknown_type", 0),
        ({"choices": ["a"]}, "choices", "needs_no_choices", 0),
        ({"type_": "choice"}, "choices", "no_choices", 0),
        ({"type_": "choice", "choices": ["a", "Ａ"]}, "choices", "duplicate_choice", 0),
        ({"type_": "choices", "choices": ["a;b"]}, "choices", "semicolon_in_choice", 0),
        ({"type_": "choice", "choices": ["a", ""]}, "choices", "too_short", 0),
        ({"type_": "choice", "choices": [str(n) for n in range(10_000)]}, "choices", "too_many_choices", 500),
        ({"position": -1}, "position", "out_of_range", 0),
        ({"position": 2**31}, "position", "out_of_range", 0),
    ],
)
def test_what_cannot_be_made(shop, said, field, code, count):
    attribute(shop, "known")
    assert refusal(shop, **said) == (field, code, count)
    with shop_scope(shop):
        assert [each.key for each in definitions().all] == ["known"]


def test_a_shop_has_at_most_200_attributes(shop):
    with shop_scope(shop):
        AttributeDefinition.objects.bulk_create(
            AttributeDefinition(shop=shop, key=f"k{n}", label="x", type="text") for n in range(200)
        )
    assert refusal(shop) == ("key", "too_many_attributes", 200)


def test_the_list_has_at_most_six_columns_of_attributes(shop):
    made = [attribute(shop, f"k{n}", in_list=True) for n in range(6)]
    seventh = attribute(shop, "k7")
    assert refusal(shop, in_list=True) == refusal(shop, seventh, in_list=True) == ("in_list", "too_many_in_list", 6)
    assert change(shop, made[0], in_list=True) == []
    assert change(shop, made[0], archived=True) == ["archived_at"]
    assert change(shop, seventh, in_list=True) == ["in_list"]
    assert refusal(shop, made[0], archived=False) == ("in_list", "too_many_in_list", 6)
    assert change(shop, made[0], archived=False, in_list=False) == ["archived_at", "in_list"]


def test_changing_says_what_changed_and_nothing_else(shop):
    size = attribute(shop, "size", label="Size")
    assert change(shop, size, label="Shoe size", group="") == ["label"]
    assert change(shop, size, label="Shoe size") == []
    with shop_scope(shop):
        assert AuditEntry.objects.filter(action="attribute.changed").count() == 1


def test_the_type_changes_as_long_as_nobody_has_a_value(shop):
    size = attribute(shop, "size", "text")
    assert change(shop, size, type_="choice", choices=["S", "M"]) == ["type", "choices"]
    give(customer(shop, "Ana"), size="S")
    give(customer(shop, "Bo"), size="M")
    assert refusal(shop, size, type_="number") == ("type", "type_in_use", 2)
    with shop_scope(shop):
        assert AttributeDefinition.objects.get().type == "choice"


def test_a_choice_that_is_taken_away_stays_where_it_is_chosen(shop):
    colour = attribute(shop, "colour", "choice", choices=COLOURS)
    ana = customer(shop, "Ana")
    give(ana, colour="Red")
    assert change(shop, colour, choices=["Blue", "White"]) == ["choices"]
    assert choices_of(shop, colour) == [("Red", True), ("Blue", False), ("White", False)]
    with shop_scope(shop):
        assert [row.choice.label for row in ana.attribute_values.all()] == ["Red"]
        assert "red" not in definitions().shapes["colour"].choices
    change(shop, colour, choices=["Red", "Blue", "White"])
    assert choices_of(shop, colour) == [("Red", False), ("Blue", False), ("White", False)]


def test_a_choice_written_another_way_is_the_same(shop):
    colour = attribute(shop, "colour", "choice", choices=["red"])
    give(customer(shop, "Ana"), colour="red")
    change(shop, colour, choices=["Red"])
    assert choices_of(shop, colour) == [("Red", False)]


def test_archiving_hides_and_comes_back(shop):
    size = attribute(shop, "size")
    ana = customer(shop, "Ana")
    give(ana, size=3)
    assert change(shop, size, archived=True) == ["archived_at"]
    with shop_scope(shop):
        assert definitions().current == []
        assert ana.attribute_values.get().number_value == 3.0
    assert change(shop, size, archived=False) == ["archived_at"]
    with shop_scope(shop):
        assert definitions().current == [size]
