"""Exports: what the file holds, who may have it, how long it is kept."""

import csv
import io
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from crm.celery import app
from crm.shops.models import AuditEntry, Membership
from crm.shops.roles import Role
from crm.tenancy.jobs import LeaseLost
from crm.tenancy.scope import shop_scope
from customers.attributes import create_definition
from customers.exports import KINDS, delete_expired, offered_columns, request_export, run_export
from customers.exports import pages as exports
from customers.filters import BadFilters
from customers.models import Customer, ExportJob, Refund, Tag
from tests.factories import customers
from tests.factories.shops import NOW


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def people(shop):
    ana = customers.customer(
        shop, "=cmd|'/c calc'!A1", email="ana@example.com", tags=["@vip"], city="Leeds", net_minor=1234,
        gross_minor=1500, order_count=2, last_order_at=NOW,
    )  # fmt: skip
    ming = customers.customer(shop, "王小明", phone="+8613800138000", net_minor=-5)
    return ana, ming


def run(shop, user, query=""):
    with shop_scope(shop):
        request_export(shop, QueryDict(query), by=user, now=NOW)
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    return job


def rows_of(job):
    with job.file.open("rb") as file:
        text = file.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entries(shop, action):
    with shop_scope(shop):
        return [entry.details for entry in AuditEntry.objects.filter(action=action)]


def test_the_file_holds_who_matches_and_no_formulas(shop, owner, people):
    job = run(shop, owner)
    assert (job.state, job.rows, job.progress) == ("done", 2, 1)
    ana, ming = rows_of(job)
    assert ana["name"] == "'=cmd|'/c calc'!A1"
    assert ana["tags"] == "'@vip"
    assert (ana["email"], ana["net"], ana["gross"], ana["currency"]) == ("ana@example.com", "12.34", "15.00", "GBP")
    assert (ming["name"], ming["phone"], ming["net"]) == ("王小明", "'+8613800138000", "-0.05")
    assert ming["lifecycle_stage"] == ""


def test_the_list_and_the_file_find_the_same(shop, owner, people):
    assert [row["name"] for row in rows_of(run(shop, owner, "q=小明&sort=spent&cursor=x"))] == ["王小明"]
    assert rows_of(run(shop, owner, "stage=lost")) == []


def test_all_pages_are_written(shop, owner, monkeypatch):
    monkeypatch.setattr(exports, "PAGE", 3)
    with shop_scope(shop):
        Customer.objects.bulk_create([Customer(shop=shop, name=f"N{n}") for n in range(10)])
    assert [row["name"] for row in rows_of(run(shop, owner))] == [f"N{n}" for n in range(10)]


def test_contacts_are_masked_for_who_may_not_see_them(shop, owner, people, monkeypatch):
    """The roles of today that may export may also see; the file asks anyway."""
    from crm.shops import roles

    monkeypatch.setitem(roles.RIGHTS_OF, Role.OWNER, frozenset({roles.Right.EXPORT}))
    ana, ming = rows_of(run(shop, owner))
    assert (ana["email"], ming["phone"]) == ("a•••@example.com", "'+86•••8000")
    assert [details["contacts"] for details in entries(shop, "customers.exported")] == ["masked"]


def test_who_has_lost_the_right_meanwhile_gets_nothing(shop, owner, people):
    with shop_scope(shop):
        request_export(shop, QueryDict(), by=owner, now=NOW)
        Membership.objects.filter(user=owner).update(role=Role.ANALYST)
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    assert (job.state, job.error, bool(job.file)) == ("failed", {"code": "not_allowed"}, False)


def test_who_has_left_meanwhile_gets_nothing(shop, owner, people):
    with shop_scope(shop):
        request_export(shop, QueryDict(), by=owner, now=NOW)
        Membership.objects.filter(user=owner).delete()
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    assert job.error == {"code": "not_allowed"}


def test_a_filter_whose_tag_is_gone_does_not_export_everybody(shop, owner, people):
    with shop_scope(shop):
        tag = Tag.objects.get()
        request_export(shop, QueryDict(f"tag={tag.pk}"), by=owner, now=NOW)
        tag.delete()
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    assert (job.state, job.error) == ("failed", {"code": "bad_filters"})


def test_a_filter_that_cannot_be_read_queues_nothing(shop, owner):
    with shop_scope(shop), pytest.raises(BadFilters):
        request_export(shop, QueryDict("spent_min=lots"), by=owner, now=NOW)
    with shop_scope(shop):
        assert not ExportJob.objects.exists()


def test_the_audit_log_knows_filters_by_name_and_the_count(shop, owner, people):
    run(shop, owner, "q=小明&country=")
    assert entries(shop, "customers.export_requested") == [{"kind": "customers", "filters": ["q"]}]
    assert entries(shop, "customers.exported") == [
        {"kind": "customers", "format": "csv", "rows": 1, "columns": "all", "contacts": "full"}
    ]


def test_a_worker_that_lost_its_job_leaves_no_file(shop, owner, people, media):
    with shop_scope(shop):
        request_export(shop, QueryDict(), by=owner, now=NOW)
        job = ExportJob.claim_due()
        ExportJob.objects.update(token=None)
    with pytest.raises(LeaseLost):
        run_export(job, shop, timezone.now())
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.fixture
def client(owner):
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_button_queues_what_the_list_shows(client, shop, people):
    response = client.post(f"/s/{shop.slug}/customers/exports/?country=&q=ana&sort=spent")
    assert response.status_code == 302
    with shop_scope(shop):
        job = ExportJob.objects.get()
    assert (job.state, job.filters) == ("queued", {"q": ["ana"]})


def test_the_page_polls_while_it_writes_and_then_offers_the_file(client, shop, owner, people):
    client.post(f"/s/{shop.slug}/customers/exports/")
    with shop_scope(shop):
        job = ExportJob.objects.get()
    where = f"/s/{shop.slug}/customers/exports/{job.pk}/"
    assert 'hx-trigger="every 1s"' in client.get(where, headers={"HX-Request": "true"}).content.decode()
    with shop_scope(shop):
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    html = client.get(where, headers={"HX-Request": "true"}).content.decode()
    assert "every 1s" not in html
    assert f"{where}file/" in html


def test_a_file_that_was_lost_is_not_found_and_not_noted(client, shop, owner, people):
    job = run(shop, owner)
    job.file.storage.delete(job.file.name)
    assert client.get(f"/s/{shop.slug}/customers/exports/{job.pk}/file/").status_code == 404
    assert entries(shop, "customers.export_downloaded") == []


def test_the_file_is_downloaded_and_noted(client, shop, owner, people):
    job = run(shop, owner)
    response = client.get(f"/s/{shop.slug}/customers/exports/{job.pk}/file/")
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "王小明" in body
    day = shop.day_of(job.finished_at).isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="{shop.slug}-customers-{day}.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert entries(shop, "customers.export_downloaded") == [{"rows": 2}]


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST])
def test_who_may_not_export_gets_no_file(shop, owner, people, make_member, role):
    job = run(shop, owner)
    client = Client()
    client.force_login(make_member(shop, role), backend="django.contrib.auth.backends.ModelBackend")
    for rest in ("", f"{job.pk}/", f"{job.pk}/file/"):
        assert client.get(f"/s/{shop.slug}/customers/exports/{rest}").status_code == 403
    assert client.post(f"/s/{shop.slug}/customers/exports/").status_code == 403


def test_another_shops_file_is_not_found(client, shop, other_shop, make_member, people):
    job = run(other_shop, make_member(other_shop))
    assert client.get(f"/s/{shop.slug}/customers/exports/{job.pk}/file/").status_code == 404


def test_a_file_is_kept_for_a_week(client, shop, owner, people, media, django_capture_on_commit_callbacks):
    job = run(shop, owner)
    path = job.file.path
    with shop_scope(shop):
        ExportJob.objects.update(finished_at=timezone.now() - timedelta(days=7, seconds=1))
    assert client.get(f"/s/{shop.slug}/customers/exports/{job.pk}/file/").status_code == 404
    assert "gone now" in client.get(f"/s/{shop.slug}/customers/exports/").content.decode()
    with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
        assert delete_expired(now=timezone.now()) == 1
        assert delete_expired(now=timezone.now()) == 0
    assert not media.joinpath(path).exists()


def test_asking_for_an_export_nudges_a_worker(
    shop, owner, people, as_person, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append((name, options["args"])))
    with django_capture_on_commit_callbacks(execute=True):
        assert as_person(owner).post(f"/s/{shop.slug}/customers/exports/").status_code == 302
    assert sent == [("crm.work", ["customers.export", shop.pk])]


def test_a_kind_of_export_that_there_is_not_is_not_found(client, shop, people):
    where = f"/s/{shop.slug}/customers/exports/new/?what=nonsense"
    assert client.get(where).status_code == 404
    assert client.post(where, {"columns": ["name"], "format": "csv"}).status_code == 404
    with shop_scope(shop):
        assert not ExportJob.objects.exists()


@pytest.mark.parametrize("what", ["", "customers", "orders", "lines", "products"])
def test_the_page_says_how_much_there_is_of_each_kind(client, shop, people, what):
    tea = customers.product(shop, name="Tea")
    customers.order(shop, customer=people[0], lines=[(tea, 2, 1000)])
    page = client.get(f"/s/{shop.slug}/customers/exports/new/?what={what}&spent_min=1")
    counts = {"orders": "1 order", "lines": "1 order with its lines", "products": "1 product"}
    assert page.context["count_text"] == counts.get(what, "1 customer")


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_each_column_stands_once_in_a_group_and_has_a_name_of_its_own(shop, kind):
    with shop_scope(shop):
        create_definition(key="shoe_size", label="Shoe size", type_="number", by=None, now=NOW)
        shown = [column for group in kind.groups() for column in group.columns]
        assert sorted(column.name for column in shown) == sorted(offered_columns(kind))
    assert ("attribute.shoe_size" in [column.name for column in shown]) == (kind.key == "customers")
    labels = [str(column.label) for column in shown]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & {column.name for column in shown}


def test_columns_are_shown_by_their_labels_and_stay_as_they_were_ticked(client, shop, people):
    where = f"/s/{shop.slug}/customers/exports/new/?what=customers"
    page = client.get(where)
    assert all(each.is_ticked for group in page.context["groups"] for each in group.choices)
    assert '<label for="id_columns_p_alive">Still a customer</label>' in page.text
    assert '<code translate="no">p_alive</code>' in page.text
    page = client.post(where, {"columns": ["name", "net"]})  # no format
    assert page.status_code == 422
    ticked = [each.name for group in page.context["groups"] for each in group.choices if each.is_ticked]
    assert ticked == ["name", "net"]


def test_what_an_import_needs_is_marked(client, shop, people):
    customers.order(shop, customer=people[0])
    page = client.get(f"/s/{shop.slug}/customers/exports/new/?what=orders")
    needed = {each.name for group in page.context["groups"] for each in group.choices if each.is_needed}
    assert needed == set(KINDS["orders"].needed)


@pytest.mark.parametrize(
    ("what", "why", "why_of_filters"),
    [
        ("customers", "This shop has no customers yet.", "No customer matches these filters."),
        ("orders", "This shop has no orders yet.", "No order matches these filters."),
        ("lines", "This shop has no orders yet.", "No order matches these filters."),
        ("products", "This shop has no products yet.", "No product matches these filters."),
    ],
)
def test_nothing_is_not_exported_but_explained(client, shop, other_shop, what, why, why_of_filters):
    customers.order(other_shop, customer=customers.customer(other_shop), lines=[(customers.product(other_shop), 1, 5)])
    where = f"/s/{shop.slug}/customers/exports/new/?what={what}"
    filters = "&product=pot" if what == "products" else "&q=nobody"
    for address, reason, way_out in (
        (where, why, f"/s/{shop.slug}/imports/"),
        (where + filters, why_of_filters, f"?what={what}"),
    ):
        page = client.get(address)
        assert (str(page.context["nothing"]), f'href="{way_out}"' in page.text) == (reason, True)
        assert 'name="columns"' not in page.text
        assert client.post(address, {"format": "csv", "columns": ["exported_by"]}).status_code == 422
    with shop_scope(shop):
        assert not ExportJob.objects.exists()


def test_a_list_of_nobody_is_not_exported(client, shop, people):
    answer = client.post(f"/s/{shop.slug}/customers/exports/?q=nobody", follow=True)
    assert "there is nothing to export" in answer.text
    with shop_scope(shop):
        assert not ExportJob.objects.exists()


def test_refunds_of_no_order_are_something_to_export(client, shop, people):
    with shop_scope(shop):
        Refund.objects.create(
            shop=shop, customer=people[0], external_id="R1", currency="GBP", amount_minor=5,
            refunded_at=NOW, refunded_on=NOW.date(),
        )  # fmt: skip
    page = client.get(f"/s/{shop.slug}/customers/exports/new/?what=lines")
    assert page.context["nothing"] == ""
    assert page.context["count_text"] == "0 orders with their lines and 1 refund without an order"
