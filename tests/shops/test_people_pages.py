"""Invitations, roles and leaving, through the pages."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from crm.shops import staff as people
from crm.shops.models import AuditEntry, Invitation, Membership, User
from crm.shops.roles import RIGHT_LABELS, Role
from crm.tenancy.scope import shop_scope


@pytest.fixture
def invited(shop, owner, django_capture_on_commit_callbacks):
    """Path of a fresh invitation's link, and its id."""

    def invite(email="new@person.example", role=Role.AGENT):
        with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
            invitation = people.invite(shop, email=email, role=role, by=owner, now=now())
        path = next(line for line in mail.outbox[-1].body.splitlines() if "/invitations/" in line)
        return path.removeprefix("http://localhost:8000"), invitation.pk

    return invite


def settings_page(shop, part, *ids):
    return reverse(f"settings:{part}", args=[shop.slug, *ids])


def roles_in(shop):
    with shop_scope(shop):
        return {each.user.email: each.role for each in Membership.objects.select_related("user")}


def membership_of(shop, user):
    with shop_scope(shop):
        return Membership.objects.get(user=user).pk


NEW_PERSON = {"name": "Wang Xiaoming 王小明", "password": "a wholly new one"}


def test_new_person_sets_a_password_and_is_in(shop, owner, invited):
    path, _id = invited(role=Role.MARKETER)
    browser = Client()
    page = browser.get(path)
    assert (page.status_code, page.context["state"]) == (200, "new_person")
    assert browser.post(path, NEW_PERSON).url == "/s/tea/"
    person = User.objects.get(email="new@person.example")
    assert (person.name, person.check_password("a wholly new one")) == ("Wang Xiaoming 王小明", True)
    assert EmailAddress.objects.get(user=person).verified
    assert roles_in(shop) == {owner.email: "owner", "new@person.example": "marketer"}
    assert browser.get("/").url == "/s/tea/"


def test_weak_password_is_said_beside_its_field_and_nothing_is_made(shop, owner, invited):
    path, _id = invited()
    answer = Client().post(path, NEW_PERSON | {"password": "short"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"password": ["This password is too short. Use at least 12 characters."]}
    assert 'value="Wang Xiaoming 王小明"' in answer.content.decode()
    assert roles_in(shop) == {owner.email: "owner"}


def test_existing_person_must_sign_in_with_that_address(shop, other_shop, owner, invited, make_member, as_person):
    person = make_member(other_shop, Role.OWNER, "new@person.example")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    path, _id = invited()
    page = Client().get(path)
    assert (page.context["state"], page.context["sign_in_url"]) == ("sign_in", f"/accounts/login/?next={path}")
    assert Client().post(path, NEW_PERSON).context["state"] == "sign_in"
    browser = as_person(person)
    assert browser.get(path).context["state"] == "join"
    assert browser.post(path).url == "/s/tea/"
    assert roles_in(shop) == {owner.email: "owner", "new@person.example": "agent"}
    assert [each.slug for each in browser.get("/").context["shops"]] == ["other", "tea"]


def test_stolen_link_opens_to_no_other_account(shop, owner, invited, stranger, as_person):
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    path, _id = invited()
    browser = as_person(stranger)
    for answer in (browser.get(path), browser.post(path)):
        assert (answer.status_code, answer.context["state"]) == (403, "other_person")
    assert roles_in(shop) == {owner.email: "owner"}


def test_invitation_of_one_shop_is_a_404_in_another(shop, other_shop, invited):
    path, _id = invited()
    assert Client().get(path.replace("/tea/", "/other/")).status_code == 404
    assert Client().post(path.replace("/tea/", "/other/"), NEW_PERSON).status_code == 404
    assert Client().get(path.replace("/tea/", "/nowhere/")).status_code == 404
    assert Client().get(path[:-2] + "x/").status_code == 404


@pytest.mark.parametrize("how", ["used", "revoked", "expired"])
def test_link_that_is_over_says_why(shop, invited, how):
    path, pk = invited()
    at = {"used": {"accepted_at": now()}, "revoked": {"revoked_at": now()}, "expired": {"expires_at": now()}}[how]
    with shop_scope(shop):
        Invitation.objects.filter(pk=pk).update(**at)
    for answer in (Client().get(path), Client().post(path, NEW_PERSON)):
        assert (answer.status_code, answer.context["state"]) == (410, how)
    assert not User.objects.filter(email="new@person.example").exists()


def test_second_use_of_a_link_makes_nobody(shop, owner, invited):
    path, _id = invited()
    Client().post(path, NEW_PERSON)
    assert Client().post(path, NEW_PERSON | {"name": "Thief"}).context["state"] == "used"
    assert len(roles_in(shop)) == 2


def test_owner_invites_through_the_page(shop, owner, as_person, django_capture_on_commit_callbacks):
    browser, page = as_person(owner), settings_page(shop, "staff")
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(page, {"email": "a@b.example", "role": "analyst"}).url == page
    assert [message.to for message in mail.outbox] == [["a@b.example"]]
    with shop_scope(shop):
        assert [(each.email, each.role) for each in Invitation.objects.all()] == [("a@b.example", "analyst")]
    taken = browser.post(page, {"email": owner.email, "role": "agent"})
    assert (taken.status_code, taken.context["form"].errors) == (
        422,
        {"email": ["This person works in the shop already."]},
    )
    assert f'value="{owner.email}"' in taken.content.decode()


def test_manager_is_not_offered_owners(shop, make_member, as_person):
    browser, page = as_person(make_member(shop, Role.MANAGER)), settings_page(shop, "staff")
    assert [value for value, _label in browser.get(page).context["roles"]] == [
        "manager",
        "marketer",
        "agent",
        "analyst",
    ]
    answer = browser.post(page, {"email": "a@b.example", "role": "owner"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])
    with shop_scope(shop):
        assert not Invitation.objects.exists()


def test_resending_and_taking_back(shop, owner, invited, as_person, django_capture_on_commit_callbacks):
    old_path, pk = invited()
    browser = as_person(owner)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(settings_page(shop, "resend", pk))
    assert Client().get(old_path).context["state"] == "revoked"
    assert len(mail.outbox) == 2
    with shop_scope(shop):
        (fresh,) = Invitation.objects.filter(revoked_at=None)
    browser.post(settings_page(shop, "revoke", fresh.pk))
    with shop_scope(shop):
        assert not Invitation.objects.filter(revoked_at=None).exists()
        actions = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert actions == ["invitation.sent", "invitation.sent", "invitation.revoked"]
    assert browser.post(settings_page(shop, "revoke", fresh.pk)).status_code == 404


def test_removed_persons_next_request_is_a_404(shop, owner, make_member, as_person):
    agent = make_member(shop, Role.AGENT)
    theirs, page = as_person(agent), settings_page(shop, "security")
    assert theirs.get(page).status_code == 200
    as_person(owner).post(settings_page(shop, "remove", membership_of(shop, agent)))
    assert theirs.get(page).status_code == 404


def test_role_change_counts_from_the_next_request(shop, owner, make_member, as_person):
    agent = make_member(shop, Role.AGENT)
    theirs = as_person(agent)
    assert theirs.get(settings_page(shop, "audit")).status_code == 403
    as_person(owner).post(settings_page(shop, "role", membership_of(shop, agent)), {"role": "manager"})
    assert theirs.get(settings_page(shop, "audit")).status_code == 200
    as_person(owner).post(settings_page(shop, "role", membership_of(shop, agent)), {"role": "agent"})
    assert theirs.get(settings_page(shop, "audit")).status_code == 403


def test_last_owner_stays(shop, owner, as_person):
    browser, mine = as_person(owner), membership_of(shop, owner)
    for part, ids, data in (("leave", [], {}), ("remove", [mine], {}), ("role", [mine], {"role": "agent"})):
        browser.post(settings_page(shop, part, *ids), data)
    assert roles_in(shop) == {owner.email: "owner"}


def test_agent_leaves(shop, owner, make_member, as_person):
    agent = make_member(shop, Role.AGENT)
    assert as_person(agent).post(settings_page(shop, "leave")).url == "/"
    assert roles_in(shop) == {owner.email: "owner"}


@pytest.mark.parametrize("part", ["role", "remove"])
def test_member_of_another_shop_is_not_reached(shop, other_shop, owner, make_member, as_person, part):
    foreign = make_member(other_shop, Role.AGENT)
    answer = as_person(owner).post(settings_page(shop, part, membership_of(other_shop, foreign)), {"role": "manager"})
    assert answer.status_code == 404
    assert roles_in(other_shop) == {foreign.email: "agent"}


def test_table_of_rights_shows_what_the_roles_may(shop, owner, as_person):
    rows = as_person(owner).get(settings_page(shop, "staff")).context["right_rows"]
    assert [row[0] for row in rows] == list(RIGHT_LABELS.values())
    assert [row[1:] for row in rows if row[0] == "Export customers"] == [["✓", "✓", "✓", "–", "–"]]


def test_invitation_that_expired_is_marked_in_the_list(shop, owner, invited, as_person):
    _path, pk = invited()
    with shop_scope(shop):
        Invitation.objects.filter(pk=pk).update(expires_at=now() - timedelta(seconds=1))
    (row,) = as_person(owner).get(settings_page(shop, "staff")).context["invitations"]
    assert row.is_open is False


def seen(user):
    session = UserSession.objects.get(user=user)
    return session.last_seen_at, session.user_agent


def test_a_signed_in_browser_is_noted_once_a_minute(shop, owner, as_person):
    browser = as_person(owner)
    page = settings_page(shop, "index")
    browser.get(page)
    first = seen(owner)
    browser.get(page)
    assert seen(owner) == first
    an_hour_ago = first[0] - timedelta(hours=1)
    UserSession.objects.update(last_seen_at=an_hour_ago)
    browser.get(page)
    assert seen(owner)[0] > first[0]


def test_another_browser_with_the_same_session_is_noted_at_once(shop, owner, as_person):
    browser = as_person(owner)
    browser.get(settings_page(shop, "index"))
    browser.get(settings_page(shop, "index"), headers={"User-Agent": "Thief/1.0"})
    assert seen(owner)[1] == "Thief/1.0"
