"""Who is let in, and what every refusal looks like."""

import gzip
import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.shops.keys import revoke_key
from crm.shops.models import ApiKey
from crm.shops.roles import ApiScope
from crm.tenancy.scope import shop_scope

READS = ["customers", "orders", "products", "scores", "customers/1", "orders/1", "products/1", "scores/1"]
READS += [f"{name}/by-external-id/x" for name in ("customers", "orders", "products")]
WRITES = [f"{name}{end}" for name in ("customers", "orders", "products") for end in ("", "/bulk")]


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_key(db, path, problem_of):
    response = Client().get(f"/api/v1/{path}")
    assert problem_of(response) == (401, "key_missing", "")
    assert response["WWW-Authenticate"] == 'Bearer realm="Huitou"'


@pytest.mark.parametrize("path", WRITES)
def test_writing_needs_a_key(db, path, problem_of):
    response = Client().post(f"/api/v1/{path}", "{}", content_type="application/json")
    assert problem_of(response) == (401, "key_missing", "")


def test_a_logged_in_person_is_no_key(owner, problem_of):
    client = Client()
    client.force_login(owner)
    assert problem_of(client.get("/api/v1/customers")) == (401, "key_missing", "")


@pytest.mark.parametrize("kind", ["unknown", "other slug", "no shop", "no key", "expired", "revoked", "basic"])
def test_a_key_that_is_not_valid(shop, other_shop, make_key, kind, problem_of):
    row, key = make_key(shop)
    with shop_scope(shop):
        if kind == "expired":
            ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        if kind == "revoked":
            revoke_key(row, by=None, now=timezone.now())
    header = {
        "unknown": f"Bearer {key[:-1]}",
        "other slug": f"Bearer {key.replace('_tea_', '_other_')}",
        "no shop": f"Bearer {key.replace('_tea_', '_nowhere_')}",
        "no key": "Bearer",
        "basic": f"Basic {key}",
    }.get(kind, f"Bearer {key}")
    response = Client().get("/api/v1/customers", HTTP_AUTHORIZATION=header)
    assert problem_of(response) == (401, "key_invalid", "")
    assert response["WWW-Authenticate"] == 'Bearer realm="Huitou"'
    assert key not in response.content.decode()


def test_a_key_works_until_its_hour(shop, make_key):
    row, key = make_key(shop, expires_at=timezone.now() + timedelta(minutes=1))
    assert Client().get("/api/v1/customers", HTTP_AUTHORIZATION=f"bearer {key}").status_code == 200
    with shop_scope(shop):
        assert ApiKey.objects.get(pk=row.pk).last_used_at is not None


def test_a_key_in_the_address_is_refused_and_never_repeated(api, problem_of, caplog):
    with caplog.at_level(logging.DEBUG):
        for response in (api.get(f"customers?api_key={api.key}"), Client().get(f"/api/v1/orders?key={api.key}")):
            assert problem_of(response) == (401, "key_in_url", "")
            assert api.key not in response.content.decode()
    assert api.key not in caplog.text


def test_a_key_is_never_logged(api, caplog):
    with caplog.at_level(logging.DEBUG):
        api.get("customers")
        api.get("customers/99")
        api.post("orders", body=b"{")
        Client().get("/api/v1/orders", HTTP_AUTHORIZATION=f"Bearer {api.key}x")
    assert api.key not in caplog.text


@pytest.mark.parametrize("path", READS)
def test_each_read_needs_its_scope(shop, make_client, path, problem_of):
    needed = f"{path.partition('/')[0]}:read"
    others = [scope for scope in ApiScope.values if scope != needed]
    assert problem_of(make_client(shop, scopes=others).get(path)) == (403, "scope_missing", "")
    assert make_client(shop, scopes=[needed]).get(path).status_code in (200, 404)


@pytest.mark.parametrize("path", WRITES)
def test_each_write_needs_its_scope(shop, make_client, path, problem_of):
    needed = f"{path.partition('/')[0]}:write"
    others = [scope for scope in ApiScope.values if scope != needed]
    assert problem_of(make_client(shop, scopes=others).post(path, {})) == (403, "scope_missing", "")
    assert make_client(shop, scopes=[needed]).post(path, {}).status_code == 400


def test_patch_needs_the_scope_to_write(shop, make_client, problem_of):
    client = make_client(shop, scopes=["customers:read"])
    assert problem_of(client.patch("customers/1", {})) == (403, "scope_missing", "")


@pytest.mark.parametrize("path", READS + WRITES)
def test_a_publishable_key_opens_nothing(shop, make_client, path, problem_of):
    client = make_client(shop, kind=ApiKey.Kind.PUBLISHABLE, scopes=ApiScope.values)
    method = client.post if path in WRITES and "bulk" in path else client.get
    assert problem_of(method(path)) == (403, "key_publishable", "")


def test_another_shops_row_is_not_there(api, other_api):
    customer = other_api.post("customers", {"external_id": "c1", "name": "Secret"}).json()
    product = other_api.post("products", {"external_id": "p1"}).json()
    order = other_api.post(
        "orders",
        {
            "external_id": "1",
            "placed_at": "2026-11-20T10:00:00Z",
            "currency": "GBP",
            "lines": [{"quantity": 1, "unit_price": "1"}],
        },
    ).json()
    missing = api.get("customers/999999999")
    assert missing.status_code == 404
    for path in (
        f"customers/{customer['id']}",
        "customers/by-external-id/c1",
        f"products/{product['id']}",
        "products/by-external-id/p1",
        f"orders/{order['id']}",
        "orders/by-external-id/1",
        f"scores/{customer['id']}",
        "customers/99999999999999999999999",
        "customers/by-external-id/a%00b",
        "orders/by-external-id/a%00b",
        "customers/abc",
        "nothing/here",
    ):
        response = api.get(path)
        assert (response.status_code, response.content) == (404, missing.content), path
    response = api.patch(f"customers/{customer['id']}", {"name": "Mine"})
    assert (response.status_code, response.content) == (404, missing.content)
    assert other_api.get(f"customers/{customer['id']}").json()["name"] == "Secret"
    for path in ("customers", "orders", "products", "scores"):
        assert api.get(path).json()["results"] == []
    assert api.get(f"orders?customer_id={customer['id']}").json()["results"] == []
    assert api.get("customers?search=Secret").json()["results"] == []


def test_methods_that_are_not_there(api, problem_of):
    assert problem_of(api.send("DELETE", "customers/1")) == (405, "method_not_allowed", "")
    assert problem_of(api.send("PUT", "orders")) == (405, "method_not_allowed", "")
    assert problem_of(api.post("scores", {})) in [(405, "method_not_allowed", ""), (403, "scope_missing", "")]


@pytest.mark.parametrize("path", [*READS, "customers/1", "customers/bulk"])
def test_options_say_what_is_allowed(api, path):
    response = api.send("OPTIONS", path)
    assert (response.status_code, response.content) == (204, b"")
    assert "OPTIONS" in response["Allow"]


def test_only_json_is_answered(api, problem_of):
    assert problem_of(api.get("customers", HTTP_ACCEPT="application/xml")) == (406, "not_acceptable", "")
    assert api.get("customers", HTTP_ACCEPT="text/html,*/*;q=0.5").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b" ", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[]", 400, "wrong_type"),
        (b"{}", 400, "required"),
        (b'{"orders": {}}', 400, "wrong_type"),
        (b'{"orders": [], "else": 1}', 400, "unknown_field"),
        (b'{"orders": [NaN]}', 400, "invalid_json"),
        (b'{"orders": ["\\ud800"], "x": 1}', 400, "wrong_type"),
        (b'{"orders": [' + b"[" * 10_000 + b"]" * 10_000 + b"]}", 400, "json_too_deep"),
        (b"[" * 10_000, 400, "wrong_type"),
        (b'{"orders": [' + b'{"a":' * 100_000, 400, "json_too_deep"),
        (b'{"orders": [' + b"1," * 1000 + b"1]}", 400, "too_many_items"),
        (b"x" * (8 * 1024 * 1024 + 1), 413, "body_too_large"),
    ],
)
def test_bodies_that_cannot_be_read(api, problem_of, body, status, code):
    assert problem_of(api.post("orders/bulk", body=body))[:2] == (status, code)


@pytest.mark.parametrize("path", ["customers", "orders", "products"])
def test_a_deep_body_of_one_thing(api, problem_of, path):
    deep = b'{"external_id": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    assert problem_of(api.post(path, body=deep))[1] in ("json_too_deep", "wrong_type")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_called_json(api, problem_of, content_type):
    for path in WRITES:
        response = api.post(path, body=b"{}", content_type=content_type)
        assert problem_of(response) == (415, "unsupported_media_type", "")
    assert api.post("orders/bulk", {"orders": []}, content_type="application/json; charset=utf-8").status_code == 200


def test_a_compressed_body_is_refused_as_such(api, problem_of):
    response = api.post("orders", body=gzip.compress(b"{}"), HTTP_CONTENT_ENCODING="gzip")
    assert problem_of(response) == (415, "unsupported_media_type", "")
    assert "Content-Encoding" in response.json()["detail"]


def test_rate_limit(shop, make_client, settings, problem_of):
    settings.API_REQUESTS_PER_MINUTE = 2
    api, second = make_client(shop), make_client(shop)
    answers = [api.get("customers") for _ in range(6)]  # a minute may end once in between
    refused = [response for response in answers if response.status_code == 429]
    assert len(refused) >= 2
    assert problem_of(refused[-1]) == (429, "rate_limited", "")
    assert refused[-1]["Retry-After"] == refused[-1]["RateLimit-Reset"]
    assert (refused[-1]["RateLimit-Limit"], refused[-1]["RateLimit-Remaining"]) == ("2", "0")
    assert answers[0].status_code == 200
    assert answers[0]["RateLimit-Remaining"] == "1"
    assert 1 <= int(answers[0]["RateLimit-Reset"]) <= 60
    assert second.get("customers").status_code == 200  # each key has its own
    assert api.post("customers", {}, HTTP_IDEMPOTENCY_KEY="k").status_code in (429, 400)


def test_without_redis_requests_pass(api, settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.API_REQUESTS_PER_MINUTE = 1
    for _ in range(3):
        response = api.get("customers")
        assert response.status_code == 200
        assert "RateLimit-Limit" not in response
    assert "Rate limits are off" in caplog.text
