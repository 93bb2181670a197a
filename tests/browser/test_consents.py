"""Consents in a real browser: recorded on a customer's page, and taken back by the customer on their own."""

import pytest
from django.conf import settings
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, add_topic
from customers.models import Consent, ConsentEvent
from tests.factories import customers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

AXE = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def ming(shop):
    return customers.customer(shop, "王小明", email="wang@example.com", phone="+8613800138000")


def faults(page):
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run()")
    return [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]]


def states(shop):
    with shop_scope(shop):
        return dict(Consent.objects.values_list("purpose", "state"))


def test_staff_record_what_was_said_and_the_customer_takes_it_back(look, visit, shop, ming):
    with shop_scope(shop):
        add_topic("tea", "New teas", by=None, now=timezone.now())
        add_text("phone-1", "en", "May we write to you about tea?", by=None, now=timezone.now())
    page = look(f"customers/{ming.pk}/")
    page.get_by_role("link", name="Record what was said").click()
    page.get_by_label("agrees", exact=True).check()
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_text("Write down how you know").wait_for()
    page.get_by_label("Evidence").fill("by phone on 3 May")
    page.get_by_label("Text that was agreed to").select_option("phone-1")
    assert faults(page) == []
    page.get_by_role("button", name="Record", exact=True).click()
    panel = page.locator("#consents")
    panel.get_by_text("E-mail · Marketing").first.wait_for()
    panel.get_by_text("Everything that was said").click()
    panel.get_by_text("by phone on 3 May").wait_for()
    panel.get_by_text("Text phone-1").click()
    panel.get_by_text("May we write to you about tea?").wait_for()
    assert faults(page) == []
    panel.get_by_text("The customer's own page").click()
    link = panel.locator("#own-page").inner_text()
    assert page.problems == []

    own = visit("/p/" + link.partition("/p/")[2], width=390)
    assert own.context.cookies() == []
    assert own.get_by_label("Marketing").is_checked()
    own.get_by_label("New teas").check()
    own.get_by_label("Marketing").uncheck()
    assert faults(own) == []
    own.get_by_role("button", name="Save").click()
    own.get_by_text("Saved. Thank you.").wait_for()
    assert states(shop) == {"marketing": "withdrawn", "topic:tea": "granted"}
    own.get_by_role("button", name="Unsubscribe from everything").click()
    own.get_by_text("You are unsubscribed from everything.").wait_for()
    assert not own.get_by_label("New teas").is_checked()
    assert states(shop) == {"marketing": "withdrawn", "topic:tea": "withdrawn"}
    assert own.context.cookies() == []
    assert own.problems == []
    with shop_scope(shop):
        assert set(ConsentEvent.objects.values_list("source", flat=True)) == {"staff", "preference_centre"}
    page.reload()
    assert page.locator("#consents .consents .chip-danger").count() == 2


@pytest.mark.parametrize("width", [390, 1440])
def test_the_settings_are_usable_on_a_phone_and_by_the_keyboard(look, shop, width):
    with shop_scope(shop):
        add_topic("tea", "茶" * 40, by=None, now=timezone.now())
        add_text("v" * 60, "en", "w" * 400, by=None, now=timezone.now())
    page = look("settings/consent/", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(page) == []
    page.locator("#id_name").fill("New teas")
    page.locator("#id_code").fill("tea")
    page.keyboard.press("Enter")
    page.get_by_text("There is a topic with this code.").wait_for()
    assert page.locator("#id_name").input_value() == "New teas"
    assert page.problems == []
