"""How long an import can be undone, and what clears its journal up."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.lib.registry import provided
from crm.lib.retention import Retention
from crm.tenancy.scope import platform_scope, shop_scope
from customers.imports.actions import JournalOver, may_be_undone, request_undo
from customers.imports.journals import UNDO_DAYS, forget_old_journals
from customers.imports.presenters import job_page
from customers.models import ImportChange, ImportJob, Order
from customers.tasks import IMPORTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"]),
]
ORDERS = "order_id,ordered_at,email,unit_price\n" + "".join(f"{n},2026-05-11,{n}@example.com,10\n" for n in range(3))


def aged(made, days):
    with shop_scope(made.shop):
        ImportJob.objects.filter(pk=made.job.pk).update(finished_at=timezone.now() - timedelta(days=days))
        made.job.refresh_from_db()
    return made


def journal(made):
    with shop_scope(made.shop):
        return ImportChange.objects.filter(job_id=made.job.pk).count()


def forget(**options):
    with platform_scope():
        return forget_old_journals(now=timezone.now(), **options)


def test_only_journals_that_are_over_are_deleted_slice_by_slice(bring):
    old, young = aged(bring(ORDERS, slug="old"), UNDO_DAYS + 1), aged(bring(ORDERS, slug="young"), UNDO_DAYS - 1)
    rows = journal(old)
    assert rows == journal(young) > 4
    assert [forget(most=4) for _ in range(3)] == [4, rows - 4, 0]
    assert (journal(old), journal(young)) == (0, rows)
    with shop_scope(old.shop):
        assert Order.objects.count() == 3


def test_an_import_that_is_over_cannot_be_undone_even_before_its_journal_is_deleted(bring):
    made = aged(bring(ORDERS), UNDO_DAYS + 1)
    with shop_scope(made.shop):
        assert may_be_undone(made.job, now=timezone.now()) is False
        with pytest.raises(JournalOver):
            request_undo(made.job, by=None, now=timezone.now())
        page = job_page(made.job, made.shop)
    assert "more than 90 days ago" in page["journal_over"]
    assert [figure.url for figure in page["figures"]] == [""] * len(page["figures"])
    with pytest.raises(CommandError, match=f"Import {made.job.pk} ended more than 90 days ago and cannot be undone"):
        call_command("undo_import", made.shop.slug, str(made.job.pk))
    aged(made, UNDO_DAYS - 1)
    with shop_scope(made.shop):
        assert may_be_undone(made.job, now=timezone.now()) is True
        assert job_page(made.job, made.shop)["journal_over"] == ""


def test_an_undo_that_was_asked_for_in_time_is_finished(bring):
    made = aged(bring(ORDERS), UNDO_DAYS - 1)
    with shop_scope(made.shop):
        request_undo(made.job, by=None, now=timezone.now())
    aged(made, UNDO_DAYS + 1)
    assert forget() == 0
    IMPORTS.do_next(made.shop.pk)
    with shop_scope(made.shop):
        assert Order.objects.count() == 0


def test_the_clean_up_knows_the_journals():
    assert "journals of imports" in [kept.name for kept in provided("retention", "RETENTION", Retention)]
