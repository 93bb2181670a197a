"""The rows that an import left out: corrected and imported alone, they complete its orders."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.tenancy.jobs import LeaseLost
from crm.tenancy.scope import shop_scope
from customers.imports.presenters import job_page
from customers.imports.rejects import rejects_csv, told_csv
from customers.models import Customer, ImportJob, Order, Tag
from customers.sources import REJECT_COLUMNS, sniff
from customers.tasks import IMPORTS
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


def test_the_first_piece_comes_at_once_and_each_other_with_two_questions(bring, monkeypatch, django_assert_num_queries):
    made = bring(HEADING + GOOD + BAD * 2)
    monkeypatch.setattr("customers.imports.rejects.PIECE_ROWS", 3)
    pieces = rejects_csv(made.job, made.shop, "en", hides=False)
    with django_assert_num_queries(0):
        assert next(pieces).startswith("\ufefforder_id,")
    with CaptureQueriesContext(connection) as asked:
        assert [len(cells_of(piece)) for piece in pieces] == [3, 1]
    assert len([query for query in asked if "customers_rejectedrow" in query["sql"]]) == 6  # two of them find no more


LISTS = (
    HEADING + GOOD,
    "customer_id,email,phone,name,city,country,tags\n7,a@example.com,+442079460958,Ana,Leeds,GB,VIP\n",
    "product_id,product_name\np1,Tea\n",
)


@pytest.mark.parametrize(
    ("text", "at"), [(text, at) for text in LISTS for at in range(text.split("\n")[0].count(",") + 1)]
)
def test_nul_in_any_cell_of_the_first_row_leaves_that_row_out(bring, text, at):
    heading, first = text.splitlines()
    cells = next(csv.reader([first]))
    cells[at] += "\0"
    made = bring(f"{heading}\n{','.join(cells).replace('Tea, ', 'Tea ')}\n{first.replace('1,', '2,', 1)}\n")
    assert (made.job.error, made.rejected) == (None, [(2, "nul_character")])
    assert all(
        "\0" not in sample and "␀" not in sample for each in made.counts["understood"] for sample in each["samples"]
    )


def test_names_places_and_tags_come_without_what_nobody_can_write(bring):
    damaged = "7,\x07An\x16a\tLee\ufffe,Le\x85eds\x7f,V\x01IP\n"
    plain = "".join(f"{number},Somebody Else,Manchester,VIP\n" for number in range(100, 140))
    made = bring("customer_id,name,city,tags\n" + damaged + plain)
    assert (made.job.error, made.rejected) == (None, [])
    with shop_scope(made.shop):
        found = Customer.objects.exclude(city="Manchester")
        assert list(found.values_list("name", "city")) == [("Ana Lee", "Leeds")]
        assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]


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


MANY = HEADING + GOOD + "".join(f"{n},soon,{n}@example.com,paid,EUR,p1,Tea,1,2.50\n" for n in range(2, 12))


def stored(made, *, is_kept=False):
    with shop_scope(made.shop):
        rows = made.job.rejected_rows.filter(is_kept=is_kept).order_by("row_no")
        return [(row.row_no, bool(row.raw)) for row in rows]


@pytest.mark.parametrize(("bound", "most", "kept"), [("KEPT_ROWS", 4, 4), ("KEPT_CHARACTERS", 150, 3)])
def test_of_very_many_rows_the_first_are_kept_to_be_read_and_all_are_counted(bring, monkeypatch, bound, most, kept):
    monkeypatch.setattr(f"customers.imports.files.{bound}", most)
    made = bring(MANY)
    assert (made.counts["rejected"], made.counts["rejected_kept"]) == (10, kept)
    assert stored(made) == [(row, True) for row in range(3, 3 + kept)]
    heading, *rows, last = cells_of(rejects_of(made))
    assert (heading, len(rows)) == (["Row", "Column", "Reason", "The row as it was"], kept)
    assert last[2].startswith(f"Of 10 rows left out the first {kept} are kept")
    with shop_scope(made.shop):
        assert job_page(made.job, made.shop)["first_only"] == last[2]


def test_the_cells_of_a_row_that_has_swallowed_others_are_not_kept(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.files.ROW_CHARACTERS", 60)
    made = bring(HEADING + GOOD + f"2,soon,b@example.com,paid,EUR,p2,{'x' * 60},1,1\n3,soon,,paid,EUR,p2,y,1,1\n")
    assert (stored(made), made.counts["rejected"], made.counts["rejected_kept"]) == ([(3, False), (4, True)], 2, 1)


def test_what_is_told_has_room_of_its_own_and_says_that_it_is_cut(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.files.KEPT_ROWS", 2)
    text = "order_id,ordered_at,customer_id,email\n" + "".join(f"{n},2026-05-11,c{n},nobody@\n" for n in range(5))
    made = bring(text + "6,soon,c6,\n")
    assert (stored(made), len(stored(made, is_kept=True)), made.counts["told_cut"]) == ([(7, True)], 2, True)
    told = list(told_csv(made.job, made.shop, "en", hides=False))
    assert told[-1] == ",,There were more; only the first are kept.\r\n"


def test_a_run_that_goes_on_counts_rows_that_were_not_kept(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.files.KEPT_ROWS", 3)
    monkeypatch.setattr("customers.imports.staged.SLICE_ORDERS", 2)
    heading = "order_id,ordered_at,email,unit_price,refunded\n"
    bring(heading + "".join(f"{n},2026-05-11,a@example.com,10,9\n" for n in range(1, 9)))
    text = heading + "".join(f"{n},2026-05-11,a@example.com,5,0\n" for n in range(1, 9))
    whole = bring(text, replaces=True)
    calls = iter(range(100))

    def lose(job, *args):
        advance(job, *args)
        if next(calls) == 1:
            raise LeaseLost

    advance = ImportJob.advance
    monkeypatch.setattr(ImportJob, "advance", lose)
    again = bring(text, replaces=True)
    with shop_scope(again.shop):
        ImportJob.objects.filter(pk=again.job.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    IMPORTS.do_next(again.shop.pk)
    with shop_scope(again.shop):
        again.job.refresh_from_db()
    assert whole.counts["rejected"] > 3
    assert {name: again.job.counts[name] for name in ("lines", "rejected", "rejected_kept")} == {
        name: whole.counts[name] for name in ("lines", "rejected", "rejected_kept")
    }


READ_ALIKE = {
    # What the file proves of its columns, and what the corrected order comes to
    "totals of lines": (
        "order_id,ordered_at,email,product_id,quantity,unit_price,Total",
        ["1,{},p1,1,12.00,12.00", "1,{},p2,1,50.00,50.00", "2,{},p1,1,12.00,12.00", "2,{},p2,one,12.00,12.00"],
        "24.00",
    ),
    "what is paid of each row": (
        "order_id,ordered_at,email,product_id,quantity,unit_price,order_total",
        ["1,{},p1,1,12.00,13.00", "1,{},p2,1,50.00,51.00", "2,{},p1,1,12.00,13.00", "2,{},p2,one,12.00,13.00"],
        "26.00",
    ),
    "totals of orders": (
        "order_id,ordered_at,email,product_id,quantity,unit_price,Total",
        ["1,{},p1,1,12.00,62.00", "1,{},p2,1,50.00,62.00", "2,{},p1,1,12.00,12.00", "2,{},p2,one,12.00,12.00"],
        "12.00",
    ),
    "prices of all pieces": (
        "order_id,ordered_at,email,product_id,quantity,unit_price,order_total",
        ["1,{},p1,3,36.00,36.00", "3,{},p1,2,24.00,24.00", "2,{},p1,4,48.00,", "2,{},p2,one,12.00,"],
        "60.00",
    ),
    "parts of shipping": (
        "order_id,ordered_at,email,product_id,quantity,unit_price,shipping",
        ["1,{},p1,1,12.00,5.00", "1,{},p2,1,50.00,3.00", "2,{},p1,1,12.00,5.00", "2,{},p2,one,12.00,5.00"],
        "34.00",
    ),
    "shipping of orders, told by totals": (
        "order_id,ordered_at,email,product_id,quantity,unit_price,shipping,order_total",
        ["1,{},p1,1,12.00,5.00,67.00", "1,{},p2,1,50.00,5.00,67.00",
         "2,{},p1,1,12.00,5.00,", "2,{},p2,one,12.00,5.00,"],
        "29.00",
    ),
    "names": (
        "order_id,ordered_at,Customer,email,product_id,quantity,unit_price",
        ["1,2026-05-11,Ana Ruiz,a@example.com,p1,1,1.00", "2,2026-05-11,Bob7,b@example.com,p1,one,24.00"]
        + [f"{n},2026-05-11,Cy Orr,c{n}@example.com,p1,1,1.00" for n in range(3, 5)]
        + [f"{n},2026-05-11,{n} Li,c{n}@example.com,p1,1,1.00" for n in range(5, 15)],
        "24.00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READ_ALIKE)
def test_corrected_rows_are_read_as_the_whole_file_was(bring, case):
    heading, rows, total = READ_ALIKE[case]
    made = bring("\n".join([heading, *(row.format("2026-05-11,a@example.com") for row in rows), ""]))
    assert (made.questions, "2" in made.orders) == ([], False)
    made = bring(rejects_of(made).replace(",one,", ",1,"))
    assert (made.questions, made.totals["2"]) == ([], total)
    assert ("Bob7" in made.names) == (case == "names")
