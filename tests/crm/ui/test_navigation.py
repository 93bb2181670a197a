import pytest
from django.urls import path

from crm.ui import navigation
from crm.ui.navigation import NavItem

urlpatterns = [
    path("s/<slug:shop_slug>/", lambda request, shop_slug: None, name="overview"),
    path("s/<slug:shop_slug>/customers/", lambda request, shop_slug: None, name="customers"),
    path("s/<slug:shop_slug>/orders/", lambda request, shop_slug: None, name="orders"),
]
pytestmark = pytest.mark.urls(__name__)
OVERVIEW = NavItem("overview", "Overview", "home", "overview", 10, shortcut="o")
CUSTOMERS = NavItem("customers", "Customers", "users", "customers", 20, right="see_customers", also=("orders",))


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch):
    monkeypatch.setattr(navigation, "_registry", {})
    navigation.register(CUSTOMERS)
    navigation.register(OVERVIEW)


def names(path, has_right=lambda right: True):
    links = navigation.links(shop_slug="tea", path=path, has_right=has_right)
    return [(link["name"], link["url"], link["active"]) for link in links]


@pytest.mark.parametrize("path", ["/s/tea/customers/17/", "/s/tea/orders/"])
def test_links_stand_in_order_and_the_one_the_page_belongs_to_is_active(path):
    assert names(path) == [
        ("overview", "/s/tea/", False),
        ("customers", "/s/tea/customers/", True),
    ]


def test_page_of_no_item_makes_none_active():
    assert [active for _name, _url, active in names("/s/tea/search/")] == [False, False]


def test_link_without_the_right_is_not_shown():
    assert names("/s/tea/", lambda right: False) == [("overview", "/s/tea/", True)]


def test_a_name_is_taken_once():
    navigation.register(OVERVIEW)
    with pytest.raises(ValueError, match="overview"):
        navigation.register(NavItem("overview", "Other", "home", "overview", 10))
