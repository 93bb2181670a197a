"""What we export comes in again without loss: order lines, as CSV and as a workbook, into an empty shop."""

import uuid
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.demo.people import invent
from crm.shops.exchange_rates import minor_rates
from crm.tenancy.scope import shop_scope
from customers.consent.recording import ConsentIn, append
from customers.domain.consent import UNDATED
from customers.exports import pages as export_pages
from customers.exports import request_export, run_export
from customers.imports import staged
from customers.imports.actions import request_check, request_run, upload_import
from customers.ingest import (
    CustomerIn,
    LineIn,
    OrderIn,
    RefundIn,
    RefundLineIn,
    ingest_orders,
    refresh_sales_days,
    total_of,
)
from customers.models import (
    Consent,
    ConsentState,
    Customer,
    CustomerTag,
    ExportJob,
    Identifier,
    ImportJob,
    Order,
    OrderLine,
    Product,
    ProductCategory,
    Refund,
    RefundLine,
    SalesDay,
)
from customers.tagging import TagChange, change_tags
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
RATES = {"JPY": "0.0052", "KWD": "2.5"}
# Before, in and after the hour that comes twice, the hour that never comes, and parts of a second.
MOMENTS = [
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 6, 1, 23, 30, tzinfo=UTC),
    datetime(2026, 11, 2, 3, 4, 5, 123456, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, 0, 1, tzinfo=UTC),
    datetime(1970, 1, 2, tzinfo=UTC),
]
NAMES = ["=1+1", "'=1+1", "''@x", "-5", '“Ana” "Lee"', "it's, fine; yes", "王小明 😀", "+44", "'t Hooft", "_x0041_", ""]
PRODUCTS = [("", ""), ("007", "Tea"), ("=p", '"Pot", large'), ("@p", ""), ("1e5x", "-1"), ("8.0", "@cup")]
BUYERS = [
    CustomerIn(),
    CustomerIn("007", "", "", "=1+1", "Leeds", "GB"),
    CustomerIn("-7", "ana@example.com", "+442079460958", "'=Ana", "'@x", "-"),
    CustomerIn("", "bo+tag@example.com", "", "王小明 😀"),
    CustomerIn("", "", "+8613800138000", '"Quoted", name'),
    CustomerIn("13085.0", "=cy@example.com"),
]
minor = st.integers(0, 10**7)
moments = st.sampled_from(MOMENTS)


@st.composite
def an_order(draw, number):
    currency = draw(st.sampled_from(["GBP", "GBP", "JPY", "KWD"]))
    lines = draw(st.lists(a_line(), max_size=4))
    shipping, tax = draw(minor), draw(minor)
    worth = total_of(lines, shipping, tax)
    adjustment = draw(st.sampled_from([0, 0, 7, -7, -worth, 12345]))
    total = worth + adjustment
    refunds = []
    for n in range(draw(st.integers(0, 3))):
        at_most = total - sum(refund.amount_minor for refund in refunds)
        if at_most < 0:
            break
        given_back = draw(
            st.lists(
                st.builds(refund_line, st.sampled_from(PRODUCTS), st.integers(-2, 3), st.integers(-50, 900)), max_size=3
            )
        )
        refunds.append(
            RefundIn(
                f"R{n}",
                moment := draw(moments),
                moment,
                currency,
                draw(st.integers(0, at_most)),
                f"{number}",
                lines=given_back,
            )
        )
    return OrderIn(
        f"{number}", at := draw(moments), at, currency, draw(st.sampled_from(Order.Status.values)),
        customer=draw(st.sampled_from(BUYERS)), shipping_minor=shipping, tax_minor=tax, adjustment_minor=adjustment,
        lines=lines, refunds=refunds,
    )  # fmt: skip


def refund_line(product, quantity, total):
    return RefundLineIn(*product, quantity, total)


def a_line():
    return st.builds(
        lambda product, *rest: LineIn(*product, *rest),
        st.sampled_from(PRODUCTS),
        st.integers(-3, 1000),
        st.integers(-500, 10**7),
        st.integers(0, 999),
        st.integers(0, 10**7),
        st.booleans(),
    )


ORDERS = st.integers(1, 5).flatmap(
    lambda count: st.tuples(*[an_order(number) for number in ("0001", "-2", "=c", "@d", "５")[:count]])
)
LOOSE = st.lists(st.tuples(moments, st.sampled_from(BUYERS), st.integers(0, 5000)), max_size=2)


def made_shop(make_shop, **more):
    slug = f"s{uuid.uuid4().hex[:12]}"
    shop = make_shop(slug, currency="GBP", timezone="Europe/London", **more)
    shop.exchange_rates = RATES
    shop.save(update_fields=["exchange_rates"])
    return shop


def fill(shop, orders, loose=()):
    rates = minor_rates(shop)
    for order in orders:
        order.placed_on, order.rate = order.placed_at.astimezone(shop.zone).date(), rates[order.currency]
        for refund in order.refunds:
            refund.refunded_on, refund.rate = refund.refunded_at.astimezone(shop.zone).date(), order.rate
    refunds = [
        RefundIn(f"L{n}", at, at.astimezone(shop.zone).date(), "GBP", amount, customer=buyer)
        for n, (at, buyer, amount) in enumerate(loose)
    ]
    with shop_scope(shop):
        ingest_orders(orders, by=None, now=timezone.now(), refunds=refunds)
        for identifier in Identifier.objects.filter(kind="email").exclude(value__startswith="second-"):
            Identifier.objects.get_or_create(
                shop=shop, customer_id=identifier.customer_id, kind="email", value=f"second-{identifier.value}"
            )
        while refresh_sales_days():
            pass


def exported(shop, person, *, what, format_, query=""):
    with shop_scope(shop):
        request_export(shop, QueryDict(query), by=person, now=timezone.now(), what=what, format_=format_)
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    assert job.error is None
    with job.file.open("rb") as file:
        return file.read()


def imported(shop, content, name="f.csv"):
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(content, name), by=None, now=timezone.now())
        assert job.preset == "huitou"
        request_check(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.error is None
        request_run(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    assert (job.state, job.error) == (ImportJob.State.DONE, None)
    assert job.counts == job.forecast
    return job


def everything(shop):
    """All that an order lines file tells, ids apart."""
    with shop_scope(shop):
        products = {pk: (number, name) for pk, number, name in Product.objects.values_list("pk", "external_id", "name")}
        keys = defaultdict(dict)
        for pk, kind, value in Identifier.objects.order_by("pk").values_list("customer_id", "kind", "value"):
            keys[pk].setdefault(kind, value)
        buyer = {pk: tuple(sorted(own.items())) for pk, own in keys.items()} | {None: ()}
        lines, back = defaultdict(list), defaultdict(list)
        for line in OrderLine.objects.order_by("position"):
            lines[line.order_id].append(
                (line.position, products.get(line.product_id), line.quantity, line.unit_price_minor,
                 line.discount_minor, line.total_minor, line.is_revenue)
            )  # fmt: skip
        for line in RefundLine.objects.order_by("position"):
            back[line.refund_id].append((line.position, products.get(line.product_id), line.quantity, line.total_minor))
        orders = {
            order.external_id: (
                buyer[order.customer_id], order.placed_at, order.placed_on, order.status, order.currency,
                order.shipping_minor, order.tax_minor, order.adjustment_minor, order.total_minor,
                order.revenue_minor, order.is_purchase, lines[order.pk],
            )
            for order in Order.objects.all()
        }  # fmt: skip
        refunds = {
            (refund.order.external_id if refund.order else None, refund.external_id): (
                buyer[refund.customer_id], refund.refunded_at, refund.refunded_on, refund.currency,
                refund.amount_minor, refund.revenue_minor, refund.is_assumed, back[refund.pk],
            )
            for refund in Refund.objects.select_related("order")
        }  # fmt: skip
        people = {
            buyer[customer.pk]: (
                customer.name, customer.city, customer.country, customer.order_count, customer.gross_minor,
                customer.refunded_minor, customer.net_minor, customer.first_order_at, customer.first_order_on,
                customer.last_order_at,
            )
            for customer in Customer.objects.all()
        }  # fmt: skip
        figures = [field.name for field in SalesDay._meta.fields if field.name not in ("id", "shop")]
        days = [day for day in SalesDay.objects.order_by("day").values_list(*figures) if any(day[1:])]
    return {"products": sorted(products.values()), "orders": orders, "refunds": refunds, "people": people, "days": days}


FORMATS = ("csv", "xlsx")


@pytest.fixture
def small_pages(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(staged, "SLICE_ORDERS", 2)
    monkeypatch.setattr(export_pages, "PAGE", 2)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS, loose=LOOSE)
def test_order_lines_come_in_again_without_loss(small_pages, make_shop, make_member, orders, loose):
    shop = made_shop(make_shop)
    fill(shop, orders, loose)
    member, whole = make_member(shop), everything(shop)
    for format_ in FORMATS:
        empty = made_shop(make_shop)
        job = imported(empty, exported(shop, member, what="lines", format_=format_))
        assert job.counts["rejected"] == 0, format_
        assert everything(empty) == whole, format_
        again = imported(shop, exported(shop, member, what="lines", format_=format_)).counts
        changes = ("orders_created", "orders_changed", "refunds_created", "refunds_changed", "customers_created")
        assert [again[name] for name in changes] == [0] * 5, format_
        assert everything(shop) == whole, format_


# Lists of customers and of products

PERSON_NAMES = [name for name in NAMES if name != "'=1+1"]
TAGS = ["VIP", "A, B", "a;b", "=tag", "老客户", "two words", 'the "best"', "'t Hooft"]
consents_said = st.tuples(
    st.sampled_from(["email", "sms"]),
    st.sampled_from(["marketing", "reviews"]),
    st.sampled_from(ConsentState.values),
    st.sampled_from([*MOMENTS, UNDATED]),
).filter(lambda said: said[2:] != (ConsentState.WITHDRAWN, UNDATED))  # a withdrawal is always of a time
product_details = st.tuples(
    st.sampled_from(["", "Huitou", "=brand", "'tis"]),
    st.sampled_from([None, 0, 5, 199_990]),
    st.sampled_from([None, 1]),
    st.sets(st.sampled_from(["Tea", "Tea/Green", "A; B", 'the "best"', "x > y", "=cat", "茶/绿茶", "a|b"]), max_size=3),
)
people_lists = st.lists(
    st.tuples(
        st.sampled_from(PERSON_NAMES),
        st.sampled_from(["", "Leeds", "上海", "-"]),
        st.sampled_from(["", "GB", "=x"]),
        st.booleans(),  # has a number
        st.integers(0, 2),  # addresses
        st.integers(0, 2),  # phones
        st.sets(st.sampled_from(TAGS), max_size=3),
        st.lists(consents_said, max_size=4),
        st.fixed_dictionaries(
            {
                "birthday": st.sampled_from(["", "1990-05-17", "--02-29"]),
                "language": st.sampled_from(["", "zh-Hans", "en"]),
                "time_zone": st.sampled_from(["", "Asia/Shanghai"]),
                "company": st.sampled_from(["", "=1+1", "茶 & Co, Ltd.", '"Tea"']),
                "kind": st.sampled_from(["", "press", "wholesale"]),
                "is_minor": st.booleans(),
                "do_not_profile": st.booleans(),
            }
        ),
    ).filter(lambda person: person[3] or person[4] or person[5]),
    min_size=1,
    max_size=5,
)


ABOUT = ("birthday", "language", "time_zone", "company", "kind", "is_minor", "do_not_profile")


def listed(shop):
    """Each customer's name, place, identifiers and tags; each product."""
    with shop_scope(shop):
        identifiers, tags = defaultdict(set), defaultdict(set)
        for pk, kind, value in Identifier.objects.values_list("customer_id", "kind", "value"):
            identifiers[pk].add((kind, value))
        for pk, name in CustomerTag.objects.values_list("customer_id", "tag__name"):
            tags[pk].add(name)
        consents = defaultdict(list)
        for pk, *said in Consent.objects.values_list("customer_id", "channel", "purpose", "state", "at"):
            consents[pk].append(tuple(said))
        people = sorted(
            (*said, sorted(identifiers[pk]), sorted(tags[pk]), sorted(consents[pk]))
            for pk, *said in Customer.objects.values_list("pk", "name", "city", "country", *ABOUT)
        )
        paths = defaultdict(list)
        for pk, path in ProductCategory.objects.order_by("path").values_list("product_id", "path"):
            paths[pk].append(path)
        products = Product.objects.values_list("pk", "external_id", "name", "brand", "price_minor", "cost_minor")
        return people, sorted((*rest, paths[pk]) for pk, *rest in products)


def taken(shop, content, kind):
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(content, "f.csv"), by=None, now=timezone.now())
        assert job.kind == kind
        request_run(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.error, job.counts["rejected"], list(job.rejected_rows.values_list("code", flat=True))) == (
            None,
            0,
            [],
        )


@pytest.mark.slow
@settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=people_lists, products=st.dictionaries(st.sampled_from(PRODUCTS[1:]), product_details, min_size=1))
def test_customers_and_products_come_in_again_without_loss(small_pages, make_shop, make_member, people, products):
    shop = made_shop(make_shop)
    with shop_scope(shop):
        for at, (name, city, country, has_number, addresses, phones, tags, consents, about) in enumerate(people):
            customer = Customer.objects.create(shop=shop, name=name, city=city, country=country, **about)
            values = [("external", f"007-{at}")] * has_number
            values += [("email", f"p{at}-{n}@example.com") for n in range(addresses)]
            values += [("phone", f"+4420794609{at}{n}") for n in range(phones)]
            for kind, value in values:
                Identifier.objects.create(shop=shop, customer=customer, kind=kind, value=value)
            change_tags([TagChange(customer.pk, sorted(tags))], by=None, now=timezone.now())
            said = [ConsentIn(customer.pk, *each) for each in consents]
            append(said, now=timezone.now())
        for (number, name), details in products.items():
            brand, price, cost, categories = details
            product = Product.objects.create(
                shop=shop, external_id=number, name=name, brand=brand, price_minor=price, cost_minor=cost
            )
            for path in categories:
                ProductCategory.objects.create(shop=shop, product=product, path=path)
    member, whole = make_member(shop), listed(shop)
    for format_ in FORMATS:
        empty = made_shop(make_shop)
        taken(empty, exported(shop, member, what="customers", format_=format_), "customers")
        taken(empty, exported(shop, member, what="products", format_=format_), "products")
        assert listed(empty) == whole, format_


def test_people_of_the_demo_come_in_again_without_loss(small_pages, make_shop, make_member):
    shop, empty = made_shop(make_shop), made_shop(make_shop)
    numbers = [(str(number), "France" if number % 2 else "United Kingdom") for number in range(12346, 12386)]
    with shop_scope(shop):
        for (number, country), person in zip(numbers, invent(numbers), strict=True):
            customer = Customer.objects.create(shop=shop, name=person.name, country=country)
            values = {"external": number, "email": person.email, "phone": person.phone}
            for kind, value in values.items():
                if value:
                    Identifier.objects.create(shop=shop, customer=customer, kind=kind, value=value)
    taken(empty, exported(shop, make_member(shop), what="customers", format_="csv"), "customers")
    assert listed(empty) == listed(shop)
