"""The pages of imports: from the dropped file to the report."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.imports import views as import_views
from customers.imports.actions import run_job
from customers.imports.presenters import figures
from customers.models import Customer, ImportJob, Order, RejectedRow

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


def test_rejected_rows_come_as_a_guarded_csv_in_the_persons_language(shop, browser, monkeypatch):
    monkeypatch.setattr(import_views, "PIECE_ROWS", 1)
    bad = "".join(f"=x{n},no date,c{n},,cup,1,5.00,paid\n" for n in range(3))
    pk = uploaded(browser, shop, ROWS + bad)
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    answer = browser.get(url(shop, "rejected", pk))
    assert answer["Content-Disposition"] == f'attachment; filename="rejected-rows-{pk}.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["Row", "Column", "Reason", "Used all the same", "The row as it was"]
    assert [row[:2] + row[3:4] for row in rows[1:]] == [
        ["4", "Bought on", "no"],
        ["5", "Mail", "yes, without this value"],
        ["6", "Bought on", "no"],
        ["7", "Bought on", "no"],
        ["8", "Bought on", "no"],
    ]
    assert rows[3][4] == "'=x0,no date,c0,,cup,1,5.00,paid"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "The file is empty."),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 60, None),
        ("a.csv", b"caf\xe9,b\n\xff\xfe,2\n", None),
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


def test_what_stopped_the_check_stands_beside_its_field_and_is_mended_there(shop, browser):
    dates = (
        ROWS.replace("2026-11-01", "03/04/2026").replace("2026-11-02", "05/06/2026").replace("2026-11-03", "07/08/2026")
    )
    pk = uploaded(browser, shop, dates.replace("yesterday", "09/10/2026"))
    browser.post(url(shop, "job", pk), MAPPING)
    work(shop)
    page = browser.get(url(shop, "job", pk))
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
    assert page.context["preset"] == "online-retail"
    browser.post(url(shop, "job", pk), {"preset": "online-retail"})
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
    with django_assert_num_queries(11):
        browser.get(url(shop, "list"))
    for _n in range(2):
        uploaded(browser, shop)
    with django_assert_num_queries(11):
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
