"""Accounts that somebody opened with an address which is perhaps another's: they open nothing, and block nothing."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from crm.shops import staff as people
from crm.shops.actions import forget_unconfirmed
from crm.shops.models import Membership, Shop, User
from crm.shops.queries import shops_of
from crm.shops.roles import Role
from crm.tenancy.scope import platform_scope, shop_scope

pytestmark = pytest.mark.slow

ADDRESS = "new@person.example"
THEIRS, OWN = "what the stranger typed", "what the owner chose"
SIGN_UP = {
    "shop_name": "Trap",
    "slug": "trap",
    "currency": "GBP",
    "timezone": "Europe/London",
    "language": "en",
    "email": ADDRESS,
    "password1": THEIRS,
}
FRESH = {"password1": OWN, "password2": OWN}


def path_in(message):
    return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]


def log_in(password, browser=None, email=ADDRESS):
    """Where this leads; "" where the password is wrong."""
    answer = (browser or Client()).post(reverse("account_login"), {"login": email, "password": password})
    return answer.url if answer.status_code == 302 else ""


@pytest.fixture
def sign_up(db):
    """A stranger signs up with the address; their browser, and the link that was mailed."""
    browser = Client()
    assert browser.post(reverse("account_signup"), SIGN_UP).url == reverse("account_email_verification_sent")
    return browser, path_in(mail.outbox[-1])


@pytest.fixture
def invited(shop, owner, django_capture_on_commit_callbacks):
    """Path of a link that was mailed."""

    def invite():
        with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
            people.invite(shop, email=ADDRESS, role=Role.AGENT, by=owner, now=now())
        return path_in(mail.outbox[-1])

    return invite


def test_whoever_confirms_in_another_browser_chooses_the_password(sign_up):
    thief, confirmation = sign_up
    browser = Client()
    answer = browser.post(confirmation)
    assert answer.url.startswith("/accounts/password/reset/key/")
    assert EmailAddress.objects.get(email=ADDRESS).verified
    assert [log_in(THEIRS, who) for who in (thief, Client())] == ["", ""]
    assert thief.get("/").url.startswith(reverse("account_login"))
    form = browser.get(answer.url, follow=True)
    assert "Choose a password here: what was typed in another browser is not kept." in form.text
    browser.post(form.redirect_chain[-1][0], FRESH)
    assert log_in(OWN) == "/"


def test_whoever_confirms_in_the_same_browser_keeps_the_password(sign_up):
    browser, confirmation = sign_up
    browser.post(confirmation)
    assert browser.get("/").url == "/s/trap/"
    assert User.objects.get(email=ADDRESS).check_password(THEIRS)


def test_nobody_confirms_a_change_of_somebody_elses_address(stranger, as_person):
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    browser = Client()
    log_in("correct horse battery", browser, stranger.email)
    browser.post(reverse("account_reauthenticate"), {"password": "correct horse battery"})
    browser.post(reverse("account_email"), {"email": ADDRESS, "action_add": ""})
    confirmation = path_in(mail.outbox[-1])
    assert Client().post(confirmation).url == f"/accounts/login/?next={confirmation}"
    assert not EmailAddress.objects.get(email=ADDRESS).verified
    browser.post(confirmation)
    assert EmailAddress.objects.get(email=ADDRESS).verified


def test_mailed_invitation_takes_the_address_from_an_unconfirmed_account(shop, owner, sign_up, invited):
    thief, confirmation = sign_up
    old = User.objects.get(email=ADDRESS)
    Client().post(reverse("account_reset_password"), {"email": ADDRESS})
    reset = path_in(mail.outbox[-1])
    path, browser = invited(), Client()
    assert browser.get(path).context["state"] == "new_person"
    assert browser.post(path, {"name": "Wang", "password": OWN}).url == "/s/tea/"
    person = User.objects.get(email=ADDRESS)
    assert (person.pk == old.pk, person.name, person.check_password(OWN)) == (False, "Wang", True)
    assert [(each.user, each.verified) for each in EmailAddress.objects.filter(email=ADDRESS)] == [(person, True)]
    assert list(shops_of(person)) == [shop]
    with shop_scope(shop):
        assert set(Membership.objects.values_list("user__email", flat=True)) == {owner.email, ADDRESS}
    assert log_in(THEIRS, thief) == ""
    assert Client().get(confirmation).context["confirmation"] is None
    assert Client().get(reset, follow=True).context["token_fail"]
    old.refresh_from_db()
    assert (old.email, old.is_active, old.has_usable_password()) == (f"{old.pk}@unconfirmed.invalid", False, False)


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_what_was_set_aside_is_forgotten_with_its_shop(shop, owner, sign_up, invited):
    Client().post(invited(), {"name": "Wang", "password": OWN})
    with platform_scope():
        assert forget_unconfirmed(now=now()) == 0
        assert forget_unconfirmed(now=now() + timedelta(days=3, minutes=1)) == 1
    assert [each.slug for each in Shop.objects.all()] == ["tea"]
    assert set(User.objects.values_list("email", flat=True)) == {owner.email, ADDRESS}


def test_link_passed_on_has_the_mail_sent_also_over_an_unconfirmed_account(shop, owner, sign_up, invited, as_person):
    invited()
    with shop_scope(shop):
        invitation = shop.invitations.get()
        token = people.make_link(invitation, by=owner, now=now())
    path = reverse("invitation-link", args=[shop.slug, token])
    assert Client().post(path).context["state"] == "mail_sent"
    assert Client().post(path_in(mail.outbox[-1]), {"name": "Wang", "password": OWN}).url == "/s/tea/"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("how", ["confirmed", "shut", "was in", "staff"])
def test_any_other_account_keeps_its_address(shop, sign_up, invited, how):
    if how == "confirmed":
        EmailAddress.objects.filter(email=ADDRESS).update(verified=True)
    else:
        change = {"shut": {"is_active": False}, "was in": {"last_login": now()}, "staff": {"is_staff": True}}[how]
        User.objects.using("owner").filter(email=ADDRESS).update(**change)
    before, path = User.objects.get(email=ADDRESS), invited()
    assert Client().post(path, {"name": "Wang", "password": OWN}).context["state"] == "sign_in"
    assert User.objects.get(email=ADDRESS).password == before.password


def test_reset_by_mail_confirms_the_address(sign_up):
    thief, _confirmation = sign_up
    Client().post(reverse("account_reset_password"), {"email": ADDRESS})
    browser = Client()
    form = browser.get(path_in(mail.outbox[-1]), follow=True)
    browser.post(form.redirect_chain[-1][0], FRESH)
    assert EmailAddress.objects.get(email=ADDRESS).verified
    assert log_in(OWN, browser) == "/"
    assert browser.get("/").url == "/s/trap/"
    assert log_in(THEIRS, thief) == ""
