"""Two files come into one shop at the same time."""

import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connections
from django.db.models import Sum
from django.utils.timezone import now

from crm.tenancy.scope import shop_scope
from customers.imports import staged
from customers.imports.actions import request_run, run_job, upload_import
from customers.models import Customer, Identifier, ImportJob, Order, Product

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
HEADER = "order_id,ordered_at,customer_id,email,product_id,product_name,quantity,unit_price\n"


def file_of(orders):
    """Each person buys every seventh order; half know their number in one file, the rest their address only."""
    return HEADER + "".join(
        f"{number},2026-03-01 10:{number % 60:02},{f'C{number % 7}' if number % 2 else ''},p{number % 7}@example.com,"
        f"T{number % 5},Tea {number % 5},{1 + number % 3},2.50\n"
        for number in orders
    )


def test_two_files_at_once_make_what_they_make_one_after_the_other(make_shop, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(staged, "SLICE_ORDERS", 20)
    files = [file_of(range(1, 201)), file_of(range(200, 40, -1))]
    together, apart = make_shop("together"), make_shop("apart")
    jobs = [prepared(together, text) for text in files]
    errors = []

    def work(job):
        try:
            run_job(job, together, now=now())
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    for text in files:
        run_job(prepared(apart, text), apart, now=now())
    assert made(together) == made(apart)
    with shop_scope(together):
        ended = ImportJob.objects.order_by("pk")
        assert [job.state for job in ended] == [ImportJob.State.DONE] * 2
        assert sum(job.counts["orders_created"] for job in ended) == 200
        assert sum(job.counts["customers_created"] for job in ended) == Customer.objects.count()


def prepared(shop, text):
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(text.encode(), "orders.csv"), by=None, now=now())
        request_run(job, by=None, now=now())
        job.take()
    return job


def made(shop):
    with shop_scope(shop):
        return (
            sorted(Order.objects.values_list("external_id", "total_minor", "status")),
            sorted(Identifier.objects.values_list("kind", "value")),
            sorted(Product.objects.values_list("external_id", "name")),
            Customer.objects.count(),
            Customer.objects.aggregate(orders=Sum("order_count"), net=Sum("net_minor")),
        )
