"""Mails through a real SMTP server on 127.0.0.1: what arrives, and what people see when none can be sent."""

import email.policy
import re
import socket

import pytest
from aiosmtpd.controller import Controller
from allauth.account.models import EmailAddress
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from crm.lib import environment
from crm.shops.models import Invitation, Shop, User
from crm.tenancy.scope import shop_scope

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
PASSWORD = "correct horse battery"
SIGN_UP = {
    "shop_name": "Ana's Coffee",
    "slug": "coffee",
    "currency": "GBP",
    "timezone": "Europe/London",
    "language": "en",
    "email": "ana@coffee.example",
    "password1": PASSWORD,
}


class Postbox:
    """aiosmtpd's handler: keeps what it takes. `refuse` is what it answers instead."""

    def __init__(self):
        self.empty()

    def empty(self):
        self.mails, self.refuse = [], {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.refuse:
            return self.refuse["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        self.mails.append(envelope)
        return "250 OK"

    def only(self):
        """The one mail, as (sender of the envelope, its recipients, message)."""
        (envelope,) = self.mails
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        return envelope.mail_from, envelope.rcpt_tos, message


def use_smtp(settings, monkeypatch, port):
    """As an installation says it, and with names that are its own."""
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{port}?tls=none")
    for name, value in environment.email().items():
        setattr(settings, name, value)
    settings.DEFAULT_FROM_EMAIL = "Our CRM <crm@shops.example>"
    settings.BASE_URL = "https://crm.shops.example"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def smtp_server():
    controller = Controller(Postbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def postbox(smtp_server, settings, monkeypatch):
    smtp_server.handler.empty()
    use_smtp(settings, monkeypatch, smtp_server.port)
    return smtp_server.handler


@pytest.fixture(params=["down", "takes nobody", "takes no data"])
def broken_post(request, settings, monkeypatch):
    """A mail server that is not there, that refuses the recipient, and one that breaks off at the end."""
    if request.param == "down":
        use_smtp(settings, monkeypatch, free_port())
        return
    handler = request.getfixturevalue("postbox")
    handler.refuse = {"RCPT": "550 no such mailbox"} if request.param == "takes nobody" else {"DATA": "451 try later"}


def with_language(user, language):
    user.language = language
    user.save(update_fields=["language"])
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def link_in(message):
    (link,) = re.findall(r"https?://\S+/\S+", message.get_content())
    return link


def invite(browser, shop, address="new@person.example"):
    return browser.post(reverse("settings:staff", args=[shop.slug]), {"email": address, "role": "agent"}, follow=True)


def invitations(shop):
    with shop_scope(shop):
        return [(each.email, each.sent_at is not None) for each in Invitation.objects.filter(revoked_at=None)]


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "You are invited to work in “Tea & Sons”", "Owner invites you to work in “Tea & Sons” as Agent."),
        ("zh-hans", "邀请您加入“Tea & Sons”", "Owner"),
    ],
)
def test_invitation_arrives_with_a_link_that_opens(shop, owner, as_person, postbox, language, subject, words):
    shop.language = language
    shop.save(update_fields=["language"])
    page = invite(as_person(owner), shop)
    assert "The invitation to new@person.example is on its way." in page.text
    sender, recipients, message = postbox.only()
    assert (sender, recipients) == ("crm@shops.example", ["new@person.example"])
    assert (message["From"], message["To"]) == ("Our CRM <crm@shops.example>", "new@person.example")
    assert message["Subject"] == subject
    assert words in message.get_content()
    assert link_in(message).startswith("https://crm.shops.example/invitations/tea/")
    assert Client().get(link_in(message).removeprefix("https://crm.shops.example")).context["state"] == "new_person"
    assert invitations(shop) == [("new@person.example", True)]


def test_invitation_that_could_not_be_mailed_is_kept_and_sent_again(shop, owner, as_person, broken_post, settings):
    browser = as_person(owner)
    page = invite(browser, shop)
    assert page.status_code == 200
    assert "The mail to new@person.example could not be sent. Send it again in a few minutes." in page.text
    assert "is on its way" not in page.text
    assert "mail not sent" in page.text
    assert invitations(shop) == [("new@person.example", False)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with shop_scope(shop):
        resend = reverse("settings:resend", args=[shop.slug, Invitation.objects.get().pk])
    page = browser.post(resend, follow=True)
    assert "The invitation to new@person.example is on its way." in page.text
    assert "mail not sent" not in page.text
    assert invitations(shop) == [("new@person.example", True)]


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Choose a new password", "asked for a new password for your account at crm.shops.example."),
        ("zh-hans", "重设密码", "有人（很可能是您）申请重设您在 crm.shops.example 的账号密码。"),
    ],
)
def test_reset_arrives_in_the_persons_language(owner, postbox, language, subject, words):
    with_language(owner, language)
    answer = Client().post(reverse("account_reset_password"), {"email": owner.email}, HTTP_ACCEPT_LANGUAGE="de")
    assert answer.status_code == 302
    sender, recipients, message = postbox.only()
    assert (sender, recipients) == ("crm@shops.example", [owner.email])
    assert (message["From"], message["To"]) == ("Our CRM <crm@shops.example>", owner.email)
    assert message["Subject"] == subject
    assert words in message.get_content()
    assert link_in(message).startswith("https://crm.shops.example/accounts/password/reset/key/")
    form = Client().get(link_in(message).removeprefix("https://crm.shops.example"), follow=True)
    assert not form.context.get("token_fail")


def test_reset_asked_under_another_of_our_names_links_to_the_first(owner, postbox, settings):
    """Else whoever answers to that name in the reader's network would get the key."""
    settings.ALLOWED_HOSTS = ["crm.shops.example", "localhost"]
    with_language(owner, "en")
    for known in (owner.email, "nobody@nowhere.example"):
        postbox.empty()
        Client().post(reverse("account_reset_password"), {"email": known}, HTTP_HOST="localhost")
        assert link_in(postbox.only()[2]).startswith("https://crm.shops.example/accounts/")
        assert "localhost" not in postbox.only()[2].get_content()


def test_reset_that_could_not_be_mailed_says_so_alike_to_known_and_unknown(owner, broken_post):
    with_language(owner, "en")
    answers = []
    for address in (owner.email, "nobody@nowhere.example"):
        answer = Client().post(reverse("account_reset_password"), {"email": address})
        answers.append((answer.status_code, re.sub(r'value="[^"]+"|X-CSRFToken[^}]*', "", answer.text)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 503
    assert "The mail could not be sent" in answers[0][1]
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_sign_up_that_could_not_be_mailed_leaves_nothing_and_works_later(db, broken_post, settings):
    browser = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    answer = browser.post(reverse("account_signup"), SIGN_UP)
    assert answer.status_code == 503
    assert "邮件未能发出" in answer.text
    assert (Shop.objects.count(), User.objects.count(), EmailAddress.objects.count()) == (0, 0, 0)
    settings.EMAIL_BACKEND = project.EMAIL_BACKEND
    assert browser.get(reverse("account_signup")).status_code == 200
    assert browser.post(reverse("account_signup"), SIGN_UP).url == reverse("account_email_verification_sent")
    assert [shop.slug for shop in Shop.objects.all()] == ["coffee"]


def test_sign_up_mails_a_link_that_confirms(db, postbox):
    Client().post(reverse("account_signup"), SIGN_UP | {"language": "zh-hans"})
    _sender, recipients, message = postbox.only()
    assert recipients == ["ana@coffee.example"]
    assert message["Subject"] == "请确认您的邮箱"
    link = link_in(message)
    assert link.startswith("https://crm.shops.example/accounts/confirm-email/")
    Client().post(link.removeprefix("https://crm.shops.example"))
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    ("path", "address", "words"),
    [
        ("account_reset_password", "nobody@nowhere.example", "No account there has this address"),
        ("account_signup", "owner@tea.example", "You have one already: sign in with it"),
    ],
)
def test_a_strangers_answer_is_in_the_mail_and_in_our_words(shop, owner, postbox, path, address, words):
    """The page says the same to all; who owns the address reads what is the case."""
    User.objects.filter(pk=owner.pk).update(email="owner@tea.example")
    EmailAddress.objects.create(user=owner, email="owner@tea.example", verified=True, primary=True)
    Client().post(reverse(path), SIGN_UP | {"email": address})
    _sender, recipients, message = postbox.only()
    assert recipients == [address]
    assert words in message.get_content()
    assert message.get_content().rstrip().endswith("Huitou · crm.shops.example")
