"""The dry run says what the run then does, whatever the file holds and wherever its slices end."""

import csv
import io

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.imports import staged
from customers.imports.actions import choose_mapping, request_check, request_run, upload_import
from customers.models import Customer, Order, Refund
from customers.sources import Mapping
from customers.tasks import IMPORTS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
HEADER = [
    "order_id", "ordered_at", "customer_id", "email", "phone", "product_id", "quantity", "unit_price", "status",
    "currency", "order_discount", "shipping", "refunded",
]  # fmt: skip
amounts = st.sampled_from(["", "0", "1.00", "2.50", "10.00"])
rows = st.lists(
    st.tuples(
        st.sampled_from("123456789"),
        st.sampled_from(["2026-11-01 10:00", "2026-11-01 12:00", "2026-11-02 10:00"]),
        st.sampled_from(["", "", "A", "B", "C"]),
        st.sampled_from(["", "a@example.com", "b@example.com", "c@example.com"]),
        st.sampled_from(["", "+442079460958", "+442079460959"]),
        st.sampled_from(["", "p1", "p2"]),
        st.sampled_from(["1", "2", "-1", "0"]),
        st.sampled_from(["3.00", "10.00", "0"]),
        st.sampled_from(["paid", "paid", "refunded", "cancelled", "partially_refunded", "pending"]),
        st.sampled_from(["GBP", "GBP", "EUR"]),
        amounts,
        amounts,
        amounts,
    ),
    min_size=1,
    max_size=14,
)


def a_file(lines):
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *lines])
    return text.getvalue()


def imported(shop, text, *, request, replaces=False):
    """The report of a check or a run of this text; its questions are answered."""
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(text.encode(), "orders.csv"), by=None, now=timezone.now())
        said = Mapping.from_dict(
            job.mapping | {"per": dict.fromkeys(("order_discount", "shipping", "refunded"), "order"), "amounts": "none"}
        )
        choose_mapping(job, mapping=said, replaces_orders=replaces)
        request(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    assert job.error is None
    return job.forecast if request is request_check else job.counts


@pytest.fixture
def small_slices(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(staged, "SLICE_ORDERS", 2)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, second=rows, replaces=st.booleans())
def test_the_forecast_is_the_report(small_slices, make_shop, first, second, replaces):
    shop = make_shop(f"shop-{timezone.now().timestamp():.6f}".replace(".", "-"), currency="GBP")
    for lines in (first, second):
        forecast = imported(shop, a_file(lines), request=request_check, replaces=replaces)
        with shop_scope(shop):
            before = Customer.objects.count(), Order.objects.count(), Refund.objects.count()
        report = imported(shop, a_file(lines), request=request_run, replaces=replaces)
        assert report == forecast
        with shop_scope(shop):
            after = Customer.objects.count(), Order.objects.count(), Refund.objects.count()
        made = report["customers_created"], report["orders_created"]
        assert made == (after[0] - before[0], after[1] - before[1])
