"""What happened to a customer, for programs: all kinds in one line, and no more than the key may read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.shops.roles import ApiScope
from crm.tenancy.scope import shop_scope
from customers.actions import add_note, tag_customers
from customers.consent.recording import ConsentIn, append
from customers.merging import merge_customers
from customers.models import Customer, Identifier, Refund
from segmentation.models import StageTransition
from tests.factories import customers

MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def ana(shop, owner):
    """One of each kind, on eight days of May."""
    ana = customers.customer(shop, "Ana", email="ana@example.com", created_at=MAY)
    with shop_scope(shop):
        Identifier.objects.update(created_at=MAY)
        other = customers.customer(shop, "A. Nother")
        merge_customers(other, ana, by=owner, now=MAY + timedelta(hours=1))
        order = customers.order(shop, "1001", customer=ana, placed_at=MAY + timedelta(days=1), total_minor=3980)
        Refund.objects.create(
            shop=shop, order=order, customer=ana, external_id="r1", refunded_at=MAY + timedelta(days=2),
            refunded_on="2026-05-03", currency="GBP", amount_minor=500,
        )  # fmt: skip
        add_note(ana, "Likes tea", by=owner, now=MAY + timedelta(days=3))
        StageTransition.objects.create(
            shop=shop, customer=ana, on="2026-05-05", from_stage="new", to_stage="lost", reason="", run_id=1
        )
        tag_customers(Customer.objects.filter(pk=ana.pk), "vip", by=owner, now=MAY + timedelta(days=5))
        append([ConsentIn(ana.pk, "email", "marketing", "granted", MAY + timedelta(days=6))], now=timezone.now())
        Identifier.objects.create(
            shop=shop, customer=ana, kind="phone", value="+442079460958", created_at=MAY + timedelta(days=7)
        )
    return ana, order, other


def kinds_of(answer):
    assert answer.status_code == 200, answer.content
    return [entry["kind"] for entry in answer.json()["results"]]


EVERYTHING = ["identifiers", "consents", "tags", "stages", "notes", "refunds", "orders", "merges"]


def test_everything_stands_in_one_line_the_latest_first(api, ana):
    ana, order, other = ana
    answer = api.get(f"customers/{ana.pk}/timeline")
    assert kinds_of(answer) == EVERYTHING
    entries = {entry["kind"]: entry for entry in answer.json()["results"]}
    assert {kind: entries[kind]["facts"] for kind in ("orders", "refunds", "merges", "stages")} == {
        "orders": {"number": "1001", "status": order.status, "total": "39.80", "currency": "GBP"},
        "refunds": {"number": "r1", "order": order.pk, "amount": "5.00", "currency": "GBP", "assumed": False},
        "merges": {"customer": other.pk, "into": ana.pk},
        "stages": {"before": "new", "after": "lost", "reason": ""},
    }
    assert entries["consents"]["facts"]["state"] == "granted"
    assert entries["identifiers"]["facts"]["value"] == "+442079460958"
    head = {name: value for name, value in entries["orders"].items() if name != "facts"}
    assert head == {"kind": "orders", "id": order.pk, "at": "2026-05-02T12:00:00Z", "title": "Order 1001 · £39.80"}


@pytest.mark.parametrize("size", [1, 3, 200])
def test_pages_cover_everything_once(api, ana, size):
    url, seen = f"customers/{ana[0].pk}/timeline?limit={size}", []
    while url:
        answer = api.get(url)
        seen += kinds_of(answer)
        url = answer.json()["next"]
    assert seen == EVERYTHING


def test_one_kind_can_be_asked_for(api, ana, problem_of):
    assert kinds_of(api.get(f"customers/{ana[0].pk}/timeline?kind=orders")) == ["orders"]
    assert problem_of(api.get(f"customers/{ana[0].pk}/timeline?kind=wishlist")) == (400, "unknown_entry_kind", "kind")
    assert problem_of(api.get(f"customers/{ana[0].pk}/timeline?kinds=orders")) == (400, "unknown_parameter", "kinds")


def test_a_key_is_told_what_it_may_read(shop, ana, make_client, problem_of):
    path = f"customers/{ana[0].pk}/timeline"
    blind = make_client(shop, scopes=[ApiScope.READ_CUSTOMERS])
    assert kinds_of(blind.get(path)) == ["identifiers", "tags", "notes", "merges"]
    for kind in ("orders", "refunds", "consents", "stages"):
        assert problem_of(blind.get(f"{path}?kind={kind}")) == (403, "scope_missing", "kind")


def test_a_cursor_works_only_with_its_customer_and_filters(api, shop, ana, problem_of):
    following = api.get(f"customers/{ana[0].pk}/timeline?limit=1").json()["next"]
    bo = customers.customer(shop, "Bo")
    for other in (following.replace(f"/{ana[0].pk}/", f"/{bo.pk}/"), f"{following}&kind=orders"):
        assert problem_of(api.get(other)) == (400, "invalid_cursor", "cursor")
    assert problem_of(api.get(f"customers/{ana[0].pk}/timeline?cursor=x")) == (400, "invalid_cursor", "cursor")


def test_the_timeline_of_somebody_merged_is_the_survivor_s(api, other_api, ana, problem_of):
    ana, _, other = ana
    assert api.get(f"customers/{other.pk}/timeline")["Location"].endswith(f"/customers/{ana.pk}/timeline")
    assert problem_of(other_api.get(f"customers/{ana.pk}/timeline")) == (404, "not_found", "")
