"""Nobody floods others through us: limits on every mail that somebody can cause, and what a stranger's name may say."""

import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from crm.shops import staff as people
from crm.shops.audit.chain import verify_chain
from crm.shops.models import AuditEntry, Invitation, Membership, Shop, User
from crm.shops.names import harmless, validate_name
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
STAFF = "/s/tea/settings/staff/"


@pytest.fixture
def browser(owner, shop, as_person):
    return as_person(owner)


@pytest.fixture
def invite(browser, django_capture_on_commit_callbacks):
    """Ask through the page; what it says against it, as {field: sentences}."""

    def post(email):
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser.post(STAFF, {"email": email, "role": "agent"})
        return {} if answer.status_code == 302 else dict(answer.context["form"].errors)

    return post


def aged(shop, **how):
    with shop_scope(shop):
        for row in Invitation.objects.all():
            Invitation.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(**how))


def logged(shop):
    with shop_scope(shop):
        assert verify_chain()[1] is None
        return list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))


def test_shop_sends_twenty_invitations_an_hour(shop, invite, browser):
    assert [invite(f"p{number}@person.example") for number in range(20)] == [{}] * 20
    cache.clear()
    (field, (sentence,)) = invite("more@person.example").popitem()
    assert field == "__all__"
    assert sentence.startswith("This shop has sent 20 invitations within an hour. The next can go on ")
    assert len(mail.outbox) == 20
    assert logged(shop) == ["invitation.sent"] * 20
    aged(shop, minutes=61)
    assert invite("more@person.example") == {}


def test_refused_invitation_keeps_what_was_typed(invite, browser):
    for number in range(20):
        invite(f"p{number}@person.example")
    answer = browser.post(STAFF, {"email": "more@person.example", "role": "analyst"})
    assert answer.status_code == 422
    assert 'value="more@person.example"' in answer.text
    assert '<option value="analyst" selected' in answer.text


def test_address_gets_three_invitations_a_day(shop, invite, browser):
    assert [invite("a@person.example") for _each in range(3)] == [{}] * 3
    with shop_scope(shop):
        waiting = Invitation.objects.get(revoked_at=None)
    cache.clear()
    (field, (sentence,)) = invite(" A@Person.example").popitem()
    assert (field, sentence.partition(".")[0]) == ("email", "This address was sent 3 invitations within a day")
    with shop_scope(shop):
        waiting.refresh_from_db()
    assert waiting.is_open(now())  # the link that is on its way goes on working
    assert len(mail.outbox) == 3
    assert invite("b@person.example") == {}
    aged(shop, hours=25)
    assert invite("a@person.example") == {}


def test_sending_again_counts_too(shop, invite, browser, django_capture_on_commit_callbacks):
    invite("a@person.example")

    def again():
        with shop_scope(shop):
            row = Invitation.objects.get(revoked_at=None)
        with django_capture_on_commit_callbacks(execute=True):
            return browser.post(reverse("settings:resend", args=["tea", row.pk]), follow=True).text

    refusal = "This address was sent 3 invitations within a day."
    assert [refusal in again() for _each in range(4)] == [False, False, True, True]
    assert len(mail.outbox) == 3
    assert logged(shop) == ["invitation.sent"] * 3


def test_mail_that_could_not_be_sent_counts_for_ten_minutes(shop, owner, invite):
    with shop_scope(shop):
        for _each in range(3):
            people.invite(shop, email="a@person.example", role=Role.AGENT, by=owner, now=now())
        assert not Invitation.objects.filter(sent_at__isnull=False).exists()
    assert list(invite("a@person.example")) == ["email"]
    aged(shop, minutes=11)
    assert invite("a@person.example") == {}


def test_other_shops_invitations_do_not_count(shop, other_shop, make_member, invite):
    theirs = make_member(other_shop)
    with shop_scope(other_shop):
        for number in range(17):
            people.invite(other_shop, email=f"p{number}@person.example", role=Role.AGENT, by=theirs, now=now())
        for _each in range(3):
            people.invite(other_shop, email="a@person.example", role=Role.AGENT, by=theirs, now=now())
    assert invite("a@person.example") == {}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_parallel_requests_do_not_pass_the_limit(shop, owner):
    gate, results = threading.Barrier(6), []

    def ask(number):
        gate.wait()
        try:
            with shop_scope(shop):
                people.invite(shop, email=f"q{number}@person.example", role=Role.AGENT, by=owner, now=now())
            results.append("sent")
        except people.TooManyInvitations:
            results.append("refused")
        finally:
            connections.close_all()

    for number in range(18):
        with shop_scope(shop):
            people.invite(shop, email=f"p{number}@person.example", role=Role.AGENT, by=owner, now=now())
    threads = [threading.Thread(target=ask, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["refused"] * 4 + ["sent"] * 2


def test_one_person_opens_ten_shops_a_day(stranger, as_person, make_shop):
    browser = as_person(stranger)
    form = {"slug": "", "currency": "GBP", "timezone": "Europe/London", "language": "en"}
    answers = [browser.post("/shops/new/", form | {"shop_name": f"Shop {number}"}) for number in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [422]
    assert answers[-1].context["form"].non_field_errors() == [
        "You have opened 10 shops today. Open the next one tomorrow."
    ]
    assert 'value="Shop 10"' in answers[-1].text
    Shop.objects.update(created_at=now() - timedelta(hours=25))
    assert browser.post("/shops/new/", form | {"shop_name": "Shop 10"}).status_code == 302


def sign_up(email, **more):
    form = {
        "shop_name": "Tea",
        "slug": "",
        "currency": "GBP",
        "timezone": "Europe/London",
        "language": "en",
        "email": email,
        "password1": PASSWORD,
    }
    return Client().post(reverse("account_signup"), form | more)


def test_sign_ups_of_one_client_are_few(db):
    answers = [sign_up(f"p{number}@person.example").status_code for number in range(11)]
    assert answers == [302] * 10 + [429]
    assert len(mail.outbox) == 10
    page = sign_up("more@person.example").text
    assert "what you typed is still there when you go back" in page


def test_resets_of_one_address_are_few_and_say_nothing_of_it(owner, db):
    answers = {}
    for email in (owner.email, "nobody@nowhere.example"):
        answers[email] = [
            Client().post(reverse("account_reset_password"), {"email": email}).status_code for _each in range(6)
        ]
    assert answers == dict.fromkeys(answers, [302] * 5 + [429])
    assert len(mail.outbox) == 10


def test_confirmations_to_one_address_are_few(db):
    sign_up("ana@person.example")
    for _each in range(5):
        Client().post(reverse("account_login"), {"login": "ana@person.example", "password": PASSWORD})
    assert len(mail.outbox) == 1


def test_changes_of_address_are_few(owner, as_person):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    browser = as_person(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = reverse("account_email")
    answers = [
        browser.post(page, {"action_add": "", "email": f"p{number}@person.example"}).status_code for number in range(12)
    ]
    assert answers == [302] * 10 + [429] * 2
    assert len(mail.outbox) == 10


NAMES_REFUSED = (
    "Tea\nBcc: x@y.example",
    "Tea\r\nshop",
    "Win at https://evil.example",
    "www.evil.example",
    "Tea\u202eaeT",
)
NAMES_LEFT_OUT = (
    *NAMES_REFUSED,
    "Your parcel waits: evil.example",
    "x" * 61,
    "evil.example/login",
    "info@tea.example",
    "=?utf-8?q?a=40b.example?=",
)
NAMES_FINE = ("Tea & Sons", "Ana's Tea 茶", "王小明茶叶店", "St. James Tea", "Café No. 7", "Tea 👨‍👩‍👧")


@pytest.mark.parametrize("name", NAMES_REFUSED)
def test_name_with_a_link_or_line_end_is_refused(name, db):
    with pytest.raises(ValidationError):
        validate_name(name)
    assert list(sign_up("ana@person.example", shop_name=name).context["form"].errors) == ["shop_name"]
    assert not Shop.objects.exists()


def test_such_a_name_is_refused_in_settings_and_of_people(shop, browser, owner, invite):
    form = {"name": "www.evil.example", "language": "en", "week_start": "0", "currency": "GBP", "timezone": "UTC"}
    answer = browser.post("/s/tea/settings/shop/", form)
    assert (answer.status_code, answer.context["form"].errors["name"]) == (422, ["A name holds no link."])
    invite("new@person.example")
    path = next(line for line in mail.outbox[-1].body.splitlines() if "/invitations/" in line)
    form = {"name": "See www.evil.example", "password": PASSWORD}
    answer = Client().post(path.removeprefix("http://localhost:8000"), form)
    assert answer.context["form"].errors["name"] == ["A name holds no link."]
    assert not User.objects.filter(email="new@person.example").exists()


@pytest.mark.parametrize("name", NAMES_FINE)
def test_usual_name_stands_in_the_mail(name, shop, owner, invite):
    validate_name(name)
    Shop.objects.update(name=name)
    invite("new@person.example")
    assert mail.outbox[0].subject == f"You are invited to work in “{name}”"
    assert f"Owner invites you to work in “{name}” as Agent." in mail.outbox[0].body


@pytest.mark.parametrize("name", NAMES_LEFT_OUT)
def test_name_that_could_be_a_message_is_left_out_of_the_mail(name, shop, owner, invite):
    """Older rows may hold such names, and some of them are fine on a page."""
    Shop.objects.update(name=name)
    User.objects.filter(pk=owner.pk).update(name=name)
    invite("new@person.example")
    assert mail.outbox[0].subject == "You are invited to work in “tea”"
    assert "owner@tea.example invites you to work in “tea” as Agent." in mail.outbox[0].body
    assert harmless(name, instead="-") == "-"
    with shop_scope(shop):
        assert Membership.objects.count() == 1
