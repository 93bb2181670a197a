"""Sign-up, second step, passkeys, invitations and settings in a real browser, within the pages' policy."""

import re

import pytest
from django.core import mail

from crm.shops.models import Shop, User
from tests.authenticator import app_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
PASSWORD = "correct horse battery"


def link_in(message):
    return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]


def sign_up(visit):
    page = visit("/accounts/signup/")
    for name, short in (
        ("The Quiet Corner Tea and Porcelain Company", "the-quiet-corner-tea-and-porcelain"),
        ("Fine Teas and Porcelain from Yunnans Hills", "fine-teas-and-porcelain-from-yunnans"),
        ("x" * 50, "x" * 36),
        ("Ana's Tea", "ana-s-tea"),
    ):
        page.fill("[name=shop_name]", name)
        assert page.input_value("[name=slug]") == short
    page.fill("[name=email]", "ana@tea.example")
    page.fill("[name=password1]", PASSWORD)
    page.click("button[type=submit]:has-text('Open the shop')")
    page.wait_for_url("**/confirm-email/")
    page.goto(page.origin + link_in(mail.outbox[0]))
    page.click("main form button[type=submit]")
    page.wait_for_url("**/s/ana-s-tea/")  # confirmed in the browser of the sign-up, they are in
    return page


def sign_in(page, email="ana@tea.example", password=PASSWORD):
    page.goto(page.origin + "/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]:has-text('Sign in')")


def confirm_password(page):
    if "/reauthenticate/" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")


def test_shop_is_opened_by_hand(visit):
    page = sign_up(visit)
    (shop,) = Shop.objects.all()
    assert (shop.name, shop.slug) == ("Ana's Tea", "ana-s-tea")
    for part in ("shop", "staff", "keys", "security", "audit"):
        page.goto(f"{page.origin}/s/ana-s-tea/settings/{part}/")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), part
    assert page.problems == []


def set_up_the_app(page):
    """A second step by an app's code; ends at the recovery codes."""
    page.goto(page.origin + "/accounts/2fa/totp/activate/")
    confirm_password(page)
    type_the_secrets_code(page)


def type_the_secrets_code(page):
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", app_code(secret))
    page.click("main form button[type=submit]")
    page.wait_for_url("**/2fa/recovery-codes/")


def test_code_of_the_app_is_asked_for_once_it_is_set_up(visit):
    page = sign_up(visit)
    set_up_the_app(page)
    fresh = visit("/accounts/login/")
    sign_in(fresh)
    fresh.wait_for_url("**/2fa/authenticate/")
    fresh.goto(fresh.origin + "/s/ana-s-tea/settings/security/")
    assert "/accounts/" in fresh.url
    assert page.problems + fresh.problems == []


def answer_with(page, code):
    page.fill("[name=code]", code)
    page.click("main button[type=submit]:has-text('Sign In')")


def test_required_second_step_is_set_up_on_the_way_into_the_shop(visit):
    page = sign_up(visit)
    Shop.objects.update(requires_mfa=True)
    page.goto(page.origin + "/s/ana-s-tea/")
    page.wait_for_url("**/s/ana-s-tea/settings/two-step/")
    page.click("main >> text=Use an app on the phone")
    page.wait_for_url("**/reauthenticate/**")
    confirm_password(page)
    page.wait_for_url("**/2fa/totp/activate/")
    type_the_secrets_code(page)
    code = page.inner_text("#recovery-codes").split()[0]
    page.click("text=I have kept them")
    page.wait_for_url("**/s/ana-s-tea/")
    page.wait_for_selector("text=Import orders")

    later = visit("/accounts/login/")
    sign_in(later)
    later.wait_for_url("**/2fa/authenticate/")
    later.goto(later.origin + "/s/ana-s-tea/")
    later.wait_for_url("**/2fa/authenticate/")  # the password alone does not do
    answer_with(later, code)
    later.wait_for_url("**/s/ana-s-tea/")
    assert page.problems + later.problems == []


def test_recovery_codes_are_shown_once_and_each_opens_once(visit):
    page = sign_up(visit)
    set_up_the_app(page)
    first, second, *others = page.inner_text("#recovery-codes").split()
    assert len({first, second, *others}) == 10
    page.reload()
    assert "They were shown once" in page.inner_text("main")
    page.goto(page.origin + "/accounts/2fa/")
    assert not {code for code in (first, second, *others) if code in page.content()}
    assert page.goto(page.origin + "/accounts/2fa/recovery-codes/download/").status == 403

    phone_lost = visit("/accounts/login/")
    sign_in(phone_lost)
    answer_with(phone_lost, first)
    phone_lost.wait_for_url("**/s/ana-s-tea/")

    thief = visit("/accounts/login/")
    sign_in(thief)
    answer_with(thief, first)
    thief.wait_for_selector("text=Incorrect code.")
    thief.goto(thief.origin + "/s/ana-s-tea/")
    thief.wait_for_url("**/2fa/authenticate/")  # the code is still wanted
    answer_with(thief, second)
    thief.wait_for_url("**/s/ana-s-tea/")
    assert page.problems + phone_lost.problems + thief.problems == []


def test_password_is_reset_by_the_mailed_link(visit):
    page = sign_up(visit)

    forgetful = visit("/accounts/login/")
    forgetful.click("text=Forgot your password?")
    forgetful.fill("[name=email]", "ana@tea.example")
    forgetful.click("text=Send me the link")
    forgetful.wait_for_selector("text=Look into your mail")
    link = link_in(mail.outbox[-1])
    forgetful.goto(forgetful.origin + link)
    forgetful.fill("[name=password1]", "a wholly new one")
    forgetful.fill("[name=password2]", "a wholly new one")
    forgetful.click("main form button[name=action]")
    forgetful.wait_for_url("**/password/reset/key/done/")

    page.reload()
    assert "/accounts/login/" in page.url  # Who was in with the old password is out.
    sign_in(page)
    page.wait_for_selector("text=The email address and/or password you specified are not correct.")
    sign_in(forgetful, password="a wholly new one")
    forgetful.wait_for_url("**/s/ana-s-tea/")
    forgetful.goto(forgetful.origin + link)
    forgetful.wait_for_selector("text=This link no longer works")
    assert page.problems + forgetful.problems == []


def test_passkey_is_added_and_opens_the_shop(visit):
    page = sign_up(visit)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(page.origin + "/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.fill("[name=name]", "My laptop")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    page.context.clear_cookies()
    page.goto(page.origin + "/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/s/ana-s-tea/")
    assert page.problems == []


def test_invited_person_joins(visit):
    page = sign_up(visit)
    page.goto(page.origin + "/s/ana-s-tea/settings/staff/")
    page.fill("#invite [name=email]", "ben@tea.example")
    page.select_option("#invite [name=role]", "agent")
    page.click("#invite button[type=submit]")
    page.wait_for_selector("text=The invitation to ben@tea.example is on its way.")
    guest = visit(link_in(mail.outbox[-1]))
    guest.fill("[name=name]", "Ben")
    guest.fill("[name=password]", "a wholly new one")
    guest.click("main form button[type=submit]")
    guest.wait_for_url("**/s/ana-s-tea/customers/")  # The overview is not for agents.
    assert User.objects.get(email="ben@tea.example").name == "Ben"
    assert page.problems + guest.problems == []


@pytest.mark.parametrize("width", [1440, 390])
def test_key_is_shown_once_with_a_button_to_copy(visit, width):
    page = sign_up(lambda path: visit(path, width=width))
    page.goto(page.origin + "/s/ana-s-tea/settings/keys/")
    page.fill("#new-key [name=name]", "web shop")
    page.click("#new-key button[type=submit]")
    assert page.inner_text("#new-api-key").startswith("sk_ana-s-tea_")
    assert page.is_visible("[data-copy=new-api-key]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


def test_the_account_speaks_as_the_settings_do(visit):
    page = sign_up(visit)
    for path, title in (
        ("2fa/", "Two-step sign-in"),
        ("2fa/webauthn/", "Passkeys"),
        ("2fa/totp/activate/", "Code from an app"),
        ("password/change/", "Password"),
    ):
        page.goto(f"{page.origin}/accounts/{path}")
        confirm_password(page)
        assert page.inner_text("h1") == title
    fresh = visit("/accounts/password/reset/key/1-set-password/")
    assert fresh.inner_text("h1") == "This link no longer works"
    fresh.goto(fresh.origin + "/accounts/confirm-email/abc/")
    assert fresh.inner_text("h1") == "This link no longer works"
    assert page.problems + fresh.problems == []
