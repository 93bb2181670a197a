"""Staff make forms and see what was sent with them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text
from customers.models import ConsentSettings, SignupForm
from tests.customers.signups.conftest import confirm, page_of, send, work
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(as_person, owner):
    return as_person(owner)


def at(shop, name="forms", *rest):
    return reverse(f"signups:{name}", args=[shop.slug, *rest])


def data(text, /, **changes):
    sent = {
        "name": "Footer  of the shop",
        "code": "Footer",
        "language": "en",
        "heading": "Tea news",
        "purposes": ["marketing"],
        "text": text.pk,
        "is_open": "on",
    }
    return {name: value for name, value in (sent | changes).items() if value is not None}


@pytest.fixture
def text(shop):
    with shop_scope(shop):
        return add_text("v1", "en", "Yes.", by=None, now=NOW)


def test_a_form_is_made_changed_and_closed(browser, shop, text):
    assert browser.post(at(shop, "new_form"), data(text, asks=["name"])).status_code == 302
    with shop_scope(shop):
        form = SignupForm.objects.get()
        assert (form.code, form.name, form.asks, form.purposes) == (
            "footer",
            "Footer of the shop",
            ["name"],
            ["marketing"],
        )
    assert page_of(shop, form) in browser.get(at(shop)).text
    assert Client().get(page_of(shop, form)).status_code == 200
    changed = data(text, is_open=None, code="other")
    for _ in range(2):
        assert browser.post(at(shop, "form", form.pk), changed).status_code == 302
    assert Client().get(page_of(shop, form)).status_code == 404
    with shop_scope(shop):
        form.refresh_from_db()
        assert (form.code, form.is_open, form.asks) == ("footer", False, [])
        entries = AuditEntry.objects.order_by("seq").values_list("action", "details")
        assert list(entries)[1:] == [
            ("signup_form.added", {}),
            ("signup_form.changed", {"fields": ["asks", "is_open"]}),
        ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "taken"}, "There is a form with this code."),
        ({"code": "no spaces"}, "Enter a valid"),
        ({"purposes": ["service"]}, "Select a valid choice"),
        ({"purposes": None}, "This field is required."),
        ({"text": "10000000"}, "Select a valid choice"),
        ({"redirect_url": "https://evil.example/"}, "no https address of one of your own web sites"),
        ({"redirect_url": "http://www.tea.example/"}, "no https address of one of your own web sites"),
        ({"redirect_url": "https://www.tea.example@evil.example/"}, "no https address of one of your own web sites"),
        ({"redirect_url": "https://www.tea.example:8443/"}, "no https address of one of your own web sites"),
        ({"redirect_url": "//www.tea.example/"}, "no https address of one of your own web sites"),
        ({"redirect_url": "javascript:alert(1)"}, "no https address of one of your own web sites"),
    ],
)
def test_a_form_that_cannot_be_says_why(browser, shop, text, make_form, wrong, said):
    make_form(shop, "taken")
    browser.post(at(shop), {"double_opt_in": "on", "redirect_hosts": "www.tea.example"})
    answer = browser.post(at(shop, "new_form"), data(text, **wrong))
    assert answer.status_code == 422
    assert said in answer.text
    with shop_scope(shop):
        assert SignupForm.objects.count() == 1


def test_purposes_are_called_as_everywhere_and_one_that_is_gone_by_its_code(browser, shop, make_form):
    form = make_form(shop, purposes=["marketing", "topic:tea", "topic:gone"])
    page = browser.get(at(shop, "form", form.pk))
    offered = dict(page.context["form"].fields["purposes"].choices)
    assert offered == {
        "marketing": "Marketing",
        "reviews": "Asking for reviews",
        "surveys": "Surveys",
        "topic:tea": "New teas",
        "topic:gone": "topic:gone",
    }


def test_the_settings_are_kept(browser, shop, other_shop):
    sent = {"colour": " #1F6F8B ", "redirect_hosts": "www.Tea.example\n tea.example www.tea.example"}
    assert browser.post(at(shop), sent).status_code == 302
    with shop_scope(shop):
        known = ConsentSettings.objects.get()
        assert (known.double_opt_in, known.colour) == (False, "#1f6f8b")
        assert known.redirect_hosts == ["www.tea.example", "tea.example"]
        entry = AuditEntry.objects.get(action="consent_settings.changed")
        assert entry.details == {"fields": ["colour", "double_opt_in", "redirect_hosts"]}
    with shop_scope(other_shop):
        assert ConsentSettings.current().double_opt_in is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"redirect_hosts": "https://a.example"},
        {"redirect_hosts": "a.example/x"},
        {"redirect_hosts": "*"},
    ],
)
def test_settings_that_cannot_be_are_refused(browser, shop, wrong):
    assert browser.post(at(shop), wrong).status_code == 422
    with shop_scope(shop):
        assert not ConsentSettings.objects.exists()


def test_the_list_says_what_became_of_each(browser, shop, make_form, owner):
    form = make_form(shop)
    send(shop, form, name="<b>Ana</b>")
    confirm(*work(shop))
    send(shop, form, email="bo@example.com")
    send(shop, form, email="cy@example.com", homepage="x")
    shown = browser.get(at(shop, "list")).text
    for words in (
        "&lt;b&gt;Ana&lt;/b&gt;",
        "bo@example.com",
        "Waiting to be confirmed",
        "A field was filled in that people",
    ):
        assert words in shown
    assert "bo@example.com" not in browser.get(at(shop, "list") + "?state=spam").text
    assert browser.get(at(shop, "list") + "?state=x&before=%00").status_code == 200
    with shop_scope(shop):
        customer = customers.Customer.objects.get()
    assert reverse("customers:detail", args=[shop.slug, customer.pk]) in shown
    assert (
        "by the sign-up form “footer”" in browser.get(reverse("customers:detail", args=[shop.slug, customer.pk])).text
    )


def test_the_list_goes_on(browser, shop, make_form, monkeypatch):
    monkeypatch.setattr("customers.signups.presenters.PAGE", 2)
    form = make_form(shop)
    counts = []
    browser.get(at(shop, "list"))
    for n in range(3):
        send(shop, form, email=f"p{n}@example.com")
        with CaptureQueriesContext(connection) as caught:
            shown = browser.get(at(shop, "list")).text
        counts.append(len(caught))
    assert counts[0] == counts[2]
    assert "p0@example.com" not in shown
    (older,) = [part.partition('"')[0] for part in shown.split('href="?before=')[1:]]
    assert "p0@example.com" in browser.get(f"{at(shop, 'list')}?before={older}").text


def test_the_counts_of_a_form_open_its_sign_ups(browser, shop, other_shop, make_form):
    form, other, theirs = make_form(shop), make_form(shop, "table"), make_form(other_shop, name="Their form")
    send(shop, form)
    confirm(*work(shop))
    send(shop, form, email="bo@example.com")
    send(shop, other, email="cy@example.com")
    shown, rows = browser.get(at(shop)).text, {}
    for state in ("confirmed", "waiting"):
        address = f"{at(shop, 'list')}?form={form.pk}&amp;state={state}"
        assert f'href="{address}"' in shown
        rows[state] = [row.email for row in browser.get(address.replace("&amp;", "&")).context["page"].rows]
    assert rows == {"confirmed": ["ana@example.com"], "waiting": ["bo@example.com"]}
    for no_form in (theirs.pk, "x", "9" * 30):
        page = browser.get(f"{at(shop, 'list')}?form={no_form}").context["page"]
        assert (page.form, len(page.rows)) == (None, 3)


def test_an_analyst_sees_masked_addresses(shop, make_form, make_member, as_person):
    form = make_form(shop)
    send(shop, form)
    confirm(*work(shop))
    shown = as_person(make_member(shop, Role.ANALYST)).get(at(shop, "list")).text
    assert "ana@example.com" not in shown
    assert "/customers/" in shown.partition('id="signups"')[2]


def test_another_shop_s_forms_and_sign_ups_are_not_there(browser, shop, other_shop, make_form):
    theirs = make_form(other_shop, "theirs", name="Their form")
    send(other_shop, theirs, email="stranger@example.com")
    assert browser.get(at(shop, "form", theirs.pk)).status_code == 404
    assert "Their form" not in browser.get(at(shop)).text
    assert "stranger@example.com" not in browser.get(at(shop, "list")).text
