"""The dry run of a list says what its run then does, whatever it holds, wherever slices end, whatever went before."""

import csv
import io

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.consent.recording import differences
from customers.imports import lists
from customers.imports.actions import choose_mapping, request_check, request_run, upload_import
from customers.models import Customer, ImportChange, ImportJob, Product
from customers.sources import Mapping
from customers.tasks import IMPORTS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PEOPLE = [
    "customer_id", "email", "phone", "name", "city", "country", "tags", "consent.email.marketing",
    "consent.email.marketing.at", "note",
]  # fmt: skip
PRODUCTS = ["product_id", "product_name", "brand", "price", "categories", "note"]
people = st.lists(
    st.tuples(
        st.sampled_from(["", "", "A", "B", "C", "Guest"]),
        st.sampled_from(["", "a@example.com", "b@example.com", "c@example.com", "a@example.com;d@example.com", "x@"]),
        st.sampled_from(["", "", "+442079460958", "+442079460959"]),
        st.sampled_from(["", "Ana", "Bo"]),
        st.sampled_from(["", "Paris", "Rome"]),
        st.sampled_from(["", "FR"]),
        st.sampled_from(["", "vip", "VIP;press", "press"]),
        st.sampled_from(["", "yes", "no", "pending"]),
        st.sampled_from(["", "2026-01-01", "2026-01-02T10:00:00Z", "2026-01-02T10:00:00Z"]),
    ),
    min_size=1,
    max_size=14,
)
products = st.lists(
    st.tuples(
        st.sampled_from(["", "p1", "p2", "p3"]),
        st.sampled_from(["", "Tea", "Pot", "Cup"]),
        st.sampled_from(["", "Huitou", "Other"]),
        st.sampled_from(["", "1.50", "2.50", "x"]),
        st.sampled_from(["", "Tea", "Tea/Green; Gifts", "Gifts"]),
    ),
    min_size=1,
    max_size=12,
)
policies = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(["fill", "overwrite", "keep"]) for name in ("name", "city", "country")},
        **{name: st.sampled_from(["fill", "keep"]) for name in ("customer_id", "email", "phone", "tags")},
    },
)


def report(shop, heading, lines, said, request):
    text = io.StringIO()
    csv.writer(text).writerows([heading, *([*line, "."] for line in lines)])
    with shop_scope(shop):
        content = ContentFile(text.getvalue().encode(), "list.csv")
        job = upload_import(shop, content, by=None, now=timezone.now())
        choose_mapping(job, mapping=Mapping.from_dict(job.mapping | said))
        request(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    assert job.error is None
    return job.forecast if request is request_check else job.counts


@pytest.fixture
def small_slices(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(lists, "SLICE_ROWS", 2)


@pytest.fixture
def a_shop(make_shop):
    return lambda: make_shop(f"shop-{timezone.now().timestamp():.6f}".replace(".", "-"), currency="GBP")


def check_then_run(shop, model, heading, lines, said):
    """The report of the run, which is that of the check before it."""
    forecast = report(shop, heading, lines, said, request_check)
    with shop_scope(shop):
        before = model.objects.count()
    done = report(shop, heading, lines, said, request_run)
    assert done == forecast
    of = "customers" if model is Customer else "products"
    kind = ImportChange.Kind.CUSTOMER if model is Customer else ImportChange.Kind.PRODUCT
    with shop_scope(shop):
        assert differences()[1] == []
        assert done[f"{of}_created"] == model.objects.count() - before
        # The parts add up to whom the file is about: the journal has each of them once, as what it is counted.
        job = ImportJob.objects.latest("pk")
        outcomes = job.changes.filter(kind=kind).values_list("outcome", flat=True)
        assert [done[f"{of}_{part}"] for part in ("created", "changed", "unchanged")] == [
            list(outcomes).count(outcome) for outcome in (1, 2, 3)
        ]
    return done


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=people, second=people, match=st.sampled_from(["auto", "customer_id", "email", "phone"]), policies=policies)
def test_customers(small_slices, a_shop, first, second, match, policies):
    shop = a_shop()
    for lines in (first, second):
        check_then_run(shop, Customer, PEOPLE, lines, {"kind": "customers", "match": match, "policies": policies})


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=products,
    second=products,
    match=st.sampled_from(["product_id", "product_name"]),
    policy=st.sampled_from(["fill", "overwrite", "keep"]),
)
def test_products(small_slices, a_shop, first, second, match, policy):
    policies = dict.fromkeys(("product_name", "brand", "price", "categories"), policy)
    shop, said = a_shop(), {"kind": "products", "match": match, "policies": policies}
    for lines in (first, second):
        check_then_run(shop, Product, PRODUCTS, lines, said)
