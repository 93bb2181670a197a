"""Pages of what records say of people: of one customer, and which kinds of relations there are."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.about import about
from customers.merging.pages import follows_merges
from customers.models import Customer
from customers.profile import (
    OUT_OF_SCORES,
    KindRefused,
    change_kind,
    create_kind,
    holders,
    kinds,
    kinds_for_writing,
)
from customers.profile_forms import AboutForm, KindForm
from customers.upserts import Details, change_customer


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.EDIT_CUSTOMERS)
@follows_merges
def edit_about(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """The form of what the record says of the person, in place for htmx, else on a page of its own.

    409 where somebody else has changed meanwhile what the form was to change: it then says to what.
    """
    is_sent = request.method == "POST"
    known = kinds_for_writing() if is_sent else kinds()
    customer = get_object_or_404(Customer, pk=customer_id)
    form = AboutForm(customer, known, today=request.shop.day_of(now()), data=request.POST if is_sent else None)
    context = {"customer": customer, "form": form}
    if is_sent and form.is_valid():
        changes = form.changes()
        change_customer(customer, Details(**changes), by=request.user, now=now())
        if not request.htmx:
            messages.success(request, gettext("Saved."))
            return redirect("customers:detail", shop_slug, customer.pk)
        if any(name in changes for name in OUT_OF_SCORES):
            return HttpResponseClientRefresh()  # other parts of the page say something else now
        customer.refresh_from_db()
        shown = {"customer": customer, "about": about(customer, request.shop), "is_saved": True}
        return render(request, "customers/_about.html", shown)
    if request.htmx and request.GET.get("part") == "shown":
        return render(request, "customers/_about.html", context | {"about": about(customer, request.shop)})
    # htmx swaps answers of 200 alone.
    status = (200 if request.htmx else 409 if form.is_stale else 422) if form.errors else 200
    template = "customers/_about_form.html" if request.htmx else "customers/about.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def kind_list(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The kinds of relations of the shop, and a form for another one."""
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            create_kind(**form.cleaned_data, by=request.user, now=now())
        except KindRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, gettext("The kind is there."))
            return redirect("attributes:kinds", shop_slug)
    context = {"form": form, "kinds": kinds().all}
    return render(request, "customers/kinds.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def kind(request: ShopRequest, shop_slug: str, kind_key: str) -> HttpResponse:
    known = kinds().by_key.get(kind_key)
    if known is None:
        raise Http404
    form = KindForm(request.POST or None, kind=known)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_kind(kind_key, **form.changes(), by=request.user, now=now())
        except KindRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, gettext("Saved.") if changed else gettext("Nothing was changed."))
            return redirect("attributes:kinds", shop_slug)
    context = {"form": form, "kind": known, "holders": holders(kind_key)}
    return render(request, "customers/kind.html", context, status=422 if form.errors else 200)
