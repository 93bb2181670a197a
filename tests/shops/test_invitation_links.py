"""Links of invitations that are passed on by hand: who makes them, and what they prove, which is nothing."""

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now

from crm.shops import staff as people
from crm.shops.audit.sentences import sentence
from crm.shops.models import AuditEntry, Invitation, Membership, User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope

pytestmark = pytest.mark.slow

PASSWORD = "a wholly new one"
NEW_PERSON = {"name": "Wang Xiaoming 王小明", "password": PASSWORD}
ADDRESS = "new@person.example"


def path_in(text, part):
    return re.search(rf"https?://[^/\s]+(/{part}/[^\s<\"]+)", text)[1]


@pytest.fixture
def invited(shop, owner, django_capture_on_commit_callbacks):
    """Path of the mailed link, and the invitation."""

    def invite(role=Role.AGENT, email=ADDRESS):
        with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
            invitation = people.invite(shop, email=email, role=role, by=owner, now=now())
        return path_in(mail.outbox[-1].body, "invitations"), invitation

    return invite


def ask(browser, shop, invitation):
    return browser.post(reverse("settings:invitation-link", args=[shop.slug, invitation.pk]))


@pytest.fixture
def link(shop, owner, as_person):
    """Path of a fresh link, as the page shows it."""
    return lambda invitation: path_in(ask(as_person(owner), shop, invitation).text, "invitations")


def roles_in(shop):
    with shop_scope(shop):
        return {each.user.email: each.role for each in Membership.objects.select_related("user")}


def is_confirmed(address):
    return EmailAddress.objects.get(email=address).verified


def test_link_is_shown_once_and_kept_as_a_hash(shop, owner, invited, as_person):
    mailed, invitation = invited()
    browser = as_person(owner)
    answer = ask(browser, shop, invitation)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "private, no-store")
    token = path_in(answer.text, "invitations").rstrip("/").rpartition("/")[2]
    assert answer.text.count(token) == 1
    (tab,) = re.findall(r'<a class="tab"[^>]*aria-current[^>]*>\s*([^<]+?)\s*<', answer.text)
    assert tab == "Staff and roles"
    assert mailed not in answer.text
    with shop_scope(shop):
        row = Invitation.objects.get()
        entry = AuditEntry.objects.get(action="invitation.link_made")
    assert row.link_hash == people.hash_token(token) != row.token_hash
    assert (entry.actor_id, entry.object_id, entry.details) == (owner.pk, invitation.pk, {})
    for part in ("staff", "audit", "security"):
        page = browser.get(reverse(f"settings:{part}", args=[shop.slug])).text
        assert [secret for secret in (token, row.link_hash, mailed, row.token_hash) if secret in page] == []
    assert browser.get(reverse("settings:invitation-link", args=[shop.slug, invitation.pk])).status_code == 405


def mailed_link(path):
    """What the mail brings that somebody with this link asked for."""
    assert Client().post(path).context["state"] == "mail_sent"
    return path_in(mail.outbox[-1].body, "invitations")


def test_new_person_is_mailed_a_link_that_proves_the_address(shop, owner, invited, link):
    path = link(invited(Role.MARKETER)[1])
    browser = Client()
    page = browser.get(path)
    assert (page.status_code, page.context["state"]) == (200, "mail_first")
    assert 'name="password"' not in page.text
    mail.outbox.clear()
    joining = mailed_link(path)
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([ADDRESS], "You are invited to work in “Tea & Sons”")
    assert "Owner invites you to work in “Tea & Sons” as Marketer." in message.body
    assert path not in message.body
    assert browser.get(joining).context["state"] == "new_person"
    assert browser.post(joining, NEW_PERSON).url == "/s/tea/"
    assert (is_confirmed(ADDRESS), roles_in(shop)) == (True, {owner.email: "owner", ADDRESS: "marketer"})
    assert [Client().get(over).context["state"] for over in (path, joining)] == ["used", "used"]


def test_nothing_that_a_stranger_types_with_the_link_is_kept(shop, owner, invited, link):
    path = link(invited()[1])
    thief = Client()
    thief.post(path, NEW_PERSON)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert not EmailAddress.objects.filter(email=ADDRESS).exists()
    joining = path_in(mail.outbox[-1].body, "invitations")
    assert Client().post(joining, NEW_PERSON | {"password": "the invited person's"}).url == "/s/tea/"
    assert thief.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD}).status_code == 200
    assert thief.get("/").url.startswith(reverse("account_login"))


def test_mail_to_newcomer_leaves_the_first_mails_link_alone(shop, owner, invited, link):
    mailed, invitation = invited()
    mailed_link(link(invitation))
    assert Client().post(mailed, NEW_PERSON).url == "/s/tea/"


def test_signed_token_is_bound_to_its_shop_and_ends_with_the_invitation(shop, other_shop, owner, invited, link):
    _mailed, invitation = invited()
    joining = mailed_link(link(invitation))
    forged = signing.dumps(invitation.pk, salt="another")
    for path in (joining.replace("/tea/", "/other/"), reverse("invitation", args=[shop.slug, forged])):
        assert [Client().get(path).status_code, Client().post(path, NEW_PERSON).status_code] == [404, 404]
    with shop_scope(shop):
        people.revoke_invitation(invitation, by=owner, now=now())
    assert Client().post(joining, NEW_PERSON).context["state"] == "revoked"


def test_one_address_is_mailed_once_in_three_minutes(shop, invited, link):
    path = link(invited()[1])
    mail.outbox.clear()
    assert [Client().post(path).context["state"] for _each in range(3)] == ["mail_sent"] * 3
    assert len(mail.outbox) == 1


@pytest.fixture
def clock(monkeypatch):
    """The time by which mails are limited, in seconds."""
    clock = SimpleNamespace(seconds=0)
    counted = SimpleNamespace(time=lambda: clock.seconds, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr("allauth.core.internal.ratelimit.time", counted)
    return clock


def test_one_address_is_mailed_five_times_an_hour_and_fifteen_a_day(invited, link, clock):
    path = link(invited()[1])
    hour, five = 3600, (0, 180, 360, 540, 720)

    def mailed_at(*moments):
        mailed = []
        for clock.seconds in moments:
            mail.outbox.clear()
            assert Client().post(path).context["state"] == "mail_sent"
            mailed += [clock.seconds for _ in mail.outbox]
        return mailed

    assert mailed_at(0, 179, 180, 360, 540, 720, 900) == [*five]
    later = [after + second for after in (hour, 2 * hour) for second in five]
    assert mailed_at(*later) == later
    assert mailed_at(3 * hour, 24 * hour) == [24 * hour]


def test_a_mail_to_one_address_holds_up_none_to_another(invited, link):
    addresses = [ADDRESS, "other@person.example"]
    paths = [link(invited(email=address)[1]) for address in addresses]
    mail.outbox.clear()
    for path in paths:
        Client().post(path)
    assert [message.to for message in mail.outbox] == [[address] for address in addresses]


def test_page_with_the_link_says_that_it_needs_a_mail(shop, owner, invited, as_person):
    _mailed, invitation = invited()
    text = " ".join(ask(as_person(owner), shop, invitation).text.split())
    assert f"Where no mail reaches {ADDRESS} at all, this link does not help somebody without an account" in text


def test_neither_token_opens_the_page_of_the_other(shop, owner, invited, link):
    mailed, invitation = invited()
    passed_on = link(invitation)
    token_of = {path: path.rstrip("/").rpartition("/")[2] for path in (mailed, passed_on)}
    as_if_mailed = reverse("invitation", args=[shop.slug, token_of[passed_on]])
    as_if_passed_on = reverse("invitation-link", args=[shop.slug, token_of[mailed]])
    for path in (as_if_mailed, as_if_passed_on):
        assert [Client().get(path).status_code, Client().post(path, NEW_PERSON).status_code] == [404, 404]
    assert not User.objects.filter(email=ADDRESS).exists()


def test_mailed_link_goes_on_working_and_confirms(shop, owner, invited, link):
    mailed, invitation = invited()
    passed_on = link(invitation)
    assert Client().post(mailed, NEW_PERSON).url == "/s/tea/"
    assert is_confirmed(ADDRESS)
    assert Client().get(passed_on).context["state"] == "used"


def test_who_has_confirmed_the_address_joins_at_once(shop, other_shop, owner, make_member, invited, link, as_person):
    person = make_member(other_shop, Role.OWNER, ADDRESS)
    EmailAddress.objects.create(user=person, email=ADDRESS, verified=True, primary=True)
    path = link(invited()[1])
    assert Client().get(path).context["sign_in_url"] == f"/accounts/login/?next={path}"
    browser = as_person(person)
    assert browser.get(path).context["state"] == "join"
    assert browser.post(path).url == "/s/tea/"
    assert roles_in(shop) == {owner.email: "owner", ADDRESS: "agent"}


def test_somebody_else_who_is_signed_in_does_not_get_in(shop, owner, invited, link, stranger, as_person):
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    path = link(invited()[1])
    browser = as_person(stranger)
    for answer in (browser.get(path), browser.post(path)):
        assert (answer.status_code, answer.context["state"]) == (403, "other_person")
    assert roles_in(shop) == {owner.email: "owner"}


@pytest.mark.parametrize("how", ["used", "revoked", "expired"])
def test_link_ends_with_the_invitation(shop, invited, link, how):
    _mailed, invitation = invited()
    path = link(invitation)
    at = {"used": {"accepted_at": now()}, "revoked": {"revoked_at": now()}, "expired": {"expires_at": now()}}[how]
    with shop_scope(shop):
        Invitation.objects.filter(pk=invitation.pk).update(**at)
    for answer in (Client().get(path), Client().post(path, NEW_PERSON)):
        assert (answer.status_code, answer.context["state"]) == (410, how)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_sending_again_ends_it(shop, owner, invited, link, as_person, django_capture_on_commit_callbacks):
    _mailed, invitation = invited()
    path = link(invitation)
    with django_capture_on_commit_callbacks(execute=True):
        as_person(owner).post(reverse("settings:resend", args=[shop.slug, invitation.pk]))
    assert Client().get(path).context["state"] == "revoked"
    with shop_scope(shop):
        assert Invitation.objects.get(revoked_at=None).link_hash == ""


def test_a_new_link_ends_the_one_before(invited, link):
    _mailed, invitation = invited()
    first, second = link(invitation), link(invitation)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)


@pytest.mark.parametrize("how", ["used", "revoked", "expired"])
def test_no_link_is_made_of_what_is_over(shop, owner, invited, as_person, how):
    _mailed, invitation = invited()
    at = {"used": {"accepted_at": now()}, "revoked": {"revoked_at": now()}, "expired": {"expires_at": now()}}[how]
    with shop_scope(shop):
        Invitation.objects.filter(pk=invitation.pk).update(**at)
    browser = as_person(owner)
    assert ask(browser, shop, invitation).status_code == (302 if how == "expired" else 404)
    assert "Copy a link" not in browser.get(reverse("settings:staff", args=[shop.slug])).text
    with shop_scope(shop):
        assert Invitation.objects.get().link_hash == ""
        assert not AuditEntry.objects.filter(action="invitation.link_made").exists()


def test_only_who_may_invite_with_that_role_makes_one(
    shop, other_shop, owner, make_member, invited, as_person, stranger
):
    _mailed, invitation = invited(Role.OWNER)
    manager, agent = make_member(shop, Role.MANAGER), make_member(shop, Role.AGENT)
    theirs = as_person(make_member(other_shop))
    assert "Copy a link" not in as_person(manager).get(reverse("settings:staff", args=[shop.slug])).text
    assert ask(as_person(manager), shop, invitation).status_code == 302
    assert ask(as_person(agent), shop, invitation).status_code == 403
    assert [ask(browser, shop, invitation).status_code for browser in (theirs, as_person(stranger))] == [404, 404]
    assert ask(theirs, other_shop, invitation).status_code == 404
    with shop_scope(shop):
        assert Invitation.objects.get().link_hash == ""


def test_link_of_one_shop_is_a_404_in_another(shop, other_shop, invited, link):
    path = link(invited()[1])
    for other in (path.replace("/tea/", "/other/"), path.replace("/tea/", "/nowhere/"), path[:-2] + "x/"):
        assert [Client().get(other).status_code, Client().post(other, NEW_PERSON).status_code] == [404, 404]


@pytest.mark.slow
def test_one_person_makes_thirty_an_hour(shop, owner, invited, as_person):
    _mailed, invitation = invited()
    browser = as_person(owner)
    assert [ask(browser, shop, invitation).status_code for _each in range(31)] == [201] * 30 + [429]


def test_mails_by_link_count_as_sign_ups(shop, invited, link):
    path = link(invited()[1])
    assert [Client().post(path).status_code for _each in range(11)] == [200] * 10 + [429]


def test_mail_server_that_is_down_is_said_and_does_not_count(shop, invited, link, settings):
    path, works = link(invited()[1]), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    assert Client().post(path).status_code == 503
    settings.EMAIL_BACKEND = works
    mail.outbox.clear()
    mailed_link(path)
    assert [message.to for message in mail.outbox] == [[ADDRESS]]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "made a link for invitation no. {}"), ("zh-hans", "为邀请生成了链接（编号 {}）")]
)
def test_audit_log_says_it(shop, invited, link, language, words):
    _mailed, invitation = invited()
    link(invitation)
    with shop_scope(shop), translation.override(language):
        assert sentence(AuditEntry.objects.get(action="invitation.link_made"), {}) == words.format(invitation.pk)


def test_expiry_is_the_invitations(shop, invited, link):
    _mailed, invitation = invited()
    link(invitation)
    with shop_scope(shop):
        row = Invitation.objects.get()
    assert row.expires_at == invitation.expires_at == row.created_at + timedelta(days=people.INVITATION_DAYS)
