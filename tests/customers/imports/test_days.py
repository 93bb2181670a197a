"""Days that a file leaves open are asked once, and never changed in silence."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Order

pytestmark = pytest.mark.django_db


def a_file(*days):
    rows = [f"{n},{day},ana@example.com,12.00" for n, day in enumerate(days, 1)]
    return "\n".join(["order_id,ordered_at,email,unit_price", *rows, ""])


def days(made):
    with shop_scope(made.shop):
        orders = Order.objects.order_by("external_id")
        return [f"{order.placed_at:%m-%d %H:%M}" for order in orders]


SWAPPED = {
    # The days as the file has them, and whether a spreadsheet may have taken day for month
    "days above 12 stayed texts": (["2026-04-03", "13/04/2026", "2026-05-03"], True),
    "and months": (["2026-04-03", "04/13/2026"], True),
    "with points": (["2026-04-03", "13.04.2026"], True),
    "a day above 12 was made out": (["2026-04-03", "13/04/2026", "2026-04-23"], False),
    "a text could have been made out": (["2026-04-03", "13/04/2026", "03/04/2026"], False),
    "no texts": (["2026-04-03", "2026-05-03"], False),
    "only texts": (["13/04/2026", "28/03/2026"], False),
}


@pytest.mark.parametrize("case", SWAPPED)
def test_days_that_a_spreadsheet_may_have_taken_for_months_are_asked(bring, case):
    texts, is_asked = SWAPPED[case]
    made = bring(a_file(*texts))
    assert [(each.entry, each.samples) for each in made.questions] == [("converted", tuple(texts[:2]))] * is_asked
    if is_asked:
        assert days(bring(a_file(*texts), converted="swapped"))[0] == "03-04 00:00"
        assert days(bring(a_file(*texts), slug="kept", converted="as_written"))[0] == "04-03 00:00"


ZONES = {
    # Letters, the shop's zone, and the hour in UTC of its ten o'clock in March, "" where it is asked
    "China in China": ("CST", "Asia/Shanghai", "02"),
    "Chicago in Chicago": ("CST", "America/Chicago", "16"),
    "in New York": ("CST", "America/New_York", ""),
    "London in London": ("BST", "Europe/London", "09"),
    "Britain in Paris": ("BST", "Europe/Paris", ""),
    "India in India": ("IST", "Asia/Kolkata", "04"),
    "one of its kind": ("SGT", "America/New_York", "02"),
}


@pytest.mark.parametrize("case", ZONES)
@pytest.mark.parametrize("text", ["2026-03-02 10:00:00 {}", "Mon Mar 02 10:00:00 {} 2026", "2 Mar 2026 10:00 AM {}"])
def test_letters_of_a_zone_are_those_of_the_shop_or_asked(bring, case, text):
    word, zone, hour = ZONES[case]
    made = bring(a_file(text.format(word)), zone=zone)
    assert [each.entry for each in made.questions] == [f"zones.{word}"] * (not hour)
    assert [each[6:8] for each in days(made)] == [hour] * bool(hour)


def test_letters_of_a_zone_are_as_somebody_has_said(bring):
    text = a_file("2026-03-02 10:00:00 CST", "2026-03-02 10:00:00 XYZ")
    made = bring(text, said={"zones": {"CST": "Asia/Shanghai"}})
    assert (days(made), made.rejected) == (["03-02 02:00"], [(3, "unknown_zone")])
    assert bring(text, slug="b", said={"zones": {"CST": "America/Chicago", "XYZ": "Asia/Tokyo"}}).rejected == []


AMAZON = "amazon-order-id\tpurchase-date\torder-status\tsku\titem-status\tquantity\tcurrency\titem-price\titem-tax"
STATES = {
    # State of the order and of its item, and what it is
    ("Pending", "Unshipped"): "pending",
    ("Cancelled", "Unshipped"): "cancelled",
    ("Unshipped", "Unshipped"): "paid",
    ("Shipped", "Shipped"): "fulfilled",
    ("Shipped", ""): "fulfilled",
    ("Shipped", "Cancelled"): "cancelled",
}


@pytest.mark.parametrize("states", STATES)
def test_an_item_waits_for_the_money_of_its_order(bring, states):
    order, item = states
    made = bring(f"{AMAZON}\n111\t2026-03-02T06:10:00+00:00\t{order}\tPOT\t{item}\t1\tUSD\t50.00\t0\n")
    assert {state for _, state in made.orders.values()} == {STATES[states]}
