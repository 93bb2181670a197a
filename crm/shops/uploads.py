"""Who may send a large file, and is there room: asked before a byte of it is read, and so before there is a request."""

import fcntl
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from shutil import disk_usage
from tempfile import gettempdir

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from crm.lib import environment
from crm.lib.refusals import disk_too_full, too_many_uploads
from crm.shops.models import Membership, Shop
from crm.shops.queries import is_shut_out
from crm.shops.roles import Right
from crm.tenancy.scope import shop_scope

MOST_AT_ONCE = 2  # files of one person, in whatever shops
_IMPORTS = re.compile(r"/s/([a-z0-9-]{1,40})/imports/")


def shop_of_upload(method: str, path: str) -> str | None:
    """The slug of the shop where this request may bring a file; None for every other request."""
    match = _IMPORTS.fullmatch(path)
    return match[1] if match and method == "POST" else None


def session_key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """From the Cookie headers of an ASGI scope."""
    cookies = "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)


def importer(session_key: str, slug: str) -> int | None:
    """The id of whoever is signed in by this session, if they may import into this shop now.

    Runs in a thread of its own, which keeps no connection.
    """
    try:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        user = get_user(request)
        shop = Shop.objects.filter(slug=slug).first() if user.is_authenticated else None
        if shop is None:
            return None
        with shop_scope(shop):
            membership = Membership.objects.filter(user=user.pk).first()
            if membership is None:
                return None
            membership.shop = shop
            may_import = membership.may(Right.IMPORT) and not is_shut_out(membership)
            return membership.user_id if may_import else None
    finally:
        connections.close_all()


@contextmanager
def place_of(person_id: int) -> Iterator[None]:
    """One of the person's places to send a file, while it is sent and taken. Raises Refused where none is free.

    Locks of files count for all web processes of the machine, and go with a process that is killed.
    """
    folder = settings.DATA_DIR / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(MOST_AT_ONCE):
        with (folder / f"{person_id}-{number}").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield
            return
    raise too_many_uploads(MOST_AT_ONCE)


def require_room(length: int) -> None:
    """Raises Refused where a body of this many bytes finds no room, or would leave too little beside it.

    It lies there twice for a while: as it arrives, and as the file that was found in it.
    """
    for folder, keep_free in ((gettempdir(), 0), (settings.DATA_DIR, environment.number("UPLOAD_KEEP_FREE"))):
        if disk_usage(folder).free < 2 * length + keep_free:
            raise disk_too_full()
