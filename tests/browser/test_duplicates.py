"""The review of duplicates in a real browser, by the keyboard alone: look, merge, undo, say that they are two."""

import pytest
from django.conf import settings

from crm.tenancy.scope import shop_scope
from customers.models import Customer, DuplicatePair, Identifier, Merge
from tests.factories import customers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

AXE = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def pairs(shop):
    made = []
    for score, names in ((80, ("王小明", "Wang Xiaoming")), (60, ("Ana Silva", "Silva, Ana"))):
        one, other = (customers.customer(shop, name, city="上海") for name in names)
        with shop_scope(shop):
            reasons = [{"kind": "name_pinyin", "weight": 35}, {"kind": "numbers_differ", "weight": -10}]
            made.append(DuplicatePair.objects.create(shop=shop, first=one, second=other, score=score, reasons=reasons))
    return made


def test_pairs_are_reviewed_merged_and_undone_by_the_keyboard_alone(look, shop, pairs):
    page = look("customers/duplicates/")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(f"**/duplicates/{pairs[0].pk}/")
    page.get_by_text("The name of one is that of the other in pinyin").wait_for()
    page.keyboard.press("o")
    page.wait_for_url("**keep=second")
    page.keyboard.press("m")
    page.wait_for_url(f"**/duplicates/{pairs[1].pk}/?merged=*")
    with shop_scope(shop):
        assert Merge.objects.get().customer.name == "Wang Xiaoming"
    page.keyboard.press("u")
    page.wait_for_url(f"**/customers/{pairs[0].first_id}/")
    with shop_scope(shop):
        assert Customer.objects.count() == 4
    page.goto(f"{page.shop}customers/duplicates/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/duplicates/{pairs[1].pk}/")
    page.keyboard.press("d")
    page.get_by_text("Nobody is asked about these two again").wait_for()
    page.get_by_text("Nobody stands here twice").wait_for()
    with shop_scope(shop):
        assert set(DuplicatePair.objects.values_list("state", flat=True)) == {"skipped"}
    assert page.problems == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_review_fits_and_axe_finds_nothing(look, shop, pairs, width):
    with shop_scope(shop):
        for pair, at in ((pairs[0].first, "org"), (pairs[0].second, "com")):
            address = f"xiaoming.wang.of.the.tea.house@example.{at}"
            Identifier.objects.create(shop=shop, customer=pair, kind="email", value=address)
    for rest in ("", f"{pairs[0].pk}/"):
        page = look(f"customers/duplicates/{rest}", width=width)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document)")["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".table-wrap").evaluate("wrap => wrap.scrollWidth <= wrap.clientWidth")
        assert page.problems == []
