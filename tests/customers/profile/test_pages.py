"""What the record says of a person on their page: shown, changed in place and without JavaScript, by two at once; and
the kinds of relations in the settings."""

import pytest
from django.urls import reverse

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.consent.wishes import Wishes, wish
from customers.models import Customer, CustomerKind
from tests.factories.customers import attribute, customer, give
from tests.factories.shops import NOW

HTMX = {"HTTP_HX_REQUEST": "true"}


def page_of(customer, name="about"):
    return reverse(f"customers:{name}", args=[customer.shop.slug, customer.pk])


def form_of(browser, customer):
    """The form as a browser sends it back untouched."""
    form = browser.get(page_of(customer)).context["form"]
    sent = {}
    for field in form:
        sent[field.html_initial_name] = str(field.value())
        if field.value() not in (False, None):
            sent[field.name] = "on" if field.value() is True else field.value()
    return sent


def told(customer):
    names = ("birthday", "language", "time_zone", "company", "kind", "is_minor", "do_not_profile")
    with shop_scope(customer.shop_id):
        return Customer.objects.values_list(*names).get(pk=customer.pk)


def rows_of(response):
    return dict(response.context["about"].rows)


def test_the_panel_says_it_in_words(browser, shop):
    said = {
        "birthday": "1990-05-17",
        "language": "zh-Hans",
        "company": "Tea & Co",
        "kind": "wholesale",
        "country": "CN",
    }
    ana = customer(shop, "Ana", **said)
    response = browser.get(page_of(ana, "detail"))
    assert rows_of(response) == {
        "Relation": "Wholesale",
        "Company": "Tea & Co",
        "Birthday": "17 May 1990",
        "Language": "Chinese (Simplified)",
        "Time zone": "Asia/Shanghai, as far as known",
    }
    assert response.context["about"].reasons == []
    assert "Tea &amp; Co" in response.content.decode()


def test_a_birthday_without_a_year_and_a_zone_of_the_shops(browser, shop):
    bo = customer(shop, "Bo", birthday="--02-29", time_zone="Asia/Tokyo")
    rows = rows_of(browser.get(page_of(bo, "detail")))
    assert (rows["Birthday"], rows["Time zone"], rows["Relation"]) == ("29 Feb", "Asia/Tokyo", "Customer")
    assert rows_of(browser.get(page_of(customer(shop, "Cy"), "detail")))["Time zone"] == (
        f"{shop.timezone}, as far as known"
    )


def test_the_page_says_why_somebody_is_not_scored(browser, shop):
    ana = customer(shop, "Ana", is_minor=True, do_not_profile=True, kind="press")
    with shop_scope(shop):
        wish(ana, Wishes(not_personalised=True), now=NOW)
    response = browser.get(page_of(ana, "detail"))
    assert response.context["about"].reasons == [
        "No scores: a minor.",
        "No scores: not to be profiled.",
        "No scores: none are made of this kind of relation (Press).",
        "No scores: they said on their own page that nothing is to be chosen for them.",
    ]
    assert "Left out of scores." in response.content.decode()
    assert "the next scoring will look" not in response.content.decode()


def test_it_is_changed_without_javascript(browser, shop, ana, owner):
    sent = form_of(browser, ana) | {
        "birthday": "5月17日", "language": "zh-Hans", "time_zone": "Europe/Berlin", "company": " Tea  Co",
        "kind": "press", "is_minor": "on",
    }  # fmt: skip
    response = browser.post(page_of(ana), sent)
    assert (response.status_code, response["Location"]) == (302, page_of(ana, "detail"))
    assert told(ana) == ("--05-17", "zh-Hans", "Europe/Berlin", "Tea Co", "press", True, False)
    with shop_scope(shop):
        entry = AuditEntry.objects.get(action="customer.changed")
    fields = ["birthday", "company", "is_minor", "kind", "language", "time_zone"]
    assert (entry.actor_id, entry.details) == (owner.pk, {"fields": fields})
    empty = {name: "" for name in sent if not name.startswith("initial-")} | {"kind": "customer"}
    del empty["is_minor"]
    browser.post(page_of(ana), form_of(browser, ana) | empty | {"initial-is_minor": "True"})
    assert told(ana)[:5] == ("", "", "", "", "")


def test_a_tick_is_taken_away_again(browser, shop):
    kim = customer(shop, "Kim", is_minor=True, do_not_profile=True)
    sent = form_of(browser, kim)
    del sent["is_minor"]
    browser.post(page_of(kim), sent)
    assert told(kim)[5:] == (False, True)


def test_htmx_gets_the_part_and_the_whole_page_where_other_parts_change(browser, ana):
    form = browser.get(page_of(ana), **HTMX)
    assert "customers/_about_form.html" in [template.name for template in form.templates]
    assert "base.html" not in [template.name for template in form.templates]
    saved = browser.post(page_of(ana), form_of(browser, ana) | {"company": "Tea"}, **HTMX)
    assert saved.status_code == 200
    assert dict(saved.context["about"].rows)["Company"] == "Tea"
    marked = browser.post(page_of(ana), form_of(browser, ana) | {"do_not_profile": "on"}, **HTMX)
    assert marked["HX-Refresh"] == "true"
    shown = browser.get(f"{page_of(ana)}?part=shown", **HTMX)
    assert dict(shown.context["about"].rows)["Do not profile"] == "Yes"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("birthday", "2026-02-30", "There is no such day. Write 1990-05-17, or 05-17 without a year."),
        ("birthday", "9999-01-01", "This day is still to come."),
        ("birthday", "1800-01-01", "Birthdays before 1900 are not kept."),
        ("time_zone", "../../etc", "Select a valid choice. ../../etc is not one of the available choices."),
        ("language", "klingon", "Select a valid choice. klingon is not one of the available choices."),
        ("kind", "friend", "Select a valid choice. friend is not one of the available choices."),
        ("company", "x" * 10_000, "Ensure this value has at most 200 characters (it has 10000)."),
        ("company", "a\x00b", "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(browser, ana, field, value, error):
    response = browser.post(page_of(ana), form_of(browser, ana) | {"is_minor": "on", field: value})
    assert (response.status_code, response.context["form"].errors) == (422, {field: [error]})
    assert told(ana) == ("", "", "", "", "", False, False)
    assert browser.post(page_of(ana), form_of(browser, ana) | {field: value}, **HTMX).status_code == 200


def test_of_two_who_change_the_same_the_second_is_told_and_another_field_is_not_lost(browser, shop, ana):
    stale = form_of(browser, ana)
    browser.post(page_of(ana), form_of(browser, ana) | {"company": "First", "is_minor": "on"})
    assert browser.post(page_of(ana), stale | {"birthday": "05-17"}).status_code == 302
    assert told(ana) == ("--05-17", "", "", "First", "", True, False)
    response = browser.post(page_of(ana), stale | {"company": "Second"})
    assert response.status_code == 409
    assert response.context["form"].errors == {"company": ["Somebody has changed it meanwhile, to: First"]}
    assert told(ana)[3] == "First"
    again = {field.html_initial_name: str(field.form[field.name].form._sent.get(field.html_initial_name, field.value()))
             for field in response.context["form"]}  # fmt: skip
    assert browser.post(page_of(ana), stale | again | {"company": "Second"}).status_code == 302
    assert told(ana)[3] == "Second"


def test_who_may_not_see_contacts_sees_no_year_and_does_not_lose_it(shop, make_member, as_person):
    ana = customer(shop, "Ana", birthday="1990-05-17", company="call 13800138000")
    support = as_person(make_member(shop, Role.ANALYST))
    rows = rows_of(support.get(page_of(ana, "detail")))
    assert rows["Birthday"] == "17 May"
    assert "13800138000" not in rows["Company"]
    assert support.get(page_of(ana)).status_code == 403


def test_an_attribute_of_one_kind_stands_on_their_pages_alone(browser, shop, ana):
    attribute(shop, "vat", "text", label="VAT number", kind="wholesale", group="Trade")
    attribute(shop, "note", "text", label="Remark")
    attribute(shop, "shoe", "text", label="Shoe", kind="customer", group="Body")
    give(ana, vat="DE1")
    wei = customer(shop, "Wei", kind="wholesale")

    def labels(who):
        return [label for group in browser.get(page_of(who, "detail")).context["groups"] for label, _ in group.rows]

    assert labels(ana) == ["Remark", "Shoe"]
    assert labels(wei) == ["VAT number", "Remark"]
    assert browser.get(f"{page_of(ana, 'attributes')}?group=Trade").status_code == 404
    assert browser.get(f"{page_of(wei, 'attributes')}?group=Trade").status_code == 200


# Kinds in the settings


@pytest.fixture
def settings_page(shop):
    return reverse("attributes:kinds", args=[shop.slug])


def test_a_kind_is_made_and_changed_in_the_settings(browser, shop, settings_page):
    response = browser.get(settings_page)
    assert [kind.key for kind in response.context["kinds"]][:2] == ["customer", "wholesale"]
    made = browser.post(settings_page, {"label": "达人", "key": "influencer", "position": "", "is_scored": "on"})
    assert made.status_code == 302
    kind = reverse("attributes:kind", args=[shop.slug, "influencer"])
    shown = {
        "initial-label": "达人",
        "initial-position": "70",
        "initial-is_scored": "True",
        "initial-archived": "False",
    }
    assert browser.post(kind, shown | {"label": "达人", "position": "70"}).status_code == 302
    with shop_scope(shop):
        assert CustomerKind.objects.values_list("label", "is_scored").get() == ("达人", False)
    assert "达人" in browser.get(settings_page).content.decode()
    assert browser.get(reverse("attributes:kind", args=[shop.slug, "nothing"])).status_code == 404


def test_what_cannot_be_a_kind_is_said_at_its_field(browser, shop, settings_page):
    response = browser.post(settings_page, {"label": "x", "key": "Press", "position": ""})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["key"])
    response = browser.post(settings_page, {"label": "x" * 10_000, "key": "new", "position": ""})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["label"])
    plain = reverse("attributes:kind", args=[shop.slug, "customer"])
    assert set(browser.get(plain).context["form"].fields) == {"label", "position"}
    assert browser.post(plain, {"label": "Buyer", "position": "10", "initial-label": "Customer"}).status_code == 302
    with shop_scope(shop):
        assert CustomerKind.objects.get().is_scored


def test_only_who_manages_the_shop_makes_kinds(shop, make_member, as_person, settings_page):
    marketer = as_person(make_member(shop, Role.MARKETER))
    assert marketer.post(settings_page, {"label": "x", "key": "new"}).status_code == 403
