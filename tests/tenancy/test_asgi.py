"""Two shops at once through the real ASGI application: a scope must not reach the request beside it."""

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application

from crm.shops.keys import create_key
from crm.tenancy.scope import _shop_id, shop_scope
from tests import loops
from tests.factories import canary, make_everything

ROUNDS = 12
ADDRESSES = ("/api/v1/customers", "/api/v1/orders", "/api/v1/products")

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


async def get(application, path, key):
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {key}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    asked = ApplicationCommunicator(application, scope)
    await asked.send_input({"type": "http.request", "body": b"", "more_body": False})
    start = await asked.receive_output(20)
    body = b""
    while True:
        part = await asked.receive_output(20)
        body += part.get("body", b"")
        if not part.get("more_body"):
            await asked.wait(20)  # It closes its connection after the last byte.
            return start["status"], body.decode()


def test_parallel_requests_of_two_shops_see_their_own_rows_only(shop, other_shop):
    keys = {}
    for one in (shop, other_shop):
        make_everything(one)
        with shop_scope(one):
            keys[one] = create_key(one, name="parallel", by=None)[1]
    application = get_asgi_application()

    async def everybody():
        asked = [(one, path) for _ in range(ROUNDS) for path in ADDRESSES for one in (shop, other_shop)]
        return asked, await asyncio.gather(*(get(application, path, keys[one]) for one, path in asked))

    asked, answers = loops.run(everybody())
    for (one, path), (status, body) in zip(asked, answers, strict=True):
        stranger = other_shop if one is shop else shop
        assert status == 200, (path, body)
        assert canary(one) in body, path
        assert canary(stranger) not in body, path
    assert _shop_id.get() is None
