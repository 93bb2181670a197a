from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from crm.shops.access import requires
from crm.shops.audit.chain import record
from crm.shops.roles import Right
from tests.toy.models import Settings, Wish


@require_safe
@requires(Right.SEE_CUSTOMERS)
def wishes(request, shop_slug):
    return HttpResponse(", ".join(Wish.objects.order_by("pk").values_list("what", flat=True)))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def settings(request, shop_slug):
    if request.method == "POST":
        Settings.objects.update_or_create(shop=request.shop, defaults={"most": request.POST["most"]})
        record("wish.settings_changed", by=request.user)
        return redirect("wish_settings:settings", shop_slug=shop_slug)
    return render(request, "toy/settings.html", {"own": Settings.objects.first() or Settings()})
