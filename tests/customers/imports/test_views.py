"""The pages of imports: from the dropped file to the report."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.imports import rejects
from customers.imports.actions import run_job
from customers.imports.presenters import figures
from customers.imports.reading_page import columns_read
from customers.imports.sums_page import has_no_money, sums_strip
from customers.models import Customer, Identifier, ImportJob, Order, RejectedRow
from customers.queries import storefronts

CASES = Path(__file__).parents[2] / "data" / "cases"
ROWS = """Order no,Bought on,Client,Mail,Article,Pieces,Each,State
1001,2026-11-01,c1,ana@example.com,tea,2,19.90,paid
1002,2026-11-02,c2,ben@example.com,cup,1,5.00,paid
1003,yesterday,c3,cem@example.com,cup,1,5.00,paid
1004,2026-11-03,c1,not an address,=1+1,0,5.00,paid
"""
MAPPING = {
    "preset": "generic",
    "field_order_id": "Order no",
    "field_ordered_at": "Bought on",
    "field_customer_id": "Client",
    "field_email": "Mail",
    "field_product_id": "Article",
    "field_quantity": "Pieces",
    "field_unit_price": "Each",
    "field_status": "State",
    "date_order": "auto",
    "decimal": "auto",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)


def url(shop, part, *ids):
    return reverse(f"imports:{part}", args=[shop.slug, *ids])


def upload(browser, shop, text=ROWS, name="orders.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return browser.post(url(shop, "list"), {"file": SimpleUploadedFile(name, data)})


def uploaded(browser, shop, text=ROWS, name="orders.csv"):
    answer = upload(browser, shop, text, name)
    assert answer.status_code == 302
    return int(answer.url.rstrip("/").rpartition("/")[2])


def work(shop):
    """What the worker does with the next due job."""
    with shop_scope(shop):
        job = ImportJob.claim_due()
    run_job(job, shop, now=now())


def state(shop, pk):
    with shop_scope(shop):
        return ImportJob.objects.get(pk=pk).state


def test_file_goes_all_the_way_to_its_report(shop, browser):
    pk = uploaded(browser, shop)
    page = browser.get(url(shop, "job", pk))
    assert (page.status_code, page.context["page"]) == (200, "columns")
    assert page.context["preview"].rows[0][:3] == ["1001", "2026-11-01", "c1"]
    assert browser.post(url(shop, "job", pk), MAPPING).url == url(shop, "job", pk)
    assert browser.get(url(shop, "job", pk)).context["page"] == "running"
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert page.context["page"] == "forecast", page.context["failure"]
    counts = {"rows": 4, "orders_created": 3, "customers_created": 2, "products_created": 3, "rejected": 1}
    assert {name: page.context["counts"][name] for name in counts} == counts
    assert [(p.row_no, p.column, p.is_kept) for p in page.context["problems"]] == [
        (4, "Bought on", False),
        (5, "Mail", True),
    ]
    assert not page.context["has_more_problems"]
    assert str(page.context["problems"][0].reason).startswith("“yesterday” is not a date we can read.")
    with shop_scope(shop):
        assert not Order.objects.exists()
    browser.post(url(shop, "run", pk))
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert (page.context["page"], page.context["counts"]["orders_created"]) == ("report", 3)
    assert page.context["counts"]["not_revenue"] == 1
    with shop_scope(shop):
        assert list(Order.objects.order_by("external_id").values_list("external_id", flat=True)) == [
            "1001",
            "1002",
            "1004",
        ]
        assert Customer.objects.count() == 2
        assert list(AuditEntry.objects.order_by("seq").values_list("action", flat=True)) == [
            "import.uploaded",
            "import.check_requested",
            "import.run_requested",
            "scoring.requested",  # it was the shop's first
            "import.finished",
        ]


def imported(browser, shop, pk, **said):
    """The customers' numbers, each with its storefront and customer, after the check and the import."""
    assert browser.post(url(shop, "job", pk), MAPPING | said).status_code == 302
    work(shop)
    assert browser.post(url(shop, "run", pk)).status_code == 302
    work(shop)
    with shop_scope(shop):
        numbers = Identifier.objects.filter(kind="external").order_by("pk")
        return list(numbers.values_list("source", "value", "customer_id"))


def test_file_of_another_storefront_has_numbers_of_its_own(shop, other_shop, browser):
    heading, row = ROWS.splitlines()[:2]
    [(_, _, ana)] = imported(browser, shop, uploaded(browser, shop, f"{heading}\n{row}\n"))
    theirs = f"{heading}\n{row.replace('1001', 'm-1').replace('ana@', 'mia@')}\n"
    data = {"file": SimpleUploadedFile("m.csv", theirs.encode()), "source": " Big  Market "}
    pk = int(browser.post(url(shop, "list"), data).url.rstrip("/").rpartition("/")[2])
    work(shop)  # the check of a file whose headings are known begins by itself
    page = browser.get(url(shop, "job", pk) + "?columns=1").content.decode()
    assert "storefront Big Market" in page
    assert re.search(r'<input[^>]*name="source"[^>]*value="Big Market"|value="Big Market"[^>]*name="source"', page)
    owners = imported(browser, shop, pk, source="Big Market")
    assert [each[:2] for each in owners] == [("", "c1"), ("Big Market", "c1")]
    assert owners[0][2] == ana != owners[1][2]
    assert '<option value="Big Market">' in browser.get(url(shop, "list")).content.decode()
    with shop_scope(other_shop):
        assert storefronts() == []


def test_storefront_can_be_said_with_the_columns_and_is_kept_where_it_is_wrong(shop, browser):
    pk = uploaded(browser, shop)
    page = browser.post(url(shop, "job", pk), MAPPING | {"source": "a\u200bb"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["source"])
    assert {source for source, *_ in imported(browser, shop, pk, source="market")} == {"market"}
    products = uploaded(browser, shop, "Product number,Product name\np1,Tea\n", "p.csv")
    page = browser.get(f"{url(shop, 'job', products)}?columns=1")
    assert page.context["form"].source_field() is None


def test_corrected_rows_are_of_the_storefront_of_their_import(shop, browser):
    pk = uploaded(browser, shop)
    imported(browser, shop, pk, source="market")
    rejected = b"".join(browser.get(url(shop, "rejected", pk)).streaming_content).decode("utf-8-sig")
    again = uploaded(browser, shop, rejected.replace("yesterday", "2026-11-02"), "again.csv")
    with shop_scope(shop):
        assert ImportJob.objects.get(pk=again).source == "market"


def test_rejected_rows_come_as_a_guarded_csv_to_be_corrected(shop, browser, monkeypatch):
    monkeypatch.setattr(rejects, "PIECE_ROWS", 1)
    bad = "".join(f"=x{n},no date,c{n},,cup,1,5.00,paid\n" for n in range(3))
    pk = uploaded(browser, shop, ROWS + bad)
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    answer = browser.get(url(shop, "rejected", pk))
    assert answer["Content-Disposition"] == f'attachment; filename="rejected-rows-{pk}.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [*ROWS.splitlines()[0].split(","), "Row", "Column", "Reason", "Import no."]
    assert [row[8:10] + row[11:] for row in rows[1:]] == [[str(n), "Bought on", str(pk)] for n in (4, 6, 7, 8)]
    assert rows[2][:8] == ["'=x0", "no date", "c0", "", "cup", "1", "5.00", "paid"]
    told = b"".join(browser.get(url(shop, "rejected", pk) + "?told").streaming_content).decode("utf-8-sig")
    assert [row[:2] for row in csv.reader(io.StringIO(told))] == [["Row", "Column"], ["5", "Mail"]]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "The file is empty."),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 60, None),
        ("a.csv", b"%PDF-1.7\n" + b"\xe9" * 60, "This is a PDF, not a table. Export the orders as CSV or .xlsx."),
    ],
)
def test_unreadable_file_is_said_beside_the_field_and_not_kept(shop, browser, media, name, data, words):
    answer = upload(browser, shop, data, name)
    assert answer.status_code == 422
    (said,) = answer.context["form"].errors["file"]
    assert said == words or words is None
    with shop_scope(shop):
        assert not ImportJob.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_file_above_the_limit_is_refused(shop, browser, monkeypatch):
    monkeypatch.setattr("customers.imports.forms.MAX_FILE", 100)
    answer = upload(browser, shop)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"file": ["The file is larger than 1 GB. Split it and import the parts."]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"field_order_id": ""}, "field_order_id"),
        ({"field_customer_id": "", "field_email": ""}, "field_customer_id"),
        ({"field_email": "Client"}, "field_email"),
        ({"field_order_id": "No such"}, "field_order_id"),
    ],
)
def test_wrong_mapping_is_said_beside_the_field_and_kept(shop, browser, changes, field):
    pk = uploaded(browser, shop)
    answer = browser.post(url(shop, "job", pk), MAPPING | changes)
    assert (answer.status_code, answer.context["page"], list(answer.context["form"].errors)) == (
        422,
        "columns",
        [field],
    )
    assert answer.context["form"].data["field_quantity"] == "Pieces"
    assert state(shop, pk) == "draft"


@pytest.mark.parametrize("broken", ["\n", "\r\n", "\r"])
def test_heading_over_two_lines_can_be_chosen_by_a_browser(shop, browser, broken):
    text = ROWS.replace("Order no", f'"Order{broken}Number"').replace("State", '"State' + " of the order" * 9 + '"')
    pk = uploaded(browser, shop, text)
    sent = MAPPING | {"field_order_id": "Order\r\nNumber", "field_email": "Client"}
    sent["field_status"] = browser.get(url(shop, "job", pk)).context["form"].fields["field_status"].choices[-1][0]
    page = browser.post(url(shop, "job", pk), sent)
    assert list(page.context["form"].errors) == ["field_email"]
    assert page.context["form"]["field_order_id"].value() == f"Order{broken}Number"
    browser.post(url(shop, "job", pk), sent | {"field_email": "Mail"})
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["page"] == "forecast"
    with shop_scope(shop):
        assert ImportJob.objects.get(pk=pk).forecast["orders_created"] == 3


def test_column_over_two_lines_answers_a_question(shop, browser):
    pk = uploaded(browser, shop, WITHOUT_MONEY.replace("Paid", '"Paid\nin all"'))
    browser.post(url(shop, "job", pk), WITHOUT_MONEY_MAPPING)
    work(shop)
    answer(browser, shop, pk, answer_0="order_total", column_0="Paid\r\nin all")
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["page"] == "forecast"


def test_what_stopped_the_check_stands_beside_its_field_and_is_mended_there(shop, browser):
    dates = (
        ROWS.replace("2026-11-01", "03/04/2026").replace("2026-11-02", "05/06/2026").replace("2026-11-03", "07/08/2026")
    )
    pk = uploaded(browser, shop, dates.replace("yesterday", "09/10/2026"))
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["page"] == "questions"
    page = browser.get(url(shop, "job", pk) + "?columns=1")
    assert (page.context["page"], list(page.context["form"].errors)) == ("columns", ["date_order"])
    assert page.context["form"]["field_order_id"].value() == "Order no"
    browser.post(url(shop, "job", pk), MAPPING | {"date_order": "dmy"})
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["page"] == "forecast"


def test_unknown_words_for_a_state_are_asked_for(shop, browser):
    pk = uploaded(browser, shop, ROWS.replace("5.00,paid\n1003", "5.00,angekommen\n1003"))
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    form = browser.get(url(shop, "job", pk) + "?columns=1").context["form"]
    assert [str(field.label) for field in form.status_fields()] == ["“angekommen” means"]
    browser.post(url(shop, "job", pk), MAPPING | {"status_0": "fulfilled"})
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["counts"]["rejected"] == 1


def test_a_row_that_the_mapping_can_explain_leads_to_the_field_that_says_it(shop, browser):
    text = ROWS.replace("5.00,paid\n1003", "5.00,angekommen\n1003").replace("ben@example.com", "")
    pk = uploaded(browser, shop, text)
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert [(problem.row_no, problem.at) for problem in page.context["problems"]] == [
        (3, "id_status_0"),
        (4, ""),
        (5, ""),
    ]
    assert page.text.count('href="?columns=1#id_status_0"') == 1
    assert 'id="id_status_0"' in browser.get(url(shop, "job", pk) + "?columns=1").text


@pytest.mark.parametrize(
    ("code", "at"), [("ambiguous_date", "id_date_order"), ("ambiguous_number", "id_decimal"), ("invalid_date", "")]
)
def test_what_is_not_sure_in_a_cell_leads_to_how_it_is_written(shop, browser, code, at):
    pk = uploaded(browser, shop)
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    with shop_scope(shop):
        RejectedRow.objects.update(code=code)
    page = browser.get(url(shop, "job", pk))
    assert {problem.at for problem in page.context["problems"]} == {at}
    assert (f'href="?columns=1#{at}">Say it here' in page.text) is bool(at)
    if at:
        assert f'id="{at}"' in browser.get(url(shop, "job", pk) + "?columns=1").text


def test_progress_polls_while_open_and_then_reloads(shop, browser):
    pk = uploaded(browser, shop)
    browser.post(url(shop, "job", pk), MAPPING)
    polled = browser.get(url(shop, "progress", pk))
    assert (f'hx-get="{url(shop, "progress", pk)}"' in polled.content.decode(), "HX-Refresh" in polled) == (True, False)
    work(shop)
    last = browser.get(url(shop, "progress", pk))
    assert ("hx-get" in last.content.decode(), last["HX-Refresh"]) == (False, "true")


def test_same_file_twice_says_so(shop, browser):
    first = uploaded(browser, shop)
    assert browser.get(url(shop, "job", first)).context["before"] is None
    browser.post(url(shop, "job", first), MAPPING)
    work(shop)
    browser.post(url(shop, "run", first))
    work(shop)
    second = uploaded(browser, shop)
    page = browser.get(url(shop, "job", second))
    assert page.context["before"].pk == first
    assert "This very file was imported on" in page.content.decode()


def test_cancel_stops_and_the_columns_can_be_chosen_again(shop, browser):
    pk = uploaded(browser, shop)
    browser.post(url(shop, "job", pk), MAPPING)
    browser.post(url(shop, "cancel", pk))
    assert state(shop, pk) == "cancelled"
    with shop_scope(shop):
        assert ImportJob.claim_due() is None
    browser.post(url(shop, "job", pk), MAPPING)
    assert state(shop, pk) == "queued"


def test_run_needs_a_check_and_happens_once(shop, browser):
    pk = uploaded(browser, shop)
    browser.post(url(shop, "run", pk))
    assert state(shop, pk) == "draft"
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    browser.post(url(shop, "run", pk))
    browser.post(url(shop, "run", pk))
    with shop_scope(shop):
        assert AuditEntry.objects.filter(action="import.run_requested").count() == 1


def test_finished_import_is_not_begun_anew(shop, browser):
    pk = uploaded(browser, shop)
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    browser.post(url(shop, "run", pk))
    work(shop)
    browser.post(url(shop, "job", pk), MAPPING)
    assert state(shop, pk) == "done"


def test_preset_needs_no_columns(shop, browser):
    text = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    text += "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085,United Kingdom\n"
    pk = uploaded(browser, shop, text)
    page = browser.get(url(shop, "job", pk))
    assert (page.context["preset"], page.context["page"]) == ("online-retail", "running")
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["counts"]["orders_created"] == 1
    assert browser.get(url(shop, "job", pk) + "?columns=1&preset=generic").context["preset"] == "generic"


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST])
def test_roles_without_the_right_import_nothing(shop, browser, make_member, as_person, role):
    pk = uploaded(browser, shop)
    theirs = as_person(make_member(shop, role))
    assert upload(theirs, shop).status_code == 403
    for part in ("job", "progress", "rejected"):
        assert theirs.get(url(shop, part, pk)).status_code == 403
    for part in ("job", "run", "cancel"):
        assert theirs.post(url(shop, part, pk)).status_code == 403


def test_import_of_another_shop_is_not_reached(shop, other_shop, browser, make_member, as_person):
    pk = uploaded(as_person(make_member(other_shop)), other_shop)
    for part in ("job", "progress", "rejected"):
        assert browser.get(url(shop, part, pk)).status_code == 404
    for part in ("job", "run", "cancel"):
        assert browser.post(url(shop, part, pk), MAPPING).status_code == 404
    assert state(other_shop, pk) == "draft"


def test_list_asks_the_same_of_one_and_three_imports(shop, browser, django_assert_num_queries):
    uploaded(browser, shop)
    browser.get(url(shop, "list"))
    with django_assert_num_queries(16):
        browser.get(url(shop, "list"))
    for _n in range(2):
        uploaded(browser, shop)
    with django_assert_num_queries(16):
        assert len(browser.get(url(shop, "list")).context["jobs"]) == 3


def test_problem_report_holds_only_this_jobs_rows(shop, browser):
    pk = uploaded(browser, shop)
    with shop_scope(shop):
        other = ImportJob.objects.create(shop=shop, created_at=now(), filename="b.csv")
        RejectedRow.objects.create(shop=shop, job=other, row_no=2, code="bad_date", raw="secret")
    body = b"".join(browser.get(url(shop, "rejected", pk)).streaming_content).decode()
    assert "secret" not in body


def test_only_the_first_problems_are_shown_and_said_to_be_the_first(shop, browser):
    rows = "".join(f"{n},yesterday,c{n},,tea,1,2.00,paid\n" for n in range(21))
    pk = uploaded(browser, shop, ROWS.splitlines()[0] + "\n" + rows)
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert (len(page.context["problems"]), page.context["has_more_problems"]) == (20, True)
    assert "The first 20 problems" in page.content.decode()


def test_a_figure_of_none_says_nothing_of_where_they_are_listed():
    notes = {str(figure.label): str(figure.note) for figure in figures({"orders_created": 2})}
    assert notes["Rows left out"] == ""
    assert str(figures({"rejected": 1})[2].note) == "listed below, with the reason"


def checked(browser, shop, text, name="orders.csv"):
    """A file whose check begins by itself, checked."""
    pk = uploaded(browser, shop, text, name)
    assert state(shop, pk) == "queued"
    work(shop)
    return pk


def shown(stats):
    return {str(stat.label): [str(stat.figure), str(stat.note), *map(str, stat.more)] for stat in stats}


def answer(browser, shop, pk, **said):
    """Answer the questions as their form shows them."""
    asked = browser.get(url(shop, "job", pk)).context["form"]["asked"].value()
    return browser.post(url(shop, "answer", pk), {"asked": asked, **said})


def asked(browser, shop, pk):
    """Each question with its choices, as they are shown."""
    page = browser.get(url(shop, "job", pk))
    assert page.context["page"] == "questions", page.context["page"]
    return [(each.label, each.choices) for each in page.context["asked"]]


def test_recognised_export_is_checked_at_once_and_says_what_it_comes_to(shop, browser):
    pk = checked(browser, shop, (CASES / "01-shopify-orders.csv").read_bytes())
    page = browser.get(url(shop, "job", pk))
    assert (page.context["page"], page.context["recognised"]) == ("forecast", "Shopify")
    forecast = {
        "Orders that count": ["5", "$50.10 on average"],
        "Revenue": ["$250.50", "their totals, before refunds"],
        "Refunded": ["$90.00", "of orders that count"],
        "Shipping": ["$9.90", "part of the revenue"],
        "Tax": ["$2.10", "part of the revenue"],
        "Orders that do not count": ["1", "$10.00", "cancelled, not paid yet, or without revenue"],
        "From the first order to the last": ["5 days", "5 Jan 2026 – 9 Jan 2026"],
        "Biggest order": ["$100.00", "#1002"],
        "Customers": ["4", "4 new, 0 known", "1.2 orders each"],
    }
    assert shown(page.context["sums"]) == forecast
    browser.post(url(shop, "run", pk))
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert (page.context["page"], shown(page.context["sums"])) == ("report", forecast)


def test_how_each_column_was_read_is_shown_with_a_way_to_change_it(shop, browser):
    pk = checked(
        browser, shop, "order_id,ordered_at,customer_id,unit_price,shipping\n7,03/04/2026,c1,4,1\n8,30/04/2026,c1,4,1\n"
    )
    page = browser.get(url(shop, "job", pk))
    assert [(c.heading, list(c.samples), c.label, c.reading) for c in page.context["columns_read"]] == [
        ("order_id", ["7", "8"], "Order number", ""),
        ("ordered_at", ["03/04/2026", "30/04/2026"], "Date of the order", "day first: 3 Apr 2026"),
        ("customer_id", ["c1"], "Customer number", "a number"),
        ("unit_price", ["4"], "Price of one", "money of one; £4.00"),
        ("shipping", ["1"], "Shipping", "money of the order; £1.00"),
    ]
    assert page.context["file_line"] == "UTF-8, cells divided by commas, headings in row 1"
    html = page.content.decode()
    for target in ("?columns=1#id_field_ordered_at", "?columns=1#id_date_order", "?columns=1#id_field_shipping"):
        assert f'href="{target}"' in html
    assert 'id="id_date_order"' in browser.get(url(shop, "job", pk) + "?columns=1").content.decode()


def test_a_status_of_each_row_is_not_said_to_be_money(shop):
    columns = {"status": "State", "shipping": "Post"}
    job = ImportJob(facts={}, mapping={"columns": columns, "per": dict.fromkeys(columns, "row")}, created_at=now())
    understood = [
        {"field": name, "column": heading, "reading": "", "samples": [], "per": "row"}
        for name, heading in columns.items()
    ]
    added = "a part of the order's money on each row, added up"
    assert [each.reading for each in columns_read(job, shop, understood)] == ["", added]


def test_list_with_a_heading_nobody_knows_is_looked_at_first(shop, browser):
    pk = uploaded(browser, shop, "order_id,ordered_at,customer_id,unit_price,Colour\n1,2026-04-30,c1,4.00,red\n")
    assert (state(shop, pk), browser.get(url(shop, "job", pk)).context["page"]) == ("draft", "columns")


def test_decimal_sign_is_asked_once_and_the_answer_goes_on_to_the_check(shop, browser):
    pk = checked(browser, shop, (CASES / "13c-only-whole-german-thousands.csv").read_bytes())
    label = "How are the numbers in “unit_price” written?"
    point, comma = "A point marks decimals: “1.250” is 1.250", "A comma marks decimals: “1.250” is £1,250.00"
    assert asked(browser, shop, pk) == [(label, [(".", point), (",", comma)])]
    answer_ = answer(browser, shop, pk, answer_0=",")
    assert (answer_.url, state(shop, pk)) == (url(shop, "job", pk), "queued")
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert shown(page.context["sums"])["Revenue"][0] == "£5,139.00"
    assert "decimal comma: 1.250 is £1,250.00" in [c.reading.partition("; ")[2] for c in page.context["columns_read"]]


def test_order_of_dates_is_asked_with_a_cell_of_the_file(shop, browser):
    rows = (
        "order_id,ordered_at,email,unit_price\n1,03/04/2026,ana@example.com,5.00\n2,04/05/2026,ben@example.com,5.00\n"
    )
    pk = checked(browser, shop, rows)
    label = "How are the dates in “ordered_at” written?"
    day, month = "The day comes first: “03/04/2026” is 3 Apr 2026", "The month comes first: “03/04/2026” is 4 Mar 2026"
    assert asked(browser, shop, pk) == [(label, [("dmy", day), ("mdy", month)])]
    answer(browser, shop, pk, answer_0="mdy")
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert shown(page.context["sums"])["From the first order to the last"] == ["33 days", "4 Mar 2026 – 5 Apr 2026"]


def test_amount_that_stands_on_each_row_is_asked_with_what_it_comes_to(shop, browser):
    rows = "order_id,ordered_at,email,product_id,unit_price,shipping\n"
    rows += "".join(f"1,2026-04-30,ana@example.com,p{n},10.00,5.00\n" for n in range(3))
    pk = checked(browser, shop, rows)
    once = "It is the order's, said again on each row: £5.00 for the order; 5.00 GBP in the whole file"
    added = "Each row has its own part; they are added up: £15.00 for the order; 15.00 GBP in the whole file"
    label = "“shipping” (Shipping) says £5.00 on each of the 3 rows of an order. What is it?"
    assert asked(browser, shop, pk) == [(label, [("order", once), ("row", added)])]
    answer(browser, shop, pk, answer_0="row")
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert shown(page.context["sums"])["Revenue"][0] == "£45.00"
    assert (
        page.context["columns_read"][-1].reading
        == "a part of the order's money on each row, added up; decimal point: 5.00 is £5.00"
    )
    form = browser.get(url(shop, "job", pk) + "?columns=1").context["form"]
    assert {field.name: field.value() for field in form.spread_fields()} == {"per_shipping": "row"}


def test_number_or_name_is_asked_and_a_name_is_kept_as_one(shop, browser):
    rows = "order_id,ordered_at,Customer,email,unit_price\n1,2026-04-29,John Smith,ana@example.com,5.00\n"
    pk = checked(browser, shop, rows + "2,2026-04-30,c42,ben@example.com,5.00\n")
    ((label, choices),) = asked(browser, shop, pk)
    assert label == "Does “Customer” hold the numbers of customers, or their names?"
    assert [value for value, words in choices] == ["number", "name"]
    answer(browser, shop, pk, answer_0="name")
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert [(c.heading, c.label, c.reading) for c in page.context["columns_read"]][2] == ("Customer", "Name", "a name")
    form = browser.get(url(shop, "job", pk) + "?columns=1").context["form"]
    assert (form["field_customer_id"].value(), form["field_name"].value()) == ("", "Customer")


WITHOUT_MONEY = "order_id,ordered_at,email,unit_price,Paid\n1,2026-04-30,ana@example.com,0,12.00\n"
WITHOUT_MONEY_MAPPING = {
    "preset": "generic",
    "field_order_id": "order_id",
    "field_ordered_at": "ordered_at",
    "field_email": "email",
    "field_unit_price": "unit_price",
    "date_order": "auto",
    "decimal": "auto",
}


@pytest.fixture
def without_money(shop, browser):
    pk = uploaded(browser, shop, WITHOUT_MONEY)
    browser.post(url(shop, "job", pk), WITHOUT_MONEY_MAPPING)
    work(shop)
    return pk


def test_file_without_money_is_asked_for_the_column_that_has_it(shop, browser, without_money):
    ((label, choices),) = asked(browser, shop, without_money)
    assert label == "Which column says what was paid?"
    assert [value for value, words in choices] == ["unit_price", "line_total", "order_total", "none"]
    answer(browser, shop, without_money, answer_0="order_total", column_0="Paid")
    work(shop)
    page = browser.get(url(shop, "job", without_money))
    assert (page.context["page"], shown(page.context["sums"])["Revenue"][0]) == ("forecast", "£12.00")


def test_file_said_to_hold_no_money_is_taken_and_never_called_good(shop, browser, without_money):
    answer(browser, shop, without_money, answer_0="none")
    work(shop)
    page = browser.get(url(shop, "job", without_money))
    html = page.content.decode()
    assert (page.context["page"], page.context["has_no_money"]) == ("forecast", True)
    assert ("No order of this file is worth anything" in html, "Every row can be used" in html) == (True, False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "answer_0"),
        ({"answer_0": "paid"}, "answer_0"),
        ({"answer_0": "unit_price"}, "column_0"),
        ({"answer_0": "order_total", "column_0": "No such"}, "column_0"),
        ({"answer_0": "order_total", "column_0": "email"}, "column_0"),
    ],
)
def test_wrong_answer_is_refused_beside_its_field_and_kept(shop, browser, without_money, said, field):
    answered = answer(browser, shop, without_money, **said)
    assert (answered.status_code, list(answered.context["form"].errors)) == (422, [field])
    assert answered.context["form"]["answer_0"].value() == said.get("answer_0")
    assert state(shop, without_money) == "failed"


def test_answers_to_other_questions_change_nothing(shop, browser, without_money):
    old = {"asked": "0123456789abcdef", "answer_0": "none"}
    assert browser.post(url(shop, "answer", without_money), old).url == url(shop, "job", without_money)
    assert state(shop, without_money) == "failed"
    pk = uploaded(browser, shop)  # of which nothing is asked
    assert browser.post(url(shop, "answer", pk), old).status_code == 302
    assert state(shop, pk) == "draft"


UNCLEAR = "order_id,ordered_at,email,name,unit_price\n1,2026-04-30,ana@example.com,Bøk,5.00\n".encode("windows-1252")


def test_unclear_encoding_is_asked_with_how_the_text_would_read(shop, browser):
    pk = uploaded(browser, shop, UNCLEAR)
    assert state(shop, pk) == "draft"
    ((label, choices),) = asked(browser, shop, pk)
    assert label == "Which of these reads right?"
    words = dict(choices)
    assert choices[0][0] == "windows-1252"  # the likeliest
    assert ("Bøk" in words["windows-1252"], "Břk" in words["windows-1250"]) == (True, True)
    browser.post(url(shop, "job", pk), WITHOUT_MONEY_MAPPING)  # The columns are not chosen before their letters.
    assert state(shop, pk) == "draft"
    assert answer(browser, shop, pk, answer_0="klingon").status_code == 422
    answer(browser, shop, pk, answer_0="windows-1252")
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert (page.context["page"], page.context["file_line"]) == (
        "forecast",
        "WINDOWS-1252, cells divided by commas, headings in row 1",
    )
    browser.post(url(shop, "run", pk))
    work(shop)
    with shop_scope(shop):
        assert list(Customer.objects.values_list("name", flat=True)) == ["Bøk"]


def test_recognised_kind_can_be_looked_at_and_changed(shop, browser):
    pk = checked(browser, shop, (CASES / "01-shopify-orders.csv").read_bytes())
    page = browser.get(url(shop, "job", pk) + "?columns=1")
    form = page.context["form"]
    assert (page.context["preset"], form["field_order_id"].value(), form.status_fields()) == ("shopify", "Name", [])
    other = browser.get(url(shop, "job", pk) + "?columns=1&preset=generic").context["form"]
    assert other["field_order_id"].value() == ""
    said = {name: field.initial or "" for name, field in form.fields.items() if name != "replaces_orders"}
    browser.post(url(shop, "job", pk), said | {"preset": "shopify", "field_shipping": "", "replaces_orders": "on"})
    with shop_scope(shop):
        job = ImportJob.objects.get(pk=pk)
    assert (job.state, job.preset, job.replaces_orders) == ("queued", "shopify", True)
    assert ("shipping" in job.mapping["columns"], job.mapping["also"]["phone"]) == (
        False,
        ["Billing Phone"],
    )
    assert job.mapping["statuses"]["voided"] == "cancelled"


def test_order_that_comes_in_part_is_said_and_can_be_replaced_whole(shop, browser):
    first, part = ((CASES / name).read_bytes() for name in ("21a-first.csv", "21b-one-line-only.csv"))
    for text in (first, part):
        pk = checked(browser, shop, text)
        if text is first:
            browser.post(url(shop, "run", pk))
            work(shop)
    page = browser.get(url(shop, "job", pk))
    assert page.context["to_know"] == [
        "1 order that is here already is in the file only in part: its lines and amounts are kept."
    ]
    assert 'href="?columns=1#id_replaces_orders"' in page.content.decode()


REPORT = {
    "orders": 3,
    "purchases": 3,
    "orders_adjusted": 2,
    "sums": {"GBP": "10.00"},
    "other_sums": {},
    "shipping_sums": {},
    "tax_sums": {},
    "adjustment_sums": {"GBP": "-0.50"},
    "refund_sums": {},
    "first_day": "2026-04-30",
    "last_day": "2026-04-30",
    "largest": {"GBP": {"order": "7", "total": "5.00"}},
    "people_new": 1,
    "people_known": 1,
}


def test_average_that_was_rounded_says_so():
    strip = shown(sums_strip(REPORT, "GBP"))
    assert strip["Orders that count"] == ["3", "about £3.33 on average"]
    assert strip["Not explained by lines"] == ["-£0.50", "in 2 orders"]
    assert (strip["From the first order to the last"], strip["Refunded"][0]) == (["1 day", "30 Apr 2026"], "£0.00")
    assert "Orders that do not count" not in strip


def test_nothing_refunded_is_said_in_the_money_of_the_file():
    euros, nothing = {"EUR": "10.00"}, REPORT | {"sums": {}}
    assert shown(sums_strip(REPORT | {"sums": euros}, "GBP"))["Refunded"][0] == "€0.00"
    assert shown(sums_strip(nothing | {"other_sums": euros}, "GBP"))["Refunded"][0] == "€0.00"
    assert shown(sums_strip(nothing, "GBP"))["Refunded"][0] == "£0.00"


def test_currencies_stand_side_by_side_the_shops_own_first_and_unknown_ones_as_they_are():
    sums = {"AAA": "7.00", "EUR": "95.00", "GBP": "10.00"}
    largest = {"AAA": {"order": "1", "total": "7.00"}, "GBP": {"order": "2", "total": "10.00"}}
    strip = shown(sums_strip(REPORT | {"sums": sums, "largest": largest}, "GBP"))
    assert strip["Revenue"] == ["£10.00", "their totals, before refunds", "7.00 AAA", "€95.00"]
    assert strip["Biggest order"] == ["£10.00", "2", "7.00 AAA (1)"]
    assert strip["Orders that count"] == ["3", ""]
    only = shown(sums_strip(REPORT | {"sums": {"AAA": "7.00"}}, "GBP"))
    assert (only["Revenue"][0], only["Orders that count"][1]) == ("7.00 AAA", "")


def test_nothing_is_money_where_all_sums_are_zero():
    nothing = REPORT | {"sums": {"GBP": "0.00"}}
    assert (has_no_money(nothing), has_no_money(REPORT), has_no_money(REPORT | {"sums": {}})) == (True, False, True)
    assert not has_no_money(nothing | {"other_sums": {"EUR": "1.00"}})
    assert not has_no_money({"rows": 3})


def test_report_of_an_import_from_before_shows_what_it_has(shop, browser):
    with shop_scope(shop):
        job = ImportJob.objects.create(
            shop=shop,
            created_at=now(),
            finished_at=now(),
            filename="old.csv",
            state="done",
            work="run",
            preset="generic",
            counts={"rows": 3, "lines": 3, "orders_created": 2, "customers_created": 1, "rejected": 0},
        )
    page = browser.get(url(shop, "job", job.pk))
    assert (page.status_code, page.context["page"], page.context["sums"]) == (200, "report", [])
    assert ("Every row was used." in page.content.decode(), page.context["columns_read"]) == (True, [])


def test_contacts_are_masked_in_samples_and_questions_for_roles_that_may_not_see_them(shop, browser):
    pk = checked(browser, shop, "order_id,ordered_at,email,unit_price\n1,2026-04-30,ana@example.com,5.00\n")
    with shop_scope(shop), contacts_hidden(True):
        job = ImportJob.objects.get(pk=pk)
        shown_ = columns_read(job, shop, job.forecast["understood"])
    assert "ana@example.com" not in str(shown_)
    with shop_scope(shop), contacts_hidden(False):
        assert "ana@example.com" in str(columns_read(job, shop, job.forecast["understood"]))


def job_of(browser, shop, text):
    with shop_scope(shop):
        return ImportJob.objects.get(pk=checked(browser, shop, text))


def test_the_heading_is_pointed_at_where_it_was_not_found(shop, browser):
    text = "A,B,C,D\n1,2,3,4\nOrder no,Date,Email,Total\n1,2026-03-01,ann@example.com,5.00\n"
    job = job_of(browser, shop, text)
    with shop_scope(shop):
        assert job.facts["heading_row"] == 3  # known words are found by themselves
    url = reverse("imports:heading", args=[shop.slug, job.pk])
    page = browser.post(url, {"row": "1"}, follow=True).text
    assert 'value="1"' in page
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.facts["header"], job.mapping["heading_row"]) == (["A", "B", "C", "D"], 1)
    browser.post(url, {"row": "3"})
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.facts["header"] == ["Order no", "Date", "Email", "Total"]
        assert job.mapping["columns"]["order_total"] == "Total"


@pytest.mark.parametrize("row", ["0", "x", "", "999999"])
def test_a_row_that_is_none_changes_nothing(shop, browser, row):
    job = job_of(browser, shop, "Order no,Date,Email,Total\n1,2026-03-01,ann@example.com,5.00\n")
    answer = browser.post(reverse("imports:heading", args=[shop.slug, job.pk]), {"row": row}, follow=True)
    assert "Write the number of the row" in answer.text
    with shop_scope(shop):
        before = job.facts
        job.refresh_from_db()
        assert job.facts == before


def test_a_heading_behind_the_end_of_the_file_is_refused_with_its_row(shop, browser):
    job = job_of(browser, shop, "Order no,Date,Email,Total\n1,2026-03-01,ann@example.com,5.00\n")
    answer = browser.post(reverse("imports:heading", args=[shop.slug, job.pk]), {"row": "9"}, follow=True)
    assert "Row 9, which should be the heading, is empty or missing." in answer.text


def test_a_file_with_an_open_question_is_not_listed_as_failed(shop, browser):
    checked(browser, shop, (CASES / "13c-only-whole-german-thousands.csv").read_bytes())
    page = " ".join(browser.get(url(shop, "list")).text.split())
    assert "A question is open" in page
    assert " Failed" not in page
    assert '– <div class="second">orders</div>' in page.replace("&ndash;", "–")
