"""Where a person lands, how a shop is opened, and how an invitation is accepted."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shops.forms import ShopForm
from crm.shops.middleware import ShopRequest
from crm.shops.models import Shop, User
from crm.shops.queries import shops_of

SHOPS_A_DAY = 10


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
    if request.method == "POST" and form.is_valid() and _may_open_another(request.user, form):
        shop = form.create(request.user)
        messages.success(request, _("“%(shop)s” is open.") % {"shop": shop})
        return redirect(front_page(shop))
    return render(request, "shops/new.html", {"form": form}, status=422 if form.errors else 200)


def _may_open_another(person: User, form: ShopForm) -> bool:
    """Each shop may send invitations: so that they are not many times more for who opens shop after shop."""
    if shops_of(person).filter(created_at__gt=now() - timedelta(days=1)).count() < SHOPS_A_DAY:
        return True
    form.add_error(
        None, _("You have opened %(count)s shops today. Open the next one tomorrow.") % {"count": SHOPS_A_DAY}
    )
    return False
