"""The web process killed in the middle of a bulk request, started again, and asked the same again."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from crm.rest import idempotency
from crm.shops.models import AuditEntry, IdempotencyRecord
from crm.tenancy.scope import shop_scope
from customers.models import Customer, Order, OrderLine
from tests import processes

pytestmark = pytest.mark.slow

ORDERS = 200
# A backend that waits for ours, and whether it has begun to write orders.
WAITING = """
SELECT EXISTS (SELECT FROM pg_locks AS written WHERE written.pid = waiting.pid
    AND written.relation = 'customers_order'::regclass AND written.mode = 'RowExclusiveLock')
FROM pg_locks AS waiting WHERE NOT waiting.granted AND %s = ANY (pg_blocking_pids(waiting.pid))
"""


@pytest.fixture
def listener():
    """Stays open while the server is down, as the supervisor keeps it."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


@contextmanager
def web(listener):
    """The web process as the supervisor starts it; it ends with the block at the latest."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crm.supervisor.web", str(listener.fileno())],
        pass_fds=[listener.fileno()],
        env=processes.environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def sent(listener, key, batch, idempotency_key):
    """The request on its way; its caller waits until the end of the block, whether or not it reads the answer."""
    request = http.client.HTTPConnection("localhost", listener.getsockname()[1], timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    headers["Idempotency-Key"] = idempotency_key
    with closing(request):
        request.request("POST", "/api/v1/orders/bulk", json.dumps({"orders": batch}), headers)
        yield request


def answer(*request):
    with sent(*request) as sent_request:
        response = sent_request.getresponse()
        return response.status, response.read(), response.headers


def batch(name):
    line = {"product": {"external_id": "p1"}, "quantity": 1, "unit_price": "2.50"}
    return [
        {
            "external_id": f"{name}-{number}",
            "placed_at": "2026-11-20T10:00:00Z",
            "currency": "GBP",
            "customer": {"external_id": f"{name}-{number}"},
            "lines": [line, line],
        }
        for number in range(ORDERS)
    ]


def written(shop):
    with shop_scope(shop):
        counts = tuple(model.objects.count() for model in (Order, OrderLine, Customer))
        return *counts, AuditEntry.objects.filter(action="orders.ingested").count()


def is_answered(shop, key):
    with shop_scope(shop):
        return IdempotencyRecord.objects.filter(key=key, status=200).exists()


def kill(process):
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL


@contextmanager
def audit_log_held(shop):
    """Whoever wants to add an entry to the shop's log waits. Gives a question: has somebody come so far with orders?"""
    other = connection.copy()
    other.set_autocommit(False)
    with closing(other), other.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.shop_id = '{shop.pk}'")
        cursor.execute("SELECT pg_backend_pid() FROM shops_audithead FOR UPDATE")
        (us,) = cursor.fetchone()

        def has_come():
            cursor.execute(WAITING, [us])
            return cursor.fetchall() == [(True,)]

        yield has_come


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_killed_server_loses_and_doubles_nothing(shop, make_key, listener):
    _, key = make_key(shop)
    first, second = (listener, key, batch("first"), "one"), (listener, key, batch("second"), "two")
    with web(listener) as process, audit_log_held(shop) as has_written, sent(*first):
        processes.wait_until(has_written, what="The batch is written up to its audit entry")
        kill(process)
    assert written(shop) == (0, 0, 0, 0)

    with shop_scope(shop):
        # On a busy machine the next server may come up only when the lease of 15 s has passed.
        assert IdempotencyRecord.objects.filter(lease_until__lte=Now() + idempotency.LEASE).update(
            lease_until=Now() + timedelta(seconds=300)
        )

    with web(listener) as process:
        status, body, headers = answer(*first)
        assert (status, json.loads(body)["code"]) == (409, "idempotency_in_progress")
        assert 1 <= int(headers["Retry-After"]) <= 301
        with shop_scope(shop):  # That time passes.
            IdempotencyRecord.objects.update(lease_until=Now() - timedelta(seconds=1))
        status, body, headers = answer(*first)
        assert (status, headers["Idempotency-Replayed"]) == (200, None)
        assert [item["status"] for item in json.loads(body)["results"]] == ["created"] * ORDERS
        assert written(shop) == (ORDERS, 2 * ORDERS, ORDERS, 1)
        again = answer(*first)
        assert (again[0], again[1], again[2]["Idempotency-Replayed"]) == (200, body, "true")

        # And after its commit, before anybody has read the answer.
        with sent(*second):
            processes.wait_until(lambda: is_answered(shop, "two"), what="The second batch is committed")
            kill(process)

    with web(listener):
        status, body, headers = answer(*second)
        assert (status, headers["Idempotency-Replayed"]) == (200, "true")
        assert [item["status"] for item in json.loads(body)["results"]] == ["created"] * ORDERS
    assert written(shop) == (2 * ORDERS, 4 * ORDERS, 2 * ORDERS, 2)
