"""Attributes of a shop's own: their definitions, and their values on customers, one by one and in batches."""

import json
from pathlib import Path

import pytest

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.models import AttributeValue
from tests.factories.customers import attribute, customer, give

NAUGHTY = json.loads((Path(__file__).parents[1] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
TEA = {"key": "tea", "label": "Tea", "type": "choice", "choices": ["Assam", "龙井"]}


@pytest.fixture
def known(shop, other_shop):
    attribute(shop, "size")
    attribute(shop, "tea", "choice", choices=["Assam", "龙井"])
    attribute(shop, "likes", "choices", choices=["Music", "Chess"])
    attribute(shop, "born", "yearly")
    attribute(shop, "vip", "boolean")
    attribute(shop, "note", "text")
    attribute(other_shop, "theirs")


def test_making_reading_and_changing_one(api, shop, other_shop, other_api):
    made = api.post("attributes", TEA | {"group": "Taste"})
    assert made.status_code == 201
    said = made.json()
    assert {name: said[name] for name in TEA} == TEA
    assert (said["group"], said["archived"], said["archived_choices"]) == ("Taste", False, [])
    give(customer(shop, "Ana"), tea="Assam")
    changed = api.patch(f"attributes/{said['id']}", {"choices": ["龙井", "Pu-erh"], "label": "Favourite tea"})
    assert changed.status_code == 200
    now = changed.json()
    assert (now["label"], now["choices"], now["archived_choices"]) == ("Favourite tea", ["龙井", "Pu-erh"], ["Assam"])
    assert api.get("attributes").json()["results"] == [now]
    assert api.get(f"attributes/{said['id']}").json() == now
    assert other_api.get("attributes").json()["results"] == []
    assert other_api.patch(f"attributes/{said['id']}", {"label": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (TEA | {"key": "Tea"}, (400, "invalid_key", "key")),
        (TEA | {"key": "size"}, (409, "key_taken", "key")),
        (TEA | {"type": "colour"}, (400, "unknown_type", "type")),
        (TEA | {"choices": []}, (400, "no_choices", "choices")),
        (TEA | {"choices": ["a"] * 10_000}, (400, "too_many_choices", "choices")),
        (TEA | {"choices": ["a", "A"]}, (400, "duplicate_choice", "choices")),
        (TEA | {"label": "\t"}, (400, "too_short", "label")),
        (TEA | {"position": 2**40}, (400, "out_of_range", "position")),
        (TEA | {"colour": 1}, (400, "unknown_field", "colour")),
    ],
)
def test_what_cannot_be_an_attribute(api, shop, body, problem, problem_of):
    attribute(shop, "size")
    assert problem_of(api.post("attributes", body)) == problem
    assert [each["key"] for each in api.get("attributes").json()["results"]] == ["size"]


def test_the_type_of_one_in_use_stays(api, shop, known, problem_of):
    give(customer(shop, "Ana"), size=4)
    (size,) = [each for each in api.get("attributes").json()["results"] if each["key"] == "size"]
    response = api.patch(f"attributes/{size['id']}", {"type": "text"})
    assert problem_of(response) == (409, "type_in_use", "type")
    assert "1 customers have a value" in response.json()["detail"]


def test_a_key_needs_the_scope(shop, make_client, problem_of):
    writer = make_client(shop, scopes=["customers:read", "customers:write"])
    assert problem_of(writer.post("attributes", TEA)) == (403, "scope_missing", "")
    assert writer.get("attributes").status_code == 200


def test_values_are_written_and_read_on_a_customer(api, shop, known):
    said = {"size": 38.5, "tea": "龙井", "likes": ["Chess"], "born": "02-29", "vip": False, "note": "x"}
    made = api.post("customers", {"external_id": "c1", "attributes": said}).json()
    assert made["attributes"] == said
    changed = api.patch(f"customers/{made['id']}", {"attributes": {"size": None, "likes": [], "vip": True}}).json()
    left = {"tea": "龙井", "born": "02-29", "vip": True, "note": "x"}
    assert changed["attributes"] == left
    assert api.get("customers/by-external-id/c1").json()["attributes"] == left
    assert [each["attributes"] for each in api.get("customers").json()["results"]] == [left]


def test_what_is_archived_is_neither_shown_nor_written(api, shop, known, problem_of):
    made = api.post("customers", {"external_id": "c1", "attributes": {"size": 1, "vip": True}}).json()
    (size,) = [each for each in api.get("attributes").json()["results"] if each["key"] == "size"]
    api.patch(f"attributes/{size['id']}", {"archived": True})
    assert api.get(f"customers/{made['id']}").json()["attributes"] == {"vip": True}
    response = api.patch(f"customers/{made['id']}", {"attributes": {"size": 2}})
    assert problem_of(response) == (400, "unknown_attribute", "attributes.size")
    api.patch(f"attributes/{size['id']}", {"archived": False})
    assert api.get(f"customers/{made['id']}").json()["attributes"] == {"size": 1, "vip": True}


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"shoe": 1}, "unknown_attribute", "attributes.shoe"),
        ({"theirs": 1}, "unknown_attribute", "attributes.theirs"),
        ({"size": "big"}, "wrong_type", "attributes.size"),
        ({"size": 1e300}, "out_of_range", "attributes.size"),
        ({"tea": "Mate"}, "unknown_choice", "attributes.tea"),
        ({"likes": ["Music", "Go"]}, "unknown_choice", "attributes.likes"),
        ({"born": "2026-02-30"}, "invalid_date", "attributes.born"),
        ({"note": "x" * 501}, "too_long", "attributes.note"),
        ({"note": "\u0000"}, "control_character", "attributes.note"),
    ],
)
def test_a_wrong_value_says_where_and_writes_nothing(api, known, values, code, field, problem_of):
    body = {"external_id": "c1", "name": "Ana", "attributes": {"vip": True} | values}
    assert problem_of(api.post("customers", body)) == (400, code, field)
    assert api.get("customers").json()["results"] == []


def test_a_batch_answers_for_each_customer(api, shop, known):
    api.post("customers", {"external_id": "c1", "attributes": {"size": 1}})
    items = [
        {"external_id": "c1", "attributes": {"size": 1}},
        {"external_id": "c2", "attributes": {"size": "x"}},
        {"external_id": "c3", "attributes": {"shoe": 1}},
        {"external_id": "c4", "attributes": {"size": 4, "tea": "assam"}},
        {"external_id": "c5"},
    ]
    results = api.post("customers/bulk", {"customers": items}).json()["results"]
    assert [each["status"] for each in results] == ["unchanged", "error", "error", "created", "created"]
    assert [results[n]["error"]["code"] for n in (1, 2)] == ["wrong_type", "unknown_attribute"]
    assert api.get("customers/by-external-id/c4").json()["attributes"] == {"size": 4, "tea": "Assam"}
    with shop_scope(shop):
        entry = AuditEntry.objects.filter(action="customers.attributes_changed").latest("seq")
        assert entry.details["customers"] == 1


def test_a_batch_takes_as_many_queries_for_one_as_for_many(api, known, django_assert_max_num_queries):
    def batch(first, count):
        said = {"size": 1, "tea": "Assam", "likes": ["Music", "Chess"]}
        return {"customers": [{"external_id": f"c{n}", "attributes": said} for n in range(first, first + count)]}

    api.post("customers/bulk", batch(0, 1))
    with django_assert_max_num_queries(1000) as one:
        api.post("customers/bulk", batch(1, 1))
    with django_assert_max_num_queries(len(one)):
        answer = api.post("customers/bulk", batch(2, 200))
    assert {each["status"] for each in answer.json()["results"]} == {"created"}


def test_naughty_strings_are_kept_as_they_are_or_refused(api, shop, known):
    items = [{"external_id": f"c{n}", "attributes": {"note": text}} for n, text in enumerate(NAUGHTY)]
    items += [{"external_id": f"k{n}", "attributes": {text: 1}} for n, text in enumerate(NAUGHTY)]
    items += [{"external_id": f"t{n}", "attributes": {"tea": text}} for n, text in enumerate(NAUGHTY)]
    for start in range(0, len(items), 500):
        results = api.post("customers/bulk", {"customers": items[start : start + 500]}).json()["results"]
        for item, result in zip(items[start:], results, strict=False):
            if result["status"] == "error":
                assert result["error"]["code"] in (
                    "unknown_attribute", "unknown_choice", "control_character", "too_long", "invalid_text",
                )  # fmt: skip
            else:
                text = " ".join(next(iter(item["attributes"].values())).split())
                with shop_scope(shop):
                    kept = AttributeValue.objects.filter(customer_id=result["id"])
                    assert list(kept.values_list("text_value", flat=True)) == ([text] if text else [])
