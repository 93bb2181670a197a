"""Of whom no score is made. All that scores, sorts or recommends asks `left_out`; whoever changes an answer to it calls
`settle`, and the apps above forget in the same transaction what they keep of those who are out.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet

from crm.lib.postgres.expressions import AnyOf
from crm.tenancy.scope import current_shop_id
from customers.models import ContactPreference, Customer
from customers.models.customer import IS_TOLD_APART
from customers.profile.kinds import kinds_not_scored
from customers.signals import customers_left_out

# The columns of a customer by which one can be left out.
OUT_OF_SCORES = ("kind", "is_minor", "do_not_profile")


class WhyNot(StrEnum):
    """Why no score is made of somebody. All that hold are told."""

    MINOR = "minor"
    DO_NOT_PROFILE = "do_not_profile"
    KIND = "kind"
    OWN_WISH = "own_wish"


def left_out() -> QuerySet[Any, Any]:
    """The ids of the customers of the shop in scope of whom no score is made; to stand in other queries, too.

    Minors, those not to be profiled, those of a kind that is not scored, and those who said on their own page that
    nothing is to be chosen for them by a machine.
    """
    said = Q(is_minor=True) | Q(do_not_profile=True) | Q(kind__in=kinds_not_scored())
    marked = Customer.objects.filter(IS_TOLD_APART, said).order_by().values("pk")
    wished = ContactPreference.objects.filter(not_personalised_since__isnull=False).order_by().values("customer_id")
    return marked.union(wished)


def are_left_out(ids: Collection[int]) -> list[int]:
    """Those of the customers of whom no score is made, rising."""
    return sorted(Customer.objects.filter(AnyOf("pk", ids), pk__in=left_out()).order_by().values_list("pk", flat=True))


def why_not(customer: Customer) -> list[WhyNot]:
    """Why no score is made of the customer; [] where one is."""
    holds = {
        WhyNot.MINOR: customer.is_minor,
        WhyNot.DO_NOT_PROFILE: customer.do_not_profile,
        WhyNot.KIND: bool(customer.kind) and customer.kind in kinds_not_scored(),
        WhyNot.OWN_WISH: ContactPreference.objects.filter(
            customer=customer, not_personalised_since__isnull=False
        ).exists(),
    }
    return [reason for reason, is_so in holds.items() if is_so]


def lock() -> None:
    """To the end of the transaction nobody is left out beside a run that writes scores, nor the other way round.

    After the lock of `customers.ingest`, before any row of a customer is locked: a run that has this writes scores, and
    those wait for the rows of their customers.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('customers.profiling', %s))", [current_shop_id()])


def settle(ids: Collection[int]) -> None:
    """Have all that is kept of those of the customers who are now left out forgotten. After what changed is written."""
    if not ids or not are_left_out(ids):
        return
    lock()
    if out := are_left_out(ids):
        customers_left_out.send(Customer, ids=out)
