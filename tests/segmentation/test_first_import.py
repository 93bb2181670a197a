"""A shop's first import is scored by itself; the report of every import says whether the scores know its orders."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.models import ImportJob
from customers.signals import import_finished
from segmentation.actions import run_scoring, start_run
from segmentation.models import CustomerScore, ScoreRun
from segmentation.tasks import SCORING
from tests.customers.imports.test_views import MAPPING, ROWS, uploaded, url, work

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)


@pytest.fixture
def bring_in(browser, shop):
    """Imports a file through its pages; returns the address of the report."""

    def imported(text=ROWS):
        pk = uploaded(browser, shop, text)
        browser.post(url(shop, "job", pk), MAPPING)
        work(shop)
        browser.post(url(shop, "run", pk))
        work(shop)
        return url(shop, "job", pk)

    return imported


def asked(shop):
    with shop_scope(shop):
        runs = ScoreRun.objects.exclude(trigger="nightly").order_by("pk")
        return list(runs.values_list("trigger", "state", "requested_by_id"))


def test_the_first_import_is_scored_and_its_report_says_how_far_that_is(shop, owner, browser, bring_in):
    report = bring_in()
    assert asked(shop) == [("import", "queued", owner.pk)]
    with shop_scope(shop):
        run = ScoreRun.objects.get(trigger="import")
    for page in (report, "/s/tea/insights/", "/s/tea/insights/cohorts/"):
        text = browser.get(page).text
        assert f'hx-get="/s/tea/insights/runs/{run.pk}/progress/"' in text
        assert "Waiting for a free worker" in text
        assert "Score now" not in text
    SCORING.do_next(shop.pk)
    assert asked(shop) == [("import", "done", owner.pk)]
    with shop_scope(shop):
        assert CustomerScore.objects.count() == 2
    text = browser.get(report).text
    assert "The scores know these orders" in text
    assert 'href="/s/tea/insights/"' in text


def test_later_imports_offer_the_button_and_say_when_the_night_begins(shop, owner, browser, bring_in):
    bring_in()
    SCORING.do_next(shop.pk)
    report = bring_in(ROWS.replace("100", "200"))
    assert asked(shop) == [("import", "done", owner.pk)]
    text = browser.get(report).text
    assert "The scores do not know these orders yet." in text
    assert "The next nightly run begins on" in text
    assert 'action="/s/tea/insights/score/"' in text


def test_a_night_over_an_empty_shop_is_no_scoring(shop, owner, bring_in):
    with shop_scope(shop):
        night = start_run(shop, as_of=None, now=now() - timedelta(days=1))
    run_scoring(night, now=now() - timedelta(days=1))
    bring_in()
    assert asked(shop)[-1] == ("import", "queued", owner.pk)


def test_the_run_stands_or_falls_with_the_end_of_the_import(shop, bring_in):
    def fail(**kwargs):
        raise RuntimeError("the last receiver")

    import_finished.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="the last receiver"):
            bring_in()
    finally:
        import_finished.disconnect(fail)
    assert asked(shop) == []
    with shop_scope(shop):
        assert ImportJob.objects.get().state == "running"
        assert not AuditEntry.objects.filter(action="scoring.requested").exists()


def test_the_command_line_takes_the_place_of_the_waiting_run(shop, owner, bring_in):
    bring_in()
    with shop_scope(shop):
        start_run(shop, as_of=None, now=now())
    assert asked(shop) == [("import", "cancelled", owner.pk), ("command", "running", None)]
