"""The overview's sentences, charts and figures, made of what crm/dashboard/overview.py has read."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.dashboard.overview import WEEKS, SalesView, ScoresView
from crm.shops.models import Shop
from crm.ui import formats
from customers.sales import Sales
from segmentation.charts import BUYERS, Chart, customers_url, money
from segmentation.models import CustomerScore, Stage

SIX_DAYS = timedelta(days=6)
OLD_DAYS = 14  # After that, "the next 90 days" would be understood as counted from today.


def orders_url(shop: Shop, first: date, last: date, **query: str) -> str:
    """The orders behind a number of sales."""
    days = {"placed_from": first.isoformat(), "placed_to": last.isoformat()}
    return f"{reverse('orders', args=[shop.slug])}?{urlencode(days | query)}"


def orders_text(count: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": formats.number(count)}


def sales_sentence(view: SalesView, shop: Shop) -> SafeString:
    """The week, or the last weeks of a shop that has stopped selling, in words."""
    sales = view.in_words
    if not sales.orders:
        last = view.weeks[-2]
        text = _("No orders yet this week. Last week brought {money} from {orders}.")
        return format_html(text, money=_strong(last.minor, shop), orders=orders_text(last.orders))
    amounts = {"money": _strong(sales.minor, shop), "orders": orders_text(sales.orders)}
    if view.has_ended:
        text = _("The {weeks} weeks up to {day} brought {money} from {orders}.")
        first = format_html(text, weeks=WEEKS, day=formats.day(view.last_sold_on), **amounts)
    else:
        first = format_html(_("{money} from {orders} so far."), **amounts)
    sentences = [first, _change(view), _came_back(sales)]
    return format_html_join(formats.between_sentences(), "{}", ((sentence,) for sentence in sentences if sentence))


def _strong(minor: int, shop: Shop) -> SafeString:
    return format_html("<strong>{}</strong>", money(minor, shop, whole=True))


def sales_actions(view: SalesView, shop: Shop) -> list[dict[str, str]]:
    """The orders the sentence is about."""
    first = view.first if view.has_ended else view.this_week
    if not view.in_words.orders:
        first -= timedelta(weeks=1)
    return [{"label": _("See the orders"), "url": orders_url(shop, first, view.this_week + SIX_DAYS)}]


def _change(view: SalesView) -> SafeString | None:
    if view.change is None:
        return None
    amount = formats.percent(abs(view.change))
    if formats.percent(abs(view.change), 0) == formats.percent(0):
        text = _("As much as in the weeks before.") if view.has_ended else _("Up to yesterday, as much as last week.")
    elif view.has_ended:
        text = (
            _("{rate} more than in the weeks before.")
            if view.change > 0
            else _("{rate} less than in the weeks before.")
        )
    elif view.change > 0:
        text = _("Up to yesterday that is {rate} more than in the same days of last week.")
    else:
        text = _("Up to yesterday that is {rate} less than in the same days of last week.")
    return format_html(text, rate=format_html("<strong>{}</strong>", amount))


def _came_back(sales: Sales) -> SafeString | None:
    if sales.minor <= 0:
        return None
    if not sales.returning_minor:
        return SafeString(_("None of it from customers who came back."))
    rate = format_html("<strong>{}</strong>", formats.percent(sales.returning_minor / sales.minor))
    return format_html(_("{rate} from customers who came back."), rate=rate)


def revenue_chart(view: SalesView, shop: Shop) -> Chart:
    """Revenue by week, returning and new; each bar opens its orders."""
    kinds = [("returning", _("Returning"), "series-1"), ("new", _("New"), "series-2")]
    if any(week.unknown_minor for week in view.weeks):
        kinds.append(("unknown", _("Not known"), "series-3"))
    series: list[dict[str, Any]] = [
        {
            "name": name,
            "color": color,
            "values": [getattr(week, f"{kind}_minor") for week in view.weeks],
            "urls": [orders_url(shop, start, start + SIX_DAYS, kind=kind) for start in view.starts],
        }
        for kind, name, color in kinds
    ]
    if view.before is not None:
        name = _("A year earlier") if view.before.is_year else _("13 weeks earlier")
        series.append({"name": name, "values": [week.minor for week in view.before.weeks], "previous": True})
    return {
        "id": "revenue",
        "kind": "bars",
        "title": _("Revenue by week"),
        "hint": _(
            "Orders as they were placed; refunds are told beside them. New is what a customer bought on the first day."
        ),
        "summary": _revenue_summary(view, shop),
        "data": {
            "categories": [formats.short_day(start) for start in view.starts],
            "series": series,
            "stacked": True,
            "totalName": _("Together"),
            "format": {"kind": "money", "currency": shop.currency},
            "notes": [_refunds_note(week, shop) for week in view.weeks],
        },
        "columns": _revenue_columns([name for _kind, name, _color in kinds]),
        "rows": [_revenue_row(start, week, [kind for kind, *_rest in kinds], shop) for start, week in _newest(view)],
    }


def _newest(view: SalesView) -> list[tuple[date, Sales]]:
    return list(zip(view.starts, view.weeks, strict=True))[::-1]


def _refunds_note(week: Sales, shop: Shop) -> str:
    if not week.refunded_minor:
        return ""
    return _("%(amount)s given back") % {"amount": money(week.refunded_minor, shop)}


def _revenue_columns(names: list[str]) -> list[dict[str, Any]]:
    figures = [*names, _("Together"), _("Orders"), _("Given back")]
    return [{"label": _("Week of")}, *({"label": name, "numeric": True} for name in figures)]


def _revenue_row(start: date, week: Sales, kinds: list[str], shop: Shop) -> list[Any]:
    last = start + SIX_DAYS
    parts = [
        {"text": money(getattr(week, f"{kind}_minor"), shop), "url": orders_url(shop, start, last, kind=kind)}
        for kind in kinds
    ]
    together = {"text": money(week.minor, shop), "url": orders_url(shop, start, last)}
    orders = {"text": formats.number(week.orders), "url": orders_url(shop, start, last)}
    return [formats.day(start), *parts, together, orders, money(week.refunded_minor, shop)]


def _revenue_summary(view: SalesView, shop: Shop) -> str:
    everything = sum(view.weeks, start=Sales())
    best = max(range(WEEKS), key=lambda number: view.weeks[number].minor)
    return _("%(returning)s of %(all)s came from returning customers; the best week began on %(day)s.") % {
        "returning": money(everything.returning_minor, shop, whole=True),
        "all": money(everything.minor, shop, whole=True),
        "day": formats.short_day(view.starts[best]),
    }


def risk_sentence(scores: ScoresView, shop: Shop) -> SafeString:
    """How many are drifting away, and what they have been worth."""
    risk = next(share for share in scores.found.stages if share.name == Stage.AT_RISK)
    if not risk.customers:
        return SafeString(_("Nobody is drifting away: all who bought are in their rhythm, or gone for longer."))
    text = ngettext(
        "{count} customer worth {money} so far is late for the next order.",
        "{count} customers worth {money} so far are late for their next order.",
        risk.customers,
    )
    count = format_html("<strong>{}</strong>", formats.number(risk.customers))
    return format_html(text, count=count, money=_strong(risk.net_minor, shop))


def figures(scores: ScoresView, shop: Shop, *, today: date) -> list[dict[str, str]]:
    """The row of single figures, each opening what is behind it. Estimates are rounded: more digits would lie."""
    found, ahead = scores.found, scores.found.next_90_days
    if (today - found.as_of).days > OLD_DAYS:
        span = _("in the 90 days after %(day)s") % {"day": formats.day(found.as_of)}
    else:
        span = _("in the next 90 days")

    def about(minor: int) -> str:
        return money(minor, shop, compact=True, whole=True)

    return [
        {
            "label": _("Expected revenue"),
            "figure": about(ahead.revenue_minor),
            "note": _range(about(ahead.revenue_low_minor), about(ahead.revenue_high_minor), span),
            "url": customers_url(shop, sort="value"),
        },
        {
            "label": _("Expected orders"),
            "figure": formats.number(round(ahead.orders)),
            "note": _range(formats.number(round(ahead.orders_low)), formats.number(round(ahead.orders_high)), span),
            "url": reverse("insights:forecast", args=[shop.slug]),
        },
        {
            "label": _("Bought again"),
            "figure": "–" if found.repeat_rate is None else formats.percent(found.repeat_rate),
            "note": _again_note(scores),
            "url": customers_url(shop, bought="again", sort="spent"),
        },
        {
            "label": _("Customers"),
            "figure": formats.number(found.buyers),
            "note": _customers_note(found.prospects),
            "url": customers_url(shop, bought=BUYERS, sort="spent"),
        },
    ]


def _again_note(scores: ScoresView) -> str:
    counts = {"again": scores.run.repeat_customers, "all": scores.found.buyers}
    return _("%(again)s of %(all)s who ever bought") % {name: formats.number(count) for name, count in counts.items()}


def _customers_note(prospects: int) -> str:
    if not prospects:
        return _("have bought")
    return _("have bought, %(count)s more not yet") % {"count": formats.number(prospects)}


def _range(low: str, high: str, span: str) -> str:
    return _("%(low)s to %(high)s %(span)s") % {"low": low, "high": high, "span": span}


@dataclass(frozen=True)
class RiskRow:
    """One customer who is late. risk: chance of no order in 90 days, never 0 or 1, since no history says that."""

    score: CustomerScore
    rhythm: str
    risk: float | None


def risk_rows(scores: ScoresView) -> list[RiskRow]:
    return [
        RiskRow(score, _rhythm(score), None if score.churn_risk is None else min(max(score.churn_risk, 0.01), 0.99))
        for score in scores.at_risk
    ]


def _rhythm(score: CustomerScore) -> str:
    if score.typical_gap_days is None or not score.overdue_days or score.overdue_days < 1:
        return ""
    late = round(score.overdue_days)
    text = ngettext(
        "Buys about every %(gap)s days; %(late)s day late", "Buys about every %(gap)s days; %(late)s days late", late
    )
    return text % {"gap": formats.number(round(score.typical_gap_days)), "late": formats.number(late)}
