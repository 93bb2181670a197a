import pytest
from django.urls import path

from crm.lib.registry import Registry
from crm.ui import navigation
from crm.ui.navigation import NAV, SUB_PAGES, NavItem, SubPage
from crm.ui.parts import Link

urlpatterns = [
    path("s/<slug:shop_slug>/", lambda request, shop_slug: None, name="overview"),
    path("s/<slug:shop_slug>/customers/", lambda request, shop_slug: None, name="customers"),
    path("s/<slug:shop_slug>/orders/", lambda request, shop_slug: None, name="orders"),
    path("s/<slug:shop_slug>/imports/", lambda request, shop_slug: None, name="imports"),
    path("s/<slug:shop_slug>/exports/", lambda request, shop_slug: None, name="exports"),
]
OVERVIEW = NavItem("overview", "Overview", "home", "overview", 10, shortcut="o")
CUSTOMERS = NavItem("customers", "Customers", "users", "customers", 20, right="see_customers", also=("orders",))
IMPORTS = SubPage("imports", "customers", "Imports", "imports", 20, right="import")
EXPORTS = SubPage("exports", "customers", "Exports", "exports", 10, also=("export-file",))


@pytest.fixture
def own_pages(monkeypatch, settings):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(navigation, "NAV", Registry("navigation item"))
    monkeypatch.setattr(navigation, "SUB_PAGES", Registry("sub-page"))
    for item in (CUSTOMERS, OVERVIEW):
        navigation.NAV.register(item)
    for page in (IMPORTS, EXPORTS):
        navigation.SUB_PAGES.register(page)


def names(path, has_right=lambda right: True):
    links = navigation.links(shop_slug="tea", path=path, has_right=has_right)
    return [(link.name, link.url, link.active) for link in links]


@pytest.mark.parametrize("path", ["/s/tea/customers/17/", "/s/tea/orders/", "/s/tea/imports/3/"])
def test_links_stand_in_order_and_the_one_the_page_belongs_to_is_active(own_pages, path):
    assert names(path) == [
        ("overview", "/s/tea/", False),
        ("customers", "/s/tea/customers/", True),
    ]


def test_page_of_no_item_makes_none_active(own_pages):
    assert [active for _name, _url, active in names("/s/tea/search/")] == [False, False]


def test_link_without_the_right_is_not_shown(own_pages):
    assert names("/s/tea/", lambda right: False) == [("overview", "/s/tea/", True)]


@pytest.mark.parametrize(("here", "active"), [("exports", 0), ("export-file", 0), ("imports", 1), ("customers", None)])
def test_tabs_stand_in_order_and_the_one_the_page_belongs_to_is_active(own_pages, here, active):
    assert navigation.tabs("customers", shop_slug="tea", here=here, has_right=lambda right: True) == [
        Link("Exports", "/s/tea/exports/", active=active == 0),
        Link("Imports", "/s/tea/imports/", active=active == 1),
    ]


def test_tabs_are_those_of_their_parent_which_the_person_may_see(own_pages):
    def labels(parent):
        tabs = navigation.tabs(parent, shop_slug="tea", here="", has_right=lambda right: False)
        return [tab.label for tab in tabs]

    assert (labels("customers"), labels("overview")) == (["Exports"], [])


def test_every_sub_page_is_below_an_item_that_there_is():
    assert [page.name for page in SUB_PAGES if page.parent not in NAV] == []
