"""Forms that anybody may fill in: nobody is signed up by another, and nobody learns whom the shop knows."""

from datetime import timedelta
from email.parser import BytesParser
from email.policy import default

import pytest
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from crm.shops.models import AuditEntry, Shop
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_topic, change_topic, record_consents, suppress
from customers.consent.links import token_of as preferences_token
from customers.consent.queries import may_contact
from customers.consent.recording import ConsentIn, differences
from customers.domain.consent import REASONS
from customers.domain.identity import mailbox
from customers.models import ConsentEvent, Customer, Identifier, ProfileChange, Signup, Topic
from customers.models.signup import MAILBOX
from customers.personal_data import erase_personal_data, personal_data_of
from customers.provenance import values_of_profile
from customers.retention import forget_unconfirmed
from customers.signups import actions, links, mails
from customers.signups.actions import change_form
from customers.signups.presenters import signup_page
from tests.customers.signups.conftest import (
    BROWSER,
    answers,
    confirm,
    events,
    link_in,
    page_of,
    send,
    set_up,
    signups,
    states,
    work,
)
from tests.factories import customers

pytestmark = pytest.mark.django_db


def people(shop):
    with shop_scope(shop):
        return sorted(Identifier.objects.values_list("value", "customer__name"))


def test_who_signs_up_counts_once_they_have_confirmed(shop, other_shop, form):
    shown = Client().get(page_of(shop, form))
    assert shown.status_code == 200
    assert not shown.cookies
    for words in ("Tea news", "New teas", "Yes, write to me about tea.", "Tea &amp; Sons"):
        assert words in shown.text
    answer = send(shop, form, purposes=["marketing", "topic:tea"])
    assert (answer.status_code, answer.url) == (302, page_of(shop, form) + "?done")
    assert "We have sent you a mail" in Client().get(answer.url).text
    assert people(shop) == []
    (link,) = work(shop)
    assert people(shop) == []
    assert mail.outbox[-1].to == ["ana@example.com"]
    assert mail.outbox[-1].subject == "Please confirm: mails from “Tea & Sons”"
    assert mail.outbox[-1].extra_headers == {"Auto-Submitted": "auto-generated"}
    for method in ("get", "head"):
        looked = getattr(Client(), method)(link)
        assert looked.status_code == 200
        assert not looked.cookies
    assert signups(shop) == [("ana@example.com", "waiting", "")]
    assert states(shop) == {}
    said = confirm(link)
    assert said.status_code == 200
    assert "Welcome to the tea table." in said.text
    assert people(shop) == [("ana@example.com", "Ana")]
    assert states(shop) == {"marketing": "granted", "topic:tea": "granted"}
    assert signups(shop) == [("ana@example.com", "confirmed", "")]
    with shop_scope(shop):
        assert differences()[1] == []
        event = ConsentEvent.objects.filter(state="granted").first()
        assert (event.source, event.text.body, event.ip) == ("form:footer", "Yes, write to me about tea.", "127.0.0.1")
        signup = Signup.objects.get()
        assert event.evidence.startswith(f"sign-up {signup.pk}: sent {signup.sent_at:%Y-%m-%dT%H:%M:%SZ}, confirmed 2")
        assert may_contact(event.customer, "email", "marketing", now()).allowed
        entry = AuditEntry.objects.get(action="signup.confirmed")
        assert entry.details == {"customer": event.customer_id, "is_new": True}
    assert events(shop) == [
        ("marketing", "pending", "form:footer"),
        ("topic:tea", "pending", "form:footer"),
        ("marketing", "granted", "form:footer"),
        ("topic:tea", "granted", "form:footer"),
    ]
    assert events(other_shop) == []
    assert confirm(link).status_code == 200
    assert len(events(shop)) == 4


def test_what_was_typed_is_kept_as_it_was_given(shop, form):
    send(shop, form, email=" Ana@Example.com ", phone="07400 123456")
    (link,) = work(shop)
    confirm(link)
    with shop_scope(shop):
        assert set(Identifier.objects.values_list("value", "given")) == {
            ("ana@example.com", "Ana@Example.com"), ("+447400123456", "07400 123456"),
        }  # fmt: skip
        copy = personal_data_of(Customer.objects.get())["signups"]
        assert [(each["email_given"], each["phone_given"]) for each in copy] == [("Ana@Example.com", "07400 123456")]


def test_whoever_is_known_waits_on_their_page_and_keeps_what_is_known(shop, form):
    ana = customers.customer(shop, "Anastasia", email="ana@example.com", phone="+447400123457")
    customers.consent(shop, ana, purpose="topic:tea")
    send(shop, form, email=" ANA@Example.com ", name="Annie", phone="07400 123456", purposes=["marketing", "topic:tea"])
    (link,) = work(shop)
    assert states(shop) == {"marketing": "pending", "topic:tea": "granted"}
    confirm(link)
    assert states(shop) == {"marketing": "granted", "topic:tea": "granted"}
    assert people(shop) == [("+447400123457", "Anastasia"), ("ana@example.com", "Anastasia")]


def test_a_number_that_somebody_has_makes_nobody_them(shop, form):
    """Only the address is proved: who types another's number must not become them."""
    customers.customer(shop, "Bo", phone="+447400123457")
    send(shop, form, phone="+447400123457")
    (link,) = work(shop)
    confirm(link)
    assert people(shop) == [("+447400123457", "Bo"), ("ana@example.com", "Ana")]


def test_who_only_types_an_address_overturns_nothing(shop, form):
    ana = customers.customer(shop, email="ana@example.com")
    customers.consent(shop, ana, state="withdrawn", purpose="marketing")
    customers.consent(shop, ana, purpose="topic:tea")
    send(shop, form, name="Mallory", purposes=["marketing", "topic:tea"])
    work(shop)
    assert states(shop) == {"marketing": "withdrawn", "topic:tea": "granted"}
    assert len(events(shop)) == 2
    assert people(shop) == [("ana@example.com", "")]


def test_without_a_mail_it_counts_at_once_but_for_who_has_said_no(shop, form):
    set_up(shop, double_opt_in=False)
    ana = customers.customer(shop, email="ana@example.com")
    customers.consent(shop, ana, state="withdrawn", purpose="marketing")
    assert "Welcome to the tea table." in Client().get(send(shop, form).url).text
    send(shop, form, email="bo@example.com", name="Bo")
    (link,) = work(shop)
    assert signups(shop) == [("ana@example.com", "waiting", ""), ("bo@example.com", "confirmed", "")]
    assert people(shop) == [("ana@example.com", ""), ("bo@example.com", "Bo")]
    assert sorted(events(shop)) == [("marketing", "granted", "form:footer"), ("marketing", "withdrawn", "")]
    confirm(link)
    assert states(shop) == {"marketing": "granted"}


def test_without_a_mail_what_is_typed_changes_nothing_of_somebody_known(shop, form):
    set_up(shop, double_opt_in=False)
    customers.customer(shop, email="ana@example.com")
    send(shop, form, name="Mallory", phone="07400 123456")
    assert work(shop) == []
    assert people(shop) == [("ana@example.com", "")]
    assert states(shop) == {"marketing": "granted"}


@pytest.mark.parametrize("reason", ["hard_bounce", "complaint", "block_list", "erased"])
@pytest.mark.parametrize("double_opt_in", [True, False])
def test_a_suppressed_address_gets_no_mail_and_the_page_says_the_same(shop, form, reason, double_opt_in):
    set_up(shop, double_opt_in=double_opt_in)
    with shop_scope(shop):
        suppress([("email", "ana@example.com")], reason, now=now())
    seen = []
    for email in ("ana@example.com", "bo@example.com"):
        answer = send(shop, form, email=email)
        seen.append((answer.status_code, answer.url, Client().get(answer.url).content))
    assert seen[0] == seen[1]
    assert len(work(shop)) == int(double_opt_in)
    assert signups(shop)[0] == ("ana@example.com", "waiting", "suppressed")
    assert [message.to for message in mail.outbox] == ([["bo@example.com"]] if double_opt_in else [])
    assert "ana@example.com" not in [value for value, _ in people(shop)]


@pytest.mark.parametrize(
    ("note", "how"),
    [
        ("trap", {"homepage": "https://spam.example"}),
        ("too_fast", {"seconds": 1}),
        ("no_browser", {"headers": {}}),
        ("no_browser", {"headers": {"Origin": "https://elsewhere.example"}}),
        ("no_browser", {"headers": {"Origin": "null"}}),
        ("no_browser", {"headers": BROWSER | {"Sec-Fetch-Site": "cross-site"}}),
        ("", {"headers": BROWSER | {"Sec-Fetch-Site": "same-origin"}}),
        ("", {"seconds": 3}),
    ],
)
def test_machines_are_told_the_same_and_cause_nothing(shop, form, note, how):
    answer = send(shop, form, **how)
    assert (answer.status_code, answer.url) == (302, page_of(shop, form) + "?done")
    assert signups(shop) == [("ana@example.com", "spam" if note else "waiting", note)]
    assert len(work(shop)) == (0 if note else 1)


def test_a_mark_of_nobody_or_of_another_form_or_too_old_asks_again(shop, other_shop, form, make_form):
    foreign, other = make_form(other_shop), make_form(shop, "other")
    stale = answers(form, seconds=25 * 3600)["mark"]
    for mark in ("", "x", answers(foreign)["mark"], answers(other)["mark"], stale, signing.dumps([1])):
        answer = send(shop, form, mark=mark)
        assert answer.status_code == 422
        assert "This page was open for too long." in answer.text
        assert 'value="ana@example.com"' in answer.text
    assert signups(shop) == []


def test_it_is_the_text_of_the_page_that_is_agreed_to(shop, form, make_form):
    other = make_form(shop, "other")
    mark = answers(form)["mark"]
    with shop_scope(shop):
        change_form(form, {"text": other.text}, by=None)
    send(shop, form, mark=mark)
    with shop_scope(shop):
        assert Signup.objects.get().text.version == "footer-1"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "ana"}, "This is no address that mails arrive at."),
        ({"email": "ana@localhost"}, "This is no address that mails arrive at."),
        ({"email": "ana@example.com\nBcc: bo@example.com"}, "This is no address that mails arrive at."),
        ({"email": "a" * 300 + "@example.com"}, "at most 254 characters"),
        ({"email": "a\0b@example.com"}, "Null characters"),
        ({"phone": "call me"}, "This is no phone number."),
        ({"phone": "+447700900001"}, "is not a phone number that any country has given out."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"purposes": None}, "Choose at least one."),
        ({"purposes": ["surveys"]}, "Select a valid choice"),
        ({"agrees": None}, "Without your consent"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(shop, form, wrong, said):
    answer = send(shop, form, **wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert signups(shop) == []


def test_a_closed_topic_is_not_offered(shop, form):
    with shop_scope(shop):
        change_topic(Topic.objects.get(), name="New teas", is_open=False, by=None)
    assert "New teas" not in Client().get(page_of(shop, form)).text
    send(shop, form, purposes=None)
    with shop_scope(shop):
        assert Signup.objects.get().purposes == ["marketing"]


def test_what_is_not_there_gets_one_answer(shop, other_shop, form, make_form):
    closed = make_form(shop, "closed", is_open=False)
    elsewhere = make_form(other_shop, "elsewhere")
    gone = set()
    for slug, code in (
        (shop.slug, "none"),
        (shop.slug, closed.code),
        (shop.slug, elsewhere.code),
        ("no-shop", form.code),
        ("x" * 300, form.code),
        ("%00", "%00"),
    ):
        for method in ("get", "post"):
            answer = getattr(Client(headers=BROWSER), method)(f"/f/{slug}/{code}", {})
            assert answer.status_code == 404
            assert not answer.cookies
            gone.add(answer.content)
    assert len(gone) == 1


def test_a_link_that_is_none_of_ours_gets_one_answer(shop, other_shop, form, monkeypatch):
    send(shop, form)
    (right,) = work(shop)
    token = right.removeprefix("/confirm/")
    with shop_scope(shop):
        signup = Signup.objects.get()
        ana = customers.Customer.objects.create(shop_id=shop.pk, name="Ana")
    spam = send(shop, form, email="bo@example.com", homepage="x") and signup.pk + 1

    def signed(value, salt=links._SALT):
        return signing.dumps(value, salt=salt)

    bad = [
        "x",
        token[:-1],
        signed([other_shop.pk, signup.pk]),
        signed([10**12, signup.pk]),
        signed([shop.pk, 10**12]),
        signed([shop.pk, spam]),
        signed([shop.pk, str(signup.pk)]),
        signed([shop.pk, signup.pk], salt="other"),
        preferences_token(ana, "email", "marketing"),
    ]
    said = {getattr(Client(), method)(f"/confirm/{each}").content for each in bad for method in ("get", "post")}
    assert Client().get(reverse("preferences", args=[token])).status_code == 404  # nor does it open anything else
    monkeypatch.setattr(links, "LASTS", timedelta(seconds=-1))
    said |= {Client().get(right).content, confirm(right).content}
    assert len(said) == 1
    assert shop.name.encode() not in said.pop()
    assert {state for _, state, _ in signups(shop)} == {"waiting", "spam"}
    assert states(shop) == states(other_shop) == {}


def test_an_address_gets_few_mails(shop, form, other_shop, make_form):
    for _ in range(3):
        send(shop, form)
    assert len(work(shop)) == 2
    assert [note for *_, note in signups(shop)] == ["", "", "too_many"]
    theirs = make_form(other_shop)
    for _ in range(3):
        send(other_shop, theirs)
    assert len(work(other_shop)) == 2
    assert [note for *_, note in signups(other_shop)] == ["", "", "too_many"]


def test_a_shop_s_mails_beyond_its_bound_go_later(shop, form, monkeypatch):
    monkeypatch.setattr(actions, "SHOP_LIMIT", 1)
    for name in ("ana", "bo"):
        send(shop, form, email=f"{name}@example.com")
    assert len(work(shop)) == 1
    with shop_scope(shop):
        assert Signup.objects.filter(mailed_at=None, due_at__gt=now()).count() == 1


def test_a_mail_that_cannot_be_sent_is_tried_again_and_then_given_up(shop, form, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send(shop, form)
    for attempt in range(1, actions.ATTEMPTS + 2):
        mails.do_next(shop.pk)
        with shop_scope(shop):
            signup = Signup.objects.get()
            assert signup.attempts == min(attempt, actions.ATTEMPTS)
            if signup.due_at:
                assert signup.due_at > now()
                Signup.objects.update(due_at=now())
    assert signups(shop) == [("ana@example.com", "waiting", "not_sent")]


@pytest.mark.parametrize("how", ["page", "post"])
def test_who_asks_too_often_is_told_politely(shop, other_shop, form, make_form, how, clock):
    theirs, most = make_form(other_shop), {"page": 60, "post": 10}[how]

    def ask(shop, form):
        client = Client(headers=BROWSER)
        return client.get(page_of(shop, form)) if how == "page" else client.post(page_of(shop, form), {})

    assert {ask(shop, form).status_code for _ in range(most)} == {200 if how == "page" else 422}
    refused = ask(shop, form)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "Please try again in a minute." in " ".join(refused.text.split())
    assert ask(other_shop, theirs).status_code in (200, 422)
    clock.seconds += 60
    assert ask(shop, form).status_code in (200, 422)


def test_bad_links_and_names_are_counted_together(shop, form):
    assert {Client().get("/confirm/x").status_code for _ in range(30)} == {404}
    assert Client().get("/confirm/y").status_code == 429
    assert Client().get("/p/z").status_code == 429
    assert {Client().get(f"/f/none-{n}/x").status_code for n in range(60)} == {404}
    assert Client().get("/f/none/x").status_code == 429
    assert Client().get(page_of(shop, form)).status_code == 200


def test_a_page_of_a_customer_s_own_can_be_asked_for_by_a_large_service(shop, other_shop, form, settings):
    """Which unsubscribes for many people from one address, as their mail programs want it."""
    assert settings.ACCOUNT_RATE_LIMITS["preferences"] == "600/m/key"
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"preferences": "100/m/key"}  # counted sooner
    ana, bo = customers.customer(shop, email="ana@example.com"), customers.customer(other_shop, email="bo@example.com")
    path, theirs = (reverse("preferences", args=[preferences_token(who, "email", "marketing")]) for who in (ana, bo))
    assert {Client().head(path).status_code for _ in range(99)} == {200}
    one_click = {"List-Unsubscribe": "One-Click"}
    assert Client().post(path, one_click).status_code == 200
    assert Client().post(path, one_click).status_code == Client().get(path).status_code == 429
    assert states(shop) == {"marketing": "withdrawn"}
    assert Client().get(theirs).status_code == 200


def test_people_are_led_on_to_the_shop_s_own_hosts_alone(shop, form):
    with shop_scope(shop):
        change_form(form, {"redirect_url": "https://www.tea.example/thanks"}, by=None)
    assert send(shop, form).url == page_of(shop, form) + "?done"
    set_up(shop, redirect_hosts=["www.tea.example"])
    shown = Client().get(page_of(shop, form))
    assert "form-action 'self' https://www.tea.example;" in shown["Content-Security-Policy"] + ";"
    assert send(shop, form, email="bo@example.com").url == "https://www.tea.example/thanks"
    assert send(shop, form, email="cy@example.com", homepage="x").url == "https://www.tea.example/thanks"


def test_the_form_speaks_its_language(shop, make_form):
    form = make_form(shop, "zh", language="zh-hans", heading="新茶消息")
    assert 'lang="zh-hans"' in Client(headers={"Accept-Language": "en"}).get(page_of(shop, form)).text
    send(shop, form)
    work(shop)
    assert mail.outbox[-1].subject == "请确认：订阅“Tea & Sons”的邮件"
    assert "打开下面的链接" in mail.outbox[-1].body
    assert "确认" in Client().get(link_in(mail.outbox[-1])).text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Tea & Sons", "Tea & Sons"),
        ("茶与子", "茶与子"),
        ('Tea, "Sons" (Leeds); Ltd', 'Tea, "Sons" (Leeds); Ltd'),
        ("Tea <ceo>", "Tea <ceo>"),
        ("Tea\r\nBcc: eve", "tea"),
        ("Tea ceo@bank.example", "tea"),
        ("=?utf-8?q?ceo=40bank.example?=", "tea"),
    ],
)
def test_the_mail_comes_from_the_shop_by_the_address_of_the_installation(shop, form, settings, name, shown):
    settings.DEFAULT_FROM_EMAIL = "Huitou <mail@huitou.example>"
    Shop.objects.filter(pk=shop.pk).update(name=name)
    send(shop, form)
    work(shop)
    sent = BytesParser(policy=default).parsebytes(mail.outbox[-1].message().as_bytes())
    (sender,) = sent["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (shown, "mail@huitou.example")
    assert sent["Bcc"] is None
    assert mail.outbox[-1].recipients() == ["ana@example.com"]


def test_the_mail_holds_nothing_of_the_sender_s_making(shop, form):
    send(shop, form, name="Win at https://spam.example")
    work(shop)
    assert "spam.example" not in mail.outbox[-1].body + mail.outbox[-1].subject


def test_erasing_takes_sign_ups_along_and_their_links(shop, form):
    send(shop, form)
    confirm(*work(shop))
    send(shop, form)
    (link,) = work(shop)
    with shop_scope(shop):
        ana = Customer.objects.get()
        assert [row["state"] for row in personal_data_of(ana)["signups"]] == ["confirmed", "waiting"]
        erase_personal_data(ana, now=now())
    assert signups(shop) == []
    assert confirm(link).status_code == 404
    assert people(shop) == []


def test_a_sign_up_of_another_shop_s_customer_is_not_theirs(shop, other_shop, form):
    bo = customers.customer(other_shop, email="ana@example.com")
    send(shop, form)
    with shop_scope(other_shop):
        assert personal_data_of(bo)["signups"] == []
        erase_personal_data(bo, now=now())
    assert len(signups(shop)) == 1


@pytest.mark.django_db(databases=["platform"])
def test_what_nobody_confirms_is_forgotten_after_30_days(make_shop):
    from crm.shops.models import Shop
    from crm.tenancy.scope import platform_scope
    from customers.models import ConsentText, SignupForm

    with platform_scope():
        shop = Shop.objects.create(slug="p", name="P", currency="GBP", timezone="Europe/London")
        text = ConsentText.all_shops.create(shop=shop, version="1", language="en", body="Yes.")
        form = SignupForm.all_shops.create(
            shop=shop, code="f", name="F", language="en", heading="F", purposes=["marketing"], text=text
        )
        for state in ("waiting", "confirmed", "spam"):
            for days in (29, 31):
                Signup.all_shops.create(
                    shop=shop,
                    form=form,
                    text=text,
                    purposes=["marketing"],
                    email=f"{state}{days}@example.com",
                    state=state,
                    sent_at=now() - timedelta(days=days),
                )
        assert forget_unconfirmed(now=now()) == 2
        assert forget_unconfirmed(now=now()) == 0
        left = Signup.all_shops.values_list("email", flat=True)
        assert sorted(left) == [f"{who}@example.com" for who in ("confirmed29", "confirmed31", "spam29", "waiting29")]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("application/x-www-form-urlencoded; charset=x", b"\xff=\xfe"),
        ("application/json", b'{"email": 1}'),
    ],
)
def test_strange_bodies_are_no_500(shop, form, kind, body):
    answer = Client(raise_request_exception=False, headers=BROWSER).generic("POST", page_of(shop, form), body, kind)
    assert answer.status_code in (400, 422)
    assert signups(shop) == []


def test_the_shop_s_colour_is_a_style_sheet_of_its_own(shop, form):
    assert "/brand/" not in Client().get(page_of(shop, form)).text
    set_up(shop, colour="#ffee00")
    assert '<link rel="stylesheet" href="/brand/ffee00.css">' in Client().get(page_of(shop, form)).text
    sheet = Client().get("/brand/ffee00.css")
    assert sheet["Content-Type"] == "text/css"
    assert "public" in sheet["Cache-Control"]
    for wrong in ("x", "ffee0", "FFEE00", "ffee00}body{", "ffee00%7D"):
        assert Client().get(f"/brand/{wrong}.css").status_code == 404


def test_topics_of_other_shops_are_not_offered(shop, other_shop, form):
    with shop_scope(other_shop):
        add_topic("gin", "New gins", by=None, now=now())
    assert send(shop, form, purposes=["topic:gin"]).status_code == 422


def test_what_a_form_brings_names_the_form(shop, form):
    customers.customer(shop, "", email="bo@example.com")
    for email, name in (("ana@example.com", "Ana"), ("bo@example.com", "Bo")):
        send(shop, form, email=email, name=name, phone="")
        (link,) = work(shop)
        confirm(link)
    with shop_scope(shop):
        ana, bo = (Customer.objects.get(name=name) for name in ("Ana", "Bo"))
        assert (ana.made_through, ana.made_by_kind) == ("form", "system")
        told = {value.field: value.origin for value in values_of_profile(ana)}
        assert (told["name"].through, told["name"].at) == ("form", ana.created_at)
        assert list(ProfileChange.objects.values_list("customer_id", "field", "through")) == [(bo.pk, "name", "form")]


# One mailbox, written in several ways


def test_who_has_withdrawn_is_asked_by_mail_however_a_form_writes_them(shop, form):
    set_up(shop, double_opt_in=False)
    ana = customers.customer(shop, "ana", email="anab@gmail.com")
    with shop_scope(shop):
        record_consents([ConsentIn(ana.pk, "email", "marketing", "withdrawn")], by=None, now=now())
    send(shop, form, email="ana.b@gmail.com")
    assert len(work(shop)) == 1
    with shop_scope(shop):
        assert not may_contact(ana, "email", "marketing", now()).allowed


def test_somebody_known_waits_and_finds_their_own_page_however_a_form_writes_them(shop, form):
    customers.customer(shop, "ana", email="anab@gmail.com")
    send(shop, form, email="ana.b@gmail.com")
    (link,) = work(shop)
    assert states(shop) == {"marketing": "pending"}
    assert "/p/" in confirm(link).text


def test_a_shop_writes_to_a_mailbox_twice_an_hour_however_its_address_is_written(shop, form):
    for email in ("vic.tim@gmail.com", "victim+1@gmail.com", "v.ictim@googlemail.com"):
        send(shop, form, email=email)
    assert len(work(shop)) == 2
    assert [note for *_, note in signups(shop)] == ["", "", "too_many"]


@pytest.mark.parametrize("spelling", ["ana.b@gmail.com", "anab+news@googlemail.com"])
def test_a_person_s_sign_ups_are_theirs_however_a_form_writes_them(shop, form, spelling):
    ana = customers.customer(shop, "ana", email="anab@gmail.com")
    for email in (spelling, "anac@gmail.com"):
        send(shop, form, email=email)
    with shop_scope(shop):
        assert [row["email"] for row in personal_data_of(ana)["signups"]] == [spelling]
        assert {row.email: row.customer_id for row in signup_page(state="", form="", before="").rows} == {
            spelling: ana.pk,
            "anac@gmail.com": None,
        }
        erase_personal_data(ana, now=now())
    assert [email for email, *_ in signups(shop)] == ["anac@gmail.com"]


@pytest.mark.parametrize("reason", REASONS)
def test_who_is_suppressed_after_the_mail_is_not_signed_up_by_its_link(shop, form, reason):
    send(shop, form)
    (link,) = work(shop)
    with shop_scope(shop):
        suppress([("email", "ana@example.com")], reason, now=now())
    assert confirm(link).status_code == 404
    assert people(shop) == []


_LOCAL = st.text("ab.+_é", min_size=1, max_size=8)


@given(_LOCAL, st.sampled_from(["gmail.com", "googlemail.com", "example.com", "例子.中国"]))
def test_the_database_knows_a_mailbox_as_the_program_does(local, domain):
    email = f"{local}@{domain}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {MAILBOX} FROM (SELECT %s::text AS email) AS sent", [email])
        assert cursor.fetchone() == (mailbox(email),)


def test_a_mailbox_gets_few_mails_however_its_address_is_written(shop, form):
    for n in range(12):
        browser = Client(headers=BROWSER, REMOTE_ADDR=f"10.0.0.{n}")
        send(shop, form, email=f"vic.tim+{n}@gmail.com", client=browser)
    assert sum(not note for *_, note in signups(shop)) == 5  # as an hour allows over all shops
    assert len(work(shop)) == 2
