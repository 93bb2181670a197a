"""The style guide in a real Chromium: accessible, within the page's policy, and working."""

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
HOST = "http://shop.test"
AXE = "node_modules/axe-core/axe.min.js"
POLICY = "; ".join(
    f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)


@pytest.fixture
def open_page(chromium, styleguide_html):
    """Opens the style guide under the project's policy; `problems` collects what the browser complains of."""
    contexts = []

    def answer(route):
        path = urlsplit(route.request.url).path
        if path == "/styleguide/":
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            return route.fulfill(body=styleguide_html, headers=headers)
        file = find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        kind = mimetypes.guess_type(path)[0] or "text/plain"
        return route.fulfill(path=file, content_type=kind) if file else route.fulfill(status=404)

    def open_(*, width=1440, theme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        context.route("**/*", answer)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.add_init_script(f"localStorage.getItem('theme') || localStorage.setItem('theme', '{theme}')")
        page.goto(f"{HOST}/styleguide/")
        return page

    yield open_
    for context in contexts:
        context.close()


def see_all_charts(page):
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
    assert becomes_true(page, "document.querySelectorAll('[data-chart]:not([data-ready])').length === 0")


def becomes_true(page, expression, within=10_000):
    """As Playwright's wait_for_function, which the page's policy forbids: it asks by eval from the second time on."""
    for _ in range(within // 100):
        if page.evaluate(expression):
            return True
        page.wait_for_timeout(100)
    return False


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing(open_page, width, theme):
    page = open_page(width=width, theme=theme)
    see_all_charts(page)
    # Handed over by the debugger, as the page's policy lets no foreign script in.
    page.evaluate(Path(settings.BASE_DIR / AXE).read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(each["id"], each["nodes"][0]["html"]) for each in result["violations"]] == []


def test_page_breaks_no_rule_at_any_width(open_page):
    page = open_page()
    see_all_charts(page)
    page.locator("#revenue .chart-plot").hover()
    page.wait_for_selector(".chart-tip")
    for width in (1920, 1024, 768, 390):
        page.set_viewport_size({"width": width, "height": 900})
        # Settles within moments: the tip of the chart under the mouse moves in after the page has shrunk.
        assert becomes_true(page, "document.documentElement.scrollWidth <= innerWidth"), width
    assert page.problems == []


def test_print_has_whole_tables_and_no_frame(open_page):
    page = open_page(width=794)  # A4
    wrap = page.locator("#sample").locator("xpath=ancestor::*[@class='table-wrap']")
    assert wrap.evaluate("box => getComputedStyle(box).overflowX") == "auto"
    page.emulate_media(media="print")
    assert wrap.evaluate("box => getComputedStyle(box).overflowX") == "visible"
    assert not any(page.locator(name).first.is_visible() for name in (".rail", ".topbar", ".filters", ".page-actions"))


def test_theme_and_rail_are_remembered(open_page):
    page = open_page()
    page.click("[data-rail-toggle]")
    page.click("summary[title=Theme]")
    page.click(".topbar [data-set-theme=dark]")
    page.reload()
    assert page.evaluate("[document.documentElement.dataset.bsTheme, document.documentElement.dataset.rail]") == [
        "dark",
        "open",
    ]


def test_chosen_columns_are_remembered_and_never_painted(open_page):
    page = open_page()
    orders = page.locator("#sample [data-col=orders]")
    assert orders.first.is_visible()
    page.locator("[data-columns] summary").click()
    page.locator("[data-columns] [value=orders]").uncheck()
    assert orders.first.is_hidden()
    page.reload()
    assert not page.locator("[data-columns] [value=orders]").is_checked()
    page.route("**/tables.js", lambda route: route.abort())  # late for the first paint
    page.reload()
    assert orders.count() > 1
    assert not any(cell.is_visible() for cell in orders.all())
    assert page.locator("#sample [data-col=spent]").first.is_visible()


def test_ticking_rows_shows_what_can_be_done(open_page):
    page = open_page()
    assert page.locator(".bulk-bar").is_hidden()
    page.check("#sample thead input")
    assert page.locator("[data-bulk-count]").inner_text() == "5 selected"
    page.click("[data-bulk-clear]")
    assert page.locator(".bulk-bar").is_hidden()


def test_shortcuts_open_their_list_and_the_search(open_page):
    page = open_page()
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.uncheck("[data-single-keys]")
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("/")
    assert not page.locator("#search").evaluate("field => field === document.activeElement")
    page.keyboard.press("Control+k")
    assert page.locator("#search").evaluate("field => field === document.activeElement")


def test_chart_turns_into_its_table(open_page):
    page = open_page()
    page.locator("#stages [data-chart-view=table]").click()
    assert page.locator("#stages .chart-plot").is_hidden()
    assert page.locator("#stages tbody tr").first.inner_text().split() == ["Loyal", "1,204"]


def test_quiet_actions_move_to_a_sheet_on_a_phone_and_come_back(open_page):
    page = open_page(width=390)
    page.click(".page-more")
    assert page.locator("#actions-sheet .btn").all_inner_texts() == ["Export", "Note"]
    page.keyboard.press("Escape")
    assert page.locator(".page-head [data-quiet-actions] .btn").count() == 2


def test_failed_request_says_so_and_keeps_what_was_typed(open_page):
    page = open_page()
    page.evaluate("""() => {
        const form = document.querySelector('form[data-guard]');
        form.setAttribute('hx-post', '/missing'); form.setAttribute('hx-trigger', 'go'); htmx.process(form);
        form.querySelector('input').value = 'typed'; htmx.trigger(form, 'go');
    }""")
    page.wait_for_selector(".note-error")
    assert (
        page.locator(".note-error").inner_text()
        == "This is no longer here. Someone may have removed it; reload the page."
    )
    assert page.locator("form[data-guard] input").first.input_value() == "typed"


def test_what_asks_by_itself_leads_nobody_away(open_page):
    page = open_page()
    page.route("**/ring", lambda route: route.fulfill(headers={"HX-Redirect": "/elsewhere"}))
    with page.expect_response("**/ring"):
        page.evaluate("""() => {
            const ring = document.createElement('div');
            const wishes = { 'data-poll-quiet': '', 'hx-get': '/ring', 'hx-trigger': 'go' };
            for (const [name, value] of Object.entries(wishes)) ring.setAttribute(name, value);
            document.body.append(ring); htmx.process(ring); htmx.trigger(ring, 'go');
        }""")
    page.wait_for_timeout(200)
    assert page.url == f"{HOST}/styleguide/"
