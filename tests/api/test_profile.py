"""What a customer record says about the person, through the API: read, written one by one and in batches."""

import json
from pathlib import Path

import pytest

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.models import Customer, CustomerKind
from tests.factories.customers import customer

NAUGHTY = json.loads((Path(__file__).parents[1] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
SAID = {
    "birthday": "1990-05-17",
    "language": "zh-Hans",
    "time_zone": "Asia/Shanghai",
    "company": "回头茶业",
    "kind": "wholesale",
    "minor": True,
    "do_not_profile": True,
}
NOTHING = {
    "birthday": "", "language": "", "time_zone": "", "company": "", "kind": "customer", "minor": False,
    "do_not_profile": False,
}  # fmt: skip


def about(answer):
    return {name: answer[name] for name in SAID}


def test_all_of_it_is_written_and_read(api, shop, other_shop):
    customer(other_shop, "Theirs", number="c1")
    made = api.post("customers", {"external_id": "c1", **SAID})
    assert (made.status_code, about(made.json())) == (201, SAID)
    pk = made.json()["id"]
    assert about(api.get(f"customers/{pk}").json()) == SAID
    assert about(api.get("customers").json()["results"][0]) == SAID
    with shop_scope(other_shop):
        assert list(Customer.objects.values_list("birthday", "kind", "is_minor")) == [("", "", False)]


def test_what_is_not_sent_stays_and_null_or_nothing_clears(api):
    pk = api.post("customers", {"external_id": "c1", **SAID}).json()["id"]
    assert about(api.patch(f"customers/{pk}", {"name": "Wei"}).json()) == SAID
    assert about(api.post("customers", {"external_id": "c1", "city": "York"}).json()) == SAID
    assert about(api.patch(f"customers/{pk}", dict.fromkeys(SAID)).json()) == NOTHING
    api.patch(f"customers/{pk}", SAID)
    empty = dict.fromkeys(("birthday", "language", "time_zone", "company", "kind"), "")
    assert about(api.patch(f"customers/{pk}", empty).json()) == NOTHING | {"minor": True, "do_not_profile": True}
    assert about(api.patch(f"customers/{pk}", {"minor": False, "do_not_profile": None}).json()) == NOTHING


def test_forms_are_kept_in_one_form(api):
    sent = {
        "birthday": "1990年5月17日",
        "language": "ZH_cn",
        "time_zone": "asia/shanghai",
        "company": " a  b ",
        "kind": "PRESS",
    }
    kept = {
        "birthday": "1990-05-17",
        "language": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "company": "a b",
        "kind": "press",
    }
    assert about(api.post("customers", {"external_id": "c1", **sent}).json()) == NOTHING | kept
    yearly = api.post("customers", {"external_id": "c1", "birthday": "02-29", "kind": "customer"}).json()
    assert about(yearly) == NOTHING | kept | {"birthday": "--02-29", "kind": "customer"}


def test_what_changed_is_in_the_log(api, shop):
    pk = api.post("customers", {"external_id": "c1"}).json()["id"]
    api.patch(f"customers/{pk}", {"birthday": "05-17", "minor": True})
    api.patch(f"customers/{pk}", {"birthday": "05-17", "minor": True})
    with shop_scope(shop):
        entry = AuditEntry.objects.get(action="customer.changed")
    assert entry.details == {"fields": ["birthday", "is_minor"]}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("birthday", "2026-02-30", "invalid_date"), ("birthday", "3000-01-01", "date_in_future"),
        ("birthday", "1899-12-31", "date_out_of_range"), ("birthday", 19900517, "wrong_type"),
        ("language", "klingon", "unknown_language"), ("time_zone", "../../etc", "unknown_time_zone"),
        ("time_zone", "CST", "unknown_time_zone"), ("kind", "friend", "unknown_kind"), ("kind", 7, "wrong_type"),
        ("company", "a\x00b", "control_character"), ("company", "x" * 10_000, "too_long"),
        ("minor", "yes", "wrong_type"), ("do_not_profile", 1, "wrong_type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_item_and_the_others_are_taken(api, field, value, problem, problem_of):
    assert problem_of(api.post("customers", {"external_id": "c1", field: value})) == (400, problem, field)
    batch = [{"external_id": "c1", field: value}, {"external_id": "c2", "birthday": "05-17"}]
    first, second = api.post("customers/bulk", {"customers": batch}).json()["results"]
    assert (first["status"], first["error"]["code"], first["error"]["field"]) == ("error", problem, field)
    assert second["status"] == "created"
    assert [each["birthday"] for each in api.get("customers").json()["results"]] == ["--05-17"]


def test_a_batch_says_who_changed_and_a_second_time_nobody(api):
    items = [{"external_id": f"c{n}", **SAID, "birthday": f"1990-01-{n + 1:02d}"} for n in range(20)]

    def statuses():
        return {each["status"] for each in api.post("customers/bulk", {"customers": items}).json()["results"]}

    assert statuses() == {"created"}
    assert statuses() == {"unchanged"}
    for each in items:
        each["minor"] = False
    assert statuses() == {"updated"}
    assert statuses() == {"unchanged"}


def test_no_naughty_string_breaks_a_door(api):
    for name in ("birthday", "language", "time_zone", "company", "kind"):
        items = [{"external_id": f"c{n}", name: text[:60]} for n, text in enumerate(NAUGHTY)]
        answer = api.post("customers/bulk", {"customers": items})
        assert answer.status_code == 200, name
        assert {each["status"] for each in answer.json()["results"]} <= {"created", "updated", "unchanged", "error"}


# Kinds of relations


def test_customers_are_listed_by_kind_and_language(api, other_api, problem_of):
    for number, more in enumerate(({}, {"kind": "press", "language": "zh-Hans"}, {"kind": "press", "language": "en"})):
        api.post("customers", {"external_id": f"c{number}", **more})
    other_api.post("customers", {"external_id": "c9", "kind": "press"})

    def listed(query):
        return [row["external_id"] for row in api.get(f"customers?{query}").json()["results"]]

    assert sorted(listed("kind=press")) == ["c1", "c2"]
    assert listed("kind=customer") == ["c0"]
    assert listed("language=ZH-hans") == listed("kind=press&language=zh-Hans") == ["c1"]
    assert problem_of(api.get("customers?kind=foe")) == (400, "unknown_kind", "kind")
    assert problem_of(api.get("customers?language=xx-yy")) == (400, "unknown_language", "language")


def test_kinds_are_listed_made_and_changed(api, shop, other_api):
    assert [each["key"] for each in api.get("customer-kinds").json()["results"]] == [
        "customer", "wholesale", "partner", "investor", "supplier", "press",
    ]  # fmt: skip
    made = api.post("customer-kinds", {"key": "influencer", "label": "达人", "scored": False})
    kind = {"key": "influencer", "label": "达人", "position": 70, "scored": False, "archived": False}
    assert (made.status_code, made.json()) == (201, kind)
    assert api.get("customer-kinds/influencer").json() == kind
    assert other_api.get("customer-kinds/influencer").status_code == 404
    assert other_api.patch("customer-kinds/influencer", {"label": "x"}).status_code == 404
    pk = api.post("customers", {"external_id": "c1", "kind": "influencer"}).json()["id"]
    changed = api.patch("customer-kinds/influencer", {"archived": True, "scored": True, "position": 1})
    assert changed.json() == kind | {"archived": True, "scored": True, "position": 1}
    assert api.get(f"customers/{pk}").json()["kind"] == "influencer"
    assert api.post("customers", {"external_id": "c2", "kind": "influencer"}).status_code == 400
    assert api.get("customer-kinds").json()["results"][0]["key"] == "influencer"


def test_one_of_the_first_six_is_changed_in_one_shop_alone(api, shop, other_shop, other_api):
    assert api.patch("customer-kinds/press", {"scored": True}).json()["scored"] is True
    assert other_api.get("customer-kinds/press").json()["scored"] is False
    with shop_scope(other_shop):
        assert not CustomerKind.objects.exists()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"key": "press", "label": "x"}, (409, "key_taken", "key")),
        ({"key": "Press", "label": "x"}, (400, "invalid_key", "key")),
        ({"key": "new", "label": "x" * 10_000}, (400, "too_long", "label")),
        ({"key": "new", "label": "x" * 100}, (400, "too_long", "label")),
        ({"key": "new", "label": "\t"}, (400, "too_short", "label")),
        ({"key": "new", "label": "x", "position": 2**40}, (400, "out_of_range", "position")),
    ],
)
def test_what_cannot_be_a_kind(api, body, problem, problem_of):
    assert problem_of(api.post("customer-kinds", body)) == problem
    assert len(api.get("customer-kinds").json()["results"]) == 6


def test_plain_customers_stay_scored(api, problem_of):
    assert problem_of(api.patch("customer-kinds/customer", {"scored": False})) == (409, "kind_needed", "scored")
    assert problem_of(api.patch("customer-kinds/customer", {"archived": True})) == (409, "kind_needed", "archived")


def test_an_attribute_of_one_kind(api, problem_of):
    made = api.post("attributes", {"key": "vat", "label": "VAT", "type": "text", "kind": "wholesale"})
    assert (made.status_code, made.json()["kind"]) == (201, "wholesale")
    path = f"attributes/{made.json()['id']}"
    assert api.patch(path, {"kind": ""}).json()["kind"] == ""
    assert problem_of(api.patch(path, {"kind": "friend"})) == (400, "unknown_kind", "kind")
