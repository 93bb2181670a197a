"""Pages of consents: what a customer said, and the shop's topics and texts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.consent import actions
from customers.consent.forms import ChangeTopicForm, RecordForm, TextForm, TopicForm
from customers.models import ConsentText, Customer, Topic
from customers.queries import name_the_nameless


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.RECORD_CONSENTS)
def record_consent(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    moment = now()
    form = RecordForm(request.shop, request.POST if request.method == "POST" else None, now=moment)
    if form.is_valid():
        event = actions.record_by_hand(form.said(customer), by=request.user, now=moment)
        messages.success(request, _("Recorded.") if event else _("That was recorded before."))
        return HttpResponseRedirect(reverse("customers:detail", args=[shop_slug, customer_id]) + "#consents")
    name_the_nameless([customer])
    context = {"customer": customer, "form": form, "title": _("What the customer said"), "button": _("Record")}
    return render(request, "customers/form.html", context, status=422 if form.errors else 200)


# Settings


@require_safe
@requires(Right.MANAGE_SHOP)
def settings(request: ShopRequest, shop_slug: str) -> HttpResponse:
    return _settings(request)


@require_POST
@requires(Right.MANAGE_SHOP)
def add_topic(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = TopicForm(request.POST)
    if form.is_valid():
        try:
            actions.add_topic(form.cleaned_data["code"], form.cleaned_data["name"], by=request.user, now=now())
        except actions.TopicTaken:
            form.add_error("code", _("There is a topic with this code."))
        else:
            return _saved(request, shop_slug)
    return _settings(request, topic_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def change_topic(request: ShopRequest, shop_slug: str, topic_id: int) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=topic_id)
    known = {"name": topic.name, "is_open": topic.is_open}
    form = ChangeTopicForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        actions.change_topic(topic, **form.cleaned_data, by=request.user)
        return _saved(request, shop_slug)
    context = {"topic": topic, "form": form}
    return render(request, "customers/topic.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Right.MANAGE_SHOP)
def add_text(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = TextForm(request.POST)
    if form.is_valid():
        try:
            actions.add_text(**form.cleaned_data, by=request.user, now=now())
        except actions.VersionTaken:
            form.add_error("version", _("There is a text of this version, and texts are never changed."))
        else:
            return _saved(request, shop_slug)
    return _settings(request, text_form=form)


def _saved(request: ShopRequest, shop_slug: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("consents:settings", shop_slug)


def _settings(request: ShopRequest, **forms: Any) -> HttpResponse:
    context = {
        "topics": list(Topic.objects.order_by("name", "pk")),
        "texts": list(ConsentText.objects.order_by("-pk")),
        "topic_form": TopicForm(),
        "text_form": TextForm(),
    }
    return render(request, "customers/consent_settings.html", context | forms, status=422 if forms else 200)
