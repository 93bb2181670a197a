"""The invented shop: in by one button and out by one, and surely nobody real."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import now

from crm.tenancy.scope import shop_scope
from customers.imports.actions import ShopNotEmpty, import_sample
from customers.imports.sample import PEOPLE, sample_orders
from customers.models import Customer, ImportJob, Note, Order, Product
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)


@pytest.mark.parametrize(("currency", "language"), [("GBP", "en"), ("CNY", "zh-hans"), ("JPY", "en"), ("KWD", "en")])
def test_it_is_read_without_a_question_and_every_row_is_used(bring, currency, language):
    made = bring(sample_orders(currency, language, TODAY).encode(), currency=currency)
    assert (made.job.error, made.rejected, made.told) == (None, [], set())
    assert (made.people, set(made.currencies.values())) == (PEOPLE, {currency})
    assert made.counts["orders_adjusted"] == 0
    assert made.counts["last_day"] < "2026-07-01"
    assert 600 < made.counts["purchases"] < 2000
    assert made.refunds


def test_everybody_is_invented_and_said_to_be():
    rows = list(csv.DictReader(io.StringIO(sample_orders("EUR", "en", TODAY))))
    assert {row["email"].rpartition("@")[2] for row in rows} == {"example.com"}
    assert all(row["order_id"].startswith("SAMPLE-") and row["customer_id"].startswith("SAMPLE-") for row in rows)


def test_it_is_always_alike():
    assert sample_orders("EUR", "en", TODAY) == sample_orders("EUR", "en", TODAY)


@pytest.fixture
def browser(as_person, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return as_person(owner)


def counted(shop):
    with shop_scope(shop):
        return Customer.objects.count(), Order.objects.count(), Product.objects.count()


def test_one_button_fills_an_empty_shop_and_one_empties_it(shop, browser):
    imports = reverse("imports:list", args=[shop.slug])
    assert "Fill in sample data" in browser.get(imports).text
    browser.post(reverse("imports:sample", args=[shop.slug]))
    IMPORTS.do_next(shop.pk)
    people, orders, _ = counted(shop)
    assert people == PEOPLE
    assert orders > people
    page = browser.get(imports).text
    assert "Take the sample data out" in page
    assert "Fill in sample data" not in page
    assert "sample data" in browser.get(f"/s/{shop.slug}/").text
    with shop_scope(shop):
        job = ImportJob.objects.get()
    out = reverse("imports:undo", args=[shop.slug, job.pk])
    assert f'action="{out}"' not in page  # only after it was said what leaves and what stays
    asked = browser.get(out)
    assert "Take the sample data out?" in asked.text
    assert asked.context["undo"].leaves[::2] == [f"{orders:,} orders", f"{people} customers"]
    assert asked.context["undo"].stays == [
        "What you have imported or written yourself.",
        "An invented customer to whom you have added something, such as a note: they are listed afterwards.",
    ]
    browser.post(out)
    IMPORTS.do_next(shop.pk)
    assert counted(shop) == (0, 0, 0)
    page = browser.get(imports).text
    assert "Take the sample data out" not in page
    assert "Fill in sample data" in page
    assert "sample data" not in browser.get(f"/s/{shop.slug}/").text


def test_what_a_shop_wrote_itself_stays_when_the_sample_goes(shop, owner, browser):
    browser.post(reverse("imports:sample", args=[shop.slug]))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        noted = Customer.objects.first()
        Note.objects.create(shop=shop, customer=noted, author=owner, body="Called.")
        job = ImportJob.objects.get()
    browser.post(reverse("imports:undo", args=[shop.slug, job.pk]))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        assert [customer.pk for customer in Customer.objects.all()] == [noted.pk]
        assert not Order.objects.exists()


def test_a_shop_with_anything_of_its_own_is_not_filled(shop, owner, browser):
    with shop_scope(shop):
        Product.objects.create(shop=shop, external_id="own")
        with pytest.raises(ShopNotEmpty):
            import_sample(shop, by=owner, now=now())
    answer = browser.post(reverse("imports:sample", args=[shop.slug]), follow=True)
    assert "This shop is not empty" in answer.text
    assert "Fill in sample data" not in answer.text
    with shop_scope(shop):
        assert not ImportJob.objects.exists()


def test_it_is_filled_once_by_two_clicks(shop, owner, browser):
    url = reverse("imports:sample", args=[shop.slug])
    browser.post(url)
    browser.post(url)
    with shop_scope(shop):
        assert ImportJob.objects.count() == 1
