"""/api/v1/orders: what a storefront sends, what is kept, what is refused."""

import json
import threading
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.db import connections

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.api.schemas import ORDER_EXAMPLE
from customers.models import Customer, Order, OrderLine, Refund
from tests.api.conftest import ApiClient


def order(external_id="1001", **fields):
    return {
        "external_id": external_id,
        "placed_at": "2026-11-20T10:00:00Z",
        "currency": "GBP",
        "customer": {"external_id": "c1", "email": "ana@example.com"},
        "lines": [{"product": {"external_id": "p1", "name": "Tea"}, "quantity": 2, "unit_price": "19.90"}],
    } | fields


def line(**fields):
    return {"quantity": 2, "unit_price": "19.90"} | fields


def bulk(api, *orders):
    response = api.post("orders/bulk", {"orders": list(orders)})
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_batch_is_written_and_answered_item_by_item(api, shop):
    results = bulk(api, order("1001"), order("1002", currency="QQQ"), order("1003"))
    with shop_scope(shop):
        ids = dict(Order.objects.values_list("external_id", "pk"))
        entry = AuditEntry.objects.get(action="orders.ingested")
    assert ids.keys() == {"1001", "1003"}
    assert results[0] == {"index": 0, "status": "created", "id": ids["1001"], "external_id": "1001"}
    assert results[1] == {
        "index": 1,
        "status": "error",
        "error": {
            "type": "/api/docs#unknown_currency",
            "title": "The currency is not known",
            "status": 400,
            "code": "unknown_currency",
            "detail": "Write its three letters as in ISO 4217, such as CNY.",
            "field": "currency",
        },
    }
    assert results[2]["status"] == "created"
    assert entry.actor_kind == "key"
    assert entry.details["orders_created"] == 2


def test_the_example_of_the_documentation_is_kept_to_the_letter(api, shop):
    response = api.post("orders", ORDER_EXAMPLE)
    assert response.status_code == 201
    answer = response.json()
    assert answer["placed_at"] == "2026-11-20T02:00:00Z"
    assert (answer["total"], answer["currency"], answer["revenue"], answer["revenue_currency"]) == (
        "39.80",
        "CNY",
        None,
        "GBP",
    )
    assert answer["lines"] == [
        {
            "product_id": answer["lines"][0]["product_id"],
            "product_external_id": "p1",
            "product_name": "茶",
            "quantity": 2,
            "unit_price": "19.90",
            "discount": "0.00",
            "total": "39.80",
            "is_revenue": True,
        }
    ]
    assert [(refund["external_id"], refund["amount"]) for refund in answer["refunds"]] == [("r1", "19.90")]
    with shop_scope(shop):
        customer = Customer.objects.get()
        assert customer.name == "王小明"
        assert sorted(customer.identifiers.values_list("kind", "value")) == [
            ("email", "a@example.cn"),
            ("external", "c1"),
            ("phone", "+8613800138000"),
        ]


def test_the_same_order_again_is_unchanged_and_a_changed_one_updated(api):
    assert [r["status"] for r in bulk(api, order())] == ["created"]
    assert [r["status"] for r in bulk(api, order())] == ["unchanged"]
    assert [r["status"] for r in bulk(api, order(status="cancelled"))] == ["updated"]
    assert api.post("orders", order(status="cancelled")).status_code == 200


def test_a_new_refund_updates_its_order(api, shop):
    bulk(api, order())
    refund = {"external_id": "r1", "amount": "5.00", "refunded_at": "2026-11-21T10:00:00Z"}
    assert [r["status"] for r in bulk(api, order(refunds=[refund]))] == ["updated"]
    assert [r["status"] for r in bulk(api, order(refunds=[refund]))] == ["unchanged"]
    with shop_scope(shop):
        assert Customer.objects.get().net_minor == 3480


def test_of_several_with_one_number_the_last_good_one_counts(api, shop):
    results = bulk(
        api,
        order(lines=[line(unit_price="1.00")]),
        order(lines=[line(unit_price="2.00")]),
        order(lines=[line(unit_price="x")]),
    )
    assert [r["status"] for r in results] == ["created", "created", "error"]
    assert results[0]["id"] == results[1]["id"]
    with shop_scope(shop):
        assert Order.objects.get().total_minor == 400


def test_price_with_more_decimals_is_rounded_once(api):
    answer = api.post("orders", order(lines=[line(quantity=3, unit_price="0.333", discount="0.10")])).json()
    assert (answer["lines"][0]["unit_price"], answer["lines"][0]["total"], answer["total"]) == ("0.33", "0.90", "0.90")


def test_the_discount_of_an_order_is_spread_over_its_lines(api):
    lines = [line(quantity=1, unit_price="12.00"), line(quantity=1, unit_price="0"), line(unit_price="20.00")]
    answer = api.post("orders", order(lines=lines, discount="15.00", shipping="4.90")).json()
    assert [(each["discount"], each["total"]) for each in answer["lines"]] == [
        ("3.46", "8.54"), ("0.00", "0.00"), ("11.54", "28.46"),
    ]  # fmt: skip
    assert (answer["total"], answer["adjustment"]) == ("41.90", "0.00")


@pytest.mark.parametrize(
    ("total", "adjustment"), [("39.80", "0.00"), ("45.00", "5.20"), ("30.00", "-9.80"), ("0", "-39.80")]
)
def test_what_the_lines_do_not_explain_is_kept_beside_them(api, total, adjustment):
    answer = api.post("orders", order(total=total)).json()
    assert (Decimal(answer["total"]), answer["adjustment"]) == (Decimal(total), adjustment)
    assert api.post("orders", order(total=total)).status_code == 200
    assert api.post("orders", order()).json()["adjustment"] == "0.00"


def test_an_order_that_is_refunded_by_its_state_says_so(api):
    answer = api.post("orders", order(status="refunded")).json()
    assert [(each["external_id"], each["amount"], each["assumed"]) for each in answer["refunds"]] == [
        ("", "39.80", True)
    ]
    answer = api.post("orders", order(status="refunded", refunds=[refund("r1", "10.00")])).json()
    assert [(each["external_id"], each["amount"], each["assumed"]) for each in answer["refunds"]] == [
        ("r1", "10.00", False)
    ]


def test_other_currencies_are_worth_their_rate_or_nothing(api, shop):
    shop.exchange_rates = {"EUR": "0.86"}
    shop.save()
    statuses = [
        ("EUR", {}, "34.23"),
        ("EUR", {"exchange_rate": "0.5"}, "19.90"),
        ("JPY", {"exchange_rate": "0.005", "lines": [line(unit_price="1000")]}, "10.00"),
        ("USD", {}, None),
        ("GBP", {"exchange_rate": "7"}, "39.80"),
    ]
    for n, (currency, fields, revenue) in enumerate(statuses):
        assert api.post("orders", order(str(n), currency=currency, **fields)).json()["revenue"] == revenue


def test_the_day_is_the_shops_day(api, shop):
    shop.timezone = "Asia/Shanghai"
    shop.save()
    bulk(api, order(placed_at="2026-11-19T17:00:00Z"))
    with shop_scope(shop):
        assert Order.objects.get().placed_on == date(2026, 11, 20)


REFUND = {"external_id": "r1", "amount": "1.00", "refunded_at": "2026-11-21T10:00:00Z"}

BAD = [
    ({"external_id": None}, "wrong_type", "external_id"),
    ({"external_id": 1001}, "wrong_type", "external_id"),
    ({"external_id": ""}, "too_short", "external_id"),
    ({"external_id": " "}, "too_short", "external_id"),
    ({"external_id": "a\0b"}, "control_character", "external_id"),
    ({"external_id": "x" * 201}, "too_long", "external_id"),
    ({"external_id": "8.2E+17"}, "scientific_id", "external_id"),
    ({"external_id": "\ud800"}, "invalid_text", ""),
    ({"placed_at": "yesterday"}, "invalid_date", "placed_at"),
    ({"placed_at": "2026-02-30T00:00:00Z"}, "invalid_date", "placed_at"),
    ({"placed_at": "2026-11-20T10:00:00"}, "no_time_zone", "placed_at"),
    ({"placed_at": "2126-11-20T10:00:00Z"}, "date_in_future", "placed_at"),
    ({"placed_at": "9999-12-31T23:59:59-12:00"}, "date_in_future", "placed_at"),
    ({"placed_at": "0001-01-01T00:00:00+14:00"}, "date_out_of_range", "placed_at"),
    ({"placed_at": 1700000000}, "wrong_type", "placed_at"),
    ({"currency": "gbp"}, "unknown_currency", "currency"),
    ({"currency": "QQQ"}, "unknown_currency", "currency"),
    ({"currency": "£"}, "too_short", "currency"),
    ({"status": "PAID"}, "unknown_status", "status"),
    ({"exchange_rate": "0"}, "out_of_range", "exchange_rate"),
    ({"exchange_rate": "1e5"}, "not_a_number", "exchange_rate"),
    ({"placedAt": "x"}, "unknown_field", "placedAt"),
    ({"lines": []}, "too_short", "lines"),
    ({"lines": {}}, "wrong_type", "lines"),
    ({"lines": [line()] * 501}, "too_long", "lines"),
    ({"lines": [line(quantity=-1)]}, "out_of_range", "lines[0].quantity"),
    ({"lines": [line(quantity=0)]}, "out_of_range", "lines[0].quantity"),
    ({"lines": [line(quantity=1.5)]}, "wrong_type", "lines[0].quantity"),
    ({"lines": [line(quantity=True)]}, "wrong_type", "lines[0].quantity"),
    ({"lines": [line(quantity=10**30)]}, "out_of_range", "lines[0].quantity"),
    ({"lines": [line(unit_price=19.9)]}, "wrong_type", "lines[0].unit_price"),
    ({"lines": [line(unit_price="NaN")]}, "not_a_number", "lines[0].unit_price"),
    ({"lines": [line(unit_price="1,50")]}, "not_a_number", "lines[0].unit_price"),
    ({"lines": [line(unit_price="-1")]}, "negative_amount", "lines[0].unit_price"),
    ({"lines": [line(unit_price="9" * 30)]}, "amount_too_large", "lines[0].unit_price"),
    ({"lines": [line(unit_price="9" * 13, quantity=1_000_000)]}, "amount_too_large", "lines[0].unit_price"),
    ({"lines": [line(unit_price="9" * 13)]}, "amount_too_large", "lines"),
    ({"lines": [line(), line(discount="39.81")]}, "discount_too_large", "lines[1].discount"),
    ({"lines": [line(product={"name": "Tea"})]}, "required", "lines[0].product.external_id"),
    ({"lines": [line(product={"external_id": "p", "name": "\0"})]}, "control_character", "lines[0].product.name"),
    ({"shipping": "-0.01"}, "negative_amount", "shipping"),
    ({"discount": "-0.01"}, "negative_amount", "discount"),
    ({"discount": "39.81"}, "discount_too_large", "discount"),
    ({"total": "-0.01"}, "negative_amount", "total"),
    ({"total": "nine"}, "not_a_number", "total"),
    ({"tax": None}, "wrong_type", "tax"),
    ({"customer": {"name": "Nobody"}}, "customer_unidentified", "customer"),
    ({"customer": {"email": "ana@"}}, "invalid_email", "customer.email"),
    ({"customer": {"email": "ana@shop.test"}}, "invalid_email", "customer.email"),
    ({"customer": {"phone": "13800138000"}}, "invalid_phone", "customer.phone"),
    ({"customer": {"phone": "0612345678", "country": "BE"}}, "invalid_phone", "customer.phone"),
    ({"customer": {"phone": "02079460958", "country": "Freedonia"}}, "invalid_phone", "customer.phone"),
    ({"customer": {"external_id": "c", "name": "x" * 201}}, "too_long", "customer.name"),
    ({"refunds": [REFUND | {"amount": "39.81"}]}, "refund_too_large", "refunds"),
    ({"refunds": [REFUND, REFUND]}, "duplicate_refund", "refunds"),
    ({"refunds": [REFUND | {"refunded_at": "2126-01-01T00:00:00Z"}]}, "date_in_future", "refunds[0].refunded_at"),
    ({"refunds": [REFUND | {"lines": [{"quantity": 1}]}]}, "required", "refunds[0].lines[0].amount"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "code", "field"), BAD)
def test_a_bad_order_says_what_is_wrong_and_spoils_no_other(api, shop, change, code, field):
    results = bulk(api, order("good-1"), order("bad") | change, order("good-2"))
    assert [r["status"] for r in results] == ["created", "error", "created"]
    assert (results[1]["error"]["code"], results[1]["error"].get("field", "")) == (code, field)
    with shop_scope(shop):
        assert sorted(Order.objects.values_list("external_id", flat=True)) == ["good-1", "good-2"]


def test_a_product_that_is_bad_twice_is_named_where_it_stands_each_time(api, shop):
    bad = line(product={"external_id": "p", "name": "\0"})

    answer = bulk(api, order("1", lines=[bad]), order("2", lines=[line(), bad]))

    assert [item["error"]["field"] for item in answer] == ["lines[0].product.name", "lines[1].product.name"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" 王  小明 ", "王 小明"),
        ("王\u3000小明", "王 小明"),
        ("王\n小明", "王 小明"),
        ("José\u00a0 Gómez", "José Gómez"),
        (" Ana ", "Ana"),
        ("王\u200b小明", "王\u200b小明"),
    ],
)
def test_the_blanks_of_a_name_are_single(api, shop, sent, kept):
    bulk(api, order(customer={"external_id": "c1", "name": sent}))

    with shop_scope(shop):
        assert Customer.objects.get().name == kept


def refund(external_id, amount):
    return REFUND | {"external_id": external_id, "amount": amount}


def kept_refunds(shop):
    with shop_scope(shop):
        rows = Refund.objects.order_by("external_id").values_list("order__external_id", "external_id", "amount_minor")
        return list(rows)


def test_refunds_sent_one_after_the_other_are_no_more_than_the_order(api, shop, problem_of):
    api.post("orders", order(refunds=[refund("r1", "19.90")]))
    too_much = order(refunds=[refund("r2", "19.91")], status="refunded", customer={"external_id": "c2"})
    assert problem_of(api.post("orders", too_much)) == (400, "refund_too_large", "refunds")
    with shop_scope(shop):
        before = AuditEntry.objects.count()
    results = bulk(api, order("1000"), too_much, order("1002", refunds=[refund("r1", "39.80")]))
    assert [row["status"] for row in results] == ["created", "error", "created"]
    assert (results[1]["error"]["code"], results[1]["error"]["field"]) == ("refund_too_large", "refunds")
    assert kept_refunds(shop) == [("1001", "r1", 1990), ("1002", "r1", 3980)]
    with shop_scope(shop):
        assert Order.objects.get(external_id="1001").status == "paid"
        assert Customer.objects.count() == 1
        assert AuditEntry.objects.count() == before + 1
    assert [row["status"] for row in bulk(api, too_much)] == ["error"]
    assert bulk(api, order(refunds=[refund("r2", "19.90")]))[0]["status"] == "updated"
    assert bulk(api, order(refunds=[refund("r1", "19.90"), refund("r2", "19.90")]))[0]["status"] == "unchanged"


def test_a_refund_sent_again_counts_as_it_says_now(api, shop):
    api.post("orders", order(refunds=[refund("r1", "39.80")]))
    sent = order(refunds=[refund("r1", "10.00"), refund("r2", "29.80")])
    assert bulk(api, sent)[0]["status"] == "updated"
    assert kept_refunds(shop) == [("1001", "r1", 1000), ("1001", "r2", 2980)]


def test_refunds_of_another_shop_do_not_count(api, other_api):
    other_api.post("orders", order(refunds=[refund("r1", "39.80")]))
    assert api.post("orders", order(refunds=[refund("r2", "39.80")])).status_code == 201


def test_an_order_keeps_the_currency_of_its_refunds(api, shop, problem_of):
    api.post("orders", order(refunds=[refund("r1", "39.80")]))
    yen = {"currency": "JPY", "lines": [line(unit_price="10000")]}
    for sent in (order(**yen), order(**yen, refunds=[refund("r2", "1")])):
        assert problem_of(api.post("orders", sent)) == (400, "refund_too_large", "refunds")
    assert kept_refunds(shop) == [("1001", "r1", 3980)]
    # Sent again in the order's new currency, it is no longer in the old one.
    assert api.post("orders", order(**yen, refunds=[refund("r1", "20000")])).status_code == 200
    assert kept_refunds(shop) == [("1001", "r1", 20000)]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_refunds_sent_at_once_are_no_more_than_the_order(shop, make_key, problem_of):
    client, answers = ApiClient(make_key(shop)[1]), []
    client.post("orders", order())

    def second():
        try:
            answers.append(client.post("orders", order(refunds=[refund("r2", "39.80")])))
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    with shop_scope(shop):
        assert client.post("orders", order(refunds=[refund("r1", "39.80")])).status_code == 200
        thread.start()
        thread.join(0.5)  # it waits for our commit
    thread.join(30)
    assert [problem_of(answer) for answer in answers] == [(400, "refund_too_large", "refunds")]
    assert kept_refunds(shop) == [("1001", "r1", 3980)]


def test_a_missing_field_is_named(api):
    incomplete = order()
    del incomplete["placed_at"]
    (result,) = bulk(api, incomplete)
    assert (result["error"]["code"], result["error"]["field"]) == ("required", "placed_at")


def test_a_single_bad_order_is_refused_whole(api, shop, problem_of):
    assert problem_of(api.post("orders", order(lines=[line(quantity=-1)]))) == (
        400,
        "out_of_range",
        "lines[0].quantity",
    )
    with shop_scope(shop):
        assert not Order.objects.exists()
        assert not Customer.objects.exists()


def test_an_item_that_is_no_object_or_no_text_is_an_error_of_its_own(api):
    good = json.dumps(order("good")).encode()
    body = b'{"orders": [' + good + b', 5, {"external_id": "\xff"}, {"external_id": 1e999}]}'
    results = api.post("orders/bulk", body=body).json()["results"]
    assert [r["status"] for r in results] == ["created", "error", "error", "error"]
    assert [r["error"]["code"] for r in results[1:]] == ["wrong_type", "invalid_text", "out_of_range"]


def test_an_order_of_nobody_known_has_no_customer(api, shop):
    sent = deepcopy(order())
    del sent["customer"]
    assert api.post("orders", sent).json()["customer_id"] is None
    with shop_scope(shop):
        assert OrderLine.objects.count() == 1


def test_reading_orders(api, shop):
    bulk(api, order("a/b", placed_at="2026-11-18T10:00:00Z"), order("2"), order("3", status="cancelled"))
    ids = [row["external_id"] for row in api.get("orders").json()["results"]]
    assert ids == ["3", "2", "a/b"]
    assert "lines" not in api.get("orders").json()["results"][0]
    expanded = api.get("orders?expand=lines,refunds").json()["results"][0]
    assert (len(expanded["lines"]), expanded["refunds"]) == (1, [])
    found = api.get("orders/by-external-id/a/b").json()
    assert found == api.get(f"orders/{found['id']}").json()
    for query, expected in [
        ("status=cancelled", ["3"]),
        ("placed_before=2026-11-19T00:00:00Z", ["a/b"]),
        ("placed_from=2026-11-19T00:00:00Z&status=paid", ["2"]),
        (f"customer_id={found['customer_id']}", ["3", "2", "a/b"]),
        ("customer_id=99999999", []),
    ]:
        assert [row["external_id"] for row in api.get(f"orders?{query}").json()["results"]] == expected


@pytest.mark.parametrize("path", ["orders/{}?expand=lines", "orders/by-external-id/1001?expand=taxes"])
def test_a_single_order_comes_whole_and_knows_no_expand(api, problem_of, path):
    pk = api.post("orders", order()).json()["id"]
    assert problem_of(api.get(path.format(pk))) == (400, "unknown_parameter", "expand")


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("placed_from=2026-11-20", "zone"),
        ("placed_from=2026-11-20T00:00:00", "zone"),
        ("placed_before=2026-11-20T00:00:00+08:00", "%2B"),
        ("placed_before=yesterday", "Write times like"),
        ("customer_id=", "leave it out"),
        ("customer_id=x", "Enter a number."),
    ],
)
def test_filters_that_would_give_other_orders_are_refused(api, query, word):
    problem = api.get(f"orders?{query}", HTTP_ACCEPT_LANGUAGE="zh-hans").json()
    assert (problem["code"], problem["field"]) == ("invalid_parameter", query.partition("=")[0])
    assert word in problem["detail"]


def test_times_are_filtered_with_their_zone(api):
    bulk(api, order("before", placed_at="2026-11-19T15:59:59Z"), order("after", placed_at="2026-11-19T16:00:00Z"))
    since = api.get("orders?placed_from=2026-11-20T00:00:00%2B08:00").json()["results"]
    until = api.get("orders?placed_before=2026-11-19T16:00:00Z").json()["results"]
    assert [[row["external_id"] for row in rows] for rows in (since, until)] == [["after"], ["before"]]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_whatever_its_length(api, rows, django_assert_num_queries):
    bulk(api, *[order(str(n)) for n in range(rows)])
    # Scope (savepoint in tests, setting, release), shop, key; orders, lines with products, refunds.
    with django_assert_num_queries(9):
        assert len(api.get("orders?expand=lines,refunds").json()["results"]) == rows


def test_refunds_of_an_order_are_never_taken_away(api, shop):
    bulk(api, order(refunds=[REFUND]))
    bulk(api, order(refunds=[]))
    with shop_scope(shop):
        assert Refund.objects.count() == 1


@pytest.mark.parametrize("nobody", ["0", "NULL", "Guest", "-", "游客"])
def test_a_guest_with_a_placeholder_for_a_number_is_known_by_their_address(api, shop, nobody):
    guests = [{"external_id": nobody, "email": f"guest{n}@example.com"} for n in (1, 2)]
    results = bulk(
        api,
        *[order(str(n), customer=guest) for n, guest in enumerate(guests, 1)],
        order("3", customer={"external_id": nobody, "email": nobody, "phone": "N/A"}),
    )
    assert [result["status"] for result in results] == ["created"] * 3
    with shop_scope(shop):
        assert list(Customer.objects.order_by("pk").values_list("identifiers__value", flat=True)) == [
            "guest1@example.com",
            "guest2@example.com",
        ]
        assert list(Order.objects.filter(customer=None).values_list("external_id", flat=True)) == ["3"]


@pytest.mark.parametrize(
    ("customer", "code", "field"),
    [
        ({"email": "a***@example.com"}, "invalid_email", "customer.email"),
        ({"phone": "138****8001"}, "invalid_phone", "customer.phone"),
        ({"phone": "15700001111-1234"}, "invalid_phone", "customer.phone"),
    ],
)
def test_a_masked_contact_is_refused(api, customer, code, field):
    (result,) = bulk(api, order(customer=customer))
    assert (result["error"]["code"], result["error"]["field"]) == (code, field)


def test_a_phone_without_country_code_is_of_the_country_beside_it(api, shop):
    phone = "0470123456"
    results = bulk(
        api,
        order("1", customer={"phone": phone, "country": "FR", "name": "Ana"}),
        order("2", customer={"phone": phone, "country": "Belgique", "name": "Bo"}),
        order("3", customer={"phone": "+32470123456", "country": "FR", "name": "Bo"}),
        order("4", customer={"phone": phone}),
    )
    assert [result["status"] for result in results] == ["created", "created", "created", "error"]
    with shop_scope(shop):
        buyers = {order.external_id: order.customer_id for order in Order.objects.all()}
        assert dict(Customer.objects.values_list("name", "identifiers__value")) == {
            "Ana": "+33470123456",
            "Bo": "+32470123456",
        }
    assert buyers["2"] == buyers["3"] != buyers["1"]


def test_an_order_that_gives_its_customer_too_many_identifiers_is_refused_alone(api, shop):
    bulk(api, *[order(str(n), customer={"external_id": "c1", "email": f"a{n}@example.com"}) for n in range(199)])
    new = {"external_id": "c1", "email": "new@example.com"}
    answers = bulk(api, order("a", customer=new), order("b", customer={"external_id": "c1"}), order("c"))
    assert [answer["status"] for answer in answers] == ["error", "created", "error"]
    assert {(answers[n]["error"]["code"], answers[n]["error"]["field"]) for n in (0, 2)} == {
        ("too_many_identifiers", "customer")
    }
    response = api.post("orders", order("d", customer=new))
    assert (response.status_code, response.json()["code"]) == (400, "too_many_identifiers")
    response = api.post("customers", {"external_id": "c1", "email": "new@example.com"})
    assert (response.status_code, response.json()["code"]) == (400, "too_many_identifiers")
    (result,) = api.post("customers/bulk", {"customers": [{"external_id": "c1", "phone": "+442079460958"}]}).json()[
        "results"
    ]
    assert result["error"]["code"] == "too_many_identifiers"
    with shop_scope(shop):
        (buyer,) = Customer.objects.all()
        assert (buyer.order_count, buyer.identifiers.count()) == (200, 200)
