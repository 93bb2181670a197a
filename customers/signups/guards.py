"""What keeps machines out of the forms without a service of others: a field that people do not see, the time that it
takes to fill a form in, and the words of a browser about the page that it posts from.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest

from customers.models import Signup, SignupForm

TRAP = "homepage"  # the name of the field that people do not see
QUICKEST, LASTS = timedelta(seconds=2), timedelta(hours=24)
_SALT = "customers.signups.shown"


class Shown(NamedTuple):
    """That the form was shown, with which text, and when."""

    text_id: int
    at: datetime


class NotShown(ValueError):
    """No page of this form, or one of long ago."""


def mark(form: SignupForm, *, now: datetime) -> str:
    """For the page that shows the form: it says when that was, and with which text. No two are alike."""
    said = [form.shop_id, form.pk, form.text_id, now.timestamp(), secrets.token_hex(4)]
    return signing.dumps(said, salt=_SALT)


def read_mark(text: str, form: SignupForm, *, now: datetime) -> Shown:
    """Raises NotShown."""
    try:
        said = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise NotShown from error
    match said:
        case [form.shop_id, form.pk, int(text_id), float(at), str()]:
            shown = Shown(text_id, datetime.fromtimestamp(at, tz=now.tzinfo))
            if now - shown.at <= LASTS:
                return shown
    raise NotShown


def spam_note(request: HttpRequest, shown: Shown, *, now: datetime) -> str:
    """Why it was no person who sent it, as a Signup.Note; "" where nothing speaks against one."""
    if request.POST.get(TRAP):
        return Signup.Note.TRAP
    if now - shown.at < QUICKEST:
        return Signup.Note.TOO_FAST
    if not _is_by_browser(request):
        return Signup.Note.NO_BROWSER
    return Signup.Note.NONE


def _is_by_browser(request: HttpRequest) -> bool:
    """Browsers say of each post which page it comes from, and pages cannot make them say anything else: in Origin,
    and where the connection is a safe one in Sec-Fetch-Site too. Programs mostly say neither.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()
