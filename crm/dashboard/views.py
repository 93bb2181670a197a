"""The first page of a shop, what runs in the background, the quick search, and the orders behind a number."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crm.dashboard.checklist import first_steps, is_young
from crm.dashboard.jobs import percent_of, running_jobs
from crm.dashboard.orders import MOST_ADDED_UP, OrderList, order_list
from crm.dashboard.overview import overview_rows
from crm.dashboard.search import quick_search
from crm.dashboard.uncounted import uncounted_text
from crm.lib.keyset import BadCursor
from crm.lib.money import average_order
from crm.shops.access import requires
from crm.shops.joined_pages import Reading
from crm.shops.middleware import ShopRequest
from crm.shops.models import Membership
from crm.shops.roles import Right
from crm.ui import formats
from customers.filters import ORDER_KINDS, ORDER_OUTCOMES
from customers.presenters import money, orders_text
from customers.queries import import_name

SUGGESTED, SEARCHED = 6, 50  # hits of a group
# Seconds between two questions of the ring in the top bar.
ASK_OFTEN, ASK_SELDOM = 3, 15


@require_safe
def overview(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The front page; who may not see insights lands on the customers."""
    if not request.membership.may(Right.SEE_INSIGHTS):
        return redirect("customers:list", shop_slug=shop_slug)
    reading = Reading(request.membership, now=now())
    rows = overview_rows(reading)
    steps_lead = not rows or is_young(request.shop, reading.now)
    context = {"rows": rows, "first_steps": first_steps(request.membership), "steps_lead": steps_lead}
    return render(request, "dashboard/overview.html", context)


@require_safe
def jobs(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """What runs in the background, with how far it is; asked again by htmx while something runs."""
    running = running_jobs(request.membership)
    template = "dashboard/_jobs.html" if request.htmx else "dashboard/jobs.html"
    return render(request, template, {"jobs": running})


@require_safe
def jobs_ring(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The ring in the top bar; it says itself when it wants to be asked again."""
    running = running_jobs(request.membership)
    every = ASK_OFTEN if running else ASK_SELDOM
    return render(
        request, "dashboard/_jobs_ring.html", {"count": len(running), "percent": percent_of(running), "every": every}
    )


@require_safe
def search(request: ShopRequest, shop_slug: str) -> HttpResponse:
    text = request.GET.get("q", "")
    groups = quick_search(text, Reading(request.membership, now=now()), most=SEARCHED)
    return render(request, "dashboard/search.html", {"groups": groups, "search_text": text})


@require_safe
def search_suggest(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The first hits, below the search field."""
    text = request.GET.get("q", "")
    groups = quick_search(text, Reading(request.membership, now=now()), most=SUGGESTED)
    context = {"groups": groups, "search_text": text, "has_more": any(group.found.all_url for group in groups)}
    return render(request, "dashboard/_suggest.html", context)


@require_safe
@requires(Right.SEE_CUSTOMERS)
def orders(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The orders behind a number."""
    try:
        orders = order_list(request.GET, request.GET.get("cursor", ""))
    except BadCursor:
        return redirect("orders", shop_slug=shop_slug)
    context = {
        "list": orders,
        "title": _orders_title(orders),
        "total_text": _total_text(orders, request.membership),
        "left_out": _left_out(request, orders),
        "chip": _import_chip(request, orders),
    }
    return render(request, "dashboard/orders.html", context)


def _total_text(orders: OrderList, membership: Membership) -> str:
    """How many on all pages, and how much for who may see insights, to be compared with the number that was opened."""
    sums, shop = orders.sums, membership.shop
    if sums is None:
        return _("More than %(count)s orders") % {"count": formats.number(MOST_ADDED_UP)}
    if "counted" in orders.used:
        return uncounted_text(sums) or orders_text(0)
    parts = [orders_text(sums.orders + sums.total if "import" in orders.used else sums.orders)]
    if not membership.may(Right.SEE_INSIGHTS):
        return parts[0]
    parts.append(money(sums.revenue_minor, shop))
    if (aov := average_order(sums.revenue_minor, sums.orders)) is not None:
        parts.append(_("AOV %(amount)s") % {"amount": money(aov, shop)})
    if sums.guests and "kind" not in orders.used:
        guests = ngettext("%(count)s of them by guests", "%(count)s of them by guests", sums.guests)
        parts.append(guests % {"count": formats.number(sums.guests)})
    return " · ".join(parts)


def _left_out(request: ShopRequest, orders: OrderList) -> dict[str, str] | None:
    """What the numbers of the list leave out, with the address of the orders left out."""
    if orders.sums is None or "counted" in orders.used or not (text := uncounted_text(orders.sums)):
        return None
    query = request.GET.copy()
    query.pop("cursor", None)
    query["counted"] = "no"
    return {"text": text, "url": f"?{query.urlencode()}" if orders.sums.total else ""}


def _import_chip(request: ShopRequest, orders: OrderList) -> dict[str, str] | None:
    """The import whose orders these are, with the address of the list without it."""
    if "import" not in orders.used:
        return None
    name = import_name(orders.used["import"])
    outcome = dict(ORDER_OUTCOMES).get(orders.used.get("import_outcome", ""))
    query = request.GET.copy()
    for key in ("import", "import_outcome", "cursor"):
        query.pop(key, None)
    value = f"{name} ({outcome})" if outcome else name
    return {"name": _("Import"), "value": value, "remove_url": f"?{query.urlencode()}"}


def _orders_title(orders: OrderList) -> str:
    """Which orders these are, in words."""
    used, kinds = orders.used, dict(ORDER_KINDS)
    parts = [_("Not counted")] if "counted" in used else []
    parts += [str(kinds[used["kind"]])] if "kind" in used else []
    if "placed_from" in used and "placed_to" in used:
        days = {"first": formats.day(used["placed_from"]), "last": formats.day(used["placed_to"])}
        parts.append(_("placed %(first)s to %(last)s") % days)
    days = {name: formats.day(used[f"first_{name}"]) for name in ("from", "to") if f"first_{name}" in used}
    if len(days) == 2:
        parts.append(_("of customers whose first order was %(from)s to %(to)s") % days)
    elif "from" in days:
        parts.append(_("of customers whose first order was on or after %(from)s") % days)
    elif "to" in days:
        parts.append(_("of customers whose first order was on or before %(to)s") % days)
    return capfirst(formats.listed(parts))
