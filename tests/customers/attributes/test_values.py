"""Values of attributes: written one by one and in sets, found by an index under row-level security."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.attributes import (
    Change,
    UnknownAttribute,
    change_attributes,
    change_definition,
    definitions,
    definitions_for_writing,
    read_json,
    values_of,
    write_values,
)
from customers.domain.attributes import BadValue, as_json
from customers.models import AttributeChoice, AttributeValue
from customers.personal_data import move_personal_data
from tests.factories.customers import attribute, customer, give
from tests.factories.shops import NOW

QUERIES = 11  # four of them the audit log's, and two savepoints
LATER = NOW + timedelta(days=1)
committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def known(shop, other_shop):
    """The same attributes in both shops."""
    for each in (shop, other_shop):
        attribute(each, "note", "text")
        attribute(each, "size", "number")
        attribute(each, "since", "date")
        attribute(each, "nameday", "yearly")
        attribute(each, "vip", "boolean")
        attribute(each, "colour", "choice", choices=["Red", "Blue"])
        attribute(each, "likes", "choices", choices=["Tea", "Coffee", "Mate"])


def told(shop, *customers):
    """What each of these customers' attributes are, as the API says it."""
    with shop_scope(shop):
        all_ = definitions()
        found = values_of([each.pk for each in customers])
        said = [
            {
                each.key: as_json(each.type, found[one.pk][each.pk], all_.labels)
                for each in all_.all
                if each.pk in found[one.pk]
            }
            for one in customers
        ]
    return said[0] if len(said) == 1 else said


EVERYTHING = {
    "note": "Likes jasmine",
    "size": 38.5,
    "since": "2019-05-04",
    "nameday": "02-29",
    "vip": False,
    "colour": "Blue",
    "likes": ["Tea", "Mate"],
}


def test_every_type_is_kept_as_it_was_said(shop, other_shop, known, owner):
    ana, stranger = customer(shop, "Ana"), customer(other_shop, "Stranger")
    changed = give(ana, by=owner, **EVERYTHING)
    assert told(shop, ana) == EVERYTHING
    assert told(other_shop, stranger) == {}
    with shop_scope(shop):
        entry = AuditEntry.objects.get(action="customer.attributes_changed")
        assert (entry.object_id, entry.actor_id) == (ana.pk, owner.pk)
        assert entry.details == {"attributes": changed}


def test_saying_it_again_changes_and_records_nothing(shop, known):
    ana = customer(shop, "Ana")
    give(ana, **EVERYTHING)
    assert give(ana, now=LATER, **EVERYTHING) == []
    with shop_scope(shop):
        assert AuditEntry.objects.filter(action="customer.attributes_changed").count() == 1
        assert set(AttributeValue.objects.values_list("updated_at", flat=True)) == {NOW}


def test_none_takes_a_value_away_and_the_others_stay(shop, known):
    ana = customer(shop, "Ana")
    give(ana, **EVERYTHING)
    give(ana, note=None, likes=[], size=40)
    left = {name: value for name, value in EVERYTHING.items() if name not in ("note", "likes")}
    assert told(shop, ana) == left | {"size": 40}
    assert give(ana, note=None) == []


def test_a_list_is_replaced_whole_and_keeps_the_rows_it_keeps(shop, known):
    ana = customer(shop, "Ana")
    give(ana, likes=["Tea", "Mate"])
    give(ana, now=LATER, likes=["Mate", "Coffee"])
    assert told(shop, ana) == {"likes": ["Coffee", "Mate"]}
    with shop_scope(shop):
        assert dict(AttributeValue.objects.values_list("choice__label", "updated_at")) == {"Mate": NOW, "Coffee": LATER}


def test_what_is_wrong_names_its_attribute(shop, known):
    with shop_scope(shop):
        all_ = definitions()
        with pytest.raises(BadValue) as bad:
            read_json({"size": "big"}, all_)
        with pytest.raises(UnknownAttribute, match="shoe"):
            read_json({"shoe": 1}, all_)
    assert bad.value.__notes__ == ["size"]


def test_many_are_written_at_once_with_one_entry(shop, known, owner):
    people = [customer(shop, f"No. {n}") for n in range(3)]
    give(people[0], size=1)
    with shop_scope(shop):
        all_ = definitions_for_writing()
        changes = [
            Change(person.pk, definition_id, cells)
            for n, person in enumerate(people)
            for definition_id, cells in read_json({"size": n + 1, "vip": n > 1}, all_).items()
        ]
        assert write_values(changes, by=owner, now=LATER) == {person.pk for person in people}
        assert write_values(changes, by=owner, now=LATER) == set()
        entry = AuditEntry.objects.get(action="customers.attributes_changed")
        ids = sorted(each.pk for each in all_.all if each.key in ("size", "vip"))
        assert entry.details == {"customers": 3, "attributes": ids}
    assert told(shop, *people) == [{"size": 1, "vip": False}, {"size": 2, "vip": False}, {"size": 3, "vip": True}]


def test_a_set_takes_as_many_queries_as_one(shop, known, django_assert_num_queries):
    people = [customer(shop, f"No. {n}") for n in range(30)]
    give(people[0], size=1)  # the temporary tables are made once for a connection
    for some in (people[1:2], people[2:]):
        with shop_scope(shop):
            all_ = definitions_for_writing()
            changes = [Change(one.pk, *pair) for one in some for pair in read_json({"size": 5}, all_).items()]
            with django_assert_num_queries(QUERIES):
                assert len(write_values(changes, by=None, now=NOW)) == len(some)


def test_a_value_of_another_shops_customer_or_attribute_cannot_be(shop, other_shop, known):
    ana, stranger = customer(shop, "Ana"), customer(other_shop, "Stranger")
    with shop_scope(other_shop):
        theirs = definitions().by_key["size"].pk
    with shop_scope(shop):
        ours = definitions().by_key["size"].pk
        cells = read_json({"size": 5}, definitions())[ours]
        for customer_id, definition_id in ((stranger.pk, ours), (ana.pk, theirs)):
            with pytest.raises(IntegrityError), transaction.atomic():
                write_values([Change(customer_id, definition_id, cells)], by=None, now=NOW)
    assert told(shop, ana) == {}


def test_a_row_has_exactly_one_value(shop, known):
    ana = customer(shop, "Ana")
    with shop_scope(shop):
        size = definitions().by_key["size"]
        for values in ({}, {"number_value": 1, "text_value": "1"}):
            with pytest.raises(IntegrityError, match="attribute_value_one"), transaction.atomic():
                AttributeValue.objects.create(shop=shop, customer=ana, definition=size, **values)


def test_where_two_become_one_the_survivors_values_stand_and_lists_are_united(shop, known):
    ana, ana_again = customer(shop, "Ana"), customer(shop, "Ana again")
    give(ana, size=38, likes=["Tea"])
    give(ana_again, size=40, vip=True, likes=["Mate", "Tea"])
    with shop_scope(shop):
        move_personal_data(ana_again, ana, now=NOW)
    assert told(shop, ana, ana_again) == [{"size": 38, "vip": True, "likes": ["Tea", "Mate"]}, {}]


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"text_value": "n500"}, "attribute_value_text"),
        ({"number_value__gte": 990, "number_value__lt": 995}, "attribute_value_number"),
        ({"date_value__lte": "2000-01-03"}, "attribute_value_date"),
        ({"boolean_value": True}, "attribute_value_boolean"),
        ({"choice": None}, "attribute_value_choice"),
    ],
)
def test_values_are_found_by_their_index_under_row_level_security(shop, other_shop, known, where, index):
    """Only comparisons that are leakproof can be index conditions there: those of `numeric` are not."""
    for each in (shop, other_shop):
        fill(each)
    with shop_scope(shop), connection.cursor() as cursor:
        cursor.execute("SELECT customers_refresh_statistics()")
        key = {"text": "note", "number": "size", "date": "nameday", "boolean": "vip", "choice": "colour"}
        definition = definitions().by_key[key[index.removeprefix("attribute_value_")]]
        if "choice" in where:
            where = {"choice": AttributeChoice.objects.get(label="Blue")}
        rows = AttributeValue.objects.filter(definition=definition, **where)
        assert 0 < rows.count() < 100
        plan = rows.values("customer_id").explain()
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert f"using {index} " in plan or f"on {index} " in plan
    assert next(iter(where)).partition("__")[0] in condition
    assert "shop_id" in condition
    assert "definition_id" in condition


def fill(shop):
    """2,000 customers with five values each, of which few are what the test asks for."""
    with shop_scope(shop), connection.cursor() as cursor:
        ids = {each.key: each.pk for each in definitions().all}
        red, blue = (AttributeChoice.objects.get(label=label).pk for label in ("Red", "Blue"))
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO customers_customer (shop_id, name)
                SELECT %(shop)s, n::text FROM generate_series(1, 2000) AS n
                RETURNING id, name::int AS n
            )
            INSERT INTO customers_attributevalue (shop_id, customer_id, definition_id, text_value, number_value,
                date_value, boolean_value, choice_id)
            SELECT %(shop)s, id, %(note)s, 'n' || n, NULL::float8, NULL::date, NULL::boolean, NULL::bigint FROM made
            UNION ALL SELECT %(shop)s, id, %(size)s, NULL, n, NULL, NULL, NULL FROM made
            UNION ALL SELECT %(shop)s, id, %(nameday)s, NULL, NULL, date '2000-01-01' + n %% 366, NULL, NULL FROM made
            UNION ALL SELECT %(shop)s, id, %(vip)s, NULL, NULL, NULL, n %% 100 = 0, NULL FROM made
            UNION ALL SELECT %(shop)s, id, %(colour)s, NULL, NULL, NULL, NULL,
                CASE WHEN n %% 100 = 0 THEN %(blue)s ELSE %(red)s END FROM made
            """,
            {"shop": shop.pk, "red": red, "blue": blue, **ids},
        )


@committing
def test_a_choice_that_somebody_is_just_given_is_archived_and_not_lost(make_shop):
    """Who takes it away waits for who gives it: else it would find it unused, and delete it with the value."""
    shop = make_shop("corner")
    colour = attribute(shop, "colour", "choice", choices=["Red", "Blue"])
    ana = customer(shop, "Ana")
    given, done = threading.Event(), []

    def take_away():
        given.wait(10)
        try:
            with shop_scope(shop):
                done.append(change_definition(colour, choices=["Blue"], by=None, now=NOW))
        finally:
            connections.close_all()

    other = threading.Thread(target=take_away)
    other.start()
    with shop_scope(shop):
        wanted = read_json({"colour": "Red"}, definitions_for_writing())
        given.set()
        other.join(0.5)
        assert not done
        change_attributes(ana, wanted, by=None, now=NOW)
    other.join(10)
    assert done == [["choices"]]
    assert told(shop, ana) == {"colour": "Red"}
