"""One customer's page: who, what happened, and the panels and actions that apps give to it."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from crm.dashboard.timeline import kind_links, known_kind, timeline
from crm.dashboard.uncounted import Uncounted, uncounted, uncounted_text
from crm.lib.keyset import BadCursor
from crm.lib.registry import provided
from crm.shops.access import requires
from crm.shops.joined_pages import Shown, shown
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.ui import formats
from crm.ui.parts import Stat
from customers.merging.pages import follows_merges
from customers.models import Customer, Order
from customers.panels import CustomerAction, CustomerReading, Panel, contacts
from customers.presenters import money


@cache
def _panels() -> list[Panel]:
    """Those of each app's `panels.PANELS`, in their order. ValueError where two have one name."""
    return provided("panels", "PANELS", Panel)


@cache
def _actions() -> list[CustomerAction]:
    return provided("panels", "ACTIONS", CustomerAction)


@require_safe
@requires(Right.SEE_CUSTOMERS)
@follows_merges
def customer_page(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    reading = CustomerReading(customer, request.membership, now=now())
    customer.stand_in = reading.once(contacts).stand_in
    shop, kind = request.shop, known_kind(request.GET.get("kind", ""))
    context = {
        "customer": customer,
        "head": _head(reading),
        "actions": _offered(reading),
        "figures": figures(customer, uncounted(Order.objects.filter(customer=customer)), shop, today=reading.today),
        "top": _shown("top", reading),
        "main": _shown("main", reading),
        "side": _shown("side", reading),
        "timeline": timeline(customer, shop, kind=kind, cursor=""),
        "kinds": kind_links(shop, customer, kind),
    }
    return render(request, "customers/detail.html", context)


def _shown(place: str, reading: CustomerReading) -> list[Shown]:
    parts = (shown(panel, reading) for panel in _panels() if panel.place == place)
    return [part for part in parts if part is not None]


def _head(reading: CustomerReading) -> SafeString:
    """Chips beside the name. No RFM group: a second word of another kind would only contradict the stage."""
    chips = ((render_to_string(part.template, dict(part.values)),) for part in _shown("head", reading))
    return format_html_join(" ", "{}", chips)


@dataclass(frozen=True)
class Offered:
    """An action as the page shows it; with `url`, or with `dialog`."""

    name: str
    label: str
    icon: str
    key: str
    url: str
    dialog: Shown | None


def _offered(reading: CustomerReading) -> list[Offered]:
    """The actions this person may do."""
    shop, customer = reading.shop, reading.customer
    return [
        Offered(
            name=action.name,
            label=str(action.label),
            icon=action.icon,
            key=action.key,
            url=action.url(shop, customer) if action.url else "",
            dialog=shown(action.dialog, reading) if action.dialog else None,
        )
        for action in _actions()
        if reading.membership.may(action.right)
    ]


def figures(customer: Customer, left_out: Uncounted, shop: Shop, *, today: date) -> list[Stat]:
    """The four that matter, below the name. Orders times AOV is what was spent before refunds."""
    refunded = ""
    if customer.refunded_minor:
        sums = {"gross": money(customer.gross_minor, shop), "refunded": money(customer.refunded_minor, shop)}
        refunded = gettext("%(gross)s less %(refunded)s refunded") % sums
    last = customer.last_order_at
    return [
        Stat(key="spent", label=gettext("Spent"), figure=money(customer.net_minor, shop), note=refunded),
        Stat(
            key="orders",
            label=gettext("Orders"),
            figure=formats.number(customer.order_count),
            note=uncounted_text(left_out),
        ),
        Stat(
            key="aov",
            label=gettext("AOV"),
            figure=money(customer.average_order_minor, shop),
            note=gettext("before refunds") if customer.refunded_minor else "",
        ),
        Stat(
            key="last",
            label=gettext("Last order"),
            figure=formats.days_from(last, today) if last else "–",
            note=formats.day(last) if last else "",
        ),
    ]


@require_safe
@requires(Right.SEE_CUSTOMERS)
@follows_merges
def timeline_part(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """More of the timeline, for htmx; without it, a page of its own."""
    customer = get_object_or_404(Customer, pk=customer_id)
    kind, cursor = request.GET.get("kind", ""), request.GET.get("cursor", "")
    try:
        page = timeline(customer, request.shop, kind=known_kind(kind), cursor=cursor)
    except BadCursor:
        raise Http404 from None
    template = (
        "customers/timeline.html"
        if not request.htmx
        else "customers/_timeline_items.html"
        if cursor
        else "customers/_timeline.html"
    )
    context = {"customer": customer, "timeline": page, "kinds": kind_links(request.shop, customer, kind)}
    return render(request, template, context)
