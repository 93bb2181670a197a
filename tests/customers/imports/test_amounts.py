"""Which column holds the money: known by its heading, in the currency that it names, or asked."""

import io

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db

CNY = {"currency": "CNY", "zone": "Asia/Shanghai"}


def a_file(heading, amount="88.00"):
    return f"订单号,下单时间,手机号,{heading}\n1001,2026-03-02 23:50:00,13800138000,{amount}\n"


KNOWN = (
    "金额", "金额(元)", "实付金额（元）", "总价", "合计", "支付金额",
    "Amount", "Total (CNY)", "Order Total (inc tax)", "Total Amount [RMB]",
)  # fmt: skip


@pytest.mark.parametrize("heading", KNOWN)
def test_amounts_are_known_by_their_headings(bring, heading):
    assert bring(a_file(heading), **CNY).totals == {"1001": "88.00"}


@pytest.mark.parametrize("heading", ["Order Total (ex tax)", "Total (net)", "金额(积分)", "Balance"])
def test_amounts_of_something_else_are_not(bring, heading):
    asked = bring(a_file(heading), **CNY).questions
    assert [(each.entry, each.samples) for each in asked] == [("amounts", (heading,))]


@pytest.mark.parametrize(
    ("heading", "shop", "comes"),
    [
        ("Total (EUR)", "USD", "EUR"),
        ("Total (USD)", "USD", "USD"),
        ("Total ($)", "CAD", "CAD"),
        ("Total ($)", "EUR", "asked"),
        ("金额(元)", "USD", "CNY"),
        ("金额(元)", "TWD", "TWD"),
    ],
)
def test_a_currency_behind_a_heading_is_that_of_the_amounts(bring, heading, shop, comes):
    made = bring(a_file(heading), currency=shop, zone="Asia/Shanghai")
    assert made.currencies == ({} if comes == "asked" else {"1001": comes})
    assert [each.entry for each in made.questions] == ["currency"] * (comes == "asked")


def refused(shop, tmp_path, text, mapping=None):
    file, said = tmp_path / "f.csv", tmp_path / "m.json"
    file.write_text(text)
    said.write_text(mapping or "{}")
    options = {"mapping": said} if mapping else {}
    with pytest.raises(CommandError) as caught:
        call_command("import_file", shop.slug, file, stdout=io.StringIO(), stderr=io.StringIO(), **options)
    return str(caught.value)


def test_the_command_says_how_to_name_the_amounts(shop, tmp_path):
    text = "Order Number,Order Date,Email,Balance\n1,2026-03-02,ana@example.com,88.00\n"
    first, second = refused(shop, tmp_path, text).splitlines()
    assert first == "We found no amount in this file: all its orders would come to 0."
    assert "Say which column holds what was paid" in second
    assert "Perhaps it is one of “Balance”." in second
    assert '{"columns": {"order_total": "Balance"}}' in second
    assert '{"amounts": "none"}' in second


@pytest.mark.parametrize(
    ("columns", "entry"),
    [('"ordered_at": "When", "email": "Who"', "order_id"), ('"order_id": "No", "ordered_at": "When"', "email")],
)
def test_the_command_says_how_to_name_a_column_that_is_needed(shop, tmp_path, columns, entry):
    said = refused(shop, tmp_path, "No,When,Who\n1,2026-03-02,ana@example.com\n", f'{{"columns": {{{columns}}}}}')
    assert said.endswith(
        f' In the mapping: {{"columns": {{"{entry}": "…"}}}}, with one of the file\'s headings: “No”, “When”, “Who”'
    )
