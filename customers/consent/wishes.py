"""How customers wish to be treated beside what they agree to. They say it on their own page."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from customers.models import ContactPreference, Customer
from customers.profile import lock, settle


class Wishes(NamedTuple):
    """less_often: fewer of the messages that they agree to; may_contact() knows nothing of it. not_personalised:
    nothing chosen for them by a machine."""

    less_often: bool = False
    not_personalised: bool = False


def wishes_of(customer: Customer) -> Wishes:
    """Of a customer of the shop in scope; who never said anything wishes nothing."""
    said = ContactPreference.objects.filter(customer=customer).first()
    if said is None:
        return Wishes()
    return Wishes(said.less_often_since is not None, said.not_personalised_since is not None)


@transaction.atomic
def wish(customer: Customer, wishes: Wishes, *, now: datetime) -> bool:
    """Keep it; return whether it is anything new. What was wished before keeps its time.

    Who wishes not to be personalised loses their scores in the same transaction.
    """
    if wishes.not_personalised and not wishes_of(customer).not_personalised:
        lock()
    said = ContactPreference.objects.select_for_update().filter(customer=customer).first()
    if said is None:
        if not any(wishes):
            return False
        said = ContactPreference.objects.create(shop_id=customer.shop_id, customer=customer)
    before = (said.less_often_since, said.not_personalised_since)
    said.less_often_since = (said.less_often_since or now) if wishes.less_often else None
    said.not_personalised_since = (said.not_personalised_since or now) if wishes.not_personalised else None
    if before == (said.less_often_since, said.not_personalised_since):
        return False
    said.save(update_fields=["less_often_since", "not_personalised_since"])
    if said.not_personalised_since != before[1]:
        settle([customer.pk])
    return True
