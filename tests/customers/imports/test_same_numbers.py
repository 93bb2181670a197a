"""Orders that have the number of another one: told apart, and never made one."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Order

pytestmark = pytest.mark.django_db

HEADING = "order_id,ordered_at,email,product_id,quantity,unit_price"
FIRST = "1001,2026-03-02,ana@example.com,MUG,1,20.00\n1001,2026-03-02,ana@example.com,TEA,1,5.00"


def a_file(*rows, heading=HEADING):
    return "\n".join([heading, *rows, ""])


SECOND = {
    # A later row with that number, and whether it is the same order
    "another day and buyer": ("1001,2026-06-12,cy@example.com,LAMP,1,75.00", False),
    "another day": ("1001,2026-06-12,ana@example.com,MUG,1,20.00", False),
    "another buyer": ("1001,2026-03-02,cy@example.com,MUG,1,20.00", False),
    "another day, of nobody": ("1001,2026-03-06,,MUG,1,20.00", False),
    "the same": ("1001,2026-03-02,ana@example.com,MUG,1,20.00", True),
    "of nobody": ("1001,2026-03-02,,MUG,1,20.00", True),
    "around midnight": ("1001,2026-03-03,ana@example.com,MUG,1,20.00", True),
}


@pytest.mark.parametrize("case", SECOND)
def test_a_part_of_an_order_is_of_its_day_and_buyer(bring, case):
    row, is_same = SECOND[case]
    bring(a_file(FIRST))
    made = bring(a_file(row, "1002,2026-06-13,di@example.com,LAMP,1,75.00"))
    assert (made.totals["1001"], made.totals["1002"]) == ("25.00", "75.00")
    assert made.rejected == ([] if is_same else [(2, "other_order")])
    assert made.told == ({(2, "order_incomplete")} if is_same else set())
    with shop_scope(made.shop):
        order = Order.objects.get(external_id="1001")
        assert [each.value for each in order.customer.identifiers.all()] == ["ana@example.com"]
        assert is_same or order.placed_on.isoformat() == "2026-03-02"
    assert made.people == 2  # nobody by an order that was left out


WHOLE = {
    "another day and buyer": ("2026-06-12,cy@example.com", False),
    "another day": ("2026-06-12,ana@example.com", True),
    "another buyer": ("2026-03-02,cy@example.com", True),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_whole_order_may_change_its_day_or_its_buyer_but_not_both(bring, case):
    said, is_same = WHOLE[case]
    bring(a_file(FIRST))
    again = a_file(f"1001,{said},MUG,1,20.00", f"1001,{said},TEA,1,6.00")
    made = bring(again)
    assert made.totals == {"1001": "26.00" if is_same else "25.00"}
    assert [code for _, code in made.rejected] == ([] if is_same else ["other_order"] * 2)
    assert bring(again, replaces=True).totals == {"1001": "26.00"}


SHOPIFY = "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Id"


def test_two_orders_of_one_name_are_told_and_neither_is_taken(bring):
    rows = [
        "#1001,ana@example.com,paid,2026-03-02 10:00:00 -0500,1,Mug,12.00,6001",
        "#1001,ana@example.com,,2026-03-02 10:00:00 -0500,1,Tea,5.00,",
        "#1002,bob@example.com,paid,2026-03-02 12:00:00 -0500,1,Mug,12.00,6002",
        "#1001,ana@example.com,paid,2026-03-02 15:00:00 -0500,1,Pot,50.00,6003",
        "#1003,bob@example.com,paid,2026-03-02 16:00:00 -0500,1,Mug,12.00,6004",
        "#1003,bob@example.com,,2026-03-02 16:00:00 -0500,1,Tea,5.00,6004",
    ]
    made = bring(a_file(*rows, heading=SHOPIFY))
    assert made.totals == {"#1002": "12.00", "#1003": "17.00"}
    assert made.rejected == [(2, "order_left_out"), (3, "order_left_out"), (5, "two_orders")]
