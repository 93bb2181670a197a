"""What the overview shows of sales: the week in words, thirteen weeks as bars, the average order, the last import."""

from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lib.money import average_order
from crm.shops.joined_pages import Card, Figures, Origin, Reading, Values
from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.ui import formats
from crm.ui.parts import Action, Cell, Chart, Column, Row, Series, Stat
from customers.imports.actions import sample_import
from customers.models import ImportJob
from customers.presenters import money, orders_text, orders_url, strong_money
from customers.sales import Sales
from customers.sales_overview import WEEKS, SalesView, sales_view

SIX_DAYS = timedelta(days=6)


def sales_of(reading: Reading) -> SalesView | None:
    return sales_view(reading.shop, now=reading.now)


def _week(reading: Reading) -> Values | None:
    if (sales := reading.once(sales_of)) is None:
        return None
    shop = reading.shop
    return {"sales": sales, "sentence": sales_sentence(sales, shop), "actions": sales_actions(sales, shop)}


def sales_sentence(view: SalesView, shop: Shop) -> SafeString:
    """The week, or the last weeks of a shop that has stopped selling, in words."""
    sales = view.in_words
    if not sales.orders:
        last = view.weeks[-2]
        text = _("No orders yet this week. Last week brought {money} from {orders}.")
        return format_html(text, money=strong_money(last.minor, shop), orders=orders_text(last.orders))
    amounts = {"money": strong_money(sales.minor, shop), "orders": orders_text(sales.orders)}
    if view.has_ended:
        text = _("The {weeks} weeks up to {day} brought {money} from {orders}.")
        first = format_html(text, weeks=WEEKS, day=formats.day(view.last_sold_on), **amounts)
    else:
        first = format_html(_("{money} from {orders} so far."), **amounts)
    sentences = [first, _change(view), _came_back(sales)]
    return format_html_join(formats.between_sentences(), "{}", ((sentence,) for sentence in sentences if sentence))


def sales_actions(view: SalesView, shop: Shop) -> list[Action]:
    """The orders the sentence is about."""
    first = view.first if view.has_ended else view.this_week
    if not view.in_words.orders:
        first -= timedelta(weeks=1)
    return [Action(_("See the orders"), orders_url(shop, first, view.this_week + SIX_DAYS))]


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
    series: list[Series] = [
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
    return Chart(
        id="revenue",
        kind="bars",
        title=_("Revenue by week"),
        hint=_(
            "Orders as they were placed; refunds are told beside them. New is what a customer bought on the first day."
        ),
        summary=_revenue_summary(view, shop),
        data={
            "categories": [formats.short_day(start) for start in view.starts],
            "series": series,
            "stacked": True,
            "totalName": _("Together"),
            "format": {"kind": "money", "currency": shop.currency},
            "notes": [_refunds_note(week, shop) for week in view.weeks],
        },
        columns=_revenue_columns([name for _kind, name, _color in kinds]),
        rows=[_revenue_row(start, week, [kind for kind, *_rest in kinds], shop) for start, week in _newest(view)],
    )


def _newest(view: SalesView) -> list[tuple[date, Sales]]:
    return list(zip(view.starts, view.weeks, strict=True))[::-1]


def _refunds_note(week: Sales, shop: Shop) -> str:
    if not week.refunded_minor:
        return ""
    return _("%(amount)s refunded") % {"amount": money(week.refunded_minor, shop)}


def _revenue_columns(names: list[str]) -> list[Column]:
    figures = [*names, _("Together"), _("Orders"), _("AOV"), _("Refunded")]
    return [Column(_("Week of")), *(Column(name, numeric=True) for name in figures)]


def _revenue_row(start: date, week: Sales, kinds: list[str], shop: Shop) -> Row:
    last = start + SIX_DAYS
    parts = [
        Cell(money(getattr(week, f"{kind}_minor"), shop), url=orders_url(shop, start, last, kind=kind))
        for kind in kinds
    ]
    together = Cell(money(week.minor, shop), url=orders_url(shop, start, last))
    orders = Cell(formats.number(week.orders), url=orders_url(shop, start, last))
    average = money(average_order(week.minor, week.orders), shop)
    return [formats.day(start), *parts, together, orders, average, money(week.refunded_minor, shop)]


def _revenue_summary(view: SalesView, shop: Shop) -> str:
    everything = sum(view.weeks, start=Sales())
    best = max(range(WEEKS), key=lambda number: view.weeks[number].minor)
    return _("%(returning)s of %(all)s came from returning customers; the best week began on %(day)s.") % {
        "returning": money(everything.returning_minor, shop, whole=True),
        "all": money(everything.minor, shop, whole=True),
        "day": formats.short_day(view.starts[best]),
    }


def _average_order(view: SalesView, shop: Shop) -> Stat:
    """The AOV of the weeks shown, and of as many before them."""
    now = sum(view.weeks, start=Sales())
    minor = average_order(now.minor, now.orders)
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
    return Stat(
        key="aov:13w",
        label=_("AOV"),
        figure=money(minor, shop),
        note=note,
        more=more,
        url=orders_url(shop, view.first, view.this_week + SIX_DAYS),
    )


def _revenue(reading: Reading) -> Values | None:
    sales = reading.once(sales_of)
    return None if sales is None else {"chart": revenue_chart(sales, reading.shop)}


def _average_orders(reading: Reading) -> list[Stat]:
    sales = reading.once(sales_of)
    return [] if sales is None else [_average_order(sales, reading.shop)]


def _last_import(reading: Reading) -> Values | None:
    """Whatever came of it."""
    runs = ImportJob.objects.filter(work=ImportJob.Work.RUN).defer("facts", "forecast", "mapping")
    last = runs.order_by("-created_at", "-pk").first()
    return None if last is None else {"last_import": last}


def _sample(reading: Reading) -> Values | None:
    return {"shop": reading.shop} if sample_import() else None


CARDS = [
    Card("sample", 5, "imports/_sample_notice.html", _sample, right=Right.IMPORT, width="wide"),
    Card("week", 10, "customers/_week_card.html", _week),
    Card("revenue", 30, "parts/chart_card.html", _revenue, width="wide"),
]
FIGURES = [Figures("average-order", 20, _average_orders)]
ORIGINS = [Origin("imports", 10, "imports/_last_import.html", _last_import, label=gettext_lazy("Last import"))]
