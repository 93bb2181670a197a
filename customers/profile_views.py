"""Pages of what records say of people: of one customer, and which kinds of relations there are."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm.lib.keyset import BadCursor
from crm.lib.masking import mask_email, mask_phone, masked_text
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.about import about, about_texts
from customers.actions import release_field
from customers.attributes import definitions, values_of
from customers.merging.pages import follows_merges
from customers.models import Customer, Identifier
from customers.panels import value_text
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
from customers.provenance import is_held, mark_of, provenance_page
from customers.queries import name_the_nameless
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


@require_safe
@requires(Right.SEE_CUSTOMERS)
@follows_merges
def provenance(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """Where each value comes from, and its changes; `field`, of which there may be several: only of these."""
    return _provenance(request, get_object_or_404(Customer, pk=customer_id), request.GET.getlist("field"))


def _provenance(request: ShopRequest, customer: Customer, fields: Sequence[str], *, released: str = "") -> HttpResponse:
    """released: the mark of the value that was just let go."""
    fields = [field for field in fields if "\0" not in field]
    try:
        page = provenance_page(customer, _texts(customer), cursor=request.GET.get("cursor", ""), fields=fields)
    except BadCursor:
        raise Http404 from None
    name_the_nameless([customer])
    query = urlencode([("field", field) for field in fields])
    context = {"customer": customer, "provenance": page, "query": query, "fields": fields}
    context |= {"released": released, "is_still_held": bool(released) and is_held(customer, released)}
    template = "customers/_provenance.html" if request.htmx else "customers/provenance.html"
    return render(request, template, context)


def _texts(customer: Customer) -> dict[tuple[str, int | None], str]:
    """What the customer's page shows of each value: contacts masked, for those too who may see them."""
    texts: dict[tuple[str, int | None], str] = {
        (name, None): text for name, text in about_texts(customer, kinds()).items()
    }
    masks = {"email": mask_email, "phone": mask_phone, "external": masked_text}
    for pk, kind, value in Identifier.objects.filter(customer=customer).values_list("pk", "kind", "value"):
        texts[f"identifier.{kind}", pk] = masks[kind](value) if kind in masks else ""
    known = definitions()
    values = values_of([customer.pk])[customer.pk]
    for each in known.current:
        texts[f"attribute.{each.key}", each.pk] = value_text(each, values.get(each.pk, ()), known)
    return texts


@require_POST
@requires(Right.EDIT_CUSTOMERS)
def release(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """Let the storefront say `release` again; `field` as on the page that shows it."""
    customer = get_object_or_404(Customer, pk=customer_id)
    released = release_field(customer, request.POST.get("release", ""), by=request.user)
    if request.htmx:
        customer.refresh_from_db()
        mark = mark_of(request.POST["release"]) if released else ""
        return _provenance(request, customer, request.POST.getlist("field"), released=mark)
    if released:
        messages.success(request, gettext("Storefronts may change it again."))
    return redirect("customers:provenance", shop_slug, customer.pk)


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
