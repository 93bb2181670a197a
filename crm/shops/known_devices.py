"""Browsers in which somebody has signed in before.

Five wrong passwords lock an address for five minutes, whoever typed them: so anybody could lock out an owner whose
address they know. A browser that has been signed in carries a signed cookie and is counted by itself: a stranger's
tries do not lock it, and its own are still few. The cookie opens nothing; the password is asked as ever.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

COOKIE = "known_device"
KEPT_FOR = timedelta(days=180)
_SALT = "crm.shops.known_devices"


def remember_device(request: HttpRequest, response: HttpResponse, address: str) -> None:
    """Let this browser be known for an e-mail address that has just signed in."""
    if device_of(request, address):
        return
    response.set_cookie(
        COOKIE,
        signing.dumps([_digest(address), get_random_string(16)], salt=_SALT),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def device_of(request: HttpRequest, address: str) -> str:
    """The name of the browser if it is known for the address; "" for a stranger, and for a cookie we did not sign."""
    try:
        digest, name = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(name) if digest == _digest(address) else ""


def _digest(address: str) -> str:
    """The cookie shows nobody else at the computer whose it is."""
    return salted_hmac(_SALT, address.lower(), algorithm="sha256").hexdigest()
