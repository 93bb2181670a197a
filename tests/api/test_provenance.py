"""GET /customers/{id}/provenance: whose word each value is, for programs."""

from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.actions import describe_customer
from customers.merging import merge_customers
from customers.models import Customer, Identifier, Order

ORDER = {
    "external_id": "1001",
    "placed_at": "2026-05-03T10:00:00Z",
    "currency": "GBP",
    "status": "paid",
    "lines": [{"product": {"external_id": "p1", "name": "Tea"}, "quantity": 1, "unit_price": "3.00"}],
}


def said(api, pk):
    response = api.get(f"customers/{pk}/provenance")
    assert response.status_code == 200, response.content
    return response.json()["values"]


def test_each_value_names_its_source(api, shop, owner):
    pk = api.post("customers", {"external_id": "c1", "name": "Ana", "city": "Bath"}).json()["id"]
    bought = ORDER | {"customer": {"external_id": "c1", "phone": "+442079460958", "city": "York"}}
    assert api.post("orders", bought).status_code == 201
    with shop_scope(shop):
        ana = Customer.objects.get(pk=pk)
        describe_customer(ana, country="GB", by=owner, now=timezone.now())
        order, phone = Order.objects.get(), Identifier.objects.get(kind="phone")
    values = said(api, pk)
    key = {"kind": "key", "name": "Storefront"}
    assert [(v["field"], v["by"], v["through"], v["order"], v["held"]) for v in values] == [
        ("name", key, "api", None, False),
        ("city", key, "order", order.pk, False),
        ("country", {"kind": "user", "name": str(owner)}, "page", None, True),
        ("identifier.external", key, "api", None, False),
        ("identifier.phone", key, "order", order.pk, False),
    ]
    assert values[4]["identifier"] == phone.pk
    assert set(values[0]) == {"field", "identifier", "at", "by", "through", "import", "order", "held"}


def test_what_is_held_is_answered_as_it_is(api, shop, owner):
    pk = api.post("customers", {"external_id": "c1", "name": "Ana"}).json()["id"]
    with shop_scope(shop):
        describe_customer(Customer.objects.get(pk=pk), name="Ana Lee", by=owner, now=timezone.now())
    assert api.patch(f"customers/{pk}", {"name": "Eve"}).json()["name"] == "Ana Lee"
    assert api.post("customers", {"external_id": "c1", "name": "Eve"}).json()["name"] == "Ana Lee"
    answer = api.post("customers/bulk", {"customers": [{"external_id": "c1", "name": "Eve"}]}).json()
    assert answer["results"][0]["status"] == "unchanged"


def test_the_merged_are_followed_and_others_shops_are_not_there(api, other_api, shop, owner):
    first, second = (api.post("customers", {"external_id": each}).json()["id"] for each in ("c1", "c2"))
    with shop_scope(shop):
        merge_customers(Customer.objects.get(pk=first), Customer.objects.get(pk=second), by=owner, now=timezone.now())
    moved = api.get(f"customers/{first}/provenance")
    assert (moved.status_code, moved["Location"]) == (301, f"/api/v1/customers/{second}/provenance")
    # What came with the merged customer is still theirs, from when they came.
    assert [value["by"]["kind"] for value in said(api, second)] == ["key", "key"]
    assert other_api.get(f"customers/{second}/provenance").status_code == 404


def test_the_timeline_tells_of_changes_without_values(api, shop, owner):
    pk = api.post("customers", {"external_id": "c1", "name": "Ana"}).json()["id"]
    with shop_scope(shop):
        describe_customer(Customer.objects.get(pk=pk), name="Ana Lee", by=owner, now=timezone.now())
    (entry,) = api.get(f"customers/{pk}/timeline?kind=changes").json()["results"]
    assert (entry["kind"], entry["title"]) == ("changes", "Name changed")
    assert entry["facts"] == {
        "field": "name",
        "added": False,
        "removed": False,
        "through": "page",
        "import": None,
        "order": None,
    }
    assert "Ana" not in str(entry)
