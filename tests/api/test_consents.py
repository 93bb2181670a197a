"""Consents by the API: written with a customer, read with their history, and the one question about them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, add_topic
from customers.consent.recording import differences
from customers.merging import merge_customers
from customers.models import ConsentEvent, Customer, Identifier, Suppression
from tests.factories import customers

SPRING, SUMMER = "2026-05-03T10:00:00+08:00", "2026-07-01T00:00:00Z"
AT = {SPRING: "2026-05-03T02:00:00Z", SUMMER: "2026-07-01T00:00:00Z"}
GRANT = {
    "channel": "email",
    "purpose": "marketing",
    "state": "granted",
    "at": SPRING,
    "source": "Newsletter  form",
    "text_version": "footer-1",
    "evidence": "double opt-in, mail 77",
    "ip": "192.0.2.7",
}
WITHDRAWAL = {"channel": "email", "purpose": "marketing", "state": "withdrawn", "at": SUMMER}


def put(api, *consents, external_id="c1", **fields):
    response = api.post("customers", {"external_id": external_id, "consents": list(consents)} | fields)
    assert response.status_code in (200, 201), response.content
    return response.json()


def bulk(api, *items):
    response = api.post("customers/bulk", {"customers": list(items)})
    assert response.status_code == 200, response.content
    return response.json()["results"]


def history(api, pk):
    response = api.get(f"customers/{pk}/consents")
    assert response.status_code == 200, response.content
    return response.json()["results"]


def may(api, pk, channel="email", purpose="marketing"):
    response = api.get(f"customers/{pk}/may-contact?channel={channel}&purpose={purpose}")
    assert response.status_code == 200, response.content
    return response.json()


def count(shop):
    with shop_scope(shop):
        assert differences()[1] == []
        return ConsentEvent.objects.count()


def test_a_consent_comes_with_its_customer_and_is_read_with_them(api, shop):
    customer = put(api, GRANT, email="ana@example.com")
    expected = {name: GRANT[name] for name in ("channel", "purpose", "state", "text_version", "evidence")}
    assert customer["consents"] == [expected | {"at": AT[SPRING], "source": "Newsletter form"}]
    assert api.get(f"customers/{customer['id']}").json()["consents"] == customer["consents"]
    assert api.get("customers").json()["results"][0]["consents"] == customer["consents"]
    assert may(api, customer["id"]) == {"allowed": True, "reason": None}


def test_the_history_has_each_thing_said_and_the_text_word_by_word(api, shop):
    with shop_scope(shop):
        add_text("footer-1", "en", "Yes, write to me about tea.", by=None, now=timezone.now())
    customer = put(api, GRANT, WITHDRAWAL)
    late, early = history(api, customer["id"])
    assert (late["state"], late["at"], late["source"], late["text"], late["ip"]) == (
        "withdrawn",
        AT[SUMMER],
        "api",
        None,
        None,
    )
    recorded = early.pop("recorded_at")
    assert early == {
        "id": early["id"],
        "channel": "email",
        "purpose": "marketing",
        "state": "granted",
        "at": AT[SPRING],
        "source": "Newsletter form",
        "text_version": "footer-1",
        "text": "Yes, write to me about tea.",
        "evidence": "double opt-in, mail 77",
        "ip": "192.0.2.7",
    }
    assert datetime.fromisoformat(recorded) <= datetime.now(UTC)
    assert [row["state"] for row in customer["consents"]] == ["withdrawn"]
    assert may(api, customer["id"]) == {"allowed": False, "reason": "withdrawn"}


def test_the_history_is_paged(api):
    pk = put(api, *[GRANT | {"at": f"2026-05-03T10:{minute:02}:00Z"} for minute in range(5)])["id"]
    first = api.get(f"customers/{pk}/consents?limit=2").json()
    second = api.get(first["next"]).json()
    assert [row["at"][14:16] for row in first["results"] + second["results"]] == ["04", "03", "02", "01"]


def test_sending_the_same_again_adds_nothing(api, shop):
    customer = put(api, GRANT, WITHDRAWAL)
    again = [{name: row[name] for name in row} for row in customer["consents"]]
    assert put(api, GRANT, WITHDRAWAL)["consents"] == customer["consents"]
    assert put(api, *again)["consents"] == customer["consents"]
    (result,) = bulk(api, {"external_id": "c1", "consents": [GRANT, WITHDRAWAL, WITHDRAWAL | {"at": None}]})
    assert result["status"] == "unchanged"
    assert count(shop) == 2


def test_an_older_consent_that_comes_late_overturns_nothing(api, shop):
    put(api, WITHDRAWAL)
    customer = put(api, GRANT)
    assert [row["state"] for row in customer["consents"]] == ["withdrawn"]
    assert count(shop) == 2


def test_withdrawing_twice_is_no_error(api, shop):
    customer = put(api, WITHDRAWAL, WITHDRAWAL | {"at": "2026-07-02T00:00:00Z"})
    assert [(row["state"], row["at"]) for row in customer["consents"]] == [("withdrawn", "2026-07-02T00:00:00Z")]
    assert count(shop) == 2


def test_a_customer_is_patched_and_the_audit_log_knows(api, shop):
    pk = put(api, GRANT)["id"]
    response = api.patch(f"customers/{pk}", {"consents": [WITHDRAWAL]})
    assert [row["state"] for row in response.json()["consents"]] == ["withdrawn"]
    with shop_scope(shop):
        entries = AuditEntry.objects.filter(action="consents.recorded").order_by("seq")
        assert [entry.details for entry in entries] == [{"granted": 1}, {"withdrawn": 1}]


def test_a_batch_answers_for_each_and_keeps_what_was_said_twice_of_one(api, shop):
    results = bulk(
        api,
        {"external_id": "c1", "consents": [WITHDRAWAL]},
        {"external_id": "c2", "consents": [GRANT | {"channel": "fax"}]},
        {"external_id": "c1", "consents": [GRANT | {"channel": "sms"}]},
        {"external_id": "c3", "consents": [GRANT]},
    )
    assert [result["status"] for result in results] == ["created", "error", "created", "created"]
    assert (results[1]["error"]["code"], results[1]["error"]["field"]) == ("unknown_channel", "consents[0].channel")
    customer = api.get("customers/by-external-id/c1").json()
    assert [(row["channel"], row["state"]) for row in customer["consents"]] == [
        ("email", "withdrawn"),
        ("sms", "granted"),
    ]
    assert count(shop) == 3
    assert bulk(api, {"external_id": "c3", "consents": [WITHDRAWAL]})[0]["status"] == "updated"


def soon(**ahead):
    return (timezone.now() + timedelta(**ahead)).isoformat()


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"channel": "fax"}, "unknown_channel", "channel"),
        ({"channel": ""}, "unknown_channel", "channel"),
        ({"purpose": "spam"}, "unknown_purpose", "purpose"),
        ({"purpose": "service"}, "unknown_purpose", "purpose"),
        ({"purpose": "topic:none"}, "unknown_purpose", "purpose"),
        ({"state": "maybe"}, "invalid_value", "state"),
        ({"at": "2026-05-03"}, "invalid_date", "at"),
        ({"at": "2026-05-03T10:00:00"}, "no_time_zone", "at"),
        ({"at": "1900-01-01T00:00:00Z"}, "date_out_of_range", "at"),
        ({"at": soon(days=2)}, "date_in_future", "at"),
        ({"ip": "nowhere"}, "invalid_value", "ip"),
        ({"source": "x" * 101}, "too_long", "source"),
        ({"text_version": "x" * 61}, "too_long", "text_version"),
        ({"evidence": "x" * 1001}, "too_long", "evidence"),
        ({"evidence": "a\0b"}, "control_character", "evidence"),
        ({"evidence": 7}, "wrong_type", "evidence"),
        ({"because": "x"}, "unknown_field", "because"),
    ],
)
def test_what_cannot_be_taken_is_refused_whole(api, shop, problem_of, wrong, code, field):
    response = api.post("customers", {"external_id": "c1", "consents": [WITHDRAWAL, GRANT | wrong]})
    assert problem_of(response) == (400, code, f"consents[1].{field}")
    with shop_scope(shop):
        assert not Customer.objects.exists()
    assert count(shop) == 0


def test_a_clock_a_little_ahead_is_taken(api, shop):
    customer = put(api, GRANT | {"at": soon(minutes=5)}, email="ana@example.com")
    assert may(api, customer["id"])["allowed"]
    put(api, {"channel": "email", "purpose": "marketing", "state": "withdrawn"})
    assert may(api, customer["id"])["reason"] == "withdrawn"


@pytest.mark.parametrize("ip", ["::ffff:192.0.2.7", "fe80::1%eth0", " 2001:DB8::1 "])
def test_odd_addresses_of_machines_are_kept(api, ip):
    assert history(api, put(api, GRANT | {"ip": ip})["id"])[0]["ip"] is not None


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Ω≈ç√∫",
        "\u202eabc",
        "\U0001f469\u200d\U0001f467",
        "'; DROP TABLE x; --",
        "田中さん",
    ],
)
def test_odd_texts_are_kept(api, text):
    said = history(api, put(api, GRANT | {"source": text, "evidence": text, "text_version": text})["id"])[0]
    assert (said["source"], said["evidence"], said["text_version"]) == (text, text, text)


def test_topics_are_purposes_of_the_shop_that_has_them(api, other_api, shop, problem_of):
    with shop_scope(shop):
        add_topic("tea", "New teas", by=None, now=timezone.now())
    customer = put(api, GRANT | {"purpose": "topic:tea"}, email="ana@example.com")
    assert may(api, customer["id"], purpose="topic:tea")["allowed"]
    assert may(api, customer["id"]) == {"allowed": False, "reason": "no_consent"}
    body = {"external_id": "c1", "consents": [GRANT | {"purpose": "topic:tea"}]}
    assert problem_of(other_api.post("customers", body)) == (400, "unknown_purpose", "consents[0].purpose")


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("", "required", "channel"),
        ("?channel=email", "required", "purpose"),
        ("?channel=fax&purpose=marketing", "unknown_channel", "channel"),
        ("?channel=email&purpose=spam", "unknown_purpose", "purpose"),
        ("?channel=email&purpose=%00", "unknown_purpose", "purpose"),
        ("?channel=email&purpose=marketing&now=1", "unknown_parameter", "now"),
    ],
)
def test_the_question_has_to_be_whole(api, problem_of, query, code, field):
    pk = put(api)["id"]
    assert problem_of(api.get(f"customers/{pk}/may-contact{query}")) == (400, code, field)


def test_nothing_is_told_of_another_shop_s_customers(api, other_shop, problem_of):
    theirs = customers.customer(other_shop, "Bo", email="bo@example.com")
    for path in ("consents", "may-contact?channel=email&purpose=marketing"):
        assert problem_of(api.get(f"customers/{theirs.pk}/{path}")) == (404, "not_found", "")


def test_consents_have_scopes_of_their_own(shop, make_client, problem_of):
    plain = make_client(shop, scopes=["customers:read", "customers:write"])
    refused = plain.post("customers", {"external_id": "c1", "consents": [GRANT]})
    assert problem_of(refused) == (403, "scope_missing", "consents")
    pk = plain.post("customers", {"external_id": "c1"}).json()["id"]
    assert "consents" not in plain.get(f"customers/{pk}").json()
    assert problem_of(plain.patch(f"customers/{pk}", {"consents": [GRANT]}))[1] == "scope_missing"
    (result,) = bulk(plain, {"external_id": "c1", "consents": [GRANT]})
    assert result["error"]["code"] == "scope_missing"
    for path in ("consents", "may-contact?channel=email&purpose=marketing"):
        assert problem_of(plain.get(f"customers/{pk}/{path}"))[:2] == (403, "scope_missing")
    writer = make_client(shop, scopes=["customers:write", "consents:write"])
    assert "consents" not in writer.patch(f"customers/{pk}", {"consents": [GRANT]}).json()
    assert count(shop) == 1
    reader = make_client(shop, scopes=["consents:read"])
    for body in ({"email": "a@example.com"}, {"email": "a@example.com", "reason": "complaint"}):
        assert problem_of(reader.post("suppressions", body))[:2] == (403, "scope_missing")
    assert problem_of(reader.delete("suppressions?email=a@example.com"))[:2] == (403, "scope_missing")
    assert problem_of(writer.get("suppressions"))[:2] == (403, "scope_missing")


def test_a_page_of_customers_asks_as_many_questions_as_one_of_one(api, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    put(api, GRANT)
    api.get("customers")
    with CaptureQueriesContext(connection) as one:
        api.get("customers")
    for n in range(3):
        put(api, GRANT, WITHDRAWAL, external_id=f"more-{n}")
    with CaptureQueriesContext(connection) as four:
        api.get("customers")
    assert len(four) == len(one)


# Suppressions


def suppress(api, **body):
    response = api.post("suppressions", body)
    assert response.status_code in (200, 201), response.content
    return response.status_code, response.json()


def test_an_address_is_suppressed_and_let_go(api, shop):
    customer = put(api, GRANT, email="ana@example.com")
    status, made = suppress(api, email=" ANA@example.com", reason="complaint")
    assert (status, made["kind"], made["reason"]) == (201, "email", "complaint")
    assert suppress(api, email="ana@example.com", reason="complaint") == (200, made)
    assert may(api, customer["id"]) == {"allowed": False, "reason": "suppressed"}
    assert may(api, customer["id"], purpose="service") == {"allowed": True, "reason": None}
    assert api.get("suppressions").json()["results"] == [made]
    assert api.send("DELETE", f"suppressions/{made['id']}").json() == {"lifted": 1}
    assert may(api, customer["id"])["allowed"]
    assert api.send("DELETE", f"suppressions/{made['id']}").status_code == 404


def test_suppressions_are_found_and_lifted_by_their_address(api, shop):
    suppress(api, email="ana@example.com", reason="complaint")
    suppress(api, email="ana@example.com", reason="hard_bounce")
    suppress(api, phone="+86 138 0013 8000")
    suppress(api, email="bo@example.com")
    found = api.get("suppressions?email=Ana@example.com").json()["results"]
    assert [row["reason"] for row in found] == ["complaint", "hard_bounce"]
    assert [row["kind"] for row in api.get("suppressions?phone=%2B8613800138000").json()["results"]] == ["phone"]
    assert len(api.get("suppressions?reason=block_list").json()["results"]) == 2
    assert api.send("DELETE", "suppressions?email=ana@example.com&reason=complaint").json() == {"lifted": 1}
    assert api.send("DELETE", "suppressions?email=ana@example.com").json() == {"lifted": 1}
    assert api.send("DELETE", "suppressions?email=ana@example.com").json() == {"lifted": 0}
    with shop_scope(shop):
        assert Suppression.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid_value", "email"),
        ({"email": "a@example.com", "phone": "+8613800138000"}, "invalid_value", "email"),
        ({"email": "ana@"}, "invalid_email", "email"),
        ({"email": "nobody"}, "invalid_value", "email"),
        ({"phone": "13800138000"}, "invalid_phone", "phone"),
        ({"email": "a@example.com", "reason": "dislike"}, "invalid_value", "reason"),
        ({"address": "a@example.com"}, "unknown_field", "address"),
    ],
)
def test_an_address_that_is_none_is_refused(api, shop, problem_of, body, code, field):
    assert problem_of(api.post("suppressions", body)) == (400, code, field)


def test_a_delete_that_names_nothing_deletes_nothing(api, shop, problem_of):
    suppress(api, email="ana@example.com")
    for query in ("", "?email=", "?reason=block_list"):
        assert problem_of(api.send("DELETE", f"suppressions{query}"))[:2] == (400, "invalid_value")
    assert len(api.get("suppressions").json()["results"]) == 1


def test_another_shop_s_suppressions_are_not_there(api, other_api):
    _, theirs = suppress(other_api, email="ana@example.com")
    assert api.get("suppressions").json()["results"] == []
    assert api.get("suppressions?email=ana@example.com").json()["results"] == []
    assert api.send("DELETE", f"suppressions/{theirs['id']}").status_code == 404
    assert api.send("DELETE", "suppressions?email=ana@example.com").json() == {"lifted": 0}
    assert len(other_api.get("suppressions").json()["results"]) == 1


def test_two_numbers_of_one_customer_in_a_batch_lose_nothing_of_each_other(api, shop):
    pk = customers.customer(shop, "Ana", number="n1").pk
    with shop_scope(shop):
        Identifier.objects.create(shop=shop, customer_id=pk, kind="external", value="n2", created_at=timezone.now())
    no = {"channel": "email", "purpose": "marketing", "state": "withdrawn"}
    home = {"line1": "Mill Road 1"}
    first = {"external_id": "n1", "consents": [no], "city": "Leeds", "name": "Bea", "minor": True, "addresses": [home]}
    later = {"external_id": "n2", "name": "Cy", "country": "GB", "minor": False}
    assert api.post("customers/bulk", {"customers": [first, later]}).status_code == 200
    found = api.get(f"customers/{pk}").json()
    assert [found[name] for name in ("name", "city", "country", "minor")] == ["Cy", "Leeds", "GB", True]
    assert [each["line1"] for each in found["addresses"]] == ["Mill Road 1"]
    assert [(each["purpose"], each["state"]) for each in found["consents"]] == [("marketing", "withdrawn")]


@pytest.mark.parametrize("path", ["consents", "may-contact?channel=email&purpose=marketing"])
def test_what_a_merged_customer_said_is_found_with_the_survivor(api, make_client, shop, other_shop, path):
    ana, bea = customers.customer(shop, "Ana"), customers.customer(shop, "Bea")
    with shop_scope(shop):
        merge_customers(ana, bea, by=None, now=timezone.now())
    answer = api.get(f"customers/{ana.pk}/{path}")
    assert (answer.status_code, answer["Location"].partition("/customers/")[2]) == (301, f"{bea.pk}/{path}")
    assert make_client(other_shop).get(f"customers/{ana.pk}/{path}").status_code == 404


def test_an_item_that_names_two_people_withdraws_for_both_and_grants_for_neither(api, shop):
    pks = {name: put(api, external_id=name, email=f"{name}@example.com")["id"] for name in ("ana", "bea", "cat")}

    def states():
        return {
            name: [each["state"] for each in api.get(f"customers/{pk}").json()["consents"]] for name, pk in pks.items()
        }

    put(api, GRANT, external_id="ana", email="bea@example.com")
    assert states() == {"ana": [], "bea": [], "cat": []}
    more = [{"kind": "email", "value": "cat@example.com"}]
    bulk(
        api,
        {"external_id": "ana", "identifiers": more, "consents": [GRANT]},
        {"external_id": "bea", "email": "bea@example.com", "consents": [GRANT]},
        {"external_id": "new", "email": "bea@example.com", "consents": [WITHDRAWAL]},
    )
    assert states() == {"ana": [], "bea": ["withdrawn"], "cat": []}
    put(api, WITHDRAWAL, external_id="ana", identifiers=more)
    assert states() == {"ana": ["withdrawn"], "bea": ["withdrawn"], "cat": ["withdrawn"]}
    first, second = ({"external_id": name, "email": "late@example.com"} for name in ("one", "two"))
    bulk(api, first | {"consents": [WITHDRAWAL]}, second | {"consents": [GRANT]})
    pks = {name: api.get(f"customers/by-external-id/{name}").json()["id"] for name in ("one", "two", "new")}
    assert states() == {"one": ["withdrawn"], "two": ["withdrawn"], "new": ["withdrawn"]}
    assert count(shop)
