"""What only a real browser sees of a page: which things stand beside each other, and which cover each other."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Customer, CustomerTag, Tag

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


def box(page, selector):
    return page.locator(selector).first.bounding_box()


def are_beside_each_other(one, other):
    return one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]


def test_things_that_belong_together_stand_beside_each_other(look):
    page = look("settings/staff/")
    assert are_beside_each_other(box(page, "#members select"), box(page, "#members form button"))
    page.goto(page.url.replace("staff", "security"))
    for row in page.locator(".icon-row").all():
        assert are_beside_each_other(row.locator("svg").bounding_box(), row.locator("a").bounding_box())


def test_one_faulty_filter_does_not_cover_another(look, shop):
    with shop_scope(shop):
        Customer.objects.create(shop=shop, name="Ana")
    page = look("customers/?spent_min=abc&last_from=never")
    assert page.locator(".filter[open]").count() == 1
    assert page.locator(".filter[open] .field-error").is_visible()


def test_a_phone_names_the_shops_and_shows_whole_hits_and_the_open_tab(look, shop):
    with shop_scope(shop):
        Customer.objects.create(shop=shop, name="Ana")
    page = look("settings/audit/", width=390)
    tab = box(page, ".tab[aria-current]")
    assert tab["x"] >= 0
    assert tab["x"] + tab["width"] <= 390
    page.click(".shop-switch > summary")
    assert page.locator(".shop-switch .menu-item .cut").is_visible()
    page.fill("#search", "settings")
    page.locator("#search-results a").first.wait_for()
    assert box(page, "#search-results")["width"] == 374
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_long_tag_stays_inside_a_phone(look, shop):
    with shop_scope(shop):
        ana = Customer.objects.create(shop=shop, name="Ana")
        tag = Tag.objects.create(shop=shop, name="Christmas wholesale buyers " + "W" * 33)
        CustomerTag.objects.create(shop=shop, customer=ana, tag=tag)
    page = look("", width=390)
    for rest in (f"customers/{ana.pk}/", "customers/", "customers/?tag=" + str(tag.pk)):
        page.goto(page.shop + rest)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, rest
        for chip in page.locator(".chip").all():
            assert chip.bounding_box()["x"] + chip.bounding_box()["width"] <= 390 - 12, rest
