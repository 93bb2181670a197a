"""Staff's pages of sign-ups: the forms in the settings, and the list of what was sent with them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.models import ConsentSettings, ConsentText, SignupForm
from customers.signups import actions
from customers.signups.forms import FormForm, SettingsForm
from customers.signups.presenters import form_rows, signup_page


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def forms(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The forms, and what holds for all of them."""
    form = SettingsForm(ConsentSettings.current(), _posted(request))
    if form.is_valid():
        actions.change_settings(form.cleaned_data, by=request.user)
        return _saved(request, shop_slug)
    context = {"forms": form_rows(request.shop), "form": form, "has_texts": ConsentText.objects.exists()}
    return render(request, "customers/signup_forms.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def new_form(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = FormForm(_posted(request))
    if form.is_valid():
        try:
            actions.add_form(form.cleaned_data, by=request.user, now=now())
        except actions.CodeTaken:
            form.add_error("code", _("There is a form with this code."))
        else:
            return _saved(request, shop_slug)
    return _form_page(request, form, _("A new form"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def change_form(request: ShopRequest, shop_slug: str, form_id: int) -> HttpResponse:
    signup_form = get_object_or_404(SignupForm, pk=form_id)
    form = FormForm(_posted(request), form=signup_form)
    if form.is_valid():
        actions.change_form(signup_form, form.cleaned_data, by=request.user)
        return _saved(request, shop_slug)
    return _form_page(request, form, signup_form.name)


@require_safe
@requires(Right.SEE_CUSTOMERS)
def signups(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """What was sent, the latest first."""
    page = signup_page(**{name: request.GET.get(name, "") for name in ("state", "form", "before")})
    return render(request, "customers/signups.html", {"page": page})


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _saved(request: ShopRequest, shop_slug: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("signups:forms", shop_slug)


def _form_page(request: ShopRequest, form: FormForm, title: str) -> HttpResponse:
    context = {"form": form, "title": title}
    return render(request, "customers/signup_form_edit.html", context, status=422 if form.errors else 200)
