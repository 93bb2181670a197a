"""A real Chromium against the whole program, with the pages' own policy in force."""

import threading
import time
import uuid

import pytest
from django.conf import settings as project
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore


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
    """What a closed page has asked by itself (the ring of jobs) may still be answered, between two queries as well as
    in one: emptying the tables beside it is a deadlock. The server has a thread for each connection of a browser, which
    ends with it, so when none is left nothing is asked any more."""
    end = time.monotonic() + seconds
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(max(end - time.monotonic(), 0))
            assert not thread.is_alive(), "A request is still being answered, though its browser has closed."


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
