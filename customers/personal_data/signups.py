"""What sign-up forms and the preference page know of a person."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crm.lib.postgres.expressions import AnyOf
from crm.tenancy.hiding import contacts_hidden
from customers.consent.queries import addresses_of
from customers.domain.identity import mailbox, match_value
from customers.models import ConsentSettings, ContactPreference, Customer, Signup, SignupForm
from customers.personal_data import consents  # noqa: F401  # behind it: erasing goes from the last registered to the first
from customers.personal_data.columns import Kind, declare
from customers.personal_data.registry import PERSONAL_DATA, Changes, CustomerRows, Delete, Reassign, Rows, drop
from customers.personal_data.rows import Columns, Row

WISHES = ("less_often_since", "not_personalised_since")
_EACH = (
    "form__name",
    "state",
    "purposes",
    "text__body",
    "email",
    "email_given",
    "name",
    "phone",
    "phone_given",
    "ip",
    "sent_at",
    "mailed_at",
    "confirmed_at",
)


@dataclass(frozen=True)
class Signups:
    """They point at nobody: a person's are those with one of their addresses, however written, confirmed or not.

    Erasing deletes them, so that a link which is still in the mail confirms nothing. Moving changes nothing, since they
    follow the addresses.
    """

    name: str = "signups"
    model: type[Signup] = Signup

    def export(self, customer: Customer) -> list[Row]:
        return Columns(_EACH)(self._rows(customer))

    def erase(self, customer: Customer) -> None:
        self._rows(customer).delete()

    def move(self, source: Customer, target: Customer) -> Changes:
        return Changes()

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        """Nothing: they never moved."""

    def _rows(self, customer: Customer) -> QuerySet[Signup]:
        emails = {value for _, value in addresses_of(customer, {"email"})}
        matches = {match_value("email", email) for email in emails}
        with contacts_hidden(False):  # a masked address would be nobody's
            near = list(
                Signup.objects.filter(mailbox__in={mailbox(email) for email in emails}).values_list("pk", "email")
            )
        own = [pk for pk, email in near if email in emails or match_value("email", email) in matches]
        return Signup.objects.filter(pk__in=own)


@dataclass(frozen=True)
class EitherWish:
    """Whom one record says not to be personalised, or to be written to less often, the joined one says so too."""

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes:
        both = list(ContactPreference.objects.filter(AnyOf("customer_id", [source.pk, target.pk])))
        if len(both) < 2:
            return Reassign().move(rows, to, source, target)
        dropped = drop(ContactPreference.objects.filter(AnyOf("pk", [each.pk for each in both])))
        ContactPreference.objects.create(shop_id=target.shop_id, customer=target, **joined(*both))
        return Changes(dropped=dropped)


def joined(one: ContactPreference, other: ContactPreference) -> dict[str, datetime | None]:
    """What either says, since the first of them said it."""
    return {
        name: min((said for each in (one, other) if (said := getattr(each, name)) is not None), default=None)
        for name in WISHES
    }


def _with_times(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: datetime.fromisoformat(row[name]) for name in WISHES if row[name] is not None}


@dataclass(frozen=True)
class Preferences(CustomerRows):
    """Each has their own wishes back; what was wished since the merge stays with whom it was wished of."""

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        were = [ContactPreference(**_with_times(json.loads(row))) for row in changes.dropped.values()]
        if any(each.customer_id == holder_id for each in were):
            ContactPreference.objects.filter(customer_id=holder_id, **joined(*were)).delete()
        super().give_back(changes, source_id=source_id, holder_id=holder_id)


for _item in (
    Preferences(
        "contact_preferences",
        ContactPreference,
        ("customer",),
        Columns(WISHES),
        Delete(),
        EitherWish(),
    ),
    Signups(),
):
    PERSONAL_DATA.register(_item)

declare(ConsentSettings, Kind.OTHER, "What the shop has set of its own.", "colour", "redirect_hosts")
declare(
    SignupForm, Kind.OTHER, "What the shop's form is called and says.", "code", "name", "heading", "intro", "thanks"
)
declare(SignupForm, Kind.OTHER, "Words of the program's own, or topics of the shop's.", "asks", "purposes")
declare(SignupForm, Kind.OTHER, "A page of the shop's own site.", "redirect_url")
declare(Signup, Kind.OTHER, "Words of the program's own, or topics of the shop's.", "purposes")
