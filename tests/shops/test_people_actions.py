"""Invitations, roles and leaving, below the pages."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connections
from django.utils import timezone

from crm.shops import staff as people
from crm.shops.audit.chain import verify_chain
from crm.shops.models import AuditEntry, Invitation, Membership, User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def member(shop, user):
    return Membership.objects.select_related("user").get(user=user)


def confirmed(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def link_of(message):
    return next(line for line in message.body.splitlines() if "/invitations/" in line)


@pytest.fixture
def sent(shop, owner, django_capture_on_commit_callbacks):
    """An invitation of `shop` and its token, as the mail brought it."""

    def send(email="new@person.example", role=Role.AGENT, now=NOW):
        with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
            invitation = people.invite(shop, email=email, role=role, by=owner, now=now)
        return invitation, link_of(mail.outbox[-1]).rstrip("/").rpartition("/")[2]

    return send


def test_invitation_is_mailed_to_its_address_alone_and_kept_as_a_hash(shop, owner, sent):
    invitation, token = sent(" New@Person.Example ", Role.MARKETER)
    (message,) = mail.outbox
    assert message.to == ["new@person.example"]
    assert message.subject == "You are invited to work in “Tea & Sons”"
    assert link_of(message) == f"http://localhost:8000/invitations/tea/{token}/"
    assert "Owner invites you to work in “Tea & Sons” as Marketer." in message.body
    with shop_scope(shop):
        row = Invitation.objects.get()
        assert (row.email, row.role, row.token_hash) == ("new@person.example", "marketer", people.hash_token(token))
        assert row.expires_at == NOW + timedelta(days=7)
        entry = AuditEntry.objects.get(action="invitation.sent")
    assert (entry.actor_id, entry.object_id, entry.details) == (owner.pk, invitation.pk, {"role": "marketer"})


def test_inviting_again_ends_the_older_link(shop, sent):
    first, _token = sent()
    second, _token = sent()
    with shop_scope(shop):
        first.refresh_from_db()
        assert (first.is_open(NOW), second.is_open(NOW)) == (False, True)


def test_mail_server_that_is_down_leaves_the_invitation(shop, owner, django_capture_on_commit_callbacks, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
        people.invite(shop, email="a@b.example", role=Role.AGENT, by=owner, now=NOW)
    with shop_scope(shop):
        assert [row.email for row in Invitation.objects.all()] == ["a@b.example"]


def test_member_is_not_invited(shop, owner, sent):
    with pytest.raises(people.AlreadyMember):
        sent(owner.email)


def test_manager_makes_no_owner_and_marketer_nobody(shop, make_member):
    for role, given in ((Role.MANAGER, Role.OWNER), (Role.MARKETER, Role.AGENT)):
        by = make_member(shop, role)
        with shop_scope(shop), pytest.raises(people.NotAllowed):
            people.invite(shop, email="x@y.example", role=given, by=by, now=NOW)


def test_stranger_invites_nobody(shop, stranger):
    with shop_scope(shop), pytest.raises(people.NotAllowed):
        people.invite(shop, email="x@y.example", role=Role.AGENT, by=stranger, now=NOW)


def test_accepting_makes_a_member_with_that_role_once(shop, sent):
    invitation, _token = sent(role=Role.ANALYST)
    person = confirmed(User.objects.create_user("new@person.example"))
    with shop_scope(shop):
        people.accept_invitation(invitation, user=person, now=NOW)
        assert member(shop, person).role == Role.ANALYST
        with pytest.raises(people.InvitationNotOpen):
            people.accept_invitation(invitation, user=person, now=NOW)
        entry = AuditEntry.objects.get(action="member.joined")
        details = {"user_id": person.pk, "role": "analyst", "invitation_id": invitation.pk}
        assert (entry.actor_id, entry.details) == (person.pk, details)
        assert verify_chain()[1] is None


def test_stolen_invitation_opens_to_nobody_else(shop, sent, stranger):
    invitation, _token = sent()
    confirmed(stranger)
    with shop_scope(shop), pytest.raises(people.WrongPerson):
        people.accept_invitation(invitation, user=stranger, now=NOW)


def test_address_that_is_not_confirmed_does_not_count(shop, sent):
    invitation, _token = sent()
    person = User.objects.create_user("new@person.example")
    EmailAddress.objects.create(user=person, email=person.email, verified=False, primary=True)
    with shop_scope(shop), pytest.raises(people.WrongPerson):
        people.accept_invitation(invitation, user=person, now=NOW)


def test_old_and_revoked_invitations_are_not_accepted(shop, owner, sent):
    person = confirmed(User.objects.create_user("new@person.example"))
    old, _token = sent()
    with shop_scope(shop):
        with pytest.raises(people.InvitationNotOpen):
            people.accept_invitation(old, user=person, now=NOW + timedelta(days=7))
        people.revoke_invitation(old, by=owner, now=NOW)
        with pytest.raises(people.InvitationNotOpen):
            people.accept_invitation(old, user=person, now=NOW)
        with pytest.raises(people.InvitationNotOpen):
            people.revoke_invitation(old, by=owner, now=NOW)
        assert list(Membership.objects.exclude(user=owner)) == []


def test_invitation_of_a_is_not_found_in_b(shop, other_shop, sent):
    _invitation, token = sent()
    with shop_scope(other_shop):
        assert people.invitation_of(token) is None
    with shop_scope(shop):
        assert people.invitation_of(token) is not None


def test_member_who_accepts_keeps_the_role(shop, sent, make_member):
    invitation, _token = sent(role=Role.OWNER)
    person = confirmed(make_member(shop, Role.AGENT, "new@person.example"))
    with shop_scope(shop):
        people.accept_invitation(invitation, user=person, now=NOW)
        assert member(shop, person).role == Role.AGENT


def test_role_is_changed_with_its_entry(shop, owner, make_member):
    agent = make_member(shop, Role.AGENT)
    with shop_scope(shop):
        people.change_role(member(shop, agent), role=Role.MARKETER, by=owner)
        assert member(shop, agent).role == Role.MARKETER
        entry = AuditEntry.objects.get(action="member.role_changed")
    assert entry.details == {"user_id": agent.pk, "from": "agent", "to": "marketer"}


@pytest.mark.parametrize(
    ("act", "left"),
    [
        (lambda shop, leaver, by: people.remove_member(member(shop, leaver), by=by), set()),
        (lambda shop, leaver, by: people.change_role(member(shop, leaver), role=Role.AGENT, by=by), set()),
        (
            lambda shop, leaver, by: people.change_role(member(shop, leaver), role=Role.MANAGER, by=by),
            {"agent@x.example"},
        ),
    ],
    ids=["removed", "agent", "manager"],
)
def test_invitations_end_that_their_sender_could_not_send_any_more(shop, owner, sent, make_member, act, left):
    """Else who is removed comes back by a link sent to another address."""
    second = make_member(shop, Role.OWNER, "second@tea.example")
    sent("agent@x.example", Role.AGENT)
    owners, token = sent("owner@x.example", Role.OWNER)
    with shop_scope(shop):
        Invitation.objects.update(expires_at=timezone.now() + timedelta(days=7))
        people.invite(shop, email="kept@x.example", role=Role.OWNER, by=second, now=NOW)
        act(shop, owner, second)
        still_open = Invitation.objects.filter(revoked_at=None).values_list("email", flat=True)
        assert set(still_open) == left | {"kept@x.example"}
        assert AuditEntry.objects.filter(action="invitation.revoked", object_id=owners.pk, actor_id=second.pk).exists()
        assert not people.invitation_of(token).is_open(timezone.now())
        assert verify_chain()[1] is None


def test_last_owner_neither_leaves_nor_steps_down(shop, owner, make_member):
    make_member(shop, Role.MANAGER)
    with shop_scope(shop):
        with pytest.raises(people.LastOwner):
            people.change_role(member(shop, owner), role=Role.MANAGER, by=owner)
        with pytest.raises(people.LastOwner):
            people.remove_member(member(shop, owner), by=owner)
        assert member(shop, owner).role == Role.OWNER


def test_one_of_two_owners_leaves(shop, owner, make_member):
    other = make_member(shop, Role.OWNER, "second@tea.example")
    with shop_scope(shop):
        people.remove_member(member(shop, owner), by=owner)
        assert [each.user for each in Membership.objects.select_related("user")] == [other]
        assert AuditEntry.objects.get(action="member.left").details == {"user_id": owner.pk, "role": "owner"}


def test_manager_touches_no_owner(shop, owner, make_member):
    make_member(shop, Role.OWNER, "second@tea.example")
    manager = make_member(shop, Role.MANAGER)
    with shop_scope(shop):
        for act in (
            lambda: people.remove_member(member(shop, owner), by=manager),
            lambda: people.change_role(member(shop, owner), role=Role.AGENT, by=manager),
            lambda: people.change_role(member(shop, manager), role=Role.OWNER, by=manager),
        ):
            with pytest.raises(people.NotAllowed):
                act()


def test_agent_removes_nobody_but_leaves(shop, owner, make_member):
    agent, analyst = make_member(shop, Role.AGENT), make_member(shop, Role.ANALYST)
    with shop_scope(shop):
        with pytest.raises(people.NotAllowed):
            people.remove_member(member(shop, analyst), by=agent)
        people.remove_member(member(shop, agent), by=agent)
        assert not Membership.objects.filter(user=agent).exists()


@pytest.fixture
def two_owners(transactional_db, make_shop, make_member):
    shop = make_shop("race")
    return shop, [make_member(shop, Role.OWNER, f"{name}@race.example") for name in ("ana", "ben")]


def at_once(shop, *acts):
    """Each act in a thread and a scope of its own, begun together; what each raised, or None."""
    together, ends = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            with shop_scope(shop):
                Membership.objects.count()
                together.wait(20)
                act()
        except Exception as error:
            ends[number] = type(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ends


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("how", ["remove each other", "leave", "step down"])
def test_two_owners_at_once_leave_one(two_owners, how):
    shop, (ana, ben) = two_owners

    def act(by, whom):
        if how == "step down":
            return lambda: people.change_role(member(shop, by), role=Role.AGENT, by=by)
        return lambda: people.remove_member(member(shop, whom if how == "remove each other" else by), by=by)

    ends = at_once(shop, act(ana, ben), act(ben, ana))
    assert [end for end in ends if end is None] == [None]
    assert [end for end in ends if end is not None] in (
        [[people.NotAllowed]] if how == "remove each other" else [[people.LastOwner]]
    )
    with shop_scope(shop):
        assert Membership.objects.filter(role=Role.OWNER).count() == 1
        assert verify_chain()[1] is None


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_one_invitation_accepted_twice_at_once_makes_one_member(two_owners):
    shop, (ana, _ben) = two_owners
    with shop_scope(shop):
        invitation = people.invite(shop, email="new@person.example", role=Role.AGENT, by=ana, now=NOW)
    person = confirmed(User.objects.create_user("new@person.example"))
    accept = lambda: people.accept_invitation(invitation, user=person, now=NOW)  # noqa: E731
    ends = at_once(shop, accept, accept)
    assert sorted(ends, key=str) == sorted([None, people.InvitationNotOpen], key=str)
    with shop_scope(shop):
        assert Membership.objects.filter(user=person).count() == 1
