"""Insights: the RFM map, cohorts, and the forecast with its runs."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import nudge_for
from crm.ui.parts import Action
from customers.sales import daily_sales, first_sales_day, last_sales_day, total
from segmentation import cohort_page, forecast_page, rfm_page
from segmentation.actions import change_bounds, request_run
from segmentation.charts import rfm_map
from segmentation.forms import SettingsForm
from segmentation.models import ScoreRun, Settings
from segmentation.presenters import coverage_words
from segmentation.queries import (
    Came,
    Overview,
    backtest,
    cohorts,
    coverage,
    last_run,
    next_nightly_run,
    open_run,
    overview,
    recent_runs,
    rfm_matrix,
)

SHOWN_RUNS = 12


def _page(request: ShopRequest, name: str, run: ScoreRun | None, context: dict[str, Any]) -> HttpResponse:
    shared: dict[str, Any] = {"run": run}
    if run is not None:
        shared["coverage"] = coverage_words(coverage(), request.shop)
    # The forecast page is where runs are asked for and watched; the others are where one waits for the first.
    if run is None or name == "forecast":
        waiting = open_run()
        shared["open_run"] = forecast_page.progress_of(waiting) if waiting else None
        shared["may_score_here"] = run is not None or last_sales_day() is not None
    return render(request, f"segmentation/{name}.html", shared | context)


def _scored() -> ScoreRun | None:
    """The run behind the current scores; None too where an older program left no figures in it."""
    run = last_run()
    return run if run is not None and run.summary else None


@require_safe
@requires(Right.SEE_INSIGHTS)
def rfm(request: ShopRequest, shop_slug: str) -> HttpResponse:
    if (run := _scored()) is None:
        return _page(request, "rfm", None, {})
    matrix = rfm_matrix(run)
    rows = rfm_page.group_rows(matrix, request.shop)
    context = {
        "map": rfm_map(matrix, request.shop, title=_("RFM map"), size="l", with_money=True),
        "groups": rows,
        "total": rfm_page.total_row(matrix, request.shop),
        "sentence": rfm_page.groups_sentence(rows, request.shop),
        "movement": rfm_page.movement_chart(matrix, request.shop),
        "since": matrix.since,
        "actions": [Action(_("See them"), rows[0].url)] if rows[0].customers else [],
    }
    return _page(request, "rfm", run, context)


@require_safe
@requires(Right.SEE_INSIGHTS)
def cohort_retention(request: ShopRequest, shop_slug: str) -> HttpResponse:
    if (run := _scored()) is None or not (rows := cohorts(run)):
        return _page(request, "cohorts", None, {})
    view = request.GET.get("show", "")
    view = view if view in cohort_page.VIEWS else "customers"
    context = {
        "lines": (lines := cohort_page.lines(rows, view, request.shop)),
        "has_open_months": any(cell.is_open for line in lines for cell in line.cells),
        "head": range(max(len(row.customers) for row in rows)),
        "sentence": cohort_page.cohorts_sentence(rows),
        "views": cohort_page.view_links(view),
    }
    return _page(request, "cohorts", run, context)


@require_safe
@requires(Right.SEE_INSIGHTS)
def forecast(request: ShopRequest, shop_slug: str) -> HttpResponse:
    run, next_run = _scored(), next_nightly_run()
    # What is only planned is told below the list.
    recent = recent_runs(SHOWN_RUNS + 1).select_related("requested_by")
    runs = [each for each in recent if next_run is None or each.pk != next_run.pk][:SHOWN_RUNS]
    ended = [each for each in runs if each.state in (ScoreRun.State.DONE, ScoreRun.State.FAILED)]
    failed = ended[0] if ended and ended[0].state == ScoreRun.State.FAILED else None
    context = {
        "runs": runs,
        "failed": failed,
        "failure": forecast_page.failure_text(failed) if failed else "",
        "next_run": next_run,
        **(_judged(run, request.shop) if run else {}),
    }
    return _page(request, "forecast", run, context)


def _judged(run: ScoreRun, shop: Shop) -> dict[str, Any]:
    view, numbers = backtest(run), overview(run)
    return {
        "quarter": forecast_page.quarter_rows(
            numbers.last_90_days, numbers.next_90_days, _guests(numbers), shop, as_of=numbers.as_of
        ),
        "sentence": forecast_page.backtest_sentence(view, shop=shop),
        "deciles": forecast_page.decile_chart(view),
        "ranking": forecast_page.ranking_sentences(view),
        "calibration": forecast_page.calibration_sentence(view),
        "facts": forecast_page.model_facts(run, first_day=first_sales_day()),
        "analyst_facts": forecast_page.analyst_facts(run),
    }


def _guests(numbers: Overview) -> Came:
    """What guests brought in the 90 days the forecast is compared with: no customer, so no score knows of it."""
    if numbers.last_90_days is None:
        return Came(0, 0, 0)
    first = numbers.last_90_days.first
    sales = total(daily_sales(first, numbers.as_of), first, numbers.as_of)
    return Came(0, sales.unknown_orders, sales.unknown_minor)


@require_safe
@requires(Right.SEE_INSIGHTS)
def progress(request: ShopRequest, shop_slug: str, run_id: int) -> HttpResponse:
    """How far a run is, for htmx, which asks again until it has ended; then the whole page is loaded again."""
    run = get_object_or_404(ScoreRun.objects.defer("models_fitted", "backtest", "summary", "cohorts"), pk=run_id)
    if not run.is_open:
        return HttpResponseClientRefresh()
    return render(request, "segmentation/_progress.html", {"progress": forecast_page.progress_of(run)})


@require_POST
@requires(Right.SCORE)
def score_now(request: ShopRequest, shop_slug: str) -> HttpResponse:
    with shop_scope(request.shop):
        nudge_for(request_run(request.shop, by=request.user, now=now()))
    messages.info(request, _("Scoring has been asked for. You may leave this page: it goes on."))
    return redirect("insights:forecast", shop_slug=shop_slug)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def settings(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = SettingsForm(request.shop, Settings.current(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        changed = change_bounds(request.shop, form.changes(), by=request.user)
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("scoring:settings", shop_slug=shop_slug)
    return render(request, "segmentation/settings.html", {"form": form}, status=422 if form.errors else 200)
