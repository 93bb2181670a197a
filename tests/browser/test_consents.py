"""Consents in a real browser: recorded on a customer's page, and taken back by the customer on their own."""

import re

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, add_topic
from customers.domain.colours import button
from customers.models import Consent, ConsentEvent
from customers.signups.actions import add_form, change_settings
from customers.signups.mails import do_next
from tests.factories import customers
from tests.shops.test_mail import Postbox, free_port, use_smtp

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


@pytest.fixture
def postbox(settings, monkeypatch):
    """A real SMTP server on 127.0.0.1, to which the program sends as an installation says it."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    use_smtp(settings, monkeypatch, controller.port)
    yield box
    controller.stop()


def test_somebody_signs_up_confirms_by_the_mail_and_leaves_again(look, visit, shop, postbox):
    with shop_scope(shop):
        add_topic("tea", "New teas", by=None, now=timezone.now())
        add_text("footer-1", "en", "Yes, write to me about tea.", by=None, now=timezone.now())
    page = look("settings/forms/")
    page.get_by_label("Colour of your buttons").fill("#ffee00")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("link", name="New form").click()
    page.locator("#id_name").fill("Footer")
    page.locator("#id_code").fill("footer")
    page.locator("#id_heading").fill("Tea news")
    page.get_by_label("Marketing").check()
    page.get_by_label("New teas").check()
    page.locator("#id_text").select_option("footer-1")
    assert faults(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="/f/tea/footer").wait_for()
    assert faults(page) == []

    guest = visit("/f/tea/footer", width=390)
    assert guest.evaluate("document.documentElement.scrollWidth") <= 390
    guest.get_by_label("E-mail").fill("ana@example.com")
    guest.get_by_label("New teas").check()
    assert faults(guest) == []
    guest.wait_for_timeout(2100)  # as long as people take at least
    guest.get_by_label("Yes, write to me about tea.").check()
    guest.get_by_role("button", name="Sign up").click()
    guest.get_by_text("We have sent you a mail.").wait_for()
    assert faults(guest) == []
    do_next(shop.pk)
    _, recipients, message = postbox.only()
    assert recipients == ["ana@example.com"]
    link = re.search(r"/confirm/\S+", message.get_content())[0]

    guest = visit(link, width=390)
    guest.get_by_text("Yes, write to me about tea.").wait_for()
    assert faults(guest) == []
    assert states(shop) == {}
    guest.get_by_role("button", name="Yes, sign me up").click()
    guest.get_by_text("You are signed up.").wait_for()
    assert faults(guest) == []
    assert states(shop) == {"topic:tea": "granted"}
    guest.get_by_role("link", name="Choose what you would like to get").click()
    guest.get_by_label("Write to me less often").check()
    guest.get_by_role("button", name="Save").click()
    guest.get_by_text("Saved. Thank you.").wait_for()
    assert guest.get_by_label("Write to me less often").is_checked()
    guest.get_by_role("button", name="Unsubscribe from everything").click()
    guest.get_by_text("You are unsubscribed from everything.").wait_for()
    assert states(shop) == {"topic:tea": "withdrawn"}
    assert guest.context.cookies() == []
    assert guest.problems == []
    page.goto(page.shop + "customers/signups/")
    page.get_by_role("link", name="ana@example.com").wait_for()
    assert faults(page) == []
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffee00", "#c8452f", "#1b2027"])
def test_a_button_in_any_colour_can_be_read(visit, shop, scheme, colour):
    with shop_scope(shop):
        change_settings({"colour": colour}, by=None)
        text = add_text("footer-1", "zh-hans", "好的，请给我发邮件。", by=None, now=timezone.now())
        form = {"code": "footer", "name": "F", "language": "zh-hans", "heading": "茶", "purposes": ["marketing"]}
        add_form(form | {"text": text}, by=None, now=timezone.now())
    page = visit("/f/tea/footer", width=390)
    page.emulate_media(color_scheme=scheme)
    page.reload()
    fill = page.get_by_role("button", name="订阅").evaluate("(button) => getComputedStyle(button).backgroundColor")
    made = button(colour, ground={"light": "#ffffff", "dark": "#1b2027"}[scheme]).fill
    assert fill == "rgb({}, {}, {})".format(*(int(made[n : n + 2], 16) for n in (1, 3, 5)))
    assert faults(page) == []
    assert page.problems == []
