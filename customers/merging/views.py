"""Pages that make two customers one: find the other, look at both, choose, confirm; and take it back."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from crm.ui import formats
from customers.domain.countries import country_shown
from customers.domain.profile import language_name
from customers.finding import find
from customers.merging.merge import CustomerGone, merge_customers, profile_columns, rows_to_move
from customers.merging.pages import follows_merges
from customers.merging.undo import AlreadyUndone, undo_merge
from customers.models import Customer, Merge
from customers.profile import kinds
from customers.queries import contacts_of, in_order, name_the_nameless

FOUND = 20  # offered; whoever wants others writes more of the name
COLUMNS = {"name": gettext_lazy("Name"), "city": gettext_lazy("City"), "country": gettext_lazy("Country")}
# Shown where either of the two says anything.
MORE_COLUMNS = {
    "birthday": gettext_lazy("Birthday"),
    "language": gettext_lazy("Language"),
    "time_zone": gettext_lazy("Time zone"),
    "company": gettext_lazy("Company"),
    "kind": gettext_lazy("Relation"),
}
MOVES = {
    "orders": ngettext_lazy("%(number)s order", "%(number)s orders", "count"),
    "refunds": ngettext_lazy("%(number)s refund", "%(number)s refunds", "count"),
    "identifiers": ngettext_lazy("%(number)s identifier", "%(number)s identifiers", "count"),
    "tags": ngettext_lazy("%(number)s tag", "%(number)s tags", "count"),
    "notes": ngettext_lazy("%(number)s note", "%(number)s notes", "count"),
    "addresses": ngettext_lazy("%(number)s address", "%(number)s addresses", "count"),
}


@dataclass(frozen=True)
class Choice:
    """A line of the comparison: what each of the two says. takes_other: only the other says anything.

    prefers_other: staff hold the other's value alone, so that is what stays unless somebody chooses.
    """

    name: str
    label: str
    mine: str
    other: str
    takes_other: bool
    prefers_other: bool


@require_http_methods(["GET", "POST"])
@requires(Right.MERGE_CUSTOMERS)
@follows_merges
def merge(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """`q` looks for the other, `with` is the other's id; whose page this is remains."""
    customer = get_object_or_404(Customer, pk=customer_id)
    other = _other(request, customer)
    if request.method == "POST" and other is not None:
        try:
            merge_customers(other, customer, by=request.user, now=now(), **chosen(request.POST))
        except CustomerGone:
            messages.error(request, gettext("One of the two was merged or deleted meanwhile. Nothing was changed."))
            return redirect("customers:list", request.shop.slug)
        messages.success(request, gettext("The two are one now. You can undo this on this page at any time."))
        return redirect("customers:detail", request.shop.slug, customer.pk)
    name_the_nameless([customer, other])
    query = request.GET.get("q", "").replace("\0", "").strip()
    context = {
        "customer": customer,
        "other": other,
        "query": query,
        "found": _found(query, customer) if query and other is None else [],
        **(comparison(customer, other) if other else {}),
    }
    is_lost = request.method == "POST" or ("with" in request.GET and other is None)
    return render(request, "customers/merge.html", context | {"is_lost": is_lost}, status=422 if is_lost else 200)


def _other(request: ShopRequest, customer: Customer) -> Customer | None:
    text = (request.POST if request.method == "POST" else request.GET).get("with", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    return Customer.objects.filter(pk=int(text)).exclude(pk=customer.pk).first()


def chosen(form: QueryDict) -> dict[str, list[str]]:
    """Of which columns the other's value was chosen, and of which that of who remains: for merge_customers."""
    return {
        "take": [name for name in profile_columns() if form.get(f"take_{name}") == "other"],
        "keep": [name for name in profile_columns() if form.get(f"take_{name}") == "mine"],
    }


def _found(query: str, customer: Customer) -> list[tuple[Customer, str]]:
    """Customers whom the text finds, but for this one, each with a contact as anybody may see it."""
    ids = [pk for pk in find(query).ids if pk != customer.pk][:FOUND]
    customers = in_order(ids)
    name_the_nameless(customers)
    contacts = contacts_of(ids)
    return [(each, contacts[each.pk].masked().first) for each in customers]


def comparison(customer: Customer, other: Customer) -> dict[str, object]:
    """What customers/_comparison.html shows of the two and of a merge of the other into the customer."""
    contacts = contacts_of([customer.pk, other.pk])
    counts = rows_to_move(other)
    moves = [
        str(text % {"number": formats.number(counts[name]), "count": counts[name]})
        for name, text in MOVES.items()
        if name in counts
    ]
    return {
        "mine": contacts[customer.pk].masked(),
        "others": contacts[other.pk].masked(),
        "choices": [
            Choice(
                name,
                str((COLUMNS | MORE_COLUMNS).get(name, name)),
                _shown(name, getattr(customer, name)),
                _shown(name, getattr(other, name)),
                bool(getattr(other, name)) and not getattr(customer, name) and name not in customer.held,
                bool(getattr(other, name)) and name in other.held and name not in customer.held,
            )
            for name in profile_columns()
            if name not in MORE_COLUMNS or getattr(customer, name) or getattr(other, name)
        ],
        "moves": moves,
    }


def _shown(name: str, value: str) -> str:
    """As people read it; "" for none."""
    if name == "language" and value:
        return language_name(value, formats.locale())
    if name == "country":
        return country_shown(value, str(formats.locale()))
    return kinds().label_of(value) if name == "kind" and value else value


@require_POST
@requires(Right.MERGE_CUSTOMERS)
def undo(request: ShopRequest, shop_slug: str, merge_id: int) -> HttpResponseRedirect:
    """Take a merge apart; leads to the customer who is there again."""
    merge = get_object_or_404(Merge, pk=merge_id)
    try:
        customer = undo_merge(merge, by=request.user, now=now())
    except AlreadyUndone:
        messages.error(request, gettext("This merge was undone before. Nothing was changed."))
        return redirect("customers:detail", request.shop.slug, merge.customer_id)
    text = gettext("The two are apart again. This is who was merged, with all that came since by their identifiers.")
    messages.success(request, text)
    return redirect("customers:detail", request.shop.slug, customer.pk)
