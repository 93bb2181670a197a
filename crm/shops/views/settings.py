"""The shop's own settings, and what everybody may see of theirs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shops import staff as people
from crm.shops.access import requires
from crm.shops.actions import BooksAreKept, NoSecondStep, change_shop, require_mfa
from crm.shops.books import has_books
from crm.shops.forms import ShopSettingsForm
from crm.shops.middleware import ShopRequest
from crm.shops.queries import has_second_step, is_shut_out
from crm.shops.roles import RIGHT_LABELS, Right, is_guarded
from crm.tenancy.scope import shop_scope
from crm.ui import navigation


@require_safe
def index(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The first part this person may open."""
    parts = navigation.tabs("settings", shop_slug=shop_slug, here="", has_right=request.membership.may)
    return redirect(parts[0].url)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def shop(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = ShopSettingsForm(request.shop, request.POST or None, has_books=has_books())
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_shop(request.shop, by=request.user, **form.changes())
        except BooksAreKept:  # The first order came while the form was open.
            messages.error(request, _("Orders have come in meanwhile, so currency and time zone stay as they are."))
            return redirect("settings:shop", shop_slug=shop_slug)
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("settings:shop", shop_slug=shop_slug)
    return render(request, "settings/shop.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def security(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """How this person signs in, what their role may do, and the way out."""
    rights = [label for right, label in RIGHT_LABELS.items() if request.membership.may(right)]
    has_two_steps = has_second_step(request.user.pk)
    context = {
        "rights_in_words": rights,
        "has_two_steps": has_two_steps,
        "should_set_up": is_guarded(request.membership.role) and not has_two_steps,
    }
    return render(request, "settings/security.html", context)


@require_POST
@requires(Right.SET_SECURITY)
def require_two_steps(request: ShopRequest, shop_slug: str) -> HttpResponse:
    try:
        if request.POST.get("required") == "yes":
            require_mfa(request.shop, by=request.user)
        else:
            change_shop(request.shop, by=request.user, requires_mfa=False)
    except NoSecondStep:
        messages.error(request, _("Set up two-step sign-in for yourself first: you would be shut out too."))
    else:
        messages.success(request, _("Saved."))
    return redirect("settings:security", shop_slug=shop_slug)


@require_safe
def two_step(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """Where ShopMiddleware leads a member who has to set it up; the only page of the shop they see until then."""
    if not is_shut_out(request.membership):
        return redirect("settings:security", shop_slug=shop_slug)
    return render(request, "settings/two_step.html")


@require_POST
def leave(request: ShopRequest, shop_slug: str) -> HttpResponse:
    try:
        with shop_scope(request.shop):
            people.remove_member(request.membership, by=request.user)
    except people.LastOwner:
        messages.error(request, _("You are the last owner. Make somebody else an owner first, then leave."))
        return redirect("settings:security", shop_slug=shop_slug)
    messages.success(request, _("You have left “%(shop)s”.") % {"shop": request.shop})
    return redirect("home")
