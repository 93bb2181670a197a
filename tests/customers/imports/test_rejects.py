"""The rows that an import left out: corrected and imported alone, they complete its orders."""

import csv
import io

import pytest
from django.urls import reverse

from crm.tenancy.scope import shop_scope
from customers.imports.rejects import rejects_csv
from customers.models import Order
from customers.sources import REJECT_COLUMNS, sniff
from tests.customers.bringing import CASES
from tests.customers.test_round_trip import everything

pytestmark = pytest.mark.django_db
HEADING = "order_id,ordered_at,email,status,currency,product_id,product_name,quantity,unit_price\n"
GOOD = '1,2026-05-11,a@example.com,paid,EUR,p1,"=Tea, ""green""",1,2.50\n'
BAD = '2,2026-05-12,b@example.com,paid,EUR,p2,"\'=Cup\nof clay",two,-2.50\n'
BAD += "2,2026-05-12,b@example.com,paid,EUR,p3,+,1,9.00\n"


def rejects_of(made, language="en"):
    text = "".join(rejects_csv(made.job, made.shop, language, hides=False))
    return text.removeprefix("\ufeff")


def cells_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_each_row_stands_as_the_file_had_it_with_the_reason_behind_it(bring):
    made = bring(HEADING + GOOD + BAD)
    heading, first, second = cells_of(rejects_of(made))
    assert heading == [*HEADING.strip().split(","), *REJECT_COLUMNS["en"]]
    assert first[6:11] == ["''=Cup\nof clay", "two", "'-2.50", "3", "quantity"]
    assert (second[5:9], second[-1]) == (["p3", "'+", "1", "9.00"], str(made.job.pk))
    assert cells_of(rejects_of(made, "zh-hans"))[0][9:] == list(REJECT_COLUMNS["zh"])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_corrected_and_imported_alone_they_complete_the_file(bring, language):
    made = bring(HEADING + GOOD + BAD)
    again = bring(rejects_of(made, language).replace("two", "2"))
    assert (again.rejected, again.job.facts["columns_of"]) == ([], made.job.pk)
    whole = bring(HEADING + GOOD + BAD.replace("two", "2"), slug="whole")
    assert everything(made.shop) == everything(whole.shop)


@pytest.mark.parametrize(
    "case",
    [
        "01-shopify-orders.csv",
        "03-etsy-sold-order-items.csv",
        "04-ebay-orders-report.csv",
        "06-taobao-ExportOrderList.csv",
        "12e-title-lines-before-header.csv",
        "27-euc_kr.csv",
    ],
)
def test_of_a_known_file_they_are_known_again(bring, case):
    """The date of the last order is spoilt, and set right in the file of rejects."""
    facts = sniff(CASES / case)
    text = (CASES / case).read_bytes().decode(facts.encoding).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=facts.delimiter))
    at = rows[facts.heading_row - 1].index(facts.mapping.columns["ordered_at"])
    last = max(n for n, cells in enumerate(rows) if len(cells) > at and any(map(str.isdigit, cells[at])))
    date, rows[last][at] = rows[last][at], "‽"
    spoilt = io.StringIO()
    csv.writer(spoilt, delimiter=facts.delimiter).writerows(rows)
    made = bring(spoilt.getvalue().encode())
    assert made.rejected
    again = bring(rejects_of(made).replace("‽", date))
    assert (again.job.preset, again.rejected) == (made.job.preset, [])
    whole = bring(text.encode(), slug="whole")
    assert everything(made.shop) == everything(whole.shop)


def test_what_was_said_of_columns_and_what_the_file_proved_of_days_counts_again(bring):
    said = {"columns": {"order_id": "Beleg", "ordered_at": "Am", "email": "Wer", "unit_price": "Preis"}}
    proved = "Beleg,Am,Wer,Preis\n1,25/06/2026,a@example.com,5.00\n2,05/06/2026,b@example.com,much\n"
    made = bring(proved, **said)
    assert made.rejected == [(3, "not_a_number")]
    again = bring(rejects_of(made).replace("much", "7.00"))
    assert (again.questions, again.totals) == ([], {"1": "5.00", "2": "7.00"})
    with shop_scope(made.shop):
        assert Order.objects.get(external_id="2").placed_on.isoformat() == "2026-06-05"


def test_rejected_again_they_have_our_columns_once(bring):
    made = bring(HEADING + GOOD + BAD)
    again = bring(rejects_of(made))
    assert len(again.rejected) == 2
    heading, first, _ = cells_of(rejects_of(again))
    assert heading == [*HEADING.strip().split(","), *REJECT_COLUMNS["en"]]
    assert (first[6], first[9], first[-1]) == ("''=Cup\nof clay", "2", str(again.job.pk))
    third = bring(rejects_of(again).replace("two", "2"))
    assert (third.rejected, sorted(third.orders)) == ([], ["1", "2"])


def test_wide_rows_and_long_cells_survive(bring):
    names = [f"meta {n}" for n in range(300)]
    long = "x" * 20_000
    row = "1,2026-05-11,a@example.com,paid,EUR,p1,Tea,{},2.50," + ",".join([*["m"] * 299, long]) + "\n"
    text = HEADING.strip() + "," + ",".join(names) + "\n" + row
    made = bring(text.format("two"))
    heading, cells = cells_of(rejects_of(made))
    assert (len(heading), cells[308]) == (313, long)
    assert bring(rejects_of(made).replace("two", "2")).totals == {"1": "5.00"}


def test_another_shops_import_says_nothing_of_the_columns(bring):
    said = {"columns": {"order_id": "Beleg", "ordered_at": "Am", "email": "Wer", "unit_price": "Preis"}}
    made = bring("Beleg,Am,Wer,Preis\n1,2026-06-05,a@example.com,much\n", **said)
    other = bring(rejects_of(made), slug="other")
    assert "columns_of" not in other.job.facts


def test_too_many_cells_are_seen_behind_our_columns(bring):
    made = bring(HEADING + GOOD + "2,2026-05-12,b@example.com,paid,EUR,p2,Cup, large,2,2.50\n")
    assert cells_of(rejects_of(made))[1][9:] == ["3", "", made_reason(made), str(made.job.pk), "2.50"]


def made_reason(made):
    return "The row has 10 cells, the heading 9."


def test_orders_that_replaced_whole_ones_still_do_when_they_are_corrected(bring, as_person, make_member):
    head = "order_id,ordered_at,customer_id,product_id,quantity,unit_price\n"
    known = bring(head + "2,2026-03-01,C1,p8,1,2.00\n2,2026-03-01,C1,p9,1,7.00\n")
    made = bring(head + "2,2026-03-01,C1,p8,two,2.00\n", replaces=True)
    browser = as_person(make_member(known.shop))
    answer = browser.get(reverse("imports:rejected", args=[known.shop.slug, made.job.pk]))
    corrected = b"".join(answer.streaming_content).replace(b"two", b"2")
    assert bring(corrected).totals == {"2": "4.00"}
