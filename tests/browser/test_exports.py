"""An export in a real browser: from the list to the file, in few clicks, and to be used without a mouse or colours."""

import pytest
from django.conf import settings as project

from crm.tenancy.scope import shop_scope
from customers.models import ExportJob
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

AXE = project.BASE_DIR / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def people(shop):
    ming = customers.customer(shop, "王小明", phone="+8613800138000", net_minor=482050, last_order_at=NOW)
    tea = customers.product(shop, name="安溪铁观音")
    customers.order(shop, customer=ming, lines=[(tea, 2, 1000)])
    return ming


def test_from_the_list_to_a_file_of_chosen_columns(look, shop, people):
    page = look("customers/?spent_min=100")
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_text("1 customer", exact=True).wait_for()
    page.get_by_role("link", name="Order lines").click()
    page.get_by_text("1 order with its lines").wait_for()
    page.get_by_label("Excel").check()
    page.get_by_label("Phone", exact=True).uncheck()
    page.get_by_role("button", name="Export", exact=True).click()
    page.wait_for_url("**/customers/exports/")
    with shop_scope(shop):
        job = ExportJob.objects.get()
    assert (job.kind, job.format, job.filters) == ("lines", "xlsx", {"spent_min": ["100"]})
    assert "phone" not in job.columns
    assert "email" in job.columns
    assert page.problems == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("what", ["customers", "lines", "products"])
def test_the_page_is_usable_by_everybody(look, people, language, width, what):
    page = look(f"customers/exports/new/?what={what}", width=width, language=language)
    assert page.locator("#columns [data-ticks-set]").first.is_visible()
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def ticked(page):
    return page.locator("#columns input:checked").evaluate_all("boxes => boxes.map(box => box.value)")


THE_PRODUCT = ["product_id", "product_name", "brand", "price", "cost", "currency", "categories"]


def test_all_or_none_of_a_group_or_of_the_whole_by_keyboard(look, shop, people):
    page = look("customers/exports/new/?what=products")
    told = page.locator("[data-ticks-count]")
    assert told.inner_text() == "11 of 11 ticked"
    page.get_by_role("button", name="No columns").focus()
    page.keyboard.press("Enter")
    assert (ticked(page), told.inner_text()) == ([], "0 of 11 ticked")
    page.get_by_role("button", name="All: The product").focus()
    page.keyboard.press("Space")
    assert (ticked(page), told.inner_text()) == (THE_PRODUCT, "7 of 11 ticked")
    page.get_by_role("button", name="All columns").press("Enter")
    page.get_by_role("button", name="None: This export").press("Enter")
    assert ticked(page) == [*THE_PRODUCT, "orders", "pieces"]
    page.get_by_label("Pieces", exact=True).press("Space")
    assert told.inner_text() == "8 of 11 ticked"
    page.get_by_role("button", name="Export", exact=True).press("Enter")
    page.wait_for_url("**/customers/exports/")
    with shop_scope(shop):
        assert ExportJob.objects.get().columns == [*THE_PRODUCT, "orders"]
    assert page.problems == []


def test_without_scripts_there_are_ticks_and_no_dead_buttons(look, chromium, shop, people):
    page = look("customers/exports/new/?what=products")
    context = chromium.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(page.url)
    assert plain.locator("[data-ticks-set]:visible").count() == 0
    plain.get_by_label("Pieces", exact=True).uncheck()
    plain.get_by_role("button", name="Export", exact=True).click()
    plain.wait_for_url("**/customers/exports/")
    context.close()
    with shop_scope(shop):
        assert "pieces" not in ExportJob.objects.get().columns
