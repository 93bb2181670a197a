"""A POST with an Idempotency-Key has one effect, whatever happens on the way."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from crm.rest import idempotency
from crm.shops.keys import create_key
from crm.shops.models import AuditEntry, IdempotencyRecord
from crm.tenancy.scope import shop_scope
from customers.models import Product

committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def send(key, data, *, path="products", idem="k1", body=None):
    body = json.dumps(data).encode() if body is None else body
    headers = {"HTTP_IDEMPOTENCY_KEY": idem} if idem is not None else {}
    return Client().post(
        f"/api/v1/{path}", body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {key}", **headers
    )


@pytest.fixture
def key(shop):
    with shop_scope(shop):
        return create_key(shop, name="Storefront", by=None)[1]


@pytest.fixture
def other_key(other_shop):
    with shop_scope(other_shop):
        return create_key(other_shop, name="Storefront", by=None)[1]


TEA = {"external_id": "p1", "name": "Tea"}


def effects(shop):
    with shop_scope(shop):
        return AuditEntry.objects.filter(action="products.upserted").count()


def code_of(response):
    return response.status_code, response.json()["code"]


def test_a_repetition_gets_the_first_answer_byte_for_byte(shop, key):
    first = send(key, TEA)
    send(key, TEA | {"name": "Coffee"}, idem="k2")
    again = send(key, TEA)
    assert first.status_code == again.status_code == 201
    assert (again.content, again["Content-Type"]) == (first.content, first["Content-Type"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert "RateLimit-Limit" in again
    with shop_scope(shop):
        assert Product.objects.get().name == "Coffee"
    assert effects(shop) == 2


def test_another_body_under_the_same_key_is_refused(shop, key):
    send(key, TEA)
    assert code_of(send(key, TEA | {"name": "Coffee"})) == (422, "idempotency_mismatch")
    assert effects(shop) == 1


def test_the_key_counts_for_one_address_and_one_api_key(shop, key, other_shop, other_key):
    with shop_scope(shop):
        second = create_key(shop, name="Second", by=None)[1]
    send(key, TEA)
    assert send(key, {"products": [TEA]}, path="products/bulk").json()["results"][0]["status"] == "unchanged"
    assert send(second, {"external_id": "p2"}).status_code == 201
    assert send(other_key, {"external_id": "p3"}).status_code == 201
    with shop_scope(other_shop):
        assert list(Product.objects.values_list("external_id", flat=True)) == ["p3"]


@pytest.mark.parametrize("idem", ["", "x" * 256, "a\tb", "ключ".encode().decode("latin-1")])
def test_keys_that_cannot_be(shop, key, idem):
    assert code_of(send(key, TEA, idem=idem)) == (400, "invalid_idempotency_key")
    assert effects(shop) == 0


def test_the_longest_key_works(key):
    assert send(key, TEA, idem="x" * 255).status_code == 201
    assert send(key, TEA, idem="x" * 255)["Idempotency-Replayed"] == "true"


def test_a_refused_request_leaves_its_key_free(shop, key):
    assert code_of(send(key, {"external_id": ""})) == (400, "too_short")
    with shop_scope(shop):
        assert not IdempotencyRecord.objects.exists()
    assert send(key, TEA).status_code == 201


def test_reading_ignores_the_header(key):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}", "HTTP_IDEMPOTENCY_KEY": "k1"}
    assert [Client().get("/api/v1/products", **headers).status_code for _ in range(2)] == [200, 200]


def test_a_running_request_makes_others_wait(shop, key):
    send(key, TEA)
    with shop_scope(shop):
        IdempotencyRecord.objects.update(status=None, body=None, lease_until=timezone.now() + timedelta(seconds=10))
    response = send(key, TEA)
    assert code_of(response) == (409, "idempotency_in_progress")
    assert 9 <= int(response["Retry-After"]) <= 11


def test_after_a_crash_the_lease_ends_and_the_work_is_done(shop, key):
    send(key, TEA)
    with shop_scope(shop):
        IdempotencyRecord.objects.update(status=None, body=None, lease_until=timezone.now() - timedelta(seconds=1))
        Product.objects.all().delete()
    response = send(key, TEA)
    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response
    assert send(key, TEA).content == response.content


def test_an_answer_is_kept_for_72_hours(shop, key):
    send(key, TEA)
    with shop_scope(shop):
        IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=71, minutes=59))
    assert send(key, TEA)["Idempotency-Replayed"] == "true"
    with shop_scope(shop):
        IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=72, minutes=1))
    response = send(key, TEA | {"name": "Coffee"})
    assert (response.status_code, "Idempotency-Replayed" in response) == (200, False)
    assert send(key, TEA | {"name": "Coffee"})["Idempotency-Replayed"] == "true"


def test_old_answers_are_forgotten_and_young_ones_kept(shop, key, other_shop, other_key):
    now = timezone.now()
    for n in range(3):
        send(key, {"external_id": f"p{n}"}, idem=f"k{n}")
    send(other_key, TEA)
    with shop_scope(other_shop):
        IdempotencyRecord.objects.update(created_at=now - timedelta(hours=80))
    with shop_scope(shop):
        IdempotencyRecord.objects.exclude(key="k2").update(created_at=now - timedelta(hours=73))
        assert idempotency.forget_old_answers(now=now) == 2
        assert [row.key for row in IdempotencyRecord.objects.all()] == ["k2"]
    with shop_scope(other_shop):
        assert IdempotencyRecord.objects.count() == 1


def in_threads(work, count):
    def run():
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


@committing
def test_many_at_once_have_one_effect(shop, key):
    answers = []
    in_threads(lambda: answers.append(send(key, TEA)), 8)
    assert len(answers) == 8
    assert {response.status_code for response in answers} <= {201, 409}
    kept = {response.content for response in answers if response.status_code == 201}
    assert len(kept) == 1
    assert effects(shop) == 1
    assert send(key, TEA).content in kept


@committing
def test_a_request_that_dies_at_work_writes_nothing_and_is_done_anew(shop, key, monkeypatch):
    class Killed(BaseException):
        """Stands for the end of the process: nothing above may answer it."""

    def die(claim, response):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", die)
        with pytest.raises(Killed):
            send(key, TEA)
    connections.close_all()
    assert effects(shop) == 0
    assert code_of(send(key, TEA)) == (409, "idempotency_in_progress")
    with shop_scope(shop):
        IdempotencyRecord.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert send(key, TEA).status_code == 201
    assert effects(shop) == 1


@committing
def test_while_the_work_goes_on_nobody_takes_it_over_though_the_lease_has_passed(shop, key, monkeypatch):
    monkeypatch.setattr(idempotency, "LEASE", timedelta(0))
    at_work, may_end, answers = threading.Event(), threading.Event(), []
    hold = idempotency.hold

    def slow(claim):
        hold(claim)
        at_work.set()
        may_end.wait(20)

    monkeypatch.setattr(idempotency, "hold", slow)
    first = threading.Thread(target=lambda: (answers.append(send(key, TEA)), connections.close_all()))
    first.start()
    assert at_work.wait(20)
    second = send(key, TEA)
    may_end.set()
    first.join(20)
    assert code_of(second) == (409, "idempotency_in_progress")
    assert answers[0].status_code == 201
    assert effects(shop) == 1


@committing
def test_who_lost_the_lease_before_the_work_does_nothing(shop, key, monkeypatch):
    monkeypatch.setattr(idempotency, "LEASE", timedelta(0))
    hold, others = idempotency.hold, []

    def late(claim):
        if not others:
            # Somebody else takes over and ends before this one locks its row.
            others.append(None)
            in_threads(lambda: others.append(send(key, TEA)), 1)
        hold(claim)

    monkeypatch.setattr(idempotency, "hold", late)
    assert code_of(send(key, TEA)) == (409, "idempotency_in_progress")
    assert others[1].status_code == 201
    assert effects(shop) == 1
    assert send(key, TEA).content == others[1].content
