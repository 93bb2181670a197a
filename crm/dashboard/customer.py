"""One customer's page: who, what the scores say, what happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from crm.dashboard.uncounted import Uncounted, uncounted, uncounted_text
from crm.lib.keyset import BadCursor, Key, read_cursor_text, write_cursor
from crm.lib.money import format_money
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.ui import formats
from customers.forms import NoteForm, TagForm
from customers.models import Customer, CustomerTag, Note, Order, Refund
from customers.queries import contacts_of, order_page, products_bought, purchase_days, tags_by_name, tags_of
from segmentation.models import CustomerScore, ScoreRun, Stage, StageTransition
from segmentation.presenters import score_words, stage_reason, transition_reason
from segmentation.queries import stage_history

TIMELINE_PAGE = 20
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
    kind = kind if kind in KINDS else ""
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
        found = timeline(customer, request.shop, kind=kind if kind in KINDS else "", cursor=cursor)
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


@dataclass(frozen=True)
class Event:
    """One thing that happened, as components/timeline_items.html shows it. `rank` sorts what happened together."""

    at: datetime
    rank: int
    pk: int
    title: str
    icon: str
    text: str = ""
    kind: str = ""
    url: str = ""

    @property
    def when(self) -> str:
        return formats.day(self.at)

    @property
    def key(self) -> tuple[datetime, int, int]:
        return self.at, self.rank, self.pk


@dataclass(frozen=True)
class Timeline:
    """Some of what happened, latest first, and the address of what was before."""

    items: list[Event]
    next_url: str | None


KINDS = ("orders", "refunds", "notes", "stages", "tags")


def kind_links(shop: Shop, customer: Customer, chosen: str) -> list[dict[str, Any]]:
    labels = {
        "": gettext("All"),
        "orders": gettext("Orders"),
        "refunds": gettext("Refunds"),
        "notes": gettext("Notes"),
        "stages": gettext("Stages"),
        "tags": gettext("Tags"),
    }
    base, page = (reverse(f"customers:{name}", args=[shop.slug, customer.pk]) for name in ("timeline", "detail"))
    return [
        {
            "label": label,
            "url": f"{base}?kind={kind}" if kind else base,
            "page_url": f"{page}?kind={kind}" if kind else page,
            "active": kind == chosen,
        }
        for kind, label in labels.items()
    ]


def timeline(customer: Customer, shop: Shop, *, kind: str, cursor: str) -> Timeline:
    """Orders, refunds, notes, moves between stages and tags in one line, latest first. Raises BadCursor.

    Each source is asked for no more than a page of its own rows before the cursor, by its index.
    """
    before = _before(cursor)
    found: list[Event] = []
    for rank, name in enumerate(KINDS):
        if kind in ("", name):
            found += _SOURCES[name](customer, shop, rank, before)
    found.sort(key=lambda event: event.key, reverse=True)
    page = found[:TIMELINE_PAGE]
    if len(found) <= TIMELINE_PAGE:
        return Timeline(page, None)
    last = page[-1]
    url = reverse("customers:timeline", args=[shop.slug, customer.pk])
    more = write_cursor(False, Key(last.rank, last.at, last.pk))
    return Timeline(page, f"{url}?cursor={more}" + (f"&kind={kind}" if kind else ""))


def _before(cursor: str) -> Key | None:
    if not cursor:
        return None
    _, key = read_cursor_text(cursor)
    if not 0 <= key.tier < len(KINDS) or type(key.value) is not datetime or key.value.tzinfo is None:
        raise BadCursor
    return key


def _earlier(column: str, rank: int, before: Key | None) -> Q:
    """Rows of the source of this rank that stand behind the key in the whole timeline."""
    if before is None:
        return Q()
    if rank < before.tier:
        return Q(**{f"{column}__lte": before.value})
    condition = Q(**{f"{column}__lt": before.value})
    return condition | Q(**{column: before.value, "pk__lt": before.id}) if rank == before.tier else condition


def _page(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows.order_by(f"-{column}", "-pk")[: TIMELINE_PAGE + 1]


def _orders(customer: Customer, shop: Shop, rank: int, before: Key | None) -> Iterator[Event]:
    rows = Order.objects.filter(_earlier("placed_at", rank, before), customer=customer)
    for order in _page(rows, "placed_at"):
        total = format_money(order.total_minor, order.currency, formats.language())
        url = reverse("customers:order", args=[shop.slug, order.pk])
        title = gettext("Order %(number)s · %(total)s") % {"number": order.external_id, "total": total}
        text = "" if order.status in (Order.Status.PAID, Order.Status.FULFILLED) else order.get_status_display()
        yield Event(order.placed_at, rank, order.pk, title, "shopping-bag", text, "good" if not text else "", url)


def _refunds(customer: Customer, shop: Shop, rank: int, before: Key | None) -> Iterator[Event]:
    rows = Refund.objects.filter(_earlier("refunded_at", rank, before), customer=customer)
    for refund in _page(rows, "refunded_at"):
        amount = format_money(refund.amount_minor, refund.currency, formats.language())
        url = reverse("customers:order", args=[shop.slug, refund.order_id]) if refund.order_id else ""
        title = gettext("Refund %(number)s · %(amount)s") % {"number": refund.external_id, "amount": amount}
        yield Event(refund.refunded_at, rank, refund.pk, title, "receipt-refund", "", "bad", url)


def _notes(customer: Customer, shop: Shop, rank: int, before: Key | None) -> Iterator[Event]:
    rows = Note.objects.filter(_earlier("created_at", rank, before), customer=customer).select_related("author")
    for note in _page(rows, "created_at"):
        title = gettext("Note by %(author)s") % {"author": note.author} if note.author else gettext("Note")
        yield Event(note.created_at, rank, note.pk, title, "note", note.body)


def _stages(customer: Customer, shop: Shop, rank: int, before: Key | None) -> Iterator[Event]:
    """A move happens at the end of its day: the scoring looked at the whole of it."""
    rows = stage_history(customer.pk)
    if before is not None:
        local = before.value.astimezone(shop.zone)
        condition = Q(on__lt=local.date())
        if rank < before.tier and local == _end_of(local.date(), shop):
            condition |= Q(on=local.date())
        elif rank == before.tier:
            condition |= Q(on=local.date(), pk__lt=before.id)
        rows = rows.filter(condition)
    for move in rows[: TIMELINE_PAGE + 1]:
        yield _move(move, shop, rank)


def _move(move: StageTransition, shop: Shop, rank: int) -> Event:
    title = gettext("%(before)s → %(after)s") % {
        "before": Stage(move.from_stage).label,
        "after": Stage(move.to_stage).label,
    }
    is_bad = move.to_stage in (Stage.AT_RISK, Stage.DORMANT, Stage.LOST)
    kind, icon = ("bad", "arrow-down-right") if is_bad else ("good", "arrow-up-right")
    return Event(_end_of(move.on, shop), rank, move.pk, title, icon, transition_reason(move.reason), kind)


def _end_of(day: date, shop: Shop) -> datetime:
    return (datetime.combine(day + timedelta(days=1), time(), tzinfo=shop.zone) - timedelta(microseconds=1)).astimezone(
        UTC
    )


def _tags(customer: Customer, shop: Shop, rank: int, before: Key | None) -> Iterator[Event]:
    rows = CustomerTag.objects.filter(_earlier("created_at", rank, before), customer=customer).select_related("tag")
    for worn in _page(rows, "created_at"):
        title = gettext("Tagged “%(tag)s”") % {"tag": worn.tag.name}
        yield Event(worn.created_at, rank, worn.pk, title, "tag")


_SOURCES = {"orders": _orders, "refunds": _refunds, "notes": _notes, "stages": _stages, "tags": _tags}


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
