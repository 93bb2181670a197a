"""Names and other texts are taken as people read them, whatever program wrote the file."""

import unicodedata

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Product

pytestmark = pytest.mark.django_db

EURO = {"currency": "EUR", "zone": "Europe/Madrid"}


def a_file(*names, item="Café crème", column="Item"):
    rows = [f"{n},2026-03-02,p{n}@example.com,{name},{item},1,12.00" for n, name in enumerate(names, 1)]
    return "\n".join([f"Order Number,Order Date,Email,Name,{column},Qty,Price", *rows, ""])


def products(made):
    with shop_scope(made.shop):
        return set(Product.objects.values_list("external_id", "name"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("O&#039;Neil", "O'Neil"),
        ("Jos&eacute; N&#250;&ntilde;ez", "José Núñez"),
        ("Zo&#xEB;", "Zoë"),
        ("A &amp; B", "A & B"),
        ("Ren&amp;eacute;", "René"),
        ("AT&T; Ltd", "AT&T; Ltd"),
        ("M&S", "M&S"),
        ("&lt;b&gt;Ana", "&lt;b&gt;Ana"),
        ("Ana&#10;Ruiz", "Ana&#10;Ruiz"),
        ("Ana&#0;", "Ana�"),
        (unicodedata.normalize("NFD", "José Núñez"), "José Núñez"),
    ],
)
def test_a_name_is_taken_as_people_read_it(bring, written, read):
    assert bring(a_file(written), **EURO).names == {read}


@pytest.mark.parametrize("column", ["Item", "SKU"])
def test_a_product_is_the_same_however_its_accents_are_written(bring, column):
    for item in ("Café crème", unicodedata.normalize("NFD", "Café crème"), "Caf&eacute; cr&egrave;me"):
        made = bring(a_file("Ana", item=item, column=column), **EURO)
    assert [number for number, _ in products(made)] == ["Café crème"]


NAMES = {
    # Two headings and two cells, and the name
    ("First Name", "Last Name", "小明", "王"): "王小明",
    ("First Name", "Last Name", "民秀", "김"): "김民秀",
    ("Given Name", "Family Name", "太郎", "山田"): "山田太郎",
    ("名", "姓", "小明", "王"): "王小明",
    ("First Name", "Last Name", "Ana", "Ruiz"): "Ana Ruiz",
    ("First Name", "Last Name", "小明", "Wang"): "小明 Wang",
    ("First Name", "Last Name", "小明", ""): "小明",
    ("Last Name", "First Name", "王", "小明"): "王小明",
}


@pytest.mark.parametrize("case", NAMES)
def test_a_family_name_is_in_front_where_people_write_it_so(bring, case):
    first, second, *cells = case
    made = bring(f"Email,{first},{second},Tags\nxm@example.cn,{','.join(cells)},vip\n")
    assert made.names == {NAMES[case]}


NOBODY = (
    "noemail@noemail.com", "no-email@shop.example", "none@none.com", "none@shop.example", "no-reply@shop.example",
    "do_not_reply@shop.example", "NoEmail@gmail.com", "ana@noemail.com", "test@test.com", "guest@shop.example",
)  # fmt: skip
SOMEBODY = (
    "bob@bob.com", "test@example.com", "nona@example.com", "noreplyfan@example.com", "noel@none.example",
    "na.li@qq.com",
)  # fmt: skip


@pytest.mark.parametrize("email", NOBODY)
def test_an_address_of_who_has_none_makes_no_two_buyers_one(bring, email):
    rows = [f"{n},2026-03-02,{email},+4930123456{n},12.00" for n in range(3)]
    made = bring("\n".join(["order_id,ordered_at,email,phone,unit_price", *rows, ""]))
    assert (made.people, made.counts["ignored_identifiers"], made.rejected) == (3, 3, [])


@pytest.mark.parametrize("email", SOMEBODY)
def test_an_address_that_only_looks_so_is_somebodys(bring, email):
    made = bring(f"order_id,ordered_at,email,unit_price\n1,2026-03-02,{email},12.00\n")
    assert (made.people, made.counts["ignored_identifiers"]) == (1, 0)
