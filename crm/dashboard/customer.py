"""One customer's page: who, what the scores say, what happened."""

from datetime import date
from itertools import pairwise
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from crm.dashboard.timeline import kind_links, known_kind, timeline
from crm.dashboard.uncounted import Uncounted, uncounted, uncounted_text
from crm.lib.keyset import BadCursor
from crm.lib.money import format_money
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.ui import formats
from customers.forms import NoteForm, TagForm
from customers.models import Customer, Note, Order
from customers.queries import contacts_of, order_page, products_bought, purchase_days, tags_by_name, tags_of
from segmentation.models import CustomerScore, ScoreRun
from segmentation.presenters import score_words, stage_reason

GAPS_SHOWN = 24


@require_safe
@requires(Right.SEE_CUSTOMERS)
def customer_page(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    contacts = contacts_of([customer.pk])[customer.pk]
    customer.stand_in = contacts.stand_in
    score = CustomerScore.objects.filter(customer=customer).first()
    run = ScoreRun.objects.only("models_fitted", "as_of").filter(pk=score.run_id).first() if score else None
    shop, kind = request.shop, request.GET.get("kind", "")
    today = shop.day_of(now())
    kind = known_kind(kind)
    context = {
        "customer": customer,
        "contacts": contacts.masked(),
        "tags": tags_of([customer.pk])[customer.pk],
        "known_tags": tags_by_name()[:500],
        "score": score,
        "run": run,
        "words": score_words(score, run, shop, today=today) if score else None,
        "reason": stage_reason(score) if score else "",
        "figures": figures(customer, uncounted(Order.objects.filter(customer=customer)), shop, today=today),
        "orders": order_page(customer, ""),
        "timeline": timeline(customer, shop, kind=kind, cursor=""),
        "kinds": kind_links(shop, customer, kind),
        "products": products_bought(customer),
        "chart": gaps_chart(purchase_days(customer), score),
        "notes": list(
            Note.objects.filter(customer=customer).select_related("author").order_by("-created_at", "-pk")[:50]
        ),
        "stage_chip": stage_chip(score) if score else "",
        "note_form": NoteForm(),
        "tag_form": TagForm(),
    }
    return render(request, "customers/detail.html", context)


def figures(customer: Customer, left_out: Uncounted, shop: Shop, *, today: date) -> list[dict[str, str]]:
    """The four that matter, below the name. Orders times AOV is what was spent before refunds."""

    def money(minor: int | None) -> str:
        return "–" if minor is None else format_money(minor, shop.currency, formats.language())

    refunded = ""
    if customer.refunded_minor:
        sums = {"gross": money(customer.gross_minor), "refunded": money(customer.refunded_minor)}
        refunded = gettext("%(gross)s less %(refunded)s refunded") % sums
    last = customer.last_order_at
    return [
        {"key": "spent", "label": gettext("Spent"), "figure": money(customer.net_minor), "note": refunded},
        {
            "key": "orders",
            "label": gettext("Orders"),
            "figure": formats.number(customer.order_count),
            "note": uncounted_text(left_out),
        },
        {
            "key": "aov",
            "label": gettext("AOV"),
            "figure": money(customer.average_order_minor),
            "note": gettext("before refunds") if customer.refunded_minor else "",
        },
        {
            "key": "last",
            "label": gettext("Last order"),
            "figure": formats.days_from(last, today) if last else "–",
            "note": formats.day(last) if last else "",
        },
    ]


@require_safe
@requires(Right.SEE_CUSTOMERS)
def timeline_part(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """More of the timeline, for htmx; without it, a page of its own."""
    customer = get_object_or_404(Customer, pk=customer_id)
    kind, cursor = request.GET.get("kind", ""), request.GET.get("cursor", "")
    try:
        found = timeline(customer, request.shop, kind=known_kind(kind), cursor=cursor)
    except BadCursor:
        raise Http404 from None
    template = (
        "customers/timeline.html"
        if not request.htmx
        else "customers/_timeline_items.html"
        if cursor
        else "customers/_timeline.html"
    )
    context = {"customer": customer, "timeline": found, "kinds": kind_links(request.shop, customer, kind)}
    return render(request, template, context)


def stage_chip(score: CustomerScore) -> SafeString:
    """To stand beside the name. No RFM group: a second word of another kind would only contradict the first."""
    context = {"stage": score.stage, "label": score.get_stage_display()}
    return render_to_string("components/chip_stage.html", context)


def gaps_chart(days: list[date], score: CustomerScore | None) -> dict[str, Any] | None:
    """The days between neighbouring purchases as bars, the typical gap beside them. None with fewer than two gaps."""
    ordered = sorted(days)[-GAPS_SHOWN - 1 :]
    gaps = [(later, (later - earlier).days) for earlier, later in pairwise(ordered)]
    if len(gaps) < 2:
        return None
    names = [formats.day(day) for day, _ in gaps]
    values = [gap for _, gap in gaps]
    series: list[dict[str, Any]] = [{"name": gettext("Days since the order before"), "values": values}]
    if score is not None and score.typical_gap_days is not None:
        typical = round(score.typical_gap_days)
        series.append({"name": gettext("Typical"), "values": [typical] * len(gaps), "previous": True})
    middle, mean = sorted(values)[len(values) // 2], round(sum(values) / len(values))
    summary = ngettext(
        "The last %(count)s gaps: %(mean)s days on average; half at most %(days)s day, the longest %(longest)s.",
        "The last %(count)s gaps: %(mean)s days on average; half at most %(days)s days, the longest %(longest)s.",
        middle,
    ) % {"count": len(gaps), "mean": mean, "days": middle, "longest": max(values)}
    return {
        "data": {"categories": names, "series": series},
        "summary": summary,
        "columns": [{"label": gettext("Order")}, {"label": gettext("Days since the order before"), "numeric": True}],
        "rows": [[name, str(gap)] for name, gap in zip(reversed(names), reversed(values), strict=True)],
    }
