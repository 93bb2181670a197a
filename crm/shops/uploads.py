"""Who may send a large file, and is there room: asked before a byte of it is read, and so before there is a request."""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from crm.lib import environment
from crm.lib.body_limit import STEP
from crm.lib.refusals import disk_too_full, too_many_uploads
from crm.shops.models import Membership, Shop
from crm.shops.queries import is_shut_out
from crm.shops.roles import Right
from crm.tenancy.scope import shop_scope

MOST_AT_ONCE = 2  # files of one person, in whatever shops
_IMPORTS = re.compile(rb"/s/([a-z0-9-]{1,40})/imports/")


def shop_of_upload(method: str, raw_path: bytes) -> str | None:
    """The slug of the shop where this request may bring a file; None for every other request, and for every other way
    to write its address."""
    match = _IMPORTS.fullmatch(raw_path)
    return match[1].decode() if match and method == "POST" else None


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
def place_of(person_id: int) -> Iterator[BinaryIO]:
    """One of the person's places to send a file, while it is sent and taken. Raises Refused where none is free.

    Locks of files count for all web processes of the machine, and go with a process that is killed. A place that is
    taken has the number of bytes its Room holds, one that is free is empty.
    """
    folder = settings.DATA_DIR / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(MOST_AT_ONCE):
        place = folder / f"{person_id}-{number}"
        place.touch()
        with place.open("r+b", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            try:
                yield file
            finally:
                file.truncate(0)
            return
    raise too_many_uploads(MOST_AT_ONCE)


class Room:
    """What one body of `length` bytes may still fill of the disks.

    It lies there twice for a while: as it arrives, and as the file that is read from it. Free space alone does not say
    what the other uploads will fill in a moment. So each holds what it can write before it asks again: the next STEP of
    its body and, should that be the last, the file. It holds no more than that, or who announces much and sends nothing
    would keep everybody else out.
    """

    def __init__(self, place: BinaryIO, length: int) -> None:
        self._place, self._length = place, length

    def require(self, arrived: int) -> None:
        """Raises Refused where the rest finds no room beside what the other uploads hold and must stay free."""
        to_come = 2 * self._length - arrived
        self._hold(min(to_come, arrived + 2 * STEP))  # Before we look: of two at a time at least one sees the other.
        taken = to_come + _held_by_others(Path(self._place.name))
        for folder, keep_free in ((gettempdir(), 0), (settings.DATA_DIR, environment.number("UPLOAD_KEEP_FREE"))):
            if disk_usage(folder).free < taken + keep_free:
                raise disk_too_full()

    def _hold(self, size: int) -> None:
        self._place.seek(0)
        self._place.write(b"%020d" % size)  # always as long: nobody reads half of a number


def _held_by_others(own: Path) -> int:
    return sum(
        _held_by(Path(entry)) for entry in os.scandir(own.parent) if entry.name != own.name and entry.stat().st_size
    )


def _held_by(path: Path) -> int:
    with path.open("r+b", buffering=0) as place:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(place.read() or 0)
        place.truncate(0)  # Its process was killed.
        return 0
