"""What the overview shows of scores: what is expected, the stages, who is drifting away, the map, the last scoring."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shops.joined_pages import Card, Figures, Origin, Reading, Values
from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Stat
from customers.cards import sales_of
from customers.presenters import money, strong_money
from customers.queries import name_the_nameless
from segmentation.charts import BUYERS, customers_url, rfm_map, stage_chart
from segmentation.forecast_page import forecast_miss
from segmentation.models import CustomerScore, ScoreRun, Stage
from segmentation.presenters import OLD_DAYS, left_out_words, rhythm
from segmentation.queries import (
    LeftOut,
    Overview,
    RFMMatrix,
    customers_worth_saving,
    last_ended_run,
    left_out_counts,
    open_run,
    overview,
    rfm_matrix,
)

SHOWN_AT_RISK = 6


@dataclass(frozen=True)
class ScoresView:
    """What the last finished scoring found."""

    run: ScoreRun
    overview: Overview
    matrix: RFMMatrix


def scores_of(reading: Reading) -> ScoresView | None:
    """One query; None before the first scoring."""
    # The cohorts alone may be larger than all that is shown here.
    run = ScoreRun.finished().exclude(summary={}).defer("cohorts", "models_fitted").first()
    return None if run is None else ScoresView(run, overview(run), rfm_matrix(run))


def risk_sentence(scores: ScoresView, shop: Shop) -> SafeString:
    """How many are drifting away, and what they have been worth."""
    risk = next(share for share in scores.overview.stages if share.name == Stage.AT_RISK)
    if not risk.customers:
        return SafeString(_("Nobody is drifting away: all who bought are in their rhythm, or gone for longer."))
    text = ngettext(
        "{count} customer worth {money} so far is late for the next order.",
        "{count} customers worth {money} so far are late for their next order.",
        risk.customers,
    )
    count = format_html("<strong>{}</strong>", formats.number(risk.customers))
    first = format_html(text, count=count, money=strong_money(risk.net_minor, shop))
    return format_html_join(
        formats.between_sentences(), "{}", ((each,) for each in (first, _stake(scores, shop)) if each)
    )


def _stake(scores: ScoresView, shop: Shop) -> SafeString | None:
    """What the rhythm and the forecast both see, as money."""
    likely, minor = scores.overview.at_risk_likely, scores.overview.at_stake_minor
    if likely is None or minor is None:
        return None
    if not likely:
        return SafeString(_("By the pace so far, all of them will probably still order within 90 days."))
    text = ngettext(
        "The forecast, too, says that {count} of them may stay away, which puts {money} at stake.",
        "The forecast, too, says that {count} of them may stay away, which puts {money} at stake.",
        likely,
    )
    return format_html(text, count=formats.number(likely), money=strong_money(minor, shop))


def expected(scores: ScoresView, shop: Shop, *, today: date) -> list[Stat]:
    """What will probably come, opening the forecast. Estimates are rounded: more digits would lie.

    `key` names what is counted, for whoever compares it with the same figure on another page.
    """
    as_of, ahead, before = scores.overview.as_of, scores.overview.next_90_days, scores.overview.last_90_days
    if (today - as_of).days > OLD_DAYS:
        span = _("in the 90 days after %(day)s") % {"day": formats.day(as_of)}
    else:
        span = _("in the next 90 days")

    def about(minor: int) -> str:
        return money(minor, shop, compact=True, whole=True)

    miss = forecast_miss(scores.run)
    past_revenue = past_orders = ""
    if before is not None:
        past_revenue = _("90 days before, likewise: %(figure)s") % {"figure": about(before.known.revenue_minor)}
        past_orders = _("90 days before, likewise: %(figure)s") % {"figure": formats.number(before.known.orders)}
    forecast_url = reverse("insights:forecast", args=[shop.slug])
    return [
        Stat(
            key="revenue:next90",
            label=_("Expected revenue"),
            figure=about(ahead.revenue_minor),
            note=_range(about(ahead.revenue_low_minor), about(ahead.revenue_high_minor), span),
            more=[text for text in (past_revenue, miss) if text],
            url=forecast_url,
        ),
        Stat(
            key="orders:next90",
            label=_("Expected orders"),
            figure=formats.number(round(ahead.orders)),
            note=_range(formats.number(round(ahead.orders_low)), formats.number(round(ahead.orders_high)), span),
            more=[text for text in (past_orders, miss) if text],
            url=forecast_url,
        ),
    ]


def left_out_of(reading: Reading) -> LeftOut:
    return left_out_counts(reading.shop)


def buyers(scores: ScoresView, out: LeftOut, shop: Shop) -> list[Stat]:
    """How many bought, and how many again, each opening its customers: those and the ones left out of scores."""
    numbers = scores.overview
    return [
        Stat(
            key="buyers:again",
            label=_("Bought again"),
            figure="–" if numbers.repeat_rate is None else formats.percent(numbers.repeat_rate),
            note=_again_note(scores),
            more=_more(out.again),
            url=customers_url(shop, bought="again", sort="spent"),
        ),
        Stat(
            key="buyers",
            label=_("Customers"),
            figure=formats.number(numbers.buyers),
            note=_customers_note(numbers.prospects),
            more=_more(out.buyers),
            url=customers_url(shop, bought=BUYERS, sort="spent"),
        ),
    ]


def _again_note(scores: ScoresView) -> str:
    counts = {"again": scores.run.repeat_customers, "all": scores.overview.buyers}
    return _("%(again)s of %(all)s who ever bought") % {name: formats.number(count) for name, count in counts.items()}


def _customers_note(prospects: int) -> str:
    if not prospects:
        return _("have bought")
    return _("have bought, %(count)s more not yet") % {"count": formats.number(prospects)}


def _more(left_out: int) -> list[str]:
    return [_("%(count)s more, left out of scores") % {"count": formats.number(left_out)}] if left_out else []


def _range(low: str, high: str, span: str) -> str:
    return _("%(low)s to %(high)s %(span)s") % {"low": low, "high": high, "span": span}


@dataclass(frozen=True)
class RiskRow:
    """One customer who is late, and of whom the forecast, too, says they may not come."""

    score: CustomerScore
    rhythm: str


def _stages(reading: Reading) -> Values | None:
    """The stages; before the first scoring of a shop with orders, when it will be."""
    if (scores := reading.once(scores_of)) is not None:
        out = left_out_words(reading.once(left_out_of).customers, reading.shop)
        return {"chart": stage_chart(scores.overview.stages, reading.shop), "left_out": out}
    return None if reading.once(sales_of) is None else {"open_run": open_run()}


def _at_risk(reading: Reading) -> Values | None:
    if (scores := reading.once(scores_of)) is None:
        return None
    at_risk = customers_worth_saving(SHOWN_AT_RISK)
    name_the_nameless(score.customer for score in at_risk)
    rows = [RiskRow(score, rhythm(score, as_of=scores.overview.as_of, today=reading.today)) for score in at_risk]
    return {"risk_rows": rows, "risk_sentence": risk_sentence(scores, reading.shop)}


def _map(reading: Reading) -> Values | None:
    scores = reading.once(scores_of)
    return None if scores is None else {"chart": rfm_map(scores.matrix, reading.shop, title=_("RFM map"), size="l")}


def _expected(reading: Reading) -> list[Stat]:
    scores = reading.once(scores_of)
    return [] if scores is None else expected(scores, reading.shop, today=reading.today)


def _buyers(reading: Reading) -> list[Stat]:
    scores = reading.once(scores_of)
    return [] if scores is None else buyers(scores, reading.once(left_out_of), reading.shop)


def _last_run(reading: Reading) -> Values | None:
    """Whatever came of it."""
    run, scores = last_ended_run(), reading.once(scores_of)
    return None if run is None else {"last_run": run, "as_of": scores.overview.as_of if scores else None}


CARDS = [
    Card("stages", 40, "segmentation/_stages_card.html", _stages, width="narrow"),
    Card("at-risk", 50, "segmentation/_at_risk_card.html", _at_risk, width="wide"),
    Card("rfm-map", 60, "parts/chart_card.html", _map, width="narrow"),
]
FIGURES = [Figures("expected", 10, _expected), Figures("buyers", 30, _buyers)]
ORIGINS = [Origin("scoring", 20, "segmentation/_last_run.html", _last_run, label=gettext_lazy("Last scoring"))]
