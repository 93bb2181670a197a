"""Who works in a shop: invitations, roles, leaving. Each function is one transaction with its audit entry inside."""

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from crm.shops.audit.chain import record
from crm.shops.models import Invitation, Membership, Shop, User
from crm.shops.names import harmless
from crm.shops.queries import unconfirmed_people
from crm.shops.roles import Role, may_grant
from crm.tenancy.scope import shop_scope

INVITATION_DAYS = 7
# A shop is opened in a minute by anybody, and its name stands in the mail: nobody may flood others through us.
SHOP_LIMIT, SHOP_WINDOW = 20, timedelta(hours=1)
ADDRESS_LIMIT, ADDRESS_WINDOW = 3, timedelta(days=1)
_NEWCOMER_SALT = "crm.shops.staff.newcomer"
UNSENT_COUNTS_FOR = timedelta(minutes=10)  # longer than sending takes; then a mail that failed no longer counts


class NotAllowed(PermissionError):
    """The person's own role does not reach that far, or they have left meanwhile."""


class LastOwner(ValueError):
    """The shop would be left without an owner."""


class AlreadyMember(ValueError):
    """Somebody with this address works in the shop already."""


class TooManyInvitations(ValueError):
    """The shop has sent, or the address was sent, as many as may be. `until`: when the next may go."""

    def __init__(self, *, limit: int, is_address: bool, until: datetime) -> None:
        super().__init__(limit, is_address, until)
        self.limit, self.is_address, self.until = limit, is_address, until


class InvitationNotOpen(ValueError):
    """It was used, taken back, or is too old."""


class WrongPerson(ValueError):
    """The invitation is for another address than the person has confirmed."""


def hash_token(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """The invitation of the shop in scope for which a mail brought this token, whatever became of it."""
    invitations = Invitation.objects.select_related("invited_by")
    return invitations.filter(Q(token_hash=hash_token(token)) | Q(pk=_signed_for(token))).first()


def invitation_of_link(token: str) -> Invitation | None:
    """The same for a token that the inviter passed on. Never both: it does not prove what a mailed one proves."""
    return Invitation.objects.select_related("invited_by").filter(link_hash=hash_token(token)).first()


def _signed_for(token: str) -> int | None:
    """The key of the invitation for which mail_to_newcomer() made this token. It ends with the invitation."""
    try:
        return int(signing.loads(token, salt=_NEWCOMER_SALT))
    except signing.BadSignature:
        return None


@transaction.atomic
def invite(shop: Shop, *, email: str, role: str, by: User, now: datetime) -> Invitation:
    """Send an invitation; an open one to the same address is replaced, so its link ends.

    Only the address learns the link: whoever opens it is taken to own the address. A link that was made to pass on by
    hand ends too, as whoever sends again may do it because the old one went astray. Raises NotAllowed, AlreadyMember,
    TooManyInvitations.
    """
    email = email.strip().lower()
    _require_grant(by, role)
    if Membership.objects.filter(user__email=email).exists():
        raise AlreadyMember(email)
    _keep_within_limits(shop, email, now=now)
    Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None).update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        shop=shop,
        email=email,
        role=role,
        token_hash=hash_token(token),
        invited_by=by,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    record("invitation.sent", invitation, by=by, details={"role": role})
    # After the commit: a link must not reach anybody before its row is there. A mail server that is down leaves the
    # invitation in the list as not sent, with "Send again"; `robust` writes why to the log.
    transaction.on_commit(lambda: send_invitation(shop, invitation, token), robust=True)
    return invitation


def _keep_within_limits(shop: Shop, email: str, *, now: datetime) -> None:
    """Rows are counted, not something in a cache that may be emptied: each invitation, also one sent again, is one."""
    # Two requests at once would each count the same rows; the lock does not stop orders, which only refer to the shop.
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    sent = Invitation.objects.filter(Q(sent_at__isnull=False) | Q(created_at__gt=now - UNSENT_COUNTS_FOR))
    for rows, limit, window, is_address in (
        (sent.filter(email=email), ADDRESS_LIMIT, ADDRESS_WINDOW, True),
        (sent, SHOP_LIMIT, SHOP_WINDOW, False),
    ):
        newest = rows.filter(created_at__gt=now - window).order_by("-created_at").values_list("created_at", flat=True)
        latest = list(newest[:limit])
        if len(latest) == limit:
            raise TooManyInvitations(limit=limit, is_address=is_address, until=latest[-1] + window)


def send_invitation(shop: Shop, invitation: Invitation, token: str) -> None:
    """Mail it, and note that the mail server has taken it; `sent_at` stays None where it did not."""
    _mail(shop, invitation, token, "invitation_message.txt")
    invitation.sent_at = timezone.now()
    with shop_scope(shop):
        invitation.save(update_fields=["sent_at"])


def mail_to_newcomer(shop: Shop, invitation: Invitation) -> None:
    """To whoever came with a link that was passed on and has no account: a link that proves the address.

    Nothing that is typed before this mail is opened can be trusted: the first link may have reached anybody. The token
    is signed and nowhere kept, so the one of the first mail, and of others like this, goes on working. OSError where no
    mail can be sent.
    """
    token = signing.dumps(invitation.pk, salt=_NEWCOMER_SALT)
    _mail(shop, invitation, token, "invitation_by_link_message.txt")


def _mail(shop: Shop, invitation: Invitation, token: str, message: str) -> None:
    path = reverse("invitation", kwargs={"shop_slug": shop.slug, "token": token})
    words = {
        "shop": harmless(shop.name, instead=shop.slug),
        "person": harmless(invitation.invited_by.name, instead=invitation.invited_by.email),
        "invitation": invitation,
        "days": INVITATION_DAYS,
        "link": f"{settings.BASE_URL}{path}",
    }
    with translation.override(shop.language):
        subject = " ".join(render_to_string("shops/email/invitation_subject.txt", words).split())
        body = render_to_string(f"shops/email/{message}", words)
    send_mail(subject, body, None, [invitation.email])


@transaction.atomic
def make_link(invitation: Invitation, *, by: User, now: datetime) -> str:
    """A token for a link to pass on by hand; the one made before ends. It is nowhere kept.

    It invites nobody who was not invited: the invitation stays bound to its address, and whoever comes with the link
    and has no account is only mailed a link that proves it. Raises NotAllowed, InvitationNotOpen.
    """
    _require_grant(by, invitation.role)
    token = secrets.token_urlsafe(32)
    still_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now
    ).update(link_hash=hash_token(token))
    if not still_open:
        raise InvitationNotOpen(invitation)
    record("invitation.link_made", invitation, by=by)
    return token


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Its link ends. Raises NotAllowed, and InvitationNotOpen if it was used or revoked before."""
    _require_grant(by, invitation.role)
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now):
        raise InvitationNotOpen(invitation)
    record("invitation.revoked", invitation, by=by)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, user: User, now: datetime) -> Membership:
    """Become a member, once. Raises InvitationNotOpen, also where a request at the same time was first; WrongPerson
    where `user` has not confirmed the invited address. Who is a member already keeps their role."""
    if not EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists():
        raise WrongPerson(invitation.email)
    still_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now
    ).update(accepted_at=now)
    if not still_open:
        raise InvitationNotOpen(invitation)
    membership, is_new = Membership.objects.get_or_create(
        shop_id=invitation.shop_id, user=user, defaults={"role": invitation.role, "created_at": now}
    )
    if is_new:
        details = {"user_id": user.pk, "role": invitation.role, "invitation_id": invitation.pk}
        record("member.joined", membership, by=user, details=details)
    return membership


@transaction.atomic
def accept_as_new_person(invitation: Invitation, *, name: str, password: str, language: str, now: datetime) -> User:
    """Make the account and accept. The token came by mail, so the address is confirmed. Raises InvitationNotOpen;
    IntegrityError where the address got a confirmed account meanwhile."""
    _set_aside_unconfirmed(invitation.email)
    user = User.objects.create_user(invitation.email, password, name=name.strip(), language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    accept_invitation(invitation, user=user, now=now)
    return user


def _set_aside_unconfirmed(email: str) -> None:
    """Take the address from an account that somebody made with it and never confirmed, and shut that account.

    Not handed on: anybody may have made it, and their password, name and shop would come along. It keeps its shop, into
    which nobody can get, until forget_unconfirmed() deletes both.
    """
    person = User.objects.select_for_update().filter(email=email).first()
    if person is None or not unconfirmed_people().filter(pk=person.pk, is_active=True).exists():
        return
    nobodys = f"{person.pk}@unconfirmed.invalid"
    # A row of its own: the link in the mail that was sent for the old one names its key, and would confirm this one.
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=nobodys, verified=False, primary=True)
    for session in UserSession.objects.filter(user=person):
        session.end()
    person.email, person.is_active = nobodys, False
    person.set_unusable_password()
    person.save(update_fields=["email", "is_active", "password"])


@transaction.atomic
def change_role(membership: Membership, *, role: str, by: User) -> None:
    """Raises NotAllowed, and LastOwner where no owner would be left."""
    staff = _locked_staff()
    target = _locked_row(staff, membership)
    if target.role == role:
        return
    _require_grant_of(_actor(staff, by), target.role, role)
    _keep_an_owner(staff, without=target)
    Membership.objects.filter(pk=target.pk).update(role=role)
    details = {"user_id": target.user_id, "from": target.role, "to": role}
    record("member.role_changed", target, by=by, details=details)
    _take_back_invitations(target.user_id, role=role, by=by)


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> None:
    """Their next request is a 404. Who removes themselves leaves, for which no right is needed.

    Raises NotAllowed, and LastOwner where no owner would be left.
    """
    staff = _locked_staff()
    target, actor = _locked_row(staff, membership), _actor(staff, by)
    if target.pk != actor.pk:
        _require_grant_of(actor, target.role)
    _keep_an_owner(staff, without=target)
    action = "member.left" if target.pk == actor.pk else "member.removed"
    record(action, target, by=by, details={"user_id": target.user_id, "role": target.role})
    Membership.objects.filter(pk=target.pk).delete()
    _take_back_invitations(target.user_id, role="", by=by)


def _take_back_invitations(sender_id: int, *, role: str, by: User) -> None:
    """Those the sender could not send any more: else who is removed comes back by one sent to another address."""
    waiting = Invitation.objects.filter(
        invited_by=sender_id, accepted_at=None, revoked_at=None, expires_at__gt=Now()
    ).order_by("pk")
    for invitation in waiting:
        if not may_grant(role, invitation.role):
            Invitation.objects.filter(pk=invitation.pk).update(revoked_at=Now())
            record("invitation.revoked", invitation, by=by)


def _locked_staff() -> list[Membership]:
    """Everybody, locked: of two requests that would leave no owner, the second must see what the first did."""
    return list(Membership.objects.select_for_update().order_by("pk"))


def _locked_row(staff: list[Membership], membership: Membership) -> Membership:
    locked = next((each for each in staff if each.pk == membership.pk), None)
    if locked is None:
        raise NotAllowed
    return locked


def _actor(staff: list[Membership], by: User) -> Membership:
    """The acting person's membership as it is now, not as it was when the request came in."""
    actor = next((each for each in staff if each.user_id == by.pk), None)
    if actor is None:
        raise NotAllowed
    return actor


def _require_grant(by: User, *roles: str) -> None:
    own = Membership.objects.filter(user=by).first()
    if own is None:
        raise NotAllowed
    _require_grant_of(own, *roles)


def _require_grant_of(actor: Membership, *roles: str) -> None:
    if not all(may_grant(actor.role, role) for role in roles):
        raise NotAllowed


def _keep_an_owner(staff: list[Membership], *, without: Membership) -> None:
    owners = {each.pk for each in staff if each.role == Role.OWNER}
    if owners == {without.pk}:
        raise LastOwner
