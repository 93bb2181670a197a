"""The cohort page: who comes back, by the month of the first order."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import HeatCell, Link
from customers.presenters import money
from segmentation.charts import customers_url
from segmentation.queries import CohortRow

VIEWS: dict[str, Promise] = {
    "customers": gettext_lazy("Customers %"),
    "orders": gettext_lazy("Orders"),
    "revenue": gettext_lazy("Revenue"),
}


@dataclass(frozen=True)
class Line:
    """One cohort as the table shows it, with a cell for each month from the first order on."""

    label: str
    url: str
    size: str
    cells: list[HeatCell]


def view_links(chosen: str) -> list[Link]:
    return [Link(str(label), f"?show={name}", active=name == chosen) for name, label in VIEWS.items()]


def lines(rows: tuple[CohortRow, ...], view: str, shop: Shop) -> list[Line]:
    """Newest last. The first month is everybody's, so only later ones are shaded, against the darkest of them."""
    darkest = max((_value(row, since, view) for row in rows for since in range(1, _over(row))), default=0) or 1
    return [
        Line(
            formats.month(row.month),
            customers_url(shop, first_from=row.month.isoformat(), first_to=_month_end(row.month).isoformat()),
            formats.number(row.size),
            [_cell(row, since, view, darkest, shop) for since in range(len(row.customers))],
        )
        for row in rows
    ]


def _over(row: CohortRow) -> int:
    """How many of the row's months have passed."""
    return sum(rate is not None for rate in row.rates)


def _value(row: CohortRow, since: int, view: str) -> float:
    if view == "orders":
        return row.orders[since]
    return row.revenue_minor[since] if view == "revenue" else row.customers[since] / row.size


def _cell(row: CohortRow, since: int, view: str, darkest: float, shop: Shop) -> HeatCell:
    value = _value(row, since, view)
    is_open = since >= _over(row)
    shade = None if since == 0 or is_open else min(max(value / darkest, 0.0), 1.0)
    return HeatCell(
        _text(row, since, view, shop),
        shade,
        _title(row, since, shop, is_open=is_open),
        _orders_url(row, since, shop),
        is_open=is_open,
    )


def _text(row: CohortRow, since: int, view: str, shop: Shop) -> str:
    if view == "orders":
        return formats.number(row.orders[since])
    if view == "revenue":
        return money(row.revenue_minor[since], shop, compact=True)
    return formats.percent(row.customers[since] / row.size)


def _title(row: CohortRow, since: int, shop: Shop, *, is_open: bool) -> str:
    text = _("%(month)s: %(customers)s of %(size)s customers, %(orders)s orders, %(money)s") % {
        "month": formats.month(months_after(row.month, since)),
        "customers": formats.number(row.customers[since]),
        "size": formats.number(row.size),
        "orders": formats.number(row.orders[since]),
        "money": money(row.revenue_minor[since], shop),
    }
    return _("%(facts)s so far; the month is not over") % {"facts": text} if is_open else text


def _orders_url(row: CohortRow, since: int, shop: Shop) -> str:
    month = months_after(row.month, since)
    query = {
        "placed_from": month.isoformat(),
        "placed_to": _month_end(month).isoformat(),
        "first_from": row.month.isoformat(),
        "first_to": _month_end(row.month).isoformat(),
    }
    return f"{reverse('orders', args=[shop.slug])}?{urlencode(query)}"


def months_after(month: date, count: int) -> date:
    """The first day of the month `count` months later."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def _month_end(month: date) -> date:
    return months_after(month, 1) - timedelta(days=1)


def cohorts_sentence(rows: tuple[CohortRow, ...]) -> SafeString:
    """How many come back the month after the first order, and half a year after."""
    soon, later = _average(rows, 1), _average(rows, 6)
    if soon is None:
        return SafeString(_("A month after the first customers' first order, this page shows who comes back."))
    text = ngettext(
        "Of 100 new customers {count} buys again in the month after the first order",
        "Of 100 new customers {count} buy again in the month after the first order",
        round(100 * soon),
    )
    strong = "<strong>{}</strong>"
    first = format_html(text, count=format_html(strong, formats.number(round(100 * soon))))
    if later is None:
        return format_html(_("{sentence}."), sentence=first)
    count = format_html(strong, formats.number(round(100 * later)))
    return format_html(_("{sentence}, and {count} in the sixth month."), sentence=first, count=count)


def _average(rows: tuple[CohortRow, ...], since: int) -> float | None:
    """The share of all customers whose month `since` is over that bought in it."""
    known = [row for row in rows if _over(row) > since]
    size = sum(row.size for row in known)
    return sum(row.customers[since] for row in known) / size if size else None
