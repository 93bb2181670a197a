"""The addresses on a customer's page: added, changed and removed in place and without JavaScript, by two at once."""

import pytest
from django.urls import reverse

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Address
from tests.factories.customers import customer

HTMX = {"HTTP_HX_REQUEST": "true"}
SENT = {"type": "shipping", "line1": " Mill  Road 1 ", "city": "Leeds", "country": "GB", "phone": "020 7946 0958"}


@pytest.fixture
def ana(shop):
    return customer(shop, "Ana")


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)


def page_of(customer, name="add_address", *more):
    return reverse(f"customers:{name}", args=[customer.shop.slug, customer.pk, *more])


def rows(customer):
    with shop_scope(customer.shop_id):
        return list(Address.objects.order_by("pk").values_list("type", "line1", "city", "phone"))


def made(browser, customer, **more):
    browser.post(page_of(customer), SENT | more)
    with shop_scope(customer.shop_id):
        return Address.objects.order_by("-pk").first()


def seen(browser, customer, address):
    return browser.get(page_of(customer, "address", address.pk)).context["form"]["seen"].value()


def test_one_is_added_without_javascript_and_shown(browser, ana):
    assert "No address is known." in browser.get(page_of(ana, "detail")).text
    assert 'name="line1"' in browser.get(page_of(ana)).text
    response = browser.post(page_of(ana), SENT)
    assert response.url == page_of(ana, "detail")
    assert rows(ana) == [("shipping", "Mill Road 1", "Leeds", "+442079460958")]
    page = browser.get(page_of(ana, "detail")).text
    assert "Mill Road 1<br>Leeds<br>United Kingdom<br>+44•••0958" in page
    assert "+442079460958" not in page


def test_one_is_changed_in_place_and_the_list_comes_back(browser, ana):
    address = made(browser, ana)
    form = browser.get(page_of(ana, "address", address.pk), **HTMX)
    assert "+442079460958" in form.text
    with shop_scope(ana.shop):
        assert AuditEntry.objects.filter(action="customer.contacts_seen").count() == 1
    sent = SENT | {"city": "York", "seen": seen(browser, ana, address)}
    answer = browser.post(page_of(ana, "address", address.pk), sent, **HTMX)
    assert (answer.status_code, "York" in answer.text, "Saved." in answer.text) == (200, True, True)
    assert rows(ana) == [("shipping", "Mill Road 1", "York", "+442079460958")]
    shown = browser.get(page_of(ana) + "?part=shown", **HTMX)
    assert ("York" in shown.text, "<form" in shown.text, 'name="line1"' in shown.text) == (True, True, False)


def test_of_two_who_change_one_the_second_is_told_and_may_insist(browser, ana):
    address = made(browser, ana)
    before = seen(browser, ana, address)
    browser.post(page_of(ana, "address", address.pk), SENT | {"city": "York", "seen": before})
    late = browser.post(page_of(ana, "address", address.pk), SENT | {"city": "Hull", "seen": before})
    assert late.status_code == 409
    assert "Somebody has changed it meanwhile, to: Shipping: Mill Road 1, York, GB" in late.text
    assert 'value="Hull"' in late.text
    assert rows(ana)[0][2] == "York"
    again = SENT | {"city": "Hull", "seen": late.context["form"]["seen"].value()}
    assert browser.post(page_of(ana, "address", address.pk), again).status_code == 302
    assert rows(ana)[0][2] == "Hull"


def test_one_is_removed_unless_it_is_another_by_now(browser, ana):
    address = made(browser, ana)
    before = seen(browser, ana, address)
    browser.post(page_of(ana, "address", address.pk), SENT | {"city": "York", "seen": before})
    late = browser.post(page_of(ana, "remove_address", address.pk), {"seen": before}, **HTMX)
    assert "Somebody has changed this address meanwhile, so nothing was done." in late.text
    assert len(rows(ana)) == 1
    now = {"seen": seen(browser, ana, address)}
    assert browser.post(page_of(ana, "remove_address", address.pk), now).url == page_of(ana, "detail")
    assert rows(ana) == []
    assert browser.post(page_of(ana, "remove_address", address.pk), now).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field", "text"),
    [
        ({"line1": "", "city": "", "country": ""}, "line1", "Say at least"),
        ({"line1": "x" * 201}, "line1", "at most 200"),
        ({"line1": "a\x1bb"}, "line1", "control character"),
        ({"phone": "12"}, "phone", "no phone number"),
        ({"phone": "+447700900001"}, "phone", "not a phone number that any country has given out"),
        ({"phone": "1" * 100}, "phone", "at most 60"),
        ({"type": "castle"}, "type", "castle"),
    ],
)
def test_what_is_no_address_is_said_at_its_field(browser, ana, sent, field, text):
    answer = browser.post(page_of(ana), SENT | sent)
    assert answer.status_code == 422
    assert text in str(answer.context["form"].errors[field])
    assert rows(ana) == []


def test_the_same_twice_is_refused(browser, ana):
    made(browser, ana)
    answer = browser.post(page_of(ana), SENT)
    assert (answer.status_code, "The customer has this address already." in answer.text) == (422, True)
    assert len(rows(ana)) == 1


def test_another_customers_address_is_not_found(browser, ana, other_shop):
    bo, theirs = customer(ana.shop, "Bo"), customer(other_shop, "Cy")
    address = made(browser, ana)
    with shop_scope(other_shop):
        foreign = Address.objects.create(shop=other_shop, customer=theirs, type="home", city="Hull")
    assert browser.get(page_of(bo, "address", address.pk)).status_code == 404
    assert browser.post(page_of(bo, "remove_address", address.pk), {"seen": ""}).status_code == 404
    assert browser.get(page_of(ana, "address", foreign.pk)).status_code == 404


def test_an_analyst_sees_no_door_and_changes_nothing(browser, ana, make_member, as_person):
    made(browser, ana)
    analyst = as_person(make_member(ana.shop, Role.ANALYST))
    page = analyst.get(page_of(ana, "detail")).text
    assert ("Mill Road" in page, "•••<br>Leeds<br>United Kingdom<br>+44•••0958" in page) == (False, True)
    assert analyst.post(page_of(ana), SENT).status_code == 403
