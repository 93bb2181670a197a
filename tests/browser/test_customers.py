"""Customers in a real browser: ticking and tagging, revealing contacts, opening an order, writing a note."""

import pytest
from django.conf import settings

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import CustomerTag, Note
from customers.upserts import Details, change_customer
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

AXE = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def people(shop):
    """王小明 with a name too long for any column, and Ana."""
    company = "王小明" + "上海静安区南京西路茶叶专卖有限公司" * 4
    ming = customers.customer(shop, company, phone="+8613800138000", net_minor=482050, last_order_at=NOW)
    ana = customers.customer(shop, "Ana", net_minor=100)
    tea = customers.product(shop, name="安溪铁观音")
    customers.order(shop, customer=ming, lines=[(tea, 2, 1000)])
    return ming, ana


def test_ticked_customers_are_tagged_and_pages_found_by_the_keyboard_alone(look, shop, people):
    page = look("customers/")
    for key in "jjxt":
        page.keyboard.press(key)
    page.keyboard.insert_text("老客")
    page.keyboard.press("Enter")
    page.get_by_text("1 customer tagged “老客”.").wait_for()
    with shop_scope(shop):
        assert list(CustomerTag.objects.values_list("customer_id", "tag__name")) == [(people[1].pk, "老客")]
    page.keyboard.press("/")
    page.keyboard.type("exports")
    page.locator("#search-results a").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/exports/")
    assert page.problems == []


def test_the_rfm_group_is_a_column_for_those_who_ask(look, people):
    page = look("customers/")
    groups = page.locator("#customers [data-col=group]")
    assert page.locator("#customers th[data-col=stage]").is_visible()
    assert groups.count() == 3
    assert not any(cell.is_visible() for cell in groups.all())
    page.locator("[data-columns] summary").click()
    assert not page.locator("[data-columns] [value=group]").is_checked()
    page.locator("[data-columns] [value=group]").check()
    page.reload()
    assert all(cell.is_visible() for cell in groups.all())


def test_all_that_match_are_asked_for_with_their_count(look, shop, people):
    page = look("customers/?spent_min=0")
    page.check(f'[name="picked"][value="{people[1].pk}"]')
    page.check('[name="all_matching"]')
    assert page.text_content("[data-bulk-count]") == "All 2 that match"
    page.click('[data-dialog-open="tag-dialog"]')
    page.fill('[name="add_name"]', "VIP")
    page.click('#tag-dialog [value="add"]')
    page.get_by_role("button", name="Tag 2 customers").click()
    page.get_by_text("2 customers tagged “VIP”.").wait_for()
    assert page.url.endswith("?spent_min=0")


def test_filters_end_up_in_the_address(look, people):
    page = look("customers/")
    page.fill('main [name="q"]', "小明")
    page.press('main [name="q"]', "Enter")
    page.wait_for_url("**q=%E5%B0%8F%E6%98%8E**")
    page.reload()
    assert page.input_value('main [name="q"]') == "小明"


def test_contacts_orders_and_notes_open_in_place(look, shop, people):
    page = look(f"customers/{people[0].pk}/")
    assert page.get_by_text("+8613800138000").count() == 0
    page.get_by_role("button", name="Show contacts").click()
    page.get_by_text("+8613800138000").wait_for()
    page.click(".order-row summary")
    page.locator(".order-lines").get_by_text("安溪铁观音").wait_for()
    page.get_by_role("link", name="Notes").click()
    page.get_by_text("Nothing here yet.").wait_for()
    page.click('[data-dialog-open="note-dialog"]')
    page.fill("#note-dialog textarea", "喜欢浓香型")
    page.click('#note-dialog [type="submit"]')
    page.locator(".note-body").get_by_text("喜欢浓香型").wait_for()
    with shop_scope(shop):
        assert Note.objects.get().body == "喜欢浓香型"
    assert page.problems == []


def test_a_note_outlives_the_session_and_its_token(look, shop, people):
    page = look(f"customers/{people[0].pk}/")
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME)
    page.click('[data-dialog-open="note-dialog"]')
    page.fill("#note-dialog textarea", "喜欢浓香型")
    page.context.add_cookies([session | {"value": "ended"}])
    page.click('#note-dialog [type="submit"]')
    page.wait_for_url("**/accounts/login/**")
    # Signing in again gives another session and another token.
    page.context.add_cookies([session])
    page.goto(f"{page.shop}customers/{people[0].pk}/notes/")
    assert page.input_value("main textarea") == "喜欢浓香型"
    page.locator(".toast-note").get_by_text("What you typed is back").wait_for()
    token = {"name": settings.CSRF_COOKIE_NAME, "value": "a" * 32, "url": page.origin}
    page.context.add_cookies([token])
    page.click('main [type="submit"]')
    page.locator(".note-body").get_by_text("喜欢浓香型").wait_for()
    page.context.add_cookies([token | {"value": "b" * 32}])
    page.get_by_role("button", name="Show contacts").click()
    page.get_by_text("+8613800138000").wait_for()
    page.goto(f"{page.shop}customers/{people[0].pk}/notes/")
    assert page.input_value("main textarea") == ""
    assert page.problems == []


def test_a_note_of_one_person_is_not_sent_as_another(look, shop, people, make_member, as_person):
    page = look(f"customers/{people[0].pk}/")
    page.click('[data-dialog-open="note-dialog"]')
    page.fill("#note-dialog textarea", "喜欢浓香型")
    contacts = page.context.new_page()
    contacts.goto(f"{page.shop}customers/{people[0].pk}/")
    # Meanwhile somebody else signs in in another tab: the browser has another session and another token.
    other = as_person(make_member(shop, Role.MARKETER)).cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: other, settings.CSRF_COOKIE_NAME: "a" * 32}
    page.context.add_cookies([{"name": name, "value": cookies[name], "url": page.origin} for name in cookies])
    page.click('#note-dialog [type="submit"]')
    page.get_by_role("heading", name="Somebody else is signed in now").wait_for()
    assert "You are signed in as Marketer now" in page.text_content("main")
    page.go_back()
    page.locator("#note-dialog[open]").wait_for()
    assert page.input_value("#note-dialog textarea") == "喜欢浓香型"
    contacts.get_by_role("button", name="Show contacts").click()
    contacts.locator(".toast-note").get_by_text("You are signed in as Marketer now").wait_for()
    with shop_scope(shop):
        assert not Note.objects.exists()
    # Sent again from this page, which is made for them, it is theirs.
    page.click('#note-dialog [type="submit"]')
    page.locator(".note-body").get_by_text("喜欢浓香型").wait_for()
    with shop_scope(shop):
        assert [note.author.name for note in Note.objects.all()] == ["Marketer"]
    assert page.problems == []


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_page_and_axe_finds_nothing(look, people, width):
    page = look("customers/", width=width)
    for rest in ("customers/", f"customers/{people[0].pk}/", "customers/exports/", f"customers/{people[0].pk}/edit/"):
        page.goto(page.shop + rest)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, rest
        # As the debugger, past the policy that keeps strangers' scripts out.
        page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert [(rest, v["id"], v["nodes"][0]["html"]) for v in found] == []
        assert page.problems == []


@pytest.mark.parametrize("width", [1440, 390])
def test_two_customers_are_merged_and_the_merge_undone(look, shop, people, width):
    ming, ana = people
    page = look(f"customers/{ana.pk}/", width=width)
    if width == 390:
        page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Merge with…").click()
    page.fill("#id_q", "王小明")
    page.get_by_role("button", name="Find").click()
    page.locator("#found a").first.click()
    assert page.locator("#moves li").all_text_contents() == ["1 order", "1 identifier"]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    assert [each["id"] for each in page.evaluate("axe.run()")["violations"]] == []
    page.get_by_role("button", name="Merge these two").click()
    page.get_by_text("The two are one now.").wait_for()
    page.goto(f"{page.shop}customers/{ming.pk}/")
    page.wait_for_url(f"**/customers/{ana.pk}/")
    page.locator("#merges").get_by_role("button", name="Undo").click()
    page.get_by_text("The two are apart again.").wait_for()
    page.wait_for_url(f"**/customers/{ming.pk}/")
    assert page.problems == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_where_a_phone_comes_from_is_one_click_away_and_staff_let_go(look, shop, owner, people, width, scheme):
    ming = people[0]
    with shop_scope(shop):
        change_customer(ming, Details(company="茶业"), by=owner, now=NOW)
    page = look(f"customers/{ming.pk}/", width=width)
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("link", name="Where this comes from: Phone").click()
    opened = page.locator("#provenance-contacts .provenance")
    opened.get_by_text("not noted then").wait_for()
    assert "8613800138000" not in opened.text_content()
    page.get_by_role("link", name="Where this comes from: Company").click()
    about = page.locator("#provenance-about .provenance")
    about.get_by_text("Company changed").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    assert [(each["id"], each["nodes"][0]["html"]) for each in page.evaluate("axe.run()")["violations"]] == []
    about.get_by_role("button", name="Let the storefront say it again").click()
    about.get_by_text("held by staff").wait_for(state="detached")
    with shop_scope(shop):
        assert type(ming).objects.get(pk=ming.pk).held == []
    assert page.problems == []
