"""What was said of a file's columns counts for the next one with the same headings."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.actions import upload_import
from customers.models import ImportJob

pytestmark = pytest.mark.django_db
HEADING = "Beleg,Am,Wer,Preis,Stand\n"
SAID = {
    "columns": {"order_id": "Beleg", "ordered_at": "Am", "email": "Wer", "unit_price": "Preis", "status": "Stand"},
    "statuses": {"erledigt": "fulfilled"},
}


def row(number, day="2026-05-11"):
    return f"{number},{day},a@example.com,5.00,erledigt\n"


def test_the_next_file_with_these_headings_needs_no_word(bring):
    assert bring(HEADING + row(1), **SAID).orders == {"1": ("5.00", "fulfilled")}
    made = bring(HEADING + row(2))
    assert made.orders["2"] == ("5.00", "fulfilled")
    assert made.job.facts["columns_of"] < made.job.pk


def test_other_headings_and_other_shops_know_nothing_of_it(bring, other_shop):
    shop = bring(HEADING + row(1), **SAID).shop
    with shop_scope(shop):
        other = upload_import(shop, ContentFile(b"Am,Beleg,Wer\n", "f.csv"), by=None, now=timezone.now())
    with shop_scope(other_shop):
        theirs = upload_import(
            other_shop, ContentFile((HEADING + row(1)).encode(), "f.csv"), by=None, now=timezone.now()
        )
    assert [("columns_of" in job.facts, job.mapping) for job in (other, theirs)] == [(False, {}), (False, {})]


def test_how_days_are_written_is_asked_of_each_file(bring):
    bring(HEADING + row(1, "05/06/2026"), **SAID, date_order="dmy")
    made = bring(HEADING + row(2, "06/07/2026"))
    assert [each.entry for each in made.questions] == ["date_order"]


def test_what_was_never_imported_is_not_remembered(bring):
    made = bring(HEADING + row(1, "05/06/2026"), **SAID)
    assert made.job.state == ImportJob.State.FAILED
    with shop_scope(made.shop):
        job = upload_import(made.shop, ContentFile((HEADING + row(2)).encode(), "f.csv"), by=None, now=timezone.now())
    assert job.mapping == {}
