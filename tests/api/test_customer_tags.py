"""Tags by the API: put on and taken off, never replaced; a name means what it means on the pages."""

import threading

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.shops.audit.chain import verify_chain
from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.models import CustomerTag, Tag
from customers.tagging import make_tags


def put(api, external_id="c1", **fields):
    response = api.post("customers", {"external_id": external_id} | fields)
    assert response.status_code in (200, 201), response.content
    return response.json()


def bulk(api, *customers):
    response = api.post("customers/bulk", {"customers": list(customers)})
    assert response.status_code == 200, response.content
    return response.json()["results"]


def tag(shop, name, *customer_ids):
    """As staff do it."""
    with shop_scope(shop):
        made = Tag.objects.create(shop=shop, name=name)
        CustomerTag.objects.bulk_create(CustomerTag(shop=shop, tag=made, customer_id=pk) for pk in customer_ids)
        return made


def entries(shop):
    with shop_scope(shop):
        found = AuditEntry.objects.filter(object_type="customers.tag").order_by("seq")
        return [(entry.action, entry.object_id, entry.actor_kind, entry.details) for entry in found]


def state(shop):
    with shop_scope(shop):
        tags = list(Tag.objects.order_by("pk").values_list("pk", "name"))
        worn = sorted(CustomerTag.objects.values_list("customer_id", "tag__name"))
        return tags, worn, AuditEntry.objects.count()


def test_tags_are_put_on_beside_those_of_the_staff(api, shop):
    customer = put(api, name="Ana")
    tag(shop, "Friend of the house", customer["id"])
    assert put(api, tags=["VIP", "茶"])["tags"] == ["Friend of the house", "VIP", "茶"]
    assert put(api, name="Ana Lee")["tags"] == ["Friend of the house", "VIP", "茶"]
    assert put(api, tags=[], remove_tags=[])["tags"] == ["Friend of the house", "VIP", "茶"]


def test_tags_are_taken_off_and_stay_in_the_shop(api, shop):
    customer = put(api, tags=["VIP", "Tea"])
    assert put(api, remove_tags=["VIP", "never there"])["tags"] == ["Tea"]
    changed = api.patch(f"customers/{customer['id']}", {"tags": ["Gift"], "remove_tags": ["Tea"]}).json()
    assert changed["tags"] == ["Gift"]
    with shop_scope(shop):
        assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "Tea", "Gift"}


def test_a_name_is_the_same_tag_in_whatever_case_and_blanks(api, shop):
    customer = put(api)
    tag(shop, "Été gold", customer["id"])
    assert put(api, tags=[" été  GOLD ", "ÉTÉ\u00a0gold"])["tags"] == ["Été gold"]
    assert [row["id"] for row in api.get("customers?tag=%C3%A9t%C3%A9%20gold").json()["results"]] == [customer["id"]]
    assert put(api, remove_tags=["éTé gold"])["tags"] == []
    assert put(api, tags=["new", "NEW"])["tags"] == ["new"]


def test_every_spelling_of_a_tag_comes_off(api, shop):
    customer = put(api)
    tag(shop, "VIP", customer["id"])
    tag(shop, "vip", customer["id"])
    assert [row["id"] for row in api.get("customers?tag=Vip").json()["results"]] == [customer["id"]]
    assert put(api, remove_tags=["Vip"])["tags"] == []


def test_each_tag_leaves_an_entry_with_its_count(api, shop):
    results = bulk(
        api,
        {"external_id": "c1", "tags": ["VIP", "Tea"]},
        {"external_id": "c2", "tags": ["VIP"]},
        {"external_id": "c3", "remove_tags": ["VIP"]},
    )
    assert [row["status"] for row in results] == ["created"] * 3
    patched = api.patch(f"customers/{results[0]['id']}", {"remove_tags": ["vip"], "tags": ["tea"]})
    assert patched.json()["tags"] == ["Tea"]
    with shop_scope(shop):
        vip, tea = (Tag.objects.get(name=name).pk for name in ("VIP", "Tea"))
        assert verify_chain() == (AuditEntry.objects.count(), None)
    assert entries(shop) == [
        ("customers.tagged", vip, "key", {"customers": 2}),
        ("customers.tagged", tea, "key", {"customers": 1}),
        ("customers.untagged", vip, "key", {"customers": 1}),
    ]


def test_a_batch_says_whose_tags_changed(api, shop):
    bulk(api, *({"external_id": name, "tags": ["VIP"]} for name in ("c1", "c2")))
    before = state(shop)
    again = [{"external_id": "c1", "tags": ["vip"]}, {"external_id": "c2", "remove_tags": ["Tea"]}]
    assert [row["status"] for row in bulk(api, *again)] == ["unchanged", "unchanged"]
    assert state(shop) == before
    results = bulk(api, {"external_id": "c1", "tags": ["VIP"]}, {"external_id": "c2", "tags": ["Tea"]})
    assert [row["status"] for row in results] == ["unchanged", "updated"]
    results = bulk(api, {"external_id": "c1", "remove_tags": ["VIP"]}, {"external_id": "c2", "tags": ["VIP"]})
    assert [row["status"] for row in results] == ["updated", "unchanged"]


def test_of_two_numbers_of_one_customer_the_later_has_the_last_word(api):
    customer = put(api, "c1")
    assert api.patch(f"customers/{customer['id']}", {"external_id": "c2"}).status_code == 200
    bulk(api, {"external_id": "c1", "tags": ["VIP"]}, {"external_id": "c2", "remove_tags": ["VIP"]})
    assert api.get(f"customers/{customer['id']}").json()["tags"] == []


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"tags": ["VIP", "x" * 61]}, "too_long", "tags[1]"),
        ({"tags": ["x"] * 51}, "too_long", "tags"),
        ({"remove_tags": [""]}, "too_short", "remove_tags[0]"),
        ({"tags": ["VIP", " \t"]}, "too_short", "tags[1]"),
        ({"tags": ["V\0IP"]}, "control_character", "tags[0]"),
        ({"tags": "VIP"}, "wrong_type", "tags"),
        ({"tags": ["VIP"], "remove_tags": ["Tea", "vip"]}, "invalid_value", "remove_tags[1]"),
    ],
)
def test_names_that_cannot_be_are_refused(api, shop, problem_of, fields, code, field):
    customer = put(api)
    before = state(shop)
    assert problem_of(api.post("customers", {"external_id": "c1", "name": "Ana"} | fields)) == (400, code, field)
    assert problem_of(api.patch(f"customers/{customer['id']}", fields)) == (400, code, field)
    first, second = bulk(api, {"external_id": "c1"} | fields, {"external_id": "c1"})
    assert (first["error"]["code"], first["error"]["field"], second["status"]) == (code, field, "unchanged")
    assert state(shop) == before


def test_a_batch_does_not_flood_the_shop_with_tags(api, shop, problem_of):
    sent = [{"external_id": f"c{n}", "tags": [f"t{n}-{m}" for m in range(50)]} for n in range(20)]
    before = state(shop)
    one_more = {"external_id": "c20", "remove_tags": ["VIP"]}
    assert problem_of(api.post("customers/bulk", {"customers": [*sent, one_more]})) == (
        400,
        "too_many_items",
        "customers",
    )
    assert state(shop) == before
    assert {row["status"] for row in bulk(api, *sent)} == {"created"}


def test_a_refused_patch_tags_nobody(api, shop, problem_of):
    put(api, "c2", email="bo@example.com")
    customer = put(api)
    before = state(shop)
    response = api.patch(f"customers/{customer['id']}", {"email": "bo@example.com", "tags": ["VIP"]})
    assert problem_of(response) == (409, "identifier_taken", "email")
    assert state(shop) == before


def test_tags_of_another_shop_are_not_touched(api, other_api, shop, other_shop):
    theirs = put(other_api, tags=["VIP"])
    before = state(other_shop)
    ours = put(api, tags=["vip", "Tea"])
    put(api, remove_tags=["VIP"])
    assert api.get(f"customers/{ours['id']}").json()["tags"] == ["Tea"]
    assert other_api.get("customers?tag=vip").json()["results"][0]["id"] == theirs["id"]
    assert api.get("customers?tag=vip").json()["results"] == []
    assert state(other_shop) == before
    assert [name for _, name in state(shop)[0]] == ["vip", "Tea"]


def test_a_key_without_the_scope_tags_nobody(shop, api, make_client, problem_of):
    customer = put(api)
    reader = make_client(shop, scopes=["customers:read"])
    assert problem_of(reader.patch(f"customers/{customer['id']}", {"tags": ["VIP"]}))[:2] == (403, "scope_missing")
    assert state(shop)[0] == []


def test_a_hundred_customers_cost_as_many_queries_as_three(api, shop):
    bulk(api, {"external_id": "c0", "tags": ["old"]})  # whatever a connection asks once
    costs = []
    for begin, count in ((1, 3), (4, 100)):
        sent = [
            {"external_id": f"c{n}", "name": f"N{n}", "tags": [f"t{n}", "VIP"], "remove_tags": [f"t{n - 1}"]}
            for n in range(begin, begin + count)
        ]
        with CaptureQueriesContext(connections["default"]) as made:
            bulk(api, *sent)
        with CaptureQueriesContext(connections["default"]) as changed:
            bulk(api, *({"external_id": each["external_id"], "remove_tags": each["tags"]} for each in sent))
        costs.append((len(made), len(changed)))
    assert costs[0] == costs[1]
    assert len(state(shop)[0]) == 105


NAMES = st.sampled_from(["VIP", "vip", " Vip", "Tea", "TEA ", "茶", "straße", "STRASSE", "Straße"])
ITEM = st.fixed_dictionaries(
    {"external_id": st.sampled_from(["c1", "c2", "c3"])},
    optional={"tags": st.lists(NAMES, max_size=4), "remove_tags": st.lists(NAMES, max_size=4)},
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(ITEM, min_size=1, max_size=5))
def test_sending_a_batch_again_changes_nothing(api, shop, items):
    first = bulk(api, *items)
    before = state(shop)
    second = bulk(api, *items)
    assert state(shop) == before
    assert [row["status"] for row in second] == ["error" if row["status"] == "error" else "unchanged" for row in first]
    names = [name for _, name in before[0]]
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_spellings_at_once_make_one_tag(shop):
    is_made, found = threading.Event(), []

    def second():
        try:
            is_made.wait(20)
            with shop_scope(shop):
                found.append(make_tags(["vip"], now=timezone.now())["vip"])
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    thread.start()
    with shop_scope(shop):
        ours = make_tags(["VIP"], now=timezone.now())["VIP"]
        is_made.set()
        thread.join(0.3)  # it waits for our commit
    thread.join(20)
    assert found == [ours]
    assert state(shop)[0] == [(ours, "VIP")]
