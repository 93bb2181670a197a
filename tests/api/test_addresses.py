"""Addresses by the API: read with their ids, written as whole lists, one by one and in batches."""

import json
from pathlib import Path

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Address
from tests.factories.customers import customer

NAUGHTY = json.loads((Path(__file__).parents[1] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
NOTHING = {"recipient": "", "company": "", "line1": "", "line2": "", "city": "", "region": "", "postcode": "",
           "country": "", "phone": ""}  # fmt: skip
HOME = {"type": "shipping", "line1": "Mill Road 1", "city": "Leeds", "country": "GB", "phone": "020 7946 0958"}


def addresses(answer):
    return answer.json()["addresses"]


def test_they_are_written_read_and_left(api, shop, other_shop):
    customer(other_shop, "Theirs", number="c1")
    made = api.post("customers", {"external_id": "c1", "addresses": [HOME, {"city": " Y  ork "}]})
    pk, found = made.json()["id"], addresses(made)
    ids = [each["id"] for each in found]
    assert found == [
        NOTHING | HOME | {"phone": "+442079460958", "default": True, "id": ids[0]},
        NOTHING | {"type": "other", "city": "Y ork", "default": True, "id": ids[1]},
    ]
    assert addresses(api.get(f"customers/{pk}")) == found
    assert api.get("customers").json()["results"][0]["addresses"] == found
    assert addresses(api.patch(f"customers/{pk}", {"name": "Ana"})) == found
    assert addresses(api.patch(f"customers/{pk}", {"addresses": found})) == found
    with shop_scope(other_shop):
        assert not Address.objects.exists()


def test_a_list_replaces_what_there_was_and_null_takes_all(api):
    pk = api.post("customers", {"external_id": "c1", "addresses": [HOME]}).json()["id"]
    second = HOME | {"line1": "Mill Road 2", "default": True}
    changed = addresses(api.patch(f"customers/{pk}", {"addresses": [HOME, second]}))
    assert [(each["line1"], each["default"]) for each in changed] == [("Mill Road 2", True), ("Mill Road 1", False)]
    assert [each["line1"] for each in addresses(api.patch(f"customers/{pk}", {"addresses": [second]}))] == [
        "Mill Road 2"
    ]
    assert addresses(api.patch(f"customers/{pk}", {"addresses": None})) == []


def test_a_batch_says_of_whom_it_changed_any(api):
    people = [{"external_id": f"c{n}", "addresses": [HOME]} for n in range(3)]
    assert [row["status"] for row in api.post("customers/bulk", {"customers": people}).json()["results"]] == [
        "created"
    ] * 3
    people[1] = {"external_id": "c1", "addresses": []}
    people[2] = {"external_id": "c2"}
    assert [row["status"] for row in api.post("customers/bulk", {"customers": people}).json()["results"]] == [
        "unchanged", "updated", "unchanged",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ([{"recipient": "Ana"}], "too_short", "addresses[0]"),
        ([HOME, HOME | {"phone": "12"}], "invalid_phone", "addresses[1].phone"),
        ([HOME | {"line1": "a\x00"}], "control_character", "addresses[0].line1"),
        ([HOME | {"default": True}, HOME | {"line2": "B", "default": True}], "invalid_value", "addresses[1].default"),
        ([HOME | {"type": "castle"}], "invalid_value", "addresses[0].type"),
        ([HOME | {"line1": "x" * 201}], "too_long", "addresses[0].line1"),
        ([HOME] * 51, "too_long", "addresses"),
    ],
)
def test_what_is_no_address_is_refused_and_nothing_written(api, shop, sent, code, field):
    answer = api.post("customers", {"external_id": "c1", "addresses": sent})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, code, field)
    with shop_scope(shop):
        assert not Address.objects.exists()


def test_naughty_strings_are_stored_or_refused(api, shop):
    items = [
        {"external_id": f"c{n}", "addresses": [{"line1": text, "city": "Leeds"}]} for n, text in enumerate(NAUGHTY)
    ]
    results = []
    for start in range(0, len(items), 500):
        results += api.post("customers/bulk", {"customers": items[start : start + 500]}).json()["results"]
    with shop_scope(shop):
        kept = dict(Address.objects.values_list("customer_id", "line1"))
    for text, result in zip(NAUGHTY, results, strict=True):
        if result["status"] == "error":
            assert result["error"]["code"] in ("control_character", "too_long")
        else:
            assert kept[result["id"]] == " ".join(text.split())
