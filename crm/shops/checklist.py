"""First steps of a new shop that concern the shop itself and its people."""

from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Step
from crm.shops.models import AuditEntry, Invitation, Membership
from crm.shops.roles import Right


def _has_settings() -> bool:
    """Sign-up names the shop already, so a shop that was opened by a person counts as named."""
    return AuditEntry.objects.filter(action__in=["shop.created", "shop.changed"]).exists()


def _has_company() -> bool:
    return Invitation.objects.exists() or Membership.objects.count() > 1


STEPS = [
    Step(
        "name",
        10,
        _("Name the shop"),
        _("And look at its language, currency and time zone."),
        _("Settings"),
        "settings:shop",
        Right.MANAGE_SHOP,
        _has_settings,
    ),
    Step(
        "invite",
        40,
        _("Invite someone"),
        _("Everybody gets a role that says what they may do."),
        _("Invite"),
        "settings:staff",
        Right.MANAGE_STAFF,
        _has_company,
    ),
]
