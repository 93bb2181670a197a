"""An import by hand: drop a file, choose its columns, watch it, read the report."""

import threading

import pytest
from django.conf import settings as project
from django.db import connections
from django.test import Client
from django.utils.timezone import now

from crm.tenancy.scope import shop_scope
from customers.imports.actions import run_job
from customers.models import ImportJob, Order
from tests.customers.imports.test_views import ROWS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def work(shop):
    """The worker, in a thread of its own as it has a process of its own."""

    def run():
        try:
            with shop_scope(shop):
                job = ImportJob.claim_due()
            run_job(job, shop, now=now())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)


def signed_in(visit, user, path, **kwargs):
    browser = Client()
    browser.force_login(user, backend=project.AUTHENTICATION_BACKENDS[0])
    page = visit("/healthz", **kwargs)
    page.context.add_cookies([{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": page.origin}])
    page.goto(page.origin + path)
    return page


@pytest.mark.parametrize("width", [1440, 390])
def test_file_is_imported_by_hand(visit, shop, owner, tmp_path, width):
    file = tmp_path / "订单 2026.csv"
    file.write_text(ROWS, encoding="utf-8")
    page = signed_in(visit, owner, "/s/tea/imports/", width=width)
    page.set_input_files("#file", file)
    page.click("text=Upload and check the columns")
    for field, heading in (("order_id", "Order no"), ("ordered_at", "Bought on"), ("customer_id", "Client")):
        page.select_option(f"[name=field_{field}]", heading)
    for field, heading in (("email", "Mail"), ("quantity", "Pieces"), ("unit_price", "Each"), ("status", "State")):
        page.select_option(f"[name=field_{field}]", heading)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Check the file")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=This is what will happen")  # by itself: the polling reloads the page
    assert page.locator("#problems tbody tr").count() == 2
    page.click("main button:has-text('Import')")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=See your customers")
    assert page.locator("#progress").count() == 0
    with page.expect_download() as download:
        page.click("text=All of them as CSV")
    assert "yesterday" in download.value.path().read_text(encoding="utf-8-sig")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with shop_scope(shop):
        assert Order.objects.count() == 3
    assert page.problems == []
