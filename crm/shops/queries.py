"""Reads of shops and people."""

import re

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from crm.shops.models import Membership, Shop, User
from crm.shops.roles import is_guarded

SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # not codes for the day the phone is lost


_SLUG = re.compile(r"[a-z0-9-]{1,40}\Z")


def shop_called(slug: str) -> Shop | None:
    """The shop of this slug, as an address or a key spells it; a text that no slug can be is not looked up."""
    return Shop.objects.filter(slug=slug).first() if _SLUG.match(slug) else None


def shops_of(user: User) -> QuerySet[Shop]:
    """The shops a person is a member of, by name; works outside any scope."""
    # Memberships are fenced, so only the database's own function may look through all of them.
    member_of = RawSQL("SELECT shops_of_user(%s)", [user.pk])
    return Shop.objects.filter(pk__in=member_of).order_by("name", "pk")


def unconfirmed_people() -> QuerySet[User]:
    """Who signed up, perhaps with an address of somebody else, and has never opened the link: nobody was ever in."""
    signed_up = User.objects.filter(last_login=None, is_staff=False, emailaddress__isnull=False)
    return signed_up.exclude(emailaddress__verified=True).distinct()


def has_account(email: str) -> bool:
    """Whether somebody is at home here who has shown that the address is theirs, or whom we know by it."""
    if EmailAddress.objects.filter(email=email, verified=True).exists():
        return True
    unconfirmed = unconfirmed_people().filter(is_active=True)
    return User.objects.filter(email=email).exclude(pk__in=unconfirmed.values("pk")).exists()


def has_second_step(user_id: int) -> bool:
    found: bool = Authenticator.objects.filter(user_id=user_id, type__in=SECOND_STEPS).exists()
    return found


def is_shut_out(membership: Membership) -> bool:
    """Whether the shop asks for two-step sign-in which this member, of such a role, has not set up."""
    return membership.shop.requires_mfa and is_guarded(membership.role) and not has_second_step(membership.user_id)
