"""Who may do what: the one table of roles and rights, and of what API keys may do.

Pages show only what the role may do; views ask with `@requires(Right.X)`, templates with `request.membership.may`.
"""

from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MARKETER = "marketer", _("Marketer")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")


class Right(StrEnum):
    SEE_CUSTOMERS = "see_customers"
    SEE_CONTACTS = "see_contacts"
    EDIT_CUSTOMERS = "edit_customers"
    MERGE_CUSTOMERS = "merge_customers"
    RECORD_CONSENTS = "record_consents"
    SEE_INSIGHTS = "see_insights"
    EXPORT = "export"
    IMPORT = "import"
    SCORE = "score"
    MANAGE_SHOP = "manage_shop"
    MANAGE_STAFF = "manage_staff"
    MANAGE_KEYS = "manage_keys"
    SEE_AUDIT = "see_audit"
    SET_SECURITY = "set_security"


class ApiScope(models.TextChoices):
    """What an API key may do. A new one needs no migration: keys hold the words."""

    READ_CUSTOMERS = "customers:read", _("Read customers")
    WRITE_CUSTOMERS = "customers:write", _("Write customers")
    WRITE_ATTRIBUTES = "attributes:write", _("Define attributes")
    READ_ORDERS = "orders:read", _("Read orders")
    WRITE_ORDERS = "orders:write", _("Write orders")
    READ_PRODUCTS = "products:read", _("Read products")
    WRITE_PRODUCTS = "products:write", _("Write products")
    READ_CONSENTS = "consents:read", _("Read consents")
    WRITE_CONSENTS = "consents:write", _("Write consents")
    READ_SCORES = "scores:read", _("Read scores")


RIGHT_LABELS: dict[Right, Promise] = {
    Right.SEE_CUSTOMERS: _("See customers, orders and scores"),
    Right.SEE_CONTACTS: _("See full e-mail addresses and phone numbers"),
    Right.EDIT_CUSTOMERS: _("Edit customers, write notes, set tags"),
    Right.MERGE_CUSTOMERS: _("Merge customers, and undo it"),
    Right.RECORD_CONSENTS: _("Record consents and withdrawals"),
    Right.SEE_INSIGHTS: _("See the overview, RFM, cohorts and forecast"),
    Right.EXPORT: _("Export customers"),
    Right.IMPORT: _("Import orders"),
    Right.SCORE: _("Start a scoring run"),
    Right.MANAGE_SHOP: _("Change the shop's settings"),
    Right.MANAGE_STAFF: _("Invite people and change their roles"),
    Right.MANAGE_KEYS: _("Create and revoke API keys"),
    Right.SEE_AUDIT: _("Read the audit log"),
    Right.SET_SECURITY: _("Require two-step sign-in"),
}

RIGHTS_OF: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.SET_SECURITY},
    Role.MARKETER: frozenset(
        {
            Right.SEE_CUSTOMERS,
            Right.SEE_CONTACTS,
            Right.EDIT_CUSTOMERS,
            Right.MERGE_CUSTOMERS,
            Right.RECORD_CONSENTS,
            Right.SEE_INSIGHTS,
            Right.EXPORT,
            Right.IMPORT,
            Right.SCORE,
        }
    ),
    Role.AGENT: frozenset(
        {
            Right.SEE_CUSTOMERS,
            Right.SEE_CONTACTS,
            Right.EDIT_CUSTOMERS,
            Right.MERGE_CUSTOMERS,
            Right.RECORD_CONSENTS,
        }
    ),
    Role.ANALYST: frozenset({Right.SEE_CUSTOMERS, Right.SEE_INSIGHTS}),
}


# What a stolen password alone must not open, in a shop that requires two-step sign-in.
GUARDED_RIGHTS = frozenset({Right.EXPORT, Right.MANAGE_STAFF, Right.MANAGE_KEYS})


def has_right(role: str, right: Right) -> bool:
    """Whether the role may do it; an unknown role may do nothing."""
    return role in Role.values and right in RIGHTS_OF[Role(role)]


def may_grant(role: str, other: str) -> bool:
    """Whether somebody of `role` may give or take away the role `other`: only owners make or unmake owners."""
    return has_right(role, Right.MANAGE_STAFF) and (role == Role.OWNER or other != Role.OWNER)


def is_guarded(role: str) -> bool:
    return any(has_right(role, right) for right in GUARDED_RIGHTS)
