"""What an app registers below an item of the navigation: a tab for those who may open it, and found by its name."""

import pytest
from django.urls import reverse

from crm.lib.registry import Registry
from crm.shops.roles import Right, Role
from crm.ui import navigation
from crm.ui.navigation import SUB_PAGES, SubPage
from tests.tenancy.doors import PAGES

LOYALTY = SubPage("loyalty", "settings", "Loyalty points", "insights:cohorts", 99, right="manage_staff")


@pytest.fixture
def loyalty(monkeypatch):
    """An app that brings a settings page of its own, here at an address of another."""
    pages = Registry("sub-page")
    for page in (*SUB_PAGES, LOYALTY):
        pages.register(page)
    monkeypatch.setattr(navigation, "SUB_PAGES", pages)


def tabs_at(browser, url_name):
    page = browser.get(reverse(url_name, args=["tea"]))
    return [(str(tab.label), tab.active) for tab in page.context["tabs"]]


def found(browser, text):
    groups = browser.get("/s/tea/search/", {"q": text}).context["groups"]
    return [(page.label, page.note, page.url) for group in groups for page in group.found.hits]


def test_sub_page_is_a_tab_and_found_by_search(loyalty, owner, as_person):
    browser = as_person(owner)
    assert tabs_at(browser, "settings:security")[-1] == ("Loyalty points", False)
    assert found(browser, "loyalty") == [("Loyalty points", "Settings", "/s/tea/insights/cohorts/")]


def test_sub_page_is_neither_tab_nor_found_without_its_right(loyalty, shop, make_member, as_person):
    browser = as_person(make_member(shop, Role.MARKETER))
    assert tabs_at(browser, "settings:security") == [("You and security", True)]
    assert found(browser, "loyalty") == []


def test_each_tab_is_active_at_its_page(shop, owner, as_person):
    browser = as_person(owner)
    for page in SUB_PAGES:
        active = [label for label, is_active in tabs_at(browser, page.url_name) if is_active]
        assert active == [str(page.label)]


def test_tabs_of_customers_are_those_the_person_may_open(shop, make_member, as_person):
    browser = as_person(make_member(shop, Role.AGENT))
    labels = [label for label, _is_active in tabs_at(browser, "customers:list")]
    assert labels == ["Customers", "Orders", "Products", "Duplicates", "Sign-ups"]


def test_page_that_is_an_item_and_its_first_tab_is_found_once(shop, owner, as_person):
    assert found(as_person(owner), "customers") == [("Customers", "", "/s/tea/customers/")]


def test_new_key_is_shown_below_the_tab_of_the_keys(shop, owner, as_person):
    browser = as_person(owner)
    data = {"name": "web", "kind": "sk", "scopes": ["orders:read"], "lifetime": ""}
    key = browser.post(reverse("settings:keys", args=["tea"]), data).context["key"]
    page = browser.post(reverse("settings:key-rotate", args=["tea", key.pk]))
    assert [str(tab.label) for tab in page.context["tabs"] if tab.active] == ["API keys"]


def test_imports_and_exports_are_found_by_those_who_may_open_them(shop, owner, make_member, as_person):
    assert found(as_person(owner), "ports") == [
        ("Imports", "Customers", "/s/tea/imports/"),
        ("Exports", "Customers", "/s/tea/customers/exports/"),
    ]
    assert found(as_person(make_member(shop, Role.AGENT)), "ports") == []


def test_sub_page_asks_for_the_right_its_view_asks_for():
    asked = {page.name: page.right for page in SUB_PAGES}
    assert asked == {page.name: _right_of(page.url_name) for page in SUB_PAGES}


def _right_of(url_name):
    opens = PAGES[url_name].methods["GET"]
    return opens.value if isinstance(opens, Right) else ""
