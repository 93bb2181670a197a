"""Who may send a large file: asked before a byte of it is read, and so before there is a request for the middleware."""

import re
from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from crm.shops.models import Membership, Shop
from crm.shops.queries import is_shut_out
from crm.shops.roles import Right
from crm.tenancy.scope import shop_scope

_IMPORTS = re.compile(r"/s/([a-z0-9-]{1,40})/imports/")


def shop_of_upload(method: str, path: str) -> str | None:
    """The slug of the shop where this request may bring a file; None for every other request."""
    found = _IMPORTS.fullmatch(path)
    return found[1] if found and method == "POST" else None


def session_key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """From the Cookie headers of an ASGI scope."""
    cookies = "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)


def may_import(session_key: str, slug: str) -> bool:
    """Whether somebody is signed in by this session who may import into this shop now.

    Runs in a thread of its own, which keeps no connection.
    """
    try:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        user = get_user(request)
        shop = Shop.objects.filter(slug=slug).first() if user.is_authenticated else None
        if shop is None:
            return False
        with shop_scope(shop):
            membership = Membership.objects.filter(user=user.pk).first()
            if membership is None:
                return False
            membership.shop = shop
            return membership.may(Right.IMPORT) and not is_shut_out(membership)
    finally:
        connections.close_all()
