"""What scores say on pages of other apps: a customer's page, the report of an import."""

from datetime import date
from itertools import pairwise
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from crm.shops.joined_pages import Values
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from crm.ui import formats
from crm.ui.parts import Chart, Column, Series
from customers.models import ImportJob
from customers.panels import CustomerReading, Panel
from customers.profile import why_not
from customers.queries import purchase_days
from segmentation.forecast_page import progress_of
from segmentation.models import CustomerScore, ScoreRun, StageTransition
from segmentation.presenters import score_words, stage_reason
from segmentation.queries import last_ended_run, next_nightly_run, open_run

GAPS_SHOWN = 24


def scoring_after_import(request: ShopRequest, job: ImportJob) -> SafeString:
    """Whether the scores know the orders of a finished import yet, and how they will; "" for who may not see them, and
    for a file that has no orders."""
    if job.kind != job.Kind.ORDERS or not request.membership.may(Right.SEE_INSIGHTS):
        return SafeString("")
    return render_to_string("segmentation/_after_import.html", _state(job), request)


def _state(job: ImportJob) -> dict[str, Any]:
    if (run := open_run()) is not None:
        return {"progress": progress_of(run)}
    run = last_ended_run()
    # A run reads all orders at its beginning: one that began before the import ended has not read them all.
    if run is not None and run.started_at and job.finished_at and run.started_at >= job.finished_at:
        return {"done": run} if run.state == run.State.DONE else {"failed": run}
    return {"next_run": next_nightly_run()}


def score_of(reading: CustomerReading) -> CustomerScore | None:
    return CustomerScore.objects.filter(customer=reading.customer).first()


def _stage(reading: CustomerReading) -> Values | None:
    score = reading.once(score_of)
    return None if score is None else {"stage": score.stage, "label": score.get_stage_display()}


def _history(reading: CustomerReading) -> Values:
    if (score := reading.once(score_of)) is None:
        return {"words": None, "is_left_out": bool(why_not(reading.customer))}
    run = ScoreRun.objects.only("models_fitted", "as_of").filter(pk=score.run_id).first()
    words = score_words(score, run, reading.shop, today=reading.today)
    return {
        "score": score,
        "run": run,
        "words": words,
        "reason": stage_reason(score),
        # The first scoring finds a stage and cannot know since when.
        "knows_since": StageTransition.objects.filter(customer=reading.customer, on=score.stage_since).exists(),
    }


def _gaps(reading: CustomerReading) -> Values | None:
    chart = gaps_chart(purchase_days(reading.customer), reading.once(score_of))
    return None if chart is None else {"chart": chart}


def gaps_chart(days: list[date], score: CustomerScore | None) -> Chart | None:
    """The days between neighbouring purchases as bars, the typical gap beside them. None with fewer than two gaps."""
    ordered = sorted(days)[-GAPS_SHOWN - 1 :]
    gaps = [(later, (later - earlier).days) for earlier, later in pairwise(ordered)]
    if len(gaps) < 2:
        return None
    names = [formats.day(day) for day, _ in gaps]
    values = [gap for _, gap in gaps]
    series: list[Series] = [{"name": gettext("Days since the order before"), "values": values}]
    if score is not None and score.typical_gap_days is not None:
        typical = round(score.typical_gap_days)
        series.append({"name": gettext("Typical"), "values": [typical] * len(gaps), "previous": True})
    middle, mean = sorted(values)[(len(values) - 1) // 2], round(sum(values) / len(values))
    summary = ngettext(
        "The last %(count)s gaps: %(mean)s days on average; half at most %(days)s day, the longest %(longest)s.",
        "The last %(count)s gaps: %(mean)s days on average; half at most %(days)s days, the longest %(longest)s.",
        middle,
    ) % {"count": len(gaps), "mean": mean, "days": middle, "longest": max(values)}
    return Chart(
        id="gaps",
        kind="bars",
        title=gettext("Time between orders"),
        size="s",
        summary=summary,
        data={"categories": names, "series": series},
        columns=[Column(gettext("Order")), Column(gettext("Days since the order before"), numeric=True)],
        rows=[[name, str(gap)] for name, gap in zip(reversed(names), reversed(values), strict=True)],
    )


PANELS = [
    Panel("stage", 10, "components/chip_stage.html", _stage, place="head"),
    Panel("history", 20, "segmentation/_history_panel.html", _history, place="top"),
    Panel("gaps", 30, "parts/chart_card.html", _gaps, place="main"),
]
