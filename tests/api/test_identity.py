"""Identifiers, merging and undoing by the API, and by the commands."""

import json

import pytest
from django.core.management import CommandError, call_command

from crm.tenancy.scope import shop_scope
from customers.models import Customer, DuplicatePair, Identifier, Merge, Order
from tests.api.test_orders import order


def put(api, external_id, **fields):
    return api.post("customers", {"external_id": external_id} | fields).json()["id"]


def identify(api, pk, *identifiers):
    body = {"identifiers": [dict(zip(("kind", "value", "source"), each, strict=False)) for each in identifiers]}
    return api.send("PUT", f"customers/{pk}/identifiers", body)


def values(response):
    assert response.status_code == 200, response.content
    return [(each["kind"], each["source"], each["value"]) for each in response.json()["identifiers"]]


def test_identifiers_are_given_kept_and_taken_away(api):
    ana = put(api, "a1", email="ana@example.com")
    answer = identify(
        api, ana, ("external", "a1"), ("email", "Ana.B+x@Gmail.com"), ("wechat_openid", "oXy", "app-1"),
        ("phone", "+86 138-0013-8000"),
    )  # fmt: skip
    assert values(answer) == [
        ("external", "", "a1"), ("email", "", "ana.b+x@gmail.com"), ("wechat_openid", "app-1", "oXy"),
        ("phone", "", "+8613800138000"),
    ]  # fmt: skip
    assert answer.json()["identifiers"][1]["normalised"] == "anab@gmail.com"
    assert api.get(f"customers/{ana}/identifiers").json() == answer.json()
    assert api.get("customers?search=ana@example").json()["results"] == []
    shown = api.get(f"customers/{ana}").json()
    assert (shown["external_ids"], shown["emails"]) == (["a1"], ["ana.b+x@gmail.com"])


@pytest.mark.parametrize(
    ("identifier", "code", "field"),
    [
        ({"kind": "fax", "value": "1"}, "unknown_identifier_kind", "identifiers[0].kind"),
        ({"kind": "email", "value": "no"}, "invalid_email", "identifiers[0].value"),
        ({"kind": "external", "value": "N/A"}, "too_short", "identifiers[0].value"),
        ({"kind": "device", "value": "a\u0000"}, "control_character", "identifiers[0].value"),
        ({"kind": "email", "value": "a@b.com", "source": "x"}, "invalid_value", "identifiers[0].source"),
        ({"kind": "email", "value": "bob@example.com"}, "identifier_taken", "identifiers[0]"),
    ],
)
def test_identifier_that_cannot_be_changes_nothing(api, problem_of, identifier, code, field):
    ana, _bob = put(api, "a1"), put(api, "b1", email="bob@example.com")
    problem = problem_of(api.send("PUT", f"customers/{ana}/identifiers", {"identifiers": [identifier]}))
    assert problem[1:] == (code, field)
    assert values(api.get(f"customers/{ana}/identifiers")) == [("external", "", "a1")]
    assert problem_of(api.send("PUT", f"customers/{ana}/identifiers", {"identifiers": []}))[0] == 400


def test_anonymous_customer_joins_whom_they_prove_to_be(api, shop):
    ana = put(api, "a1", email="ana@example.com", name="Ana")
    with shop_scope(shop):
        nobody = Customer.objects.create(shop=shop, name="Visitor")
        Identifier.objects.create(shop=shop, customer=nobody, kind="device", value="d-1")
    answer = identify(api, nobody.pk, ("device", "d-1"), ("email", "ana@example.com"))
    assert answer.json()["customer"] == ana
    assert values(answer) == [("email", "", "ana@example.com"), ("external", "", "a1"), ("device", "", "d-1")]
    assert api.get(f"customers/{ana}").json()["name"] == "Ana"
    assert api.get(f"customers/{nobody.pk}").status_code == 301


def test_device_of_an_anonymous_customer_brings_them_along_and_of_a_known_one_does_not(api, shop, problem_of):
    ana, bob = put(api, "a1"), put(api, "b1")
    with shop_scope(shop):
        nobody = Customer.objects.create(shop=shop)
        Identifier.objects.create(shop=shop, customer=nobody, kind="device", value="d-1")
    identify(api, ana, ("external", "a1"), ("device", "d-1"))
    with shop_scope(shop):
        assert Merge.objects.get().source_id == nobody.pk
    assert problem_of(identify(api, bob, ("external", "b1"), ("device", "d-1")))[1] == "identifier_taken"


def test_key_of_another_storefront_has_numbers_of_its_own(api, shop, make_client):
    market = make_client(shop, source="market")
    own, theirs = put(api, "17", name="Ana"), put(market, "17", name="Bob")
    assert own != theirs
    assert market.get("customers/by-external-id/17").json()["name"] == "Bob"
    assert api.get("customers/by-external-id/17").json()["name"] == "Ana"
    assert values(market.get(f"customers/{theirs}/identifiers")) == [("external", "market", "17")]


def test_identifiers_of_any_kind_tell_who_is_meant(api, shop, make_client, problem_of):
    orders = make_client(shop, scopes=["orders:write", "customers:read"], source="market")
    openid = {"kind": "wechat_openid", "source": "wx1", "value": "oAna"}
    visit = {"kind": "device", "value": "d-1"}
    sent = order("1", customer={"identifiers": [openid, {"kind": "external", "value": "17"}]})
    answer = orders.post("orders", sent)
    assert answer.status_code == 201, answer.content
    ana = answer.json()["customer_id"]
    visitor = orders.post("orders", order("2", customer={"identifiers": [visit]})).json()["customer_id"]
    assert orders.post("orders", sent).json()["customer_id"] == ana
    mails = [{"kind": "email", "value": value} for value in ("Ana@Example.com", "ana2@example.com")]
    phone = {"kind": "phone", "value": "020 7946 0018"}
    body = {"external_id": "a1", "country": "GB", "identifiers": [openid, visit, *mails, phone]}
    answer = api.post("customers/bulk", {"customers": [body, body | {"external_id": "b1", "identifiers": []}]})
    assert [each["status"] for each in answer.json()["results"]] == ["updated", "created"]
    assert sorted(values(api.get(f"customers/{ana}/identifiers"))) == [
        ("device", "", "d-1"), ("email", "", "ana2@example.com"), ("email", "", "ana@example.com"),
        ("external", "", "a1"), ("external", "market", "17"), ("phone", "", "+442079460018"),
        ("wechat_openid", "wx1", "oAna"),
    ]  # fmt: skip
    assert api.get(f"customers/{visitor}").status_code == 301
    with shop_scope(shop):
        assert set(Order.objects.values_list("customer_id", flat=True)) == {ana}
    assert put(api, "a1", identifiers=[openid]) == ana


def test_identifiers_of_two_known_people_are_a_pair_for_review(api, shop):
    ana = put(api, "a1", identifiers=[{"kind": "wechat_unionid", "value": "uAna"}])
    bob = put(api, "b1")
    assert put(api, "b1", identifiers=[{"kind": "wechat_unionid", "value": "uAna"}]) == bob
    with shop_scope(shop):
        pair = DuplicatePair.objects.get()
        assert ([pair.first_id, pair.second_id], pair.evidence) == ([ana, bob], [{"kind": "wechat_unionid"}])
    assert values(api.get(f"customers/{bob}/identifiers")) == [("external", "", "b1")]


@pytest.mark.parametrize(
    ("identifier", "code", "field"),
    [
        ({"kind": "fax", "value": "1"}, "unknown_identifier_kind", "kind"),
        ({"kind": "email", "value": "no"}, "invalid_email", "value"),
        ({"kind": "external", "value": "N/A"}, "too_short", "value"),
        ({"kind": "external", "value": "a2"}, "invalid_value", "value"),
        ({"kind": "phone", "value": "1", "source": "x"}, "invalid_phone", "value"),
        ({"kind": "device", "value": "1", "source": "x"}, "invalid_value", "source"),
    ],
)
def test_bad_identifier_of_a_record_writes_nothing(api, shop, make_client, problem_of, identifier, code, field):
    body = {"external_id": "a1", "identifiers": [{"kind": "device", "value": "d"}, identifier]}
    assert problem_of(api.post("customers", body)) == (400, code, f"identifiers[1].{field}")
    results = api.post("customers/bulk", {"customers": [body, {"external_id": "b1"}]}).json()["results"]
    assert [(each["status"], each.get("error", {}).get("code")) for each in results] == [
        ("error", code), ("created", None)
    ]  # fmt: skip
    writer = make_client(shop, scopes=["orders:write"])
    problem = problem_of(writer.post("orders", order("1", customer=body)))
    assert problem == (400, code, f"customer.identifiers[1].{field}")
    with shop_scope(shop):
        assert list(Identifier.objects.values_list("value", flat=True)) == ["b1"]


def test_merge_leads_the_old_id_to_the_survivor_and_undo_back(api, problem_of):
    ana, bob, cat = put(api, "a1", name="Ana", city="Bath"), put(api, "b1", city="York"), put(api, "c1")
    answer = api.post(f"customers/{ana}/merge", {"into": bob, "take": ["city"]})
    assert answer.status_code == 200, answer.content
    merge = answer.json()["merge"]
    assert answer.json() == {"merge": merge, "into": bob, "moved": {"identifiers": 1}}
    moved = api.get(f"customers/{ana}?expand=score")
    assert (moved.status_code, moved["Location"]) == (301, f"/api/v1/customers/{bob}?expand=score")
    change = api.patch(f"customers/{ana}", {"city": "Hull"})
    assert (change.status_code, change["Location"]) == (308, f"/api/v1/customers/{bob}")
    assert api.get(f"customers/{ana}/identifiers")["Location"] == f"/api/v1/customers/{bob}/identifiers"
    shown = api.get(f"customers/{bob}").json()
    assert (shown["name"], shown["city"], shown["external_ids"]) == ("Ana", "Bath", ["a1", "b1"])
    second = api.post(f"customers/{bob}/merge", {"into": cat}).json()["merge"]
    assert api.get(f"customers/{ana}")["Location"] == f"/api/v1/customers/{cat}"
    assert problem_of(api.post(f"customers/{ana}/merge", {"into": cat}))[1] == "customer_merged"
    assert problem_of(api.post(f"customers/{cat}/merge", {"into": ana}))[2] == "into"
    assert api.post(f"merges/{second}/undo", {}).json() == {"merge": second, "customer": bob}
    assert api.post(f"merges/{merge}/undo", {}).json() == {"merge": merge, "customer": ana}
    assert api.get(f"customers/{ana}").json()["city"] == "Bath"
    assert api.get(f"customers/{bob}").json()["city"] == "York"
    assert problem_of(api.post(f"merges/{merge}/undo", {}))[1] == "merge_undone"


def test_what_cannot_be_merged_is_told(api, other_api, problem_of):
    ana, stranger = put(api, "a1"), put(other_api, "a1")
    same = problem_of(api.post(f"customers/{ana}/merge", {"into": ana}))
    assert same == (409, "same_customer", "into")
    for source, into in ((ana, stranger), (stranger, ana), (ana, 2**62)):
        assert problem_of(api.post(f"customers/{source}/merge", {"into": into}))[0] == 404
    for body in ({}, {"into": "x"}, {"into": -1}, {"into": ana, "take": ["shoe"]}, {"into": 2**70}):
        assert problem_of(api.post(f"customers/{ana}/merge", body))[0] == 400
    assert api.get(f"customers/{ana}").status_code == 200
    bob = put(other_api, "b1")
    merge = other_api.post(f"customers/{bob}/merge", {"into": stranger}).json()["merge"]
    assert problem_of(api.post(f"merges/{merge}/undo", {}))[0] == 404
    assert api.get(f"customers/{bob}").status_code == 404


def test_commands_merge_by_the_shops_numbers_and_undo(api, shop, capsys):
    ana, _bob = put(api, "a1", email="ana@example.com"), put(api, "b1")
    call_command("merge_customers", shop.slug, "a1", "b1")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told == {"merge": told["merge"], "moved": {"identifiers": 2}}
    for arguments, words in (
        (("nowhere", "a1", "b1"), "There is no shop"),
        ((shop.slug, "a1", "b1"), "one customer"),
        ((shop.slug, "a1", "x"), "has no customer “x”"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("merge_customers", *arguments)
    call_command("undo_merge", shop.slug, str(told["merge"]))
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"merge": told["merge"], "customer": ana}
    for merge, words in ((told["merge"], "undone before"), (2**40, "has no merge")):
        with pytest.raises(CommandError, match=words):
            call_command("undo_merge", shop.slug, str(merge))
    with shop_scope(shop):
        assert DuplicatePair.objects.get().state == "skipped"
