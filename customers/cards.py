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
from crm.lib.money import average_order
from crm.shops.models import Shop
from crm.ui import formats
from customers.sales import Sales
from segmentation.charts import BUYERS, Chart, customers_url, money
from segmentation.forecast_page import forecast_miss
from segmentation.models import CustomerScore, Stage
from segmentation.presenters import OLD_DAYS, rhythm

SIX_DAYS = timedelta(days=6)


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
        kinds.append(("unknown", _("Guests, no account"), "series-3"))
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
    return _("%(amount)s refunded") % {"amount": money(week.refunded_minor, shop)}


def _revenue_columns(names: list[str]) -> list[dict[str, Any]]:
    figures = [*names, _("Together"), _("Orders"), _("AOV"), _("Refunded")]
    return [{"label": _("Week of")}, *({"label": name, "numeric": True} for name in figures)]


def _revenue_row(start: date, week: Sales, kinds: list[str], shop: Shop) -> list[Any]:
    last = start + SIX_DAYS
    parts = [
        {"text": money(getattr(week, f"{kind}_minor"), shop), "url": orders_url(shop, start, last, kind=kind)}
        for kind in kinds
    ]
    together = {"text": money(week.minor, shop), "url": orders_url(shop, start, last)}
    orders = {"text": formats.number(week.orders), "url": orders_url(shop, start, last)}
    aov = average_order(week.minor, week.orders)
    average = "–" if aov is None else money(aov, shop)
    return [formats.day(start), *parts, together, orders, average, money(week.refunded_minor, shop)]


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
    first = format_html(text, count=count, money=_strong(risk.net_minor, shop))
    return format_html_join(
        formats.between_sentences(), "{}", ((each,) for each in (first, _stake(scores, shop)) if each)
    )


def _stake(scores: ScoresView, shop: Shop) -> SafeString | None:
    """What the rhythm and the forecast both see, as money."""
    likely, minor = scores.found.at_risk_likely, scores.found.at_stake_minor
    if likely is None or minor is None:
        return None
    if not likely:
        return SafeString(_("By the pace so far, all of them will probably still order within 90 days."))
    text = ngettext(
        "The forecast, too, says that {count} of them may stay away, which puts {money} at stake.",
        "The forecast, too, says that {count} of them may stay away, which puts {money} at stake.",
        likely,
    )
    return format_html(text, count=formats.number(likely), money=_strong(minor, shop))


def figures(scores: ScoresView, sales: SalesView | None, shop: Shop, *, today: date) -> list[dict[str, Any]]:
    """The row of single figures, each opening what is behind it. Estimates are rounded: more digits would lie.

    `key` names what is counted, for whoever compares it with the same figure on another page.
    """
    found, ahead, before = scores.found, scores.found.next_90_days, scores.found.last_90_days
    if (today - found.as_of).days > OLD_DAYS:
        span = _("in the 90 days after %(day)s") % {"day": formats.day(found.as_of)}
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
        {
            "key": "revenue:next90",
            "label": _("Expected revenue"),
            "figure": about(ahead.revenue_minor),
            "note": _range(about(ahead.revenue_low_minor), about(ahead.revenue_high_minor), span),
            "more": [text for text in (past_revenue, miss) if text],
            "url": forecast_url,
        },
        {
            "key": "orders:next90",
            "label": _("Expected orders"),
            "figure": formats.number(round(ahead.orders)),
            "note": _range(formats.number(round(ahead.orders_low)), formats.number(round(ahead.orders_high)), span),
            "more": [text for text in (past_orders, miss) if text],
            "url": forecast_url,
        },
        *([_average_order(sales, shop)] if sales else []),
        {
            "key": "buyers:again",
            "label": _("Bought again"),
            "figure": "–" if found.repeat_rate is None else formats.percent(found.repeat_rate),
            "note": _again_note(scores),
            "url": customers_url(shop, bought="again", sort="spent"),
        },
        {
            "key": "buyers",
            "label": _("Customers"),
            "figure": formats.number(found.buyers),
            "note": _customers_note(found.prospects),
            "url": customers_url(shop, bought=BUYERS, sort="spent"),
        },
    ]


def _average_order(view: SalesView, shop: Shop) -> dict[str, Any]:
    """The AOV of the weeks shown, and of as many before them."""
    now = sum(view.weeks, start=Sales())
    minor = average_order(now.minor, now.orders)
    first, last = view.first, view.this_week + SIX_DAYS
    note = _("%(money)s from %(orders)s in %(weeks)s weeks") % {
        "money": money(now.minor, shop, whole=True),
        "orders": orders_text(now.orders),
        "weeks": formats.number(WEEKS),
    }
    then = sum(view.before.weeks, start=Sales()) if view.before else Sales()
    more = []
    if (earlier := average_order(then.minor, then.orders)) is not None and view.before:
        text = _("A year earlier: %(figure)s") if view.before.is_year else _("13 weeks earlier: %(figure)s")
        more = [text % {"figure": money(earlier, shop)}]
    return {
        "key": "aov:13w",
        "label": _("AOV"),
        "figure": "–" if minor is None else money(minor, shop),
        "note": note,
        "more": more,
        "url": orders_url(shop, first, last),
    }


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
    """One customer who is late, and of whom the forecast, too, says they may not come."""

    score: CustomerScore
    rhythm: str


def risk_rows(scores: ScoresView, *, today: date) -> list[RiskRow]:
    return [RiskRow(score, rhythm(score, as_of=scores.found.as_of, today=today)) for score in scores.at_risk]
