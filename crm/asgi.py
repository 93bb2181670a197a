"""The web process: what stands in front of Django. `crm.supervisor.web` runs it."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import OperationalError
from django.urls import get_resolver

from crm.lib.body_limit import API, DEFAULT, UPLOAD, Bound, bounded, declared_length
from crm.lib.environment import start_embedded_servers
from crm.lib.refusals import Scope, busy
from crm.lib.work_limit import WorkLimit, limited

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
start_embedded_servers()
django_application = get_asgi_application()

from crm.shops import uploads  # noqa: E402 - models can be imported only now

# As many as the pool has connections (crm/settings.py): one more would wait for a connection.
work_limit = WorkLimit(10, longest_queue=100, patience=1.0)


@asynccontextmanager
async def bound_of(scope: Scope) -> AsyncIterator[Bound]:
    """How large and slow the body of this request may be. Raises Refused where that cannot be found out now, and for
    an upload that has no place to go to."""
    if scope["path"].startswith("/api/"):
        yield API
    elif (person := await importer(scope)) is None:
        yield DEFAULT
    else:
        with uploads.place_of(person) as place:
            length = declared_length(scope)
            room = uploads.Room(place, UPLOAD.most if length is None else min(length, UPLOAD.most))
            yield replace(UPLOAD, require_room=room.require)


async def importer(scope: Scope) -> int | None:
    """The id of whoever sends a file to import and may; None for every other request."""
    slug = uploads.shop_of_upload(scope["method"], scope["raw_path"])
    session_key = uploads.session_key_of(scope["headers"]) if slug else None
    if slug is None or session_key is None:
        return None
    try:
        async with work_limit.place():
            return await sync_to_async(uploads.importer, thread_sensitive=False)(session_key, slug)
    except OperationalError:
        raise busy() from None


# /healthz says whether this process is up, and asks nobody: it is answered also by a busy one.
application = bounded(limited(django_application, work_limit, exempt={"/healthz"}), bound_of)

# What is loaded stays for good. Looking through it for garbage, again and again, cost one request in ten 0.1 s.
_ = get_resolver().url_patterns  # else the first request would load the pages
gc.collect()
gc.freeze()
