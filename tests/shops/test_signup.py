"""Sign-up of a new shop, log-in, password reset and sessions, through the pages of allauth."""

import re
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.shops.actions import next_shop_id
from crm.shops.audit.chain import verify_chain
from crm.shops.forms import free_slug
from crm.shops.models import AuditEntry, Membership, OneTimeStep, Shop, User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from tests.authenticator import app_code

PASSWORD = "correct horse battery"
FORM = {
    "shop_name": "Ana's Tea 茶",
    "slug": "",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
    "language": "zh-hans",
    "email": "Ana@Tea.example",
    "password1": PASSWORD,
}


def sign_up(browser, **changes):
    return browser.post(reverse("account_signup"), FORM | changes)


def link_in(message):
    return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]


def test_forms_of_the_libraries_speak_as_ours(db, owner, as_person):
    pages = [Client().get(reverse(name)) for name in ("account_signup", "account_login", "account_reset_password")]
    labels = [page.context["form"][field].label for page, field in zip(pages, ("email", "login", "email"), strict=True)]
    assert labels == ["E-mail"] * 3
    change = as_person(owner).get(reverse("account_change_password")).context["form"]
    assert [field.label for field in change] == ["Current password", "New password", "New password (again)"]


def test_sign_up_makes_person_shop_owner_and_entry(db):
    answer = sign_up(Client())
    assert (answer.status_code, answer.url) == (302, reverse("account_email_verification_sent"))
    (shop,) = Shop.objects.all()
    assert (shop.slug, shop.name, shop.currency) == ("anas-tea", "Ana's Tea 茶", "CNY")
    assert (shop.timezone, shop.language) == ("Asia/Shanghai", "zh-hans")
    (person,) = User.objects.all()
    assert (person.email, person.language, person.is_staff) == ("ana@tea.example", "zh-hans", False)
    assert [(each.email, each.verified) for each in EmailAddress.objects.all()] == [("ana@tea.example", False)]
    with shop_scope(shop):
        assert [(each.user, each.role) for each in Membership.objects.all()] == [(person, Role.OWNER)]
        assert [(e.action, e.actor_id, e.object_id) for e in AuditEntry.objects.all()] == [
            ("shop.created", person.pk, shop.pk)
        ]
        assert verify_chain() == (1, None)


def test_nobody_gets_in_before_the_address_is_confirmed(db):
    browser = Client()
    sign_up(browser)
    answer = browser.post(reverse("account_login"), {"login": "ana@tea.example", "password": PASSWORD})
    assert answer.url == reverse("account_email_verification_sent")
    assert browser.get("/").url.startswith(reverse("account_login"))
    (message,) = mail.outbox
    assert message.to == ["ana@tea.example"]
    page = browser.get(link_in(message))
    assert page.status_code == 200
    browser.post(link_in(message))
    assert EmailAddress.objects.get().verified
    assert browser.get("/").url == "/s/anas-tea/"  # signed in, as the page promised


def test_link_opened_in_another_browser_confirms_and_signs_nobody_in(db):
    sign_up(Client())
    other = Client()
    other.post(link_in(mail.outbox[0]))
    assert EmailAddress.objects.get().verified
    assert other.get("/").url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"slug": "tea"}, "slug", "“tea” is taken. “tea-2” is free."),
        ({"slug": "api"}, "slug", "“api” is used by the program itself; please choose another."),
        ({"slug": "Tee Laden"}, "slug", "Use small letters, digits and hyphens."),
        ({"currency": "XXX"}, "currency", "Select a valid choice. XXX is not one of the available choices."),
        (
            {"timezone": "Mars/Base"},
            "timezone",
            "Select a valid choice. Mars/Base is not one of the available choices.",
        ),
        ({"password1": "short"}, "password1", "This password is too short. Use at least 12 characters."),
        ({"shop_name": " "}, "shop_name", "This field is required."),
    ],
)
def test_wrong_value_is_said_beside_its_field_and_nothing_is_made(shop, changes, field, words):
    answer = sign_up(Client(), **changes)
    assert answer.context["form"].errors[field] == [words]
    assert 'value="Ana@Tea.example"' in answer.content.decode() or field == "email"
    assert list(Shop.objects.all()) == [shop]
    assert not User.objects.exists()


def test_failure_in_the_middle_leaves_nothing(db, monkeypatch):
    monkeypatch.setattr("crm.shops.actions.record", lambda *args, **kwargs: 1 / 0)
    browser = Client(raise_request_exception=False)
    assert sign_up(browser).status_code == 500
    assert (Shop.objects.count(), User.objects.count(), EmailAddress.objects.count()) == (0, 0, 0)


def test_address_that_is_known_gets_the_same_answer_and_no_shop(db, owner, shop):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    known, unknown = sign_up(Client(), email=owner.email), sign_up(Client())
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert sorted(Shop.objects.values_list("slug", flat=True)) == ["anas-tea-2", "tea"]
    assert [message.to for message in mail.outbox] == [[owner.email], ["ana@tea.example"]]


def test_address_that_is_known_is_not_betrayed_by_the_short_name(db, owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    answers = {}
    for email, slug in ((owner.email, "first"), ("ana@tea.example", "second")):
        assert sign_up(Client(), email=email, slug=slug).status_code == 302
        again = sign_up(Client(), email="bo@tea.example", slug=slug)
        answers[email] = [error.replace(slug, "it") for error in again.context["form"].errors["slug"]]
    assert answers[owner.email] == answers["ana@tea.example"] == ["“it” is taken. “it-2” is free."]


def test_who_has_the_address_gets_the_short_name_after_signing_in(owner, stranger, as_person):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    sign_up(Client(), email=owner.email.upper(), slug="second")
    form = {"shop_name": "Second", "slug": "second", "currency": "EUR", "timezone": "Europe/Paris", "language": "en"}
    refusal = as_person(stranger).post("/shops/new/", form).context["form"].errors
    assert refusal == {"slug": ["“second” is taken. “second-2” is free."]}
    assert as_person(owner).post("/shops/new/", form).url == "/s/second/"


def test_address_that_is_known_takes_as_long(db, owner, monkeypatch):
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    sign_up(Client(), email=owner.email)
    assert len(hashed) == 1
    sign_up(Client())
    assert len(hashed) == 2


def test_short_name_is_suggested_and_unique(make_shop):
    assert free_slug("Ana's Tea") == "anas-tea"
    make_shop("anas-tea")
    make_shop("anas-tea-2")
    assert free_slug("Ana's Tea") == "anas-tea-3"
    assert free_slug("王小明茶叶") == "shop"
    assert free_slug("Api") == "api-2"
    assert free_slug("x" * 300) == "x" * 36


def test_short_name_of_a_long_name_ends_with_a_whole_word(db):
    assert free_slug("The Quiet Corner Tea and Porcelain Company") == "the-quiet-corner-tea-and-porcelain"
    assert free_slug("Fine Teas and Porcelain from Yunnans Hills") == "fine-teas-and-porcelain-from-yunnans"
    assert free_slug("Fine Teas and Porcelains from Yunnans Hill") == "fine-teas-and-porcelains-from"


def test_next_shop_id_is_not_used_twice(db):
    assert next_shop_id() < next_shop_id()


def test_password_reset_says_the_same_of_known_and_unknown_addresses(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    answers = []
    for email in (owner.email, "nobody@nowhere.example"):
        browser = Client()
        answer = browser.post(reverse("account_reset_password"), {"email": email}, follow=True)
        answers.append(re.sub(r'value="[^"]+"|X-CSRFToken[^}]*', "", answer.content.decode()))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[owner.email], ["nobody@nowhere.example"]]


def test_password_reset_works_once(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    Client().post(reverse("account_reset_password"), {"email": owner.email})
    link = link_in(mail.outbox[0])
    browser = Client()
    form = browser.get(link, follow=True)
    fresh = {"password1": "a wholly new one", "password2": "a wholly new one"}
    browser.post(form.redirect_chain[-1][0], fresh)
    owner.refresh_from_db()
    assert owner.check_password("a wholly new one")
    again = Client().get(link, follow=True)
    assert again.context["token_fail"]


def sign_in(user, password=PASSWORD, browser=None):
    browser = browser or Client()
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    browser.post(reverse("account_login"), {"login": user.email, "password": password})
    return browser


def test_password_change_ends_the_other_sessions_within_one_request(owner, shop):
    here, elsewhere = sign_in(owner), sign_in(owner)
    assert (here.get("/").status_code, elsewhere.get("/").url) == (302, "/s/tea/")
    here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "a wholly new one", "password2": "a wholly new one"},
    )
    assert here.get("/").url == "/s/tea/"
    assert elsewhere.get("/").url.startswith(reverse("account_login"))


def test_second_step_ends_the_other_sessions(owner, shop, django_capture_on_commit_callbacks):
    here, elsewhere = sign_in(owner), sign_in(owner)
    with django_capture_on_commit_callbacks(execute=True):
        activate_two_step(here)
    assert get_adapter().is_mfa_enabled(owner)
    assert here.get("/").url == "/s/tea/"
    assert elsewhere.get("/").url.startswith(reverse("account_login"))


def activate_two_step(browser):
    """The secret that the page showed."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    browser.post(reverse("mfa_activate_totp"), {"code": app_code(secret)})
    return secret


def test_the_secrets_of_two_step_sign_in_are_not_in_the_database(owner, shop):
    secret = activate_two_step(sign_in(owner))
    kept = {row.type: row.data for row in Authenticator.objects.filter(user=owner)}
    assert secret not in repr(kept)
    assert get_adapter().decrypt(kept["totp"]["secret"]) == secret
    assert kept["recovery_codes"]["seed"].startswith("gAAAA")


@pytest.mark.parametrize(("shown_at", "is_right"), [(950, False), (970, True), (1030, True), (1050, False)])
def test_code_may_be_from_the_half_minute_beside(owner, shop, monkeypatch, shown_at, is_right):
    secret = activate_two_step(sign_in(owner))
    OneTimeStep.objects.update(step=0)  # the code of the enrolment is of another time
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: 1000))
    browser = Client()
    browser.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    answer = browser.post(reverse("mfa_authenticate"), {"code": app_code(secret, at=shown_at)})
    assert (answer.status_code == 302) is is_right


def test_with_another_secret_key_no_code_is_right_and_nothing_breaks(owner, shop, settings):
    secret = activate_two_step(sign_in(owner))
    settings.SECRET_KEY = "another key of this installation, long enough"
    browser = Client()
    browser.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    answer = browser.post(reverse("mfa_authenticate"), {"code": app_code(secret)})
    assert answer.context["form"].errors["code"] == ["Incorrect code."]


def test_sixth_password_of_an_address_is_not_tried(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    browser = Client()
    for _attempt in range(5):
        browser.post(reverse("account_login"), {"login": owner.email, "password": "wrong"})
    answer = browser.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == ["Too many failed login attempts. Try again later."]


TOO_MANY = ["Too many failed login attempts. Try again later."]


def log_in(browser, person, password=PASSWORD):
    """What the page says against it; None when signed in."""
    answer = browser.post(reverse("account_login"), {"login": person.email, "password": password})
    return answer.context["form"].non_field_errors() if answer.status_code == 200 else None


def fail(browser, person, *, times):
    for _attempt in range(times):
        log_in(browser, person, "wrong")


@pytest.fixture
def known(owner):
    """A browser in which the owner has signed in before, and no longer is."""
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    browser = Client()
    assert log_in(browser, owner) is None
    browser.post(reverse("account_logout"))
    return browser


def test_a_strangers_tries_do_not_lock_a_known_browser(owner, known):
    fail(Client(), owner, times=5)
    assert log_in(Client(), owner) == TOO_MANY
    assert log_in(known, owner) is None


def test_a_known_browser_has_no_more_tries_than_others(owner, known):
    fail(known, owner, times=5)
    assert log_in(known, owner) == TOO_MANY


def test_a_browser_known_for_somebody_else_is_a_stranger(owner, known, stranger):
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    fail(Client(), stranger, times=5)
    assert log_in(known, stranger) == TOO_MANY


@pytest.mark.parametrize("forged", ["", "nonsense", "WzEsIDJd:1u:x"])
def test_a_cookie_we_did_not_sign_is_a_strangers(owner, known, forged):
    fail(Client(), owner, times=5)
    known.cookies["known_device"] = forged
    assert log_in(known, owner) == TOO_MANY


def test_the_cookie_says_nothing_of_the_person_and_no_script_reads_it(owner, known):
    cookie = known.cookies["known_device"]
    assert owner.email not in signing.b64_decode(cookie.value.split(":")[0].encode()).decode(errors="replace")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_home_asks_once_for_the_shops_however_many(owner, shop, make_shop, as_person):
    browser = as_person(owner)
    browser.get("/?choose")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert browser.get("/?choose").status_code == 200
        return len(caught)

    one = queries()
    for number in range(3):
        more = make_shop(f"more-{number}")
        with shop_scope(more):
            Membership.objects.create(shop=more, user=owner, role=Role.AGENT)
    assert queries() == one
    assert [each.slug for each in browser.get("/").context["shops"]] == ["more-0", "more-1", "more-2", "tea"]


def test_person_without_shop_opens_one(stranger, as_person):
    browser = as_person(stranger)
    assert "You are not in a shop yet" in browser.get("/").content.decode()
    form = {"shop_name": "Second", "slug": "", "currency": "GBP", "timezone": "Europe/London", "language": "en"}
    assert browser.post("/shops/new/", form).url == "/s/second/"
    (shop,) = Shop.objects.all()
    with shop_scope(shop):
        assert [(each.user, each.role) for each in Membership.objects.all()] == [(stranger, Role.OWNER)]
        assert AuditEntry.objects.get().actor_id == stranger.pk


def test_the_forms_of_the_libraries_speak_our_chinese(owner, shop):
    browser = sign_in(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    chinese = {"accept-language": "zh-hans"}
    assert 'placeholder="动态码"' in browser.get(reverse("mfa_activate_totp"), headers=chinese).text
    page = browser.get(reverse("mfa_add_webauthn"), headers=chinese).text
    assert "只用它登录，无需密码" in page
    assert ">Name" not in page
    assert "电子邮件" not in Client().get(reverse("account_login"), headers=chinese).text
