"""The first steps of a new shop, which tick themselves; None once all four are done.

The overview includes templates/shops/_checklist.html with the value of `first_steps`.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shops.models import AuditEntry, Invitation, Membership
from crm.shops.roles import Right
from customers.models import Customer, ImportJob


@dataclass(frozen=True)
class Step:
    """For components/steps.html; without `url` where the person may not do it."""

    title: str
    text: str
    done: bool
    url: str
    label: str


def first_steps(membership: Membership) -> list[Step] | None:
    """Four questions to the shop in scope, each answered by an index; constant in the shop's size."""
    slug = membership.shop.slug
    has_orders = ImportJob.objects.filter(state=ImportJob.State.DONE).exists() or Customer.objects.exists()
    steps = [
        Step(
            _("Name the shop"),
            _("And look at its language, currency and time zone."),
            _has_settings(),
            _link("settings:shop", slug, membership, Right.MANAGE_SHOP),
            _("Settings"),
        ),
        Step(
            _("Import your orders"),
            _("A CSV of your web shop is enough; each buyer becomes a customer."),
            has_orders,
            _link("imports:list", slug, membership, Right.IMPORT),
            _("Import"),
        ),
        Step(
            _("See your customers"),
            _("Who is worth most, and who is about to leave."),
            Customer.objects.filter(order_count__gt=0).exists(),
            f"/s/{slug}/customers/",
            _("Customers"),
        ),
        Step(
            _("Invite someone"),
            _("Everybody gets a role that says what they may do."),
            _has_company(),
            _link("settings:staff", slug, membership, Right.MANAGE_STAFF),
            _("Invite"),
        ),
    ]
    return None if all(step.done for step in steps) else steps


def _link(name: str, slug: str, membership: Membership, right: Right) -> str:
    return reverse(name, args=[slug]) if membership.may(right) else ""


def _has_settings() -> bool:
    """Sign-up names the shop already, so a shop that was opened by a person counts as named."""
    return AuditEntry.objects.filter(action__in=["shop.created", "shop.changed"]).exists()


def _has_company() -> bool:
    return Invitation.objects.exists() or Membership.objects.count() > 1
