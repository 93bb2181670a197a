"""Where a person lands, how a shop is opened, and how an invitation is accepted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shops.forms import ShopForm
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop
from crm.shops.queries import shops_of


def front_page(shop: Shop) -> str:
    """The shop's overview: its page belongs to the roof, so only the address is known here."""
    return f"/s/{shop.slug}/"


@require_safe
def home(request: ShopRequest) -> HttpResponse:
    """One shop: go there. Several: choose. None: open one, or wait for an invitation."""
    if request.user.is_staff:
        raise PermissionDenied
    shops = list(shops_of(request.user))
    if len(shops) == 1 and "choose" not in request.GET:
        return redirect(front_page(shops[0]))
    return render(request, "shops/home.html", {"shops": shops})


@require_http_methods(["GET", "HEAD", "POST"])
def new_shop(request: ShopRequest) -> HttpResponse:
    """Another shop for somebody who has an account."""
    if request.user.is_staff:
        raise PermissionDenied
    form = ShopForm(request.POST or None, for_email=request.user.email)
    if request.method == "POST" and form.is_valid():
        shop = form.create(request.user)
        messages.success(request, _("“%(shop)s” is open.") % {"shop": shop})
        return redirect(front_page(shop))
    return render(request, "shops/new.html", {"form": form}, status=422 if form.errors else 200)
