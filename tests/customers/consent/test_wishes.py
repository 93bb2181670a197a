"""What customers wish beside their consents: kept with its time, and no answer to whether they may be written to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from crm.tenancy.scope import shop_scope
from customers.consent.links import token_of
from customers.consent.queries import may_contact
from customers.consent.wishes import Wishes, wish, wishes_of
from customers.models import ContactPreference
from customers.personal_data import erase_personal_data, move_personal_data, personal_data_of
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ana(shop):
    made = customers.customer(shop, "Ana", email="ana@example.com")
    customers.consent(shop, made)
    return made


def kept(shop):
    with shop_scope(shop):
        return list(ContactPreference.objects.values_list("customer", "less_often_since", "not_personalised_since"))


def test_a_wish_keeps_the_time_since_when(shop, ana):
    with shop_scope(shop):
        assert wishes_of(ana) == Wishes(False, False)
        assert not wish(ana, Wishes(), now=NOW)
        assert wish(ana, Wishes(less_often=True), now=NOW)
        assert wish(ana, Wishes(True, True), now=NOW + DAY)
        assert not wish(ana, Wishes(True, True), now=NOW + 2 * DAY)
        assert wishes_of(ana) == Wishes(True, True)
    assert kept(shop) == [(ana.pk, NOW, NOW + DAY)]
    with shop_scope(shop):
        assert wish(ana, Wishes(False, True), now=NOW + 3 * DAY)
    assert kept(shop) == [(ana.pk, None, NOW + DAY)]


def test_they_are_said_on_the_own_page_and_change_no_answer(shop, ana, owner, as_person):
    path = reverse("preferences", args=[token_of(ana, "email", "marketing")])
    Client().post(path, {"save": "1", "email/marketing": "on", "less_often": "on", "not_personalised": "on"})
    with shop_scope(shop):
        assert wishes_of(ana) == Wishes(True, True)
        assert may_contact(ana, "email", "marketing", NOW + DAY).allowed
    assert Client().get(path).text.count("checked") == 3
    shown = as_person(owner).get(reverse("customers:detail", args=[shop.slug, ana.pk])).text
    assert "Wishes to get less" in shown
    assert "Wishes nothing chosen by a computer" in shown
    Client().get(path + "?save=1")
    Client().post(path, {"List-Unsubscribe": "One-Click"})
    Client().post(path, {"all": "1"})
    with shop_scope(shop):
        assert wishes_of(ana) == Wishes(True, True)
    Client().post(path, {"save": "1"})
    with shop_scope(shop):
        assert wishes_of(ana) == Wishes()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((NOW, None), None, (NOW, None)),
        (None, (NOW, None), (NOW, None)),
        ((NOW, None), (None, NOW), (NOW, NOW)),
        ((NOW, None), (NOW - DAY, None), (NOW - DAY, None)),
    ],
)
def test_two_records_made_one_wish_what_either_wished(shop, one, other, expected):
    source, target = customers.customer(shop, "A"), customers.customer(shop, "B")
    with shop_scope(shop):
        for customer, said in ((source, one), (target, other)):
            if said:
                ContactPreference.objects.create(
                    shop=shop, customer=customer, less_often_since=said[0], not_personalised_since=said[1]
                )
        move_personal_data(source, target, now=NOW)
    assert kept(shop) == [(target.pk, *expected)]


def test_they_are_given_out_and_erased(shop, ana):
    with shop_scope(shop):
        wish(ana, Wishes(True, False), now=NOW)
        (row,) = personal_data_of(ana)["contact_preferences"]
        assert row == {"less_often_since": NOW.isoformat(), "not_personalised_since": None}
        erase_personal_data(ana, now=NOW)
    assert kept(shop) == []
