"""What programs send as identifiers is kept as it was given."""

import re

from django.urls import reverse
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.merging import merge_customers, undo_merge
from customers.models import Customer, Identifier
from customers.personal_data import personal_data_of
from tests.api.test_orders import order


def kept(shop):
    with shop_scope(shop):
        return list(Identifier.objects.order_by("kind", "value").values_list("kind", "value", "given"))


def test_customers_and_orders_of_programs_keep_it(api, shop):
    api.post("customers", {"external_id": "1", "email": "Ana@Example.com", "phone": "+44 20 7946 0018"})
    assert kept(shop) == [
        ("email", "ana@example.com", "Ana@Example.com"), ("external", "1", ""),
        ("phone", "+442079460018", "+44 20 7946 0018"),
    ]  # fmt: skip
    bo = {"email": "Bo@Example.com", "identifiers": [{"kind": "email", "value": "BO@example.org"}]}
    api.post("orders", order(customer=bo))
    assert [row for row in kept(shop) if "bo@" in row[1]] == [
        ("email", "bo@example.com", "Bo@Example.com"), ("email", "bo@example.org", "BO@example.org"),
    ]  # fmt: skip


def test_identifier_given_by_id_is_kept_and_told_as_given(api):
    pk = api.post("customers", {"external_id": "1"}).json()["id"]
    api.send("PATCH", f"customers/{pk}", {"email": "ANA@example.com"})
    sent = [{"kind": "email", "value": "Ana@Example.com"}, {"kind": "phone", "value": "+44 20 7946 0018"}]
    answer = api.send("PUT", f"customers/{pk}/identifiers", {"identifiers": sent})
    told = [(each["value"], each["given"]) for each in answer.json()["identifiers"]]
    # Of the same address the first way of writing it stays.
    assert told == [("ana@example.com", "ANA@example.com"), ("+442079460018", "+44 20 7946 0018")]


def test_it_stays_through_a_merge_and_goes_with_the_person(api, shop):
    ids = [api.post("customers", {"external_id": n, "email": f"Ana{n}@Example.com"}).json()["id"] for n in ("1", "2")]
    before = kept(shop)
    with shop_scope(shop):
        ana, bea = (Customer.objects.get(pk=pk) for pk in ids)
        merge = merge_customers(bea, ana, by=None, now=timezone.now())
        assert {each["given"] for each in personal_data_of(ana)["identifiers"]} == {
            "",
            "Ana1@Example.com",
            "Ana2@Example.com",
        }
        undo_merge(merge, by=None, now=timezone.now())
    assert sorted(kept(shop)) == sorted(before)


def test_page_tells_it_with_the_contacts_to_whom_may_see_them(api, shop, owner, as_person):
    pk = api.post("customers", {"external_id": "1", "email": "Ana@Example.com"}).json()["id"]
    browser = as_person(owner)
    assert "Ana@" not in browser.get(reverse("customers:detail", args=[shop.slug, pk])).content.decode()
    shown = browser.post(reverse("customers:contacts", args=[shop.slug, pk]), headers={"HX-Request": "true"})
    assert re.findall(r"given as [^<]*", shown.content.decode()) == ["given as Ana@Example.com"]
