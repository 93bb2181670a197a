"""The review of duplicates: a list of pairs by their score, and one pair after another, by keyboard too.

Keys of the page of a pair: m merges, d says that they are two people, l leaves it for later, o keeps the other.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crm.lib.keyset import BadCursor, Tier, page_of
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from crm.tenancy.work import nudge_for
from crm.ui import formats
from customers.merging.merge import CustomerGone, merge_customers
from customers.merging.searches import AlreadyJudged, cancel_search, last_search, request_search, skip_pair
from customers.merging.views import chosen, comparison
from customers.merging.words import reasons_of
from customers.models import Customer, DuplicatePair, Merge
from customers.queries import contacts_of, name_the_nameless, size_of

PAGE = 50


@dataclass(frozen=True)
class PairRow:
    """A pair as the list shows it; contacts: one of each customer, masked. reason: the weightiest in favour."""

    pair: DuplicatePair
    contacts: tuple[str, str]
    reason: str


@require_safe
@requires(Right.MERGE_CUSTOMERS)
def duplicates(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The open pairs, the likeliest first."""
    open_ = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN)
    try:
        page = page_of([Tier(open_, column="score")], request.GET.get("cursor", ""), size=PAGE)
    except BadCursor:
        raise Http404 from None
    pairs = DuplicatePair.objects.select_related("first", "second").in_bulk(page.ids)
    size = size_of(open_)
    number = formats.number(size.count)
    count_text = ngettext("%(count)s pair", "%(count)s pairs", size.count) % {
        "count": f"≈ {number}" if size.is_estimate else number
    }
    context = {
        "rows": _rows([pairs[pk] for pk in page.ids if pk in pairs]),
        "count_text": count_text,
        "next_url": f"?cursor={page.next}" if page.next else "",
        "previous_url": f"?cursor={page.previous}" if page.previous else "",
        "search": last_search(),
        "merged": _merged(request),
    }
    return render(request, "customers/duplicates.html", context)


def _rows(pairs: list[DuplicatePair]) -> list[PairRow]:
    people = [customer for pair in pairs for customer in (pair.first, pair.second)]
    name_the_nameless(people)
    contacts = contacts_of([customer.pk for customer in people]) if people else {}
    return [
        PairRow(
            pair,
            (contacts[pair.first_id].masked().first, contacts[pair.second_id].masked().first),
            next((reason.text for reason in reasons_of(pair) if reason.speaks_for), ""),
        )
        for pair in pairs
    ]


def _merged(request: ShopRequest) -> Merge | None:
    """The merge that the address names, as long as it can be undone."""
    text = request.GET.get("merged", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    merge = Merge.objects.filter(pk=int(text), undone_at=None).select_related("customer").first()
    name_the_nameless([merge.customer if merge else None])
    return merge


@require_http_methods(["GET", "POST"])
@requires(Right.MERGE_CUSTOMERS)
def search(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """POST has a worker look, with `stop` ends that. GET, by htmx: how it goes; the page is loaded again once it has
    ended.
    """
    if request.method == "POST" and "stop" in request.POST:
        if cancel_search(by=request.user):
            messages.success(request, gettext("The search was stopped. The list is as it was before."))
        return redirect("customers:duplicates", shop_slug)
    if request.method == "POST":
        nudge_for(request_search(request.shop, by=request.user, now=now()))
        return redirect("customers:duplicates", shop_slug)
    job = last_search()
    if not request.htmx:
        return redirect("customers:duplicates", shop_slug)
    answer = render(request, "customers/_duplicate_search.html", {"search": job})
    if job is None or not job.is_open:
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "POST"])
@requires(Right.MERGE_CUSTOMERS)
def duplicate(request: ShopRequest, shop_slug: str, pair_id: int) -> HttpResponse:
    """One pair side by side; `keep=second`: the second remains. POST: `act` is merge or skip, and leads to the next."""
    pair = get_object_or_404(DuplicatePair.objects.select_related("first", "second"), pk=pair_id)
    if pair.state != DuplicatePair.State.OPEN:
        messages.info(request, gettext("This pair was judged already."))
        return redirect("customers:duplicates", shop_slug)
    keep = (request.POST if request.method == "POST" else request.GET).get("keep") or _usual(pair)
    customer, other = (pair.second, pair.first) if keep == "second" else (pair.first, pair.second)
    following = _next(pair)
    if request.method == "POST":
        return _judge(request, pair, customer, other, following)
    name_the_nameless([customer, other])
    context = {
        "pair": pair,
        "customer": customer,
        "other": other,
        "keep": keep,
        "swapped": "first" if keep == "second" else "second",
        "reasons": reasons_of(pair),
        "next_url": _address(request, following),
        "merged": _merged(request),
        **comparison(customer, other),
    }
    return render(request, "customers/duplicate.html", context)


def _usual(pair: DuplicatePair) -> str:
    """Who remains where nobody chose: the one with more orders, else whom the shop knew first."""
    return "second" if pair.second.order_count > pair.first.order_count else "first"


def _judge(
    request: ShopRequest, pair: DuplicatePair, customer: Customer, other: Customer, following: DuplicatePair | None
) -> HttpResponseRedirect:
    url = _address(request, following)
    try:
        if request.POST.get("act") == "merge":
            merge = merge_customers(other, customer, by=request.user, now=now(), **chosen(request.POST))
            # The pair goes with the other, and so may the next one.
            url = f"{_address(request, following and _still(following))}?merged={merge.pk}"
        elif request.POST.get("act") == "skip":
            skip_pair(pair, by=request.user, now=now())
            messages.success(request, gettext("Two people. Nobody is asked about these two again."))
    except (CustomerGone, AlreadyJudged):
        messages.error(request, gettext("One of the two was merged or deleted meanwhile. Nothing was changed."))
    return HttpResponseRedirect(url)


def _still(pair: DuplicatePair) -> DuplicatePair | None:
    if DuplicatePair.objects.filter(pk=pair.pk).exists():
        return pair
    return _next(pair)


def _next(pair: DuplicatePair) -> DuplicatePair | None:
    """The open pair behind this one in the list; the first one of all behind the last."""
    others = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN).exclude(pk=pair.pk)
    for behind in (others.filter(score=pair.score, pk__gt=pair.pk), others.filter(score__lt=pair.score), others):
        if found := behind.order_by("-score", "pk").first():
            return found
    return None


def _address(request: ShopRequest, pair: DuplicatePair | None) -> str:
    if pair is None:
        return reverse("customers:duplicates", args=[request.shop.slug])
    return reverse("customers:duplicate", args=[request.shop.slug, pair.pk])
