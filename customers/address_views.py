"""Pages of a customer's addresses: added, changed and removed in place for htmx, else on pages of their own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.actions import reveal_contacts
from customers.address_forms import AddressForm
from customers.addresses import (
    AddressChanged,
    AddressRefused,
    add_address,
    addresses_of,
    change_address,
    remove_address,
)
from customers.imports.files import region_of
from customers.merging.pages import follows_merges
from customers.models import Address, Customer


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.EDIT_CUSTOMERS)
@follows_merges
def add(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """The form of another address; with ?part=shown the list of those there are."""
    customer = get_object_or_404(Customer, pk=customer_id)
    if request.htmx and request.GET.get("part") == "shown":
        return _list(request, customer)
    form = AddressForm(_sent(request), region=region_of(request.shop))
    if request.method == "POST" and form.is_valid():
        try:
            add_address(customer, form.address(), by=request.user, now=now())
        except AddressRefused as refused:
            form.refuse(refused)
        else:
            return _done(request, customer, gettext("Saved."))
    return _form(request, customer, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.EDIT_CUSTOMERS)
@follows_merges
def change(request: ShopRequest, shop_slug: str, customer_id: int, address_id: int) -> HttpResponse:
    """The form of one address. 409 where somebody else has changed it since the form was shown: it says to what."""
    customer = get_object_or_404(Customer, pk=customer_id)
    address = get_object_or_404(Address, pk=address_id, customer=customer)
    form = AddressForm(_sent(request), region=region_of(request.shop), address=address)
    if request.method == "POST" and form.is_valid():
        try:
            change_address(address, form.address(), seen=form.cleaned_data["seen"], by=request.user, now=now())
        except AddressRefused as refused:
            form.refuse(refused)
        except AddressChanged as changed:
            if changed.now is None:
                return _gone(request, customer)
            form.tell(changed.now)
        else:
            return _done(request, customer, gettext("Saved."))
    elif request.method == "GET":
        reveal_contacts(customer, by=request.user)  # the form shows the whole phone number
    return _form(request, customer, form, address=address)


@require_POST
@requires(Right.EDIT_CUSTOMERS)
def remove(request: ShopRequest, shop_slug: str, customer_id: int, address_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    address = get_object_or_404(Address, pk=address_id, customer=customer)
    try:
        remove_address(address, seen=request.POST.get("seen", ""), by=request.user, now=now())
    except AddressChanged:
        return _gone(request, customer)
    return _done(request, customer, gettext("The address is removed."))


def _sent(request: ShopRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form(
    request: ShopRequest, customer: Customer, form: AddressForm, *, address: Address | None = None
) -> HttpResponse:
    context = {"customer": customer, "form": form, "address": address}
    # htmx swaps answers of 200 alone.
    status = (200 if request.htmx else 409 if form.is_stale else 422) if form.errors else 200
    template = "customers/_address_form.html" if request.htmx else "customers/address.html"
    return render(request, template, context, status=status)


def _list(request: ShopRequest, customer: Customer, *, said: str = "", problem: str = "") -> HttpResponse:
    shown = addresses_of([customer.pk]).get(customer.pk, [])
    context = {"customer": customer, "addresses": shown, "said": said, "problem": problem}
    return render(request, "customers/_addresses.html", context)


def _done(request: ShopRequest, customer: Customer, said: str) -> HttpResponse:
    if request.htmx:
        return _list(request, customer, said=said)
    messages.success(request, said)
    return redirect("customers:detail", request.shop.slug, customer.pk)


def _gone(request: ShopRequest, customer: Customer) -> HttpResponse:
    """Nothing was done, since it is not what was shown: here is what there is."""
    text = gettext("Somebody has changed this address meanwhile, so nothing was done. Please look again.")
    if request.htmx:
        return _list(request, customer, problem=text)
    messages.warning(request, text)
    return redirect("customers:detail", request.shop.slug, customer.pk)
