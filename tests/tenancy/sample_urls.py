"""Pages for the test of the sweep itself: one that is right, and one for each mistake it must see."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.views.decorators.http import require_GET

from crm.shops.roles import Right
from customers.models import Customer


def _checked(request):
    if not request.membership.may(Right.MANAGE_SHOP):
        raise PermissionDenied


@require_GET
def right(request, shop_slug, customer_id):
    _checked(request)
    return HttpResponse(get_object_or_404(Customer, pk=customer_id).name)


@require_GET
def for_everybody(request, shop_slug, customer_id):
    return HttpResponse(get_object_or_404(Customer, pk=customer_id).name)


def takes_any_method(request, shop_slug, customer_id):
    return right(request, shop_slug, customer_id) if request.method == "GET" else HttpResponse("done")


@require_GET
def shows_another_shop(request, shop_slug, customer_id):
    _checked(request)
    return HttpResponse(get_object_or_404(Customer, pk=customer_id).name + " canary-other")


@require_GET
def shows_it_in_a_header(request, shop_slug, customer_id):
    _checked(request)
    get_object_or_404(Customer, pk=customer_id)
    return HttpResponse(headers={"X-Note": "canary-other"})


@require_GET
def does_not_look(request, shop_slug, customer_id):
    _checked(request)
    return HttpResponse("ok")


@require_GET
def tells_apart(request, shop_slug, customer_id):
    """As if it knew which ids exist elsewhere."""
    _checked(request)
    if not Customer.objects.filter(pk=customer_id).exists():
        return HttpResponse("yours? no" if customer_id < 900_000_000 else "nobody's", status=404)
    return HttpResponse("ok")


@require_GET
def breaks(request, shop_slug, customer_id):
    _checked(request)
    get_object_or_404(Customer, pk=customer_id)
    raise ZeroDivisionError


@login_not_required
@require_GET
def without_login(request, shop_slug, customer_id):
    return HttpResponse("welcome") if not hasattr(request, "membership") else right(request, shop_slug, customer_id)


VIEWS = (
    right,
    for_everybody,
    takes_any_method,
    shows_another_shop,
    shows_it_in_a_header,
    does_not_look,
    tells_apart,
    breaks,
    without_login,
)
urlpatterns = [
    path(f"s/<slug:shop_slug>/{view.__name__}/<int:customer_id>/", view, name=view.__name__) for view in VIEWS
]
urlpatterns += [path("login/", for_everybody, name="account_login"), path("", include("crm.urls"))]
