"""A real Chromium against the whole program, with the pages' own policy in force."""

import time
import uuid

import pytest
from django.conf import settings as project
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections


@pytest.fixture
def visit(chromium, live_server, settings):
    """Opens a path in a browser of its own; `problems` collects what it complains of, `origin` is our address."""
    settings.CACHES = {"default": project.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
    # Passkeys belong to a name, not to an address of numbers.
    origin = live_server.url.replace("127.0.0.1", "localhost")
    contexts = []

    def open_(path, *, width=1440, language="en"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", locale=language
        )
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.origin, page.problems = origin, []
        page.on("console", lambda message: _note(page, message))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(origin + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    wait_for_requests()


def wait_for_requests(*, seconds=15):
    """What a closed page has asked by itself (the ring of jobs) may still be answered: emptying the tables beside it is
    a deadlock. Quiet is what is quiet twice: a request may just be on its way to its first query."""
    end, quiet = time.monotonic() + seconds, 0
    while quiet < 2 and time.monotonic() < end:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND usename = current_user AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        time.sleep(0.05)


def _note(page, message):
    if message.type == "error" and "Failed to load resource" not in message.text:
        page.problems.append(message.text)


@pytest.fixture
def look(visit, owner, shop):
    """A page of the shop, as its owner, in a browser of its own; `page.shop` is where the shop's other pages are."""

    def open_(rest, **options):
        session = SessionStore()
        session[SESSION_KEY] = str(owner.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
        session.save()
        page = visit("/healthz", **options)
        cookie = {"name": project.SESSION_COOKIE_NAME, "value": session.session_key, "url": page.origin}
        page.context.add_cookies([cookie])
        page.shop = f"{page.origin}/s/{shop.slug}/"
        page.goto(page.shop + rest)
        return page

    return open_
