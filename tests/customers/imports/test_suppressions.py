"""Files of addresses that are not to be written to: what is suppressed, what is told, what is left of the file."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_suppressions, suppress
from customers.consent.hashing import address_hash
from customers.consent.queries import may_contact
from customers.consent.recording import ConsentIn, append
from customers.imports import lists
from customers.imports.actions import request_check, request_run, request_undo, upload_import
from customers.imports.template import template_csv
from customers.imports.undo_page import would_undo
from customers.models import Customer, ImportJob, RejectedRow, Suppression
from customers.sources import sniff
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
COUNTED = ("suppressions_created", "suppressions_known", "suppressions_repeated", "customers_concerned", "rejected")
LIST = "email,phone,reason,suppressed_at\n"


def counted(report):
    return tuple(report[name] for name in COUNTED)


def suppressed(shop):
    """Reason and day of each address of the shop that the tests know, by the address."""
    known = {}
    with shop_scope(shop):
        rows = {(row.kind, bytes(row.address_hash)): row for row in Suppression.objects.order_by("pk")}
        for kind, address in (
            ("email", "ana@example.com"),
            ("email", "bo@example.com"),
            ("email", "a.na@gmail.com"),
            ("email", "cy@example.com"),
            ("phone", "+442079460958"),
        ):
            if row := rows.get((kind, address_hash(shop.pk, kind, address))):
                known[address] = (row.reason, f"{row.created_at:%Y-%m-%d}")
    return known


def undone(shop, job):
    with shop_scope(shop):
        request_undo(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    return job.undone


def test_a_block_list_is_known_by_its_heading_and_stored_as_hashes(bring):
    made = bring(
        LIST + "Ana@Example.com,,unsubscribed,2026-03-01\n"
        ",+44 20 7946 0958,spam complaint,\n"
        "bo@example.com,,asked at the till,\n"
        "a.na+x@gmail.com,,hard_bounce,2026-03-02\n"
    )
    assert (made.job.kind, made.job.state, counted(made.counts)) == ("suppressions", "done", (4, 0, 0, 0, 0))
    today = f"{timezone.now():%Y-%m-%d}"
    assert suppressed(made.shop) == {
        "ana@example.com": ("block_list", "2026-03-01"),
        "bo@example.com": ("block_list", today),
        "a.na@gmail.com": ("hard_bounce", "2026-03-02"),
        "+442079460958": ("complaint", today),
    }
    with shop_scope(made.shop):
        entry = AuditEntry.objects.get(action="import.suppressions_finished")
        assert entry.details["suppressions_created"] == 4


def test_nothing_readable_is_kept_of_a_block_list_but_what_was_left_out(bring):
    made = bring(LIST + "ana@example.com,,,\nnobody@,,,\n")
    assert made.rejected == [(3, "invalid_email")]
    job = made.job
    assert (job.file.name, job.facts["rows"]) == ("", [])
    assert [each["samples"] for each in made.counts["understood"]] == [[], [], [], []]
    with shop_scope(made.shop):
        kept = json.dumps([job.facts, job.mapping, job.counts, list(job.changes.values_list("before", flat=True))])
        assert "ana" not in kept
        assert list(RejectedRow.objects.values_list("raw", flat=True)) == ["nobody@,,,"]


def test_an_address_counts_once_however_it_is_written(bring):
    rows = "".join(
        f"{way}\n" for way in ("a.na@gmail.com", "ANA@GMAIL.com", "an.a+shop@googlemail.com", "bo@example.com")
    )
    made = bring("email,suppression reason\n" + rows.replace("\n", ",blocked\n"))
    assert counted(made.counts) == (2, 0, 2, 0, 0)


def test_a_dry_run_says_new_known_refused_and_whom_it_concerns(bring, monkeypatch):
    monkeypatch.setattr(lists, "SLICE_ROWS", 2)
    shop = bring(
        "customer_id,email,phone\nC1,ana@example.com,+442079460958\nC2,bo@example.com,\nC3,cy@example.com,\n"
    ).shop
    with shop_scope(shop):
        suppress([("email", "bo@example.com")], "block_list", now=timezone.now())
        text = LIST + "ana@example.com,+442079460958,,\nbo@example.com,,,\nnew@example.com,,,\nno address,,,\n,,,\n"
        job = upload_import(shop, ContentFile(text.encode(), "list.csv"), by=None, now=timezone.now())
        assert job.kind == "suppressions"
        request_check(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert counted(job.forecast) == (3, 1, 0, 2, 1)
        assert Suppression.objects.count() == 1
        forecast = job.forecast
        request_run(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.counts == forecast
        assert Suppression.objects.count() == 4


def test_a_customer_of_a_suppressed_address_is_kept_and_not_written_to(bring):
    shop = bring(LIST + "ana@example.com,,,\n").shop
    bring("customer_id,email\nC1,ana@example.com\nC2,bo@example.com\n")
    now = timezone.now()
    with shop_scope(shop):
        ana, bo = Customer.objects.order_by("pk")
        append([ConsentIn(each.pk, "email", "marketing", "granted") for each in (ana, bo)], now=now)
        assert (
            may_contact(ana, "email", "marketing", now).reason,
            may_contact(bo, "email", "marketing", now).reason,
        ) == (
            "suppressed",
            None,
        )


@pytest.mark.parametrize(
    ("heading", "row", "preset", "reason"),
    [
        (
            "Email Address,First Name,MEMBER_RATING,LEID,EUID,UNSUB_TIME,UNSUB_REASON",
            "ana@example.com,A,2,1,x,2026-03-01 10:00:00,NORMAL",
            "mailchimp-unsubscribed",
            "block_list",
        ),
        (
            "Email Address,First Name,MEMBER_RATING,LEID,EUID,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE",
            "ana@example.com,A,2,1,x,2026-03-01 10:00:00,Sale",
            "mailchimp-cleaned",
            "hard_bounce",
        ),
        ("Email,Reason,Timestamp", "ana@example.com,SPAM_COMPLAINT,2026-03-01T10:00:00+00:00", "generic", "complaint"),
        (
            "Email,Suppression Reason,Suppression Timestamp",
            "ana@example.com,USER_SUPPRESSED,2026-03-01T10:00:00+00:00",
            "generic",
            "block_list",
        ),
        ("邮箱,拉黑原因,拉黑时间", "ana@example.com,投诉,2026年3月1日", "generic", "complaint"),
    ],
)
def test_exports_of_mailing_services_are_recognised(bring, heading, row, preset, reason):
    made = bring(f"{heading}\n{row}\n")
    assert (made.job.kind, made.job.preset) == ("suppressions", preset)
    assert suppressed(made.shop) == {"ana@example.com": (reason, "2026-03-01")}


@pytest.mark.parametrize(
    "text",
    [
        "email,name,unsubscribed at\nana@example.com,Ana,\nbo@example.com,Bo,2026-03-01\n",
        "email,name,suppressed_at\nana@example.com,Ana,\nbo@example.com,Bo,2026-03-01\n",
        "email,name,reason\nana@example.com,Ana,bought a pot\n",
    ],
)
def test_a_list_of_customers_is_no_block_list(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text)
    assert sniff(path).mapping.list_of == "customers"


def test_a_date_that_cannot_be_read_suppresses_all_the_same(bring):
    made = bring(LIST + "ana@example.com,,,2026-13-45\nbo@example.com,,,2099-01-01\ncy@example.com,,,03/04/2026\n")
    assert set(suppressed(made.shop)) == {"ana@example.com", "bo@example.com", "cy@example.com"}
    assert made.told == {(2, "invalid_date"), (3, "date_in_future"), (4, "ambiguous_date")}


def test_undoing_lifts_what_only_the_import_has_added(bring):
    shop = bring(LIST + "cy@example.com,,,\n").shop
    made = bring(LIST + "ana@example.com,,,\nbo@example.com,,,\ncy@example.com,,,\n,+442079460958,,\n")
    bring(LIST + ",+442079460958,,\n")
    with shop_scope(shop):
        add_suppressions([("email", "bo@example.com")], "block_list", by=None, now=timezone.now())
        assert would_undo(made.job, now=timezone.now()).leaves == ["1 address that is not written to"]
    result = undone(shop, made.job)
    assert (result["suppressions_removed"], result["kept"]) == (1, 2)
    assert set(suppressed(shop)) == {"bo@example.com", "cy@example.com", "+442079460958"}
    with shop_scope(shop):
        kept = made.job.changes.order_by("pk").values_list("kept", flat=True)
        assert sorted(kept) == ["changed", "later_import"]


def test_the_command_takes_the_kind_and_tells_what_it_did(make_shop, settings, tmp_path, capsys):
    settings.MEDIA_ROOT = tmp_path / "media"
    shop, path = make_shop("tea"), tmp_path / "list.csv"
    path.write_text("email\nana@example.com\nbo@example.com\n")
    call_command("import_file", "tea", str(path), "--kind", "suppressions")
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["kind"], counted(report)) == ("suppressions", (2, 0, 0, 0, 0))
    assert set(suppressed(shop)) == {"ana@example.com", "bo@example.com"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_template_is_read_as_what_it_is(tmp_path, language):
    path = tmp_path / "list.csv"
    path.write_text(template_csv(language, "USD", "suppressions"))
    mapping = sniff(path).mapping
    assert mapping.list_of == "suppressions"
    assert set(mapping.columns) == {"email", "phone", "reason", "suppressed_at"}


def test_the_page_offers_the_block_list_until_there_is_one(client, shop, owner, other_shop):
    with shop_scope(other_shop):
        suppress([("email", "ana@example.com")], "block_list", now=timezone.now())
    client.force_login(owner)
    url = reverse("imports:list", args=[shop.slug])
    assert "Bring your block list" in client.get(url).content.decode()
    with shop_scope(shop):
        suppress([("email", "ana@example.com")], "block_list", now=timezone.now())
    assert "Bring your block list" not in client.get(url).content.decode()


def test_the_pages_of_a_block_list(client, shop, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(owner)
    content = ContentFile(b"email,suppressed_at\nana@example.com,2026-03-01\nno,\n", "list.csv")
    client.post(reverse("imports:list", args=[shop.slug]), {"file": content})
    with shop_scope(shop):
        job = ImportJob.objects.get()
    url = reverse("imports:job", args=[shop.slug, job.pk])
    IMPORTS.do_next(shop.pk)  # it was understood, and is checked at once
    columns = client.get(f"{url}?columns=1")
    assert columns.status_code == 200
    assert "Since when it is not written to" in columns.content.decode()
    sent = {"kind": "suppressions", "preset": "generic", "field_email": "", "field_phone": ""}
    assert client.post(url, sent).status_code == 422
    assert client.post(url, sent | {"field_email": "email", "field_suppressed_at": "suppressed_at"}).status_code == 302
    IMPORTS.do_next(shop.pk)
    page = client.get(url).content.decode()
    assert "Addresses blocked" in page
    client.post(reverse("imports:run", args=[shop.slug, job.pk]))
    IMPORTS.do_next(shop.pk)
    assert client.get(url).status_code == 200
    assert client.get(reverse("imports:undo", args=[shop.slug, job.pk])).status_code == 200
    assert client.get(reverse("imports:rejected", args=[shop.slug, job.pk])).status_code == 200
    assert mail.outbox == []


def test_one_shop_learns_nothing_of_the_others_addresses(bring):
    text = LIST + "ana@example.com,,,2026-03-01\n"
    first = bring(text)
    second = bring(text, slug="other")
    assert (counted(first.counts), counted(second.counts)) == ((1, 0, 0, 0, 0), (1, 0, 0, 0, 0))
    undone(second.shop, second.job)
    assert set(suppressed(first.shop)) == {"ana@example.com"}


def test_a_hundred_thousand_addresses_with_twins(bring):
    names = [f"person.{n}@gmail.com" for n in range(50_000)] + [f"PERSON{n}+x@GMail.com" for n in range(50_000)]
    made = bring("email,suppression reason\n" + "".join(f"{name},blocked\n" for name in names))
    assert counted(made.counts) == (50_000, 0, 50_000, 0, 0)


def test_hostile_texts_are_addresses_or_left_out(bring):
    text = io.StringIO()
    csv.writer(text).writerows([LIST.strip().split(","), *([each, "", each, each] for each in NAUGHTY)])
    made = bring(text.getvalue().encode("utf-8", "surrogatepass"))
    assert made.job.state == "done"
    with shop_scope(made.shop):
        assert Suppression.objects.count() == made.counts["suppressions_created"] < 5
    assert made.counts["rows"] == made.counts["lines"] + made.counts["rejected"] > 400
