"""Attributes in the settings, and on a customer's page: in place, without JavaScript, and two people at once."""

import pytest
from django.urls import reverse

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.attributes import definitions, values_of
from customers.domain.attributes import as_json
from customers.models import AttributeDefinition
from tests.factories.customers import attribute, customer, give

PANEL = "customers/_attributes_panel.html"
HTMX = {"HTTP_HX_REQUEST": "true"}
NEW = {"label": "Shoe size", "key": "shoe_size", "type": "number", "choices": "", "group": "Body", "position": ""}


@pytest.fixture
def settings_page(shop):
    return reverse("attributes:settings", args=[shop.slug])


@pytest.fixture
def ana(shop):
    return customer(shop, "Ana")


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)


@pytest.fixture
def known(shop, other_shop):
    """Attributes in two groups, and one that only the other shop has."""
    attribute(shop, "size", group="Body", label="Size")
    attribute(shop, "tea", "choice", choices=["Assam", "龙井"], group="Taste", label="Tea")
    attribute(shop, "likes", "choices", choices=["Music", "Chess"], group="Taste", label="Likes")
    attribute(shop, "vip", "boolean", group="Taste", label="VIP")
    attribute(other_shop, "size", group="Elsewhere")


def values_page(customer, group):
    return f"{reverse('customers:attributes', args=[customer.shop.slug, customer.pk])}?group={group}"


def form_of(browser, customer, group, **headers):
    """The form as a browser sends it back untouched, and the names of its fields by label."""
    form = browser.get(values_page(customer, group), **headers).context["form"]
    sent = {field.name: field.value() for field in form} | {field.html_initial_name: field.value() for field in form}
    return sent, {field.label: field.name for field in form}


def told(customer):
    with shop_scope(customer.shop_id):
        known = definitions()
        values = values_of([customer.pk])[customer.pk]
        return {each.key: as_json(each.type, values[each.pk], known.labels) for each in known.all if each.pk in values}


# Settings


def test_an_attribute_is_made_and_listed(shop, other_shop, browser, settings_page):
    assert browser.post(settings_page, NEW).url == settings_page
    assert browser.post(settings_page, NEW | {"key": "tea", "type": "choice", "choices": "Assam\n 龙井 \n\n"}).url
    with shop_scope(shop):
        assert list(definitions().labels.values()) == ["Assam", "龙井"]
        assert [(each.key, each.type, each.group) for each in definitions().all] == [
            ("shoe_size", "number", "Body"),
            ("tea", "choice", "Body"),
        ]
    with shop_scope(other_shop):
        assert definitions().all == []
    shown = browser.get(settings_page)
    assert [(row.definition.key, row.choices) for row in shown.context["rows"]] == [
        ("shoe_size", []),
        ("tea", ["Assam", "龙井"]),
    ]


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        ({"key": "Size"}, {"key": ["Small letters a–z, digits and _, beginning with a letter, such as shoe_size."]}),
        ({"type": "choice"}, {"choices": ["Write the choices, one on each line."]}),
        (
            {"type": "choice", "choices": "\n".join(f"c{n}" for n in range(10_000))},
            {"choices": ["An attribute can have 500 choices."]},
        ),
        ({"position": "-1"}, {"position": ["A whole number from 0 on."]}),
        ({"label": ""}, {"label": ["This field is required."]}),
    ],
)
def test_what_cannot_be_made_is_said_beside_its_field(shop, browser, settings_page, said, errors):
    answer = browser.post(settings_page, NEW | said)
    assert (answer.status_code, answer.context["form"].errors) == (422, errors)
    with shop_scope(shop):
        assert definitions().all == []


def test_changing_sends_only_what_is_different_from_what_was_shown(shop, browser, known):
    with shop_scope(shop):
        tea = definitions().by_key["tea"]
    page = reverse("attributes:change", args=[shop.slug, tea.pk])
    form = browser.get(page).context["form"]
    sent = {field.name: field.value() for field in form} | {field.html_initial_name: field.value() for field in form}
    sent = {name: value for name, value in sent.items() if value is not False}
    browser.post(page, sent | {"label": "Favourite tea"})
    browser.post(page, sent | {"group": "Drinks"})
    with shop_scope(shop):
        tea = AttributeDefinition.objects.get(pk=tea.pk)
        assert (tea.label, tea.group, tea.archived_at) == ("Favourite tea", "Drinks", None)
    browser.post(page, sent | {"archived": "on"})
    with shop_scope(shop):
        assert "tea" not in definitions().by_key


def test_the_type_in_use_is_refused_with_its_count(shop, browser, known, ana):
    give(ana, size=5)
    with shop_scope(shop):
        size = definitions().by_key["size"]
    page = reverse("attributes:change", args=[shop.slug, size.pk])
    answer = browser.post(page, {"initial-label": "Size", "label": "Size", "initial-type": "number", "type": "text"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "type": ["Customers with a value: 1. Make another attribute, and archive this one."]
    }
    assert answer.context["holders"] == 1


# A customer's page


def test_values_stand_on_the_customers_page_by_group(browser, known, ana):
    give(ana, size=38.5, tea="龙井", likes=["Music", "Chess"], vip=True)
    page = browser.get(reverse("customers:detail", args=[ana.shop.slug, ana.pk]))
    (panel,) = [part for part in page.context["side"] if part.template == PANEL]
    assert [(group.name, group.rows) for group in panel.values["groups"]] == [
        ("Body", [("Size", "38.5")]),
        ("Taste", [("Tea", "龙井"), ("Likes", "Music, Chess"), ("VIP", "Yes")]),
    ]


def test_a_shop_without_attributes_shows_no_panel(browser, ana):
    page = browser.get(reverse("customers:detail", args=[ana.shop.slug, ana.pk]))
    assert PANEL not in [part.template for part in page.context["side"]]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_group_is_changed_in_place_or_on_its_own_page(browser, known, ana, headers):
    give(ana, tea="Assam", likes=["Music"])
    sent, names = form_of(browser, ana, "Taste", **headers)
    with shop_scope(ana.shop_id):
        ids = {label: str(pk) for pk, label in definitions().labels.items()}
    new = {names["Tea"]: ids["龙井"], names["Likes"]: [ids["Chess"], ids["Music"]], names["VIP"]: "no"}
    answer = browser.post(values_page(ana, "Taste"), sent | new, **headers)
    assert told(ana) == {"tea": "龙井", "likes": ["Music", "Chess"], "vip": False}
    if headers:
        assert (answer.status_code, answer.templates[0].name) == (200, "customers/_attribute_group.html")
        assert answer.context["group"].rows == [("Tea", "龙井"), ("Likes", "Music, Chess"), ("VIP", "No")]
    else:
        assert answer.url == reverse("customers:detail", args=[ana.shop.slug, ana.pk])


def test_emptying_a_field_takes_the_value_away(browser, known, ana):
    give(ana, tea="Assam", likes=["Music"], vip=True)
    sent, names = form_of(browser, ana, "Taste")
    del sent[names["Likes"]]  # no tick, no word
    browser.post(values_page(ana, "Taste"), sent | {names["Tea"]: "", names["VIP"]: ""})
    assert told(ana) == {}


def test_what_a_colleague_changed_meanwhile_is_kept_where_it_is_another_field(browser, known, ana):
    give(ana, tea="Assam", vip=True)
    sent, names = form_of(browser, ana, "Taste")
    give(ana, tea="龙井")
    assert browser.post(values_page(ana, "Taste"), sent | {names["VIP"]: "no"}).status_code == 302
    assert told(ana) == {"tea": "龙井", "vip": False}


@pytest.mark.parametrize(("headers", "status"), [({}, 409), (HTMX, 200)])
def test_what_a_colleague_changed_meanwhile_is_said_and_not_overwritten(browser, known, ana, headers, status):
    give(ana, size=38)
    sent, names = form_of(browser, ana, "Body", **headers)
    give(ana, size=40)
    answer = browser.post(values_page(ana, "Body"), sent | {names["Size"]: "39"}, **headers)
    assert answer.status_code == status
    assert answer.context["form"].errors == {names["Size"]: ["Somebody has changed it meanwhile, to: 40"]}
    assert told(ana) == {"size": 40}
    again = answer.context["form"]
    assert 'value="40"' in again[names["Size"]].as_hidden(only_initial=True)
    browser.post(values_page(ana, "Body"), {names["Size"]: "39", f"initial-{names['Size']}": "40"}, **headers)
    assert told(ana) == {"size": 39}


def test_a_wrong_value_is_said_beside_its_field_and_nothing_is_written(browser, known, ana):
    sent, names = form_of(browser, ana, "Body")
    answer = browser.post(values_page(ana, "Body"), sent | {names["Size"]: "large"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {names["Size"]: ["Write a number, such as 12.5."]}
    assert told(ana) == {}


def test_an_archived_choice_can_be_kept_and_left_but_not_taken(shop, browser, known, ana):
    bo = customer(shop, "Bo")
    give(ana, likes=["Music"], tea="Assam")
    with shop_scope(shop):
        likes, ids = definitions().by_key["likes"], {label: str(pk) for pk, label in definitions().labels.items()}
    browser.post(reverse("attributes:change", args=[shop.slug, likes.pk]), {
        "label": "Likes", "initial-label": "Likes", "type": "choices", "initial-type": "choices",
        "group": "Taste", "initial-group": "Taste", "initial-choices": "Music\nChess", "choices": "Chess",
    })  # fmt: skip
    sent, names = form_of(browser, ana, "Taste")
    browser.post(values_page(ana, "Taste"), sent | {names["Likes"]: [ids["Music"], ids["Chess"]]})
    assert told(ana)["likes"] == ["Music", "Chess"]
    sent, names = form_of(browser, bo, "Taste")
    answer = browser.post(values_page(bo, "Taste"), sent | {names["Likes"]: [ids["Music"]]})
    assert (answer.status_code, told(bo)) == (422, {})


def test_groups_that_are_not_there_are_not_found(browser, known, ana):
    assert browser.get(values_page(ana, "Elsewhere")).status_code == 404


def test_who_may_only_look_has_no_form(shop, make_member, as_person, known, ana):
    analyst = as_person(make_member(shop, role=Role.ANALYST))
    assert analyst.get(values_page(ana, "Body")).status_code == 403
    assert "Edit" not in analyst.get(reverse("customers:detail", args=[shop.slug, ana.pk])).text
