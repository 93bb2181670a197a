"""The addresses of forms, and the links in the mails that confirm."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse

from crm.shops.models import Shop
from customers.models import Signup, SignupForm

LASTS = timedelta(days=7)
_SALT = (
    "customers.signups.confirm"  # of its own, so that no link for something else opens here, and none of these there
)


class Link(NamedTuple):
    """What a link says: rows of a shop that need not be there any more."""

    shop_id: int
    signup_id: int


class BadLink(ValueError):
    """Not one of ours, or too old."""


def token_of(signup: Signup) -> str:
    return signing.dumps([signup.shop_id, signup.pk], salt=_SALT)


def read_token(token: str) -> Link:
    """Raises BadLink."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error
    match said:
        case [int(shop_id), int(signup_id)]:
            return Link(shop_id, signup_id)
    raise BadLink


def confirm_url(signup: Signup) -> str:
    return _whole(reverse("signup_confirm", args=[token_of(signup)]))


def form_url(shop: Shop, form: SignupForm) -> str:
    """The address of the form, for shops to pass on."""
    return _whole(reverse("signup_form", args=[shop.slug, form.code]))


def _whole(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path
