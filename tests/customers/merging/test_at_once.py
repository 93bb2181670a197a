"""Several people merge the same customers at the same time, while orders of them come in."""

import threading
from itertools import permutations

import pytest
from django.core.files.base import ContentFile
from django.db import connections
from django.db.models import Sum
from django.utils.timezone import now

from crm.tenancy.scope import shop_scope
from customers.imports import staged
from customers.imports.actions import request_run, run_job, upload_import
from customers.merging import AlreadyUndone, CustomerGone, SameCustomer, merge_customers, undo_merge
from customers.models import Customer, Identifier, ImportJob, Merge, Order
from customers.queries import survivor_id
from tests.customers.recount import assert_counted_right

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
WHO = ("ana", "bob", "cat")
HEADER = "order_id,ordered_at,customer_id,email,product_id,product_name,quantity,unit_price\n"


def orders(numbers):
    """Each third of them is of one of the three."""
    return HEADER + "".join(
        f"{n},2026-03-01 10:{n % 60:02},,{WHO[n % 3]}@example.com,T{n % 5},Tea,{1 + n % 3},2.50\n" for n in numbers
    )


def uploaded(shop, numbers):
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(orders(numbers).encode(), "orders.csv"), by=None, now=now())
        request_run(job, by=None, now=now())
        job.take()
    return job


def at_once(*works):
    """Do all of it at the same time, each with a connection of its own; what each has raised."""
    errors, start = {}, threading.Barrier(len(works))

    def run(number, work):
        try:
            start.wait(30)
            work()
        except BaseException as error:
            errors[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return errors


@pytest.fixture
def people(make_shop, settings, tmp_path):
    """A shop and its three customers with thirty orders."""
    settings.MEDIA_ROOT = tmp_path
    shop = make_shop("together")
    run_job(uploaded(shop, range(1, 31)), shop, now=now())
    with shop_scope(shop):
        return shop, [Identifier.objects.get(value=f"{name}@example.com").customer_id for name in WHO]


def merging(shop, source_id, target_id):
    def work():
        with shop_scope(shop):
            pair = [Customer.objects.filter(pk=pk).first() for pk in (source_id, target_id)]
            if None in pair:
                raise CustomerGone
            merge_customers(*pair, by=None, now=now())

    return work


def test_three_are_merged_by_several_people_while_an_import_brings_orders_of_them(people, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 10)
    shop, ids = people
    job = uploaded(shop, range(31, 91))
    errors = at_once(
        *(merging(shop, source, target) for source, target in permutations(ids, 2)),
        lambda: run_job(job, shop, now=now()),
    )
    assert {type(error) for error in errors.values()} <= {CustomerGone, SameCustomer}
    with shop_scope(shop):
        assert ImportJob.objects.get(pk=job.pk).state == ImportJob.State.DONE
        (left,) = Customer.objects.all()
        assert Merge.objects.filter(undone_at=None).count() == 2
        assert {survivor_id(pk) for pk in ids if pk != left.pk} == {left.pk}
        assert {left.pk} == set(Order.objects.values_list("customer", flat=True))
        assert Order.objects.count() == left.order_count == 90
        assert {left.pk} == set(Identifier.objects.values_list("customer", flat=True))
        assert_counted_right(shop)


def test_two_people_undo_one_merge_while_an_import_brings_orders_of_both(people, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 10)
    shop, ids = people
    merging(shop, ids[0], ids[1])()
    with shop_scope(shop):
        merge = Merge.objects.get()
    job = uploaded(shop, range(31, 91))

    def undoing():
        with shop_scope(shop):
            undo_merge(merge, by=None, now=now())

    errors = at_once(undoing, undoing, lambda: run_job(job, shop, now=now()))
    assert [type(error) for error in errors.values()] == [AlreadyUndone]
    with shop_scope(shop):
        counted = Customer.objects.order_by("pk").values_list("pk", "order_count")
        assert dict(counted) == dict.fromkeys(sorted(ids), 30)
        for name, pk in zip(WHO, ids, strict=True):
            own = Order.objects.filter(customer=pk)
            assert {int(number) % 3 for number in own.values_list("external_id", flat=True)} == {WHO.index(name)}
        assert Order.objects.aggregate(total=Sum("total_minor")) == {
            "total": sum(250 * (1 + n % 3) for n in range(1, 91))
        }
        assert_counted_right(shop)
