"""Links by which customers say themselves what they want to get, without signing in.

A link names the customer, and the channel and purpose of the message that it came with. It is signed, so nobody can
make one, or turn one into another's; it holds no address and no name.
"""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse

from customers.models import Customer

LASTS = timedelta(days=730)  # who unsubscribes by an old mail must still be able to
_SALT = "customers.consent.link"


class Link(NamedTuple):
    """What a link says: rows of a shop that need not be there any more."""

    shop_id: int
    customer_id: int
    channel: str
    purpose: str


class BadLink(ValueError):
    """Not one of ours, or too old."""


def token_of(customer: Customer, channel: str, purpose: str) -> str:
    return signing.dumps([customer.shop_id, customer.pk, channel, purpose], salt=_SALT)


def read_token(token: str) -> Link:
    """Raises BadLink."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error
    match said:
        case [int(shop_id), int(customer_id), str(channel), str(purpose)]:
            return Link(shop_id, customer_id, channel, purpose)
    raise BadLink


def url_of(customer: Customer, channel: str, purpose: str) -> str:
    """The address of the customer's page, for messages of this channel and purpose."""
    return settings.BASE_URL.rstrip("/") + reverse("preferences", args=[token_of(customer, channel, purpose)])


def unsubscribe_headers(customer: Customer, purpose: str) -> dict[str, str]:
    """The headers of a mail that let mail programs unsubscribe with one click (RFC 8058). DKIM has to sign both."""
    return {
        "List-Unsubscribe": f"<{url_of(customer, 'email', purpose)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
