"""Merging and undoing on pages: who may, what is asked, where old addresses lead."""

import pytest

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Customer, Merge
from tests.factories import customers

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(owner, as_person):
    return as_person(owner)


@pytest.fixture
def two(shop):
    """Ana with two orders, and somebody without a name but with a city."""
    ana = customers.customer(shop, "Ana", email="ana@example.com")
    bob = customers.customer(shop, "", email="bob@example.com", city="York")
    for number in ("1", "2"):
        customers.order(shop, number, customer=ana)
    return ana, bob


def url(shop, rest):
    return f"/s/{shop.slug}/customers/{rest}"


def test_the_other_is_found_by_a_part_of_a_name(client, shop, two):
    ana, bob = two
    html = client.get(url(shop, f"{bob.pk}/merge/?q=Ana")).content.decode()
    assert f'href="?with={ana.pk}"' in html
    assert "ana@example.com" not in html
    html = client.get(url(shop, f"{ana.pk}/merge/?q=Ana")).content.decode()
    assert "Nobody found" in html


def test_both_stand_side_by_side_with_what_moves_counted(client, shop, two):
    ana, bob = two
    page = client.get(url(shop, f"{bob.pk}/merge/?with={ana.pk}"))
    assert page.context["moves"] == ["2 orders", "1 identifier"]
    assert [(c.name, c.mine, c.other, c.takes_other) for c in page.context["choices"]] == [
        ("name", "", "Ana", True),
        ("city", "York", "", False),
        ("country", "", "", False),
    ]
    with shop_scope(shop):
        assert Customer.objects.count() == 2


def test_merging_is_told_and_can_be_undone_on_the_page(client, shop, two, owner):
    ana, bob = two
    answer = client.post(url(shop, f"{bob.pk}/merge/"), {"with": ana.pk, "take_name": "other"})
    assert answer["Location"] == url(shop, f"{bob.pk}/")
    html = client.get(answer["Location"]).content.decode()
    with shop_scope(shop):
        merge = Merge.objects.get()
    assert f"by {owner.name}" in html
    assert f'action="/s/{shop.slug}/customers/merges/{merge.pk}/undo/"' in html
    for rest in ("", "timeline/", "orders/", "edit/", "merge/"):
        moved = client.get(url(shop, f"{ana.pk}/{rest}?kind=note"))
        assert (moved.status_code, moved["Location"]) == (301, url(shop, f"{bob.pk}/{rest}?kind=note"))
    answer = client.post(url(shop, f"merges/{merge.pk}/undo/"))
    assert answer["Location"] == url(shop, f"{ana.pk}/")
    assert client.get(answer["Location"]).status_code == 200
    client.post(url(shop, f"merges/{merge.pk}/undo/"))
    assert "undone before" in client.get(url(shop, f"{bob.pk}/")).content.decode()


@pytest.mark.parametrize("other", ["", "x", "0", "9" * 18, "9" * 40, "٣"])
def test_who_is_not_there_is_asked_for_again(client, shop, two, other):
    for other_pk in (other, two[1].pk):
        page = client.post(url(shop, f"{two[1].pk}/merge/"), {"with": other_pk})
        assert page.status_code == 422
        assert "no such customer" in page.content.decode()
    with shop_scope(shop):
        assert Customer.objects.count() == 2


def test_a_chosen_value_survives_and_an_empty_one_never(client, shop, two):
    ana, bob = two
    with shop_scope(shop):
        Customer.objects.filter(pk=bob.pk).update(name="Bob")
    client.post(url(shop, f"{bob.pk}/merge/"), {"with": ana.pk, "take_name": "other", "take_city": "other"})
    with shop_scope(shop):
        assert Customer.objects.values_list("name", "city").get() == ("Ana", "York")


def test_an_analyst_neither_merges_nor_undoes(shop, two, make_member, as_person):
    analyst = as_person(make_member(shop, Role.ANALYST))
    ana, bob = two
    assert analyst.get(url(shop, f"{bob.pk}/merge/")).status_code == 403
    assert analyst.post(url(shop, f"{bob.pk}/merge/"), {"with": ana.pk}).status_code == 403
    assert "Merge with" not in analyst.get(url(shop, f"{bob.pk}/")).content.decode()
