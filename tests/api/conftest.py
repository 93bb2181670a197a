"""A client that speaks to /api/v1/ with a key."""

import json

import pytest
from django.test import Client

from crm.shops.keys import create_key
from crm.tenancy.scope import shop_scope


class ApiClient:
    """Sends and reads JSON with one key; any header can be given as `HTTP_…`."""

    def __init__(self, key):
        self.client, self.key = Client(), key

    def send(self, method, path, data=None, *, body=None, content_type="application/json", **headers):
        if body is None:
            body = b"" if data is None else json.dumps(data).encode()
        if self.key:
            headers.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.key}")
        path = path if path.startswith(("http", "/api")) else f"/api/v1/{path}"
        return self.client.generic(method, path, body, content_type, **headers)

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def post(self, path, data=None, **options):
        return self.send("POST", path, data, **options)

    def patch(self, path, data=None, **options):
        return self.send("PATCH", path, data, **options)

    def delete(self, path, **options):
        return self.send("DELETE", path, **options)


@pytest.fixture
def make_key():
    def make(shop, **fields):
        with shop_scope(shop):
            return create_key(shop, name="Storefront", by=None, **fields)

    return make


@pytest.fixture
def make_client(make_key):
    def make(shop, **fields):
        return ApiClient(make_key(shop, **fields)[1])

    return make


@pytest.fixture
def api(shop, make_client):
    return make_client(shop)


@pytest.fixture
def other_api(other_shop, make_client):
    return make_client(other_shop)


@pytest.fixture
def problem_of():
    def read(response):
        assert response["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        return response.status_code, problem["code"], problem.get("field", "")

    return read
