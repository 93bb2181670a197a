"""POST /api/v1/customers/bulk with attributes, tags and consents against COPY and INSERT … SELECT of the same rows.

Ours goes through everything a request goes through but the socket. The floor writes the bare rows of customers,
identifiers, search documents without terms, tags, values and consents, by hand. Two clients at once, both times.
"""

import hashlib
import json
import time
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.db import connections
from django.test import Client

from bench.api_bulk import _seconds, _shop
from bench.scratch import scratch_database
from crm.shops.keys import create_key
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.attributes import create_definition, definitions
from customers.models import Tag

CUSTOMERS_A_REQUEST = 1000
REQUESTS = {"small": 10, "full": 60}
GOAL = 5.0
TEAS = ["Assam", "Darjeeling", "龙井", "普洱"]
TAGS = ["VIP", "茶友", "new", "trial"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAID = {
    "channel": "email",
    "purpose": "marketing",
    "state": "granted",
    "at": "2025-05-03T10:00:00Z",
    "source": "Newsletter form",
    "evidence": "double opt-in",
}
DEFINITIONS = {"tea": "choice", "points": "number", "since": "date", "club": "boolean", "note": "text"}


def run(size: str) -> list[dict[str, Any]]:
    import_module("crm.asgi")  # as the web process is when it serves
    with scratch_database():
        batches = [_customers(n) for n in range(REQUESTS[size])]
        ours = len(batches) * CUSTOMERS_A_REQUEST / _ours(_defined("bulk"), batches)
        floor = len(batches) * CUSTOMERS_A_REQUEST / _floor(_defined("bulk-floor"), batches)
    return [
        {
            "work": "POST /api/v1/customers/bulk, 5 attributes, 2 tags and a consent each",
            "ours": round(ours),
            "floor": round(floor),
            "ratio": round(floor / ours, 2),
            "unit": "customers/s",
            "goal": f"≤ {GOAL:.0f}× the floor",
            "met": floor / ours <= GOAL,
        }
    ]


def _defined(slug: str) -> Shop:
    shop = _shop(slug)
    with shop_scope(shop):
        for key, type_ in DEFINITIONS.items():
            choices = TEAS if type_ == "choice" else []
            create_definition(key=key, label=key, type_=type_, choices=choices, by=None, now=NOW)
        Tag.objects.bulk_create(Tag(shop=shop, name=name) for name in TAGS)
    return shop


def _customers(batch: int) -> list[dict[str, Any]]:
    first = batch * CUSTOMERS_A_REQUEST
    return [_customer(n) for n in range(first, first + CUSTOMERS_A_REQUEST)]


def _customer(n: int) -> dict[str, Any]:
    return {
        "external_id": f"c{n}",
        "email": f"shopper{n}@example.cn",
        "name": f"王小明{n}",
        "birthday": f"19{n % 100:02d}-0{n % 9 + 1}-15",
        "language": "zh-Hans",
        "tags": [TAGS[n % 4], TAGS[(n + 1) % 4]],
        "consents": [SAID],
        "attributes": {
            "tea": TEAS[n % 4],
            "points": n % 1000,
            "since": f"20{n % 25:02d}-0{n % 9 + 1}-15",
            "club": n % 3 == 0,
            "note": f"Door {n}",
        },
    }


def _ours(shop: Shop, batches: list[list[dict[str, Any]]]) -> float:
    with shop_scope(shop):
        _, key = create_key(shop, name="bench", by=None)
    client = Client(headers={"Authorization": f"Bearer {key}", "Host": "localhost"})
    client.get("/api/v1/customers")  # what is loaded once

    def send(body: bytes) -> None:
        headers = {"Idempotency-Key": hashlib.sha256(body).hexdigest()}
        answer = client.post("/api/v1/customers/bulk", body, content_type="application/json", headers=headers)
        if answer.status_code != 200 or answer.content.count(b'"created"') != CUSTOMERS_A_REQUEST:
            raise RuntimeError(f"The API answered {answer.status_code}: {answer.content[:500]!r}")

    return _seconds(send, [json.dumps({"customers": customers}).encode() for customers in batches])


TABLES = ("floor_customer", "floor_tag", "floor_value", "floor_consent")
FLOOR = (
    """CREATE TEMP TABLE floor_customer (n bigint, external_id text, email text, name text, birthday text,
        language text) ON COMMIT DROP""",
    """CREATE TEMP TABLE floor_consent (n bigint, channel text, purpose text, state text, at timestamptz, source text,
        evidence text) ON COMMIT DROP""",
    "CREATE TEMP TABLE floor_tag (n bigint, tag_id bigint) ON COMMIT DROP",
    """CREATE TEMP TABLE floor_value (n bigint, definition_id bigint, text_value text, number_value double precision,
        date_value date, boolean_value boolean, choice_id bigint) ON COMMIT DROP""",
    "CREATE TEMP TABLE floor_id (n bigint, id bigint) ON COMMIT DROP",
)
FLOOR_WRITE = (
    "INSERT INTO floor_id SELECT n, nextval('customers_customer_id_seq') FROM floor_customer",
    """INSERT INTO customers_customer (id, shop_id, name, birthday, language)
    SELECT id, %(shop)s, name, birthday, language FROM floor_customer JOIN floor_id USING (n)""",
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, value)
    SELECT %(shop)s, id, kind, value FROM floor_customer JOIN floor_id USING (n)
    CROSS JOIN LATERAL (VALUES ('external', external_id), ('email', email)) AS own (kind, value)""",
    """INSERT INTO customers_searchdocument (shop_id, customer_id, terms)
    SELECT %(shop)s, id, '{}' FROM floor_id""",
    """INSERT INTO customers_customertag (shop_id, customer_id, tag_id)
    SELECT %(shop)s, id, tag_id FROM floor_tag JOIN floor_id USING (n)""",
    """INSERT INTO customers_attributevalue (shop_id, customer_id, definition_id, text_value, number_value, date_value,
        boolean_value, choice_id)
    SELECT %(shop)s, id, definition_id, text_value, number_value, date_value, boolean_value, choice_id
    FROM floor_value JOIN floor_id USING (n)""",
    """WITH said AS (
        INSERT INTO customers_consentevent (shop_id, customer_id, channel, purpose, state, at, recorded_at, source,
            evidence)
        SELECT %(shop)s, id, channel, purpose, state, at, now(), source, evidence
        FROM floor_consent JOIN floor_id USING (n)
        RETURNING id, customer_id, channel, purpose, state, at
    )
    INSERT INTO customers_consent (shop_id, customer_id, channel, purpose, state, at, event_id)
    SELECT %(shop)s, customer_id, channel, purpose, state, at, id FROM said""",
)


def _floor(shop: Shop, batches: list[list[dict[str, Any]]]) -> float:
    with shop_scope(shop):
        known = definitions()
        tags = dict(Tag.objects.values_list("name", "pk"))
    ids = {key: definition.pk for key, definition in known.by_key.items()}
    teas = {label: pk for pk, label in known.labels.items()}

    def rows(customers: list[dict[str, Any]]) -> list[list[Any]]:
        people, worn, values, consents = [], [], [], []
        for n, one in enumerate(customers):
            people.append((n, *(one[name] for name in ("external_id", "email", "name", "birthday", "language"))))
            consents += [(n, *said.values()) for said in one["consents"]]
            worn += [(n, tags[name]) for name in one["tags"]]
            said = one["attributes"]
            values += [
                (n, ids["tea"], None, None, None, None, teas[said["tea"]]),
                (n, ids["points"], None, said["points"], None, None, None),
                (n, ids["since"], None, None, said["since"], None, None),
                (n, ids["club"], None, None, None, said["club"], None),
                (n, ids["note"], said["note"], None, None, None, None),
            ]
        return [people, worn, values, consents]

    def write(portion: list[list[Any]]) -> None:
        with shop_scope(shop), connections["default"].cursor() as cursor:
            for table in FLOOR:
                cursor.execute(table)
            for name, part in zip(TABLES, portion, strict=True):
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    for row in part:
                        copy.write_row(row)
            for statement in FLOOR_WRITE:
                cursor.execute(statement, {"shop": shop.pk})

    first, *others = [rows(customers) for customers in batches]
    began = time.perf_counter()
    write(first)
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute("SELECT customers_refresh_statistics()")
    return time.perf_counter() - began + _seconds(write, others)
