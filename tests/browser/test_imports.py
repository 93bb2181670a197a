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
from tests.customers.imports.test_views import CASES, ROWS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

AXE = project.BASE_DIR / "node_modules/axe-core/axe.min.js"


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
    page.click("text=Upload and check")
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
        page.click("text=Rows left out, to correct")
    assert "yesterday" in download.value.path().read_text(encoding="utf-8-sig")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with shop_scope(shop):
        assert Order.objects.count() == 3
    assert page.problems == []


def strip(page):
    """The figures of the strip by their labels, as they are read."""
    return dict(
        zip(
            page.locator("#sums .stat-label").all_inner_texts(),
            page.locator("#sums .stat-figure").all_inner_texts(),
            strict=True,
        )
    )


def counted(page):
    """Clicks from here on: `click(selector)` and how many there were."""
    clicks = []

    def click(selector):
        clicks.append(selector)
        page.click(selector)

    return click, clicks


SHOPIFY = (
    "01-shopify-orders.csv",
    "Shopify",
    {"Orders that count": "5", "Revenue": "$250.50", "Refunded": "$90.00", "Shipping": "$9.90", "Tax": "$2.10"},
)
TAOBAO = (
    "06-taobao-ExportOrderList.csv",
    "淘宝/天猫",
    {"Orders that count": "3", "Revenue": "CN¥352.00"},
)
AMAZON = ("02b-amazon-with-buyer.txt", "Amazon", {"Orders that count": "3", "Revenue": "$94.00"})
EBAY = ("04-ebay-orders-report.csv", "eBay", {"Orders that count": "2", "Revenue": "$3,136.94"})


@pytest.mark.parametrize(
    ("case", "width"), [(SHOPIFY, 1440), (SHOPIFY, 390), (TAOBAO, 390), (AMAZON, 1440), (EBAY, 1440)]
)
def test_recognised_export_is_in_after_two_clicks_and_what_is_asked(visit, shop, owner, case, width):
    file, platform, expected = case
    page = signed_in(visit, owner, "/s/tea/imports/", width=width)
    click, clicks = counted(page)
    page.set_input_files("#file", CASES / file)
    click("text=Upload and check")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    if file.startswith("04"):  # its dollars are not the pounds of the shop
        page.wait_for_selector("#questions")
        click("text=USD · US Dollar")
        click("text=Check the file")
        page.wait_for_selector("#progress[hx-get]")
        work(shop)
    page.wait_for_selector("#sums")
    assert f"Recognised: {platform}" in page.inner_text("#reading")
    forecast = strip(page)
    click("main button:has-text('Import')")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=See your customers")
    figures = strip(page)
    assert figures == forecast
    assert {name: figures.get(name) for name in expected} == expected
    assert len(clicks) == (4 if file.startswith("04") else 2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


@pytest.mark.parametrize("width", [1440, 390])
def test_open_question_is_answered_and_goes_straight_on(visit, shop, owner, width):
    page = signed_in(visit, owner, "/s/tea/imports/", width=width)
    click, clicks = counted(page)
    page.set_input_files("#file", CASES / "13c-only-whole-german-thousands.csv")
    click("text=Upload and check")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("#questions")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    click("text=A comma marks decimals")
    click("text=Check the file")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("#sums")
    assert strip(page)["Revenue"] == "£5,139.00"
    click("#reading a[href$='#id_decimal']")
    page.wait_for_selector("#id_decimal")
    assert page.input_value("#id_decimal") == ","
    assert page.evaluate("document.querySelector('#id_decimal').matches(':target')")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(clicks) == 4
    assert page.problems == []


CUSTOMERS = "Customer number,First name,Last name,Email,City\nC-1,{},Lee,ana@example.com,Leeds\n"


def usable(page, width):
    """axe finds nothing, and the page is no wider than the screen."""
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def brought(page, shop, text, *, writes):
    page.goto(page.origin + "/s/tea/imports/")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("#file", file)
    page.click("text=Upload and check")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=This is what will happen")
    if writes:
        page.click("main button:has-text('Import')")
        page.wait_for_selector("#progress[hx-get]")
        work(shop)
        page.wait_for_selector("text=See your customers")


@pytest.mark.parametrize("width", [1440, 390])
def test_policy_is_chosen_beside_its_column(visit, shop, owner, width):
    page = signed_in(visit, owner, "/s/tea/imports/", width=width)
    brought(page, shop, CUSTOMERS.format("Ana"), writes=True)
    brought(page, shop, CUSTOMERS.format("Anna"), writes=False)
    usable(page, width)
    page.click("text=Change the columns")
    usable(page, width)
    row = page.locator("tr:has(#id_field_name)")
    assert "Ana Lee → Anna Lee (kept, differs)" in row.inner_text()
    made = row.locator(".made-of").inner_text().split()
    assert made == ["First", "name", "Anna", "+", "Last", "name", "Lee", "Read", "as", "Anna", "Lee"]
    row.get_by_label("Name: Where something is known").select_option("overwrite")
    page.select_option("#id_field_city", "")
    assert page.locator("tr:has(#id_field_city) .made-of").is_hidden()  # it was said of the column chosen before
    page.select_option("#id_field_city", "City")
    assert page.locator("tr:has(#id_field_city) .made-of").inner_text() == "Leeds"
    page.click("text=Check the file")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=Ana Lee → Anna Lee (overwritten)")
    assert page.problems == []


@pytest.mark.parametrize("width", [1440, 390])
def test_sample_data_goes_only_after_it_was_said_what_leaves(visit, shop, owner, width):
    page = signed_in(visit, owner, "/s/tea/imports/", width=width)
    page.click("text=Fill in sample data")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=See your customers")
    page.goto(page.origin + "/s/tea/imports/")
    usable(page, width)
    page.click("main a:has-text('Take the sample data out')")
    page.wait_for_selector("text=What stays, and why")
    assert "300 customers" in page.locator("#undo").inner_text()
    usable(page, width)
    page.click("main a:has-text('Keep the sample data')")
    page.click("main a:has-text('Take the sample data out')")
    page.click("main button:has-text('Take the sample data out')")
    page.wait_for_selector("#progress[hx-get]")
    work(shop)
    page.wait_for_selector("text=Customers removed")
    usable(page, width)
    with shop_scope(shop):
        assert not Order.objects.exists()
    assert page.problems == []
