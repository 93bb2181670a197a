"""Pages of attributes: which there are, in the settings, and what they are of one customer."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.attribute_forms import DefinitionForm, ValuesForm
from customers.attributes import (
    AttributeRefused,
    change_attributes,
    change_definition,
    create_definition,
    definitions,
    definitions_for_writing,
    holders,
    values_of,
)
from customers.models import AttributeDefinition, Customer
from customers.panels import attribute_group


@dataclass(frozen=True)
class DefinitionRow:
    """One attribute as the settings list it. choices: those that can be chosen."""

    definition: AttributeDefinition
    choices: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def settings(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """The attributes of the shop, and a form for another one."""
    form = DefinitionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            create_definition(**form.wanted(), by=request.user, now=now())
        except AttributeRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, gettext("The attribute is there."))
            return redirect("attributes:settings", shop_slug)
    rows = [
        DefinitionRow(each, [choice.label for choice in each.choices.all() if choice.archived_at is None])
        for each in definitions().all
    ]
    context = {"form": form, "rows": rows}
    return render(request, "customers/attributes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_SHOP)
def change(request: ShopRequest, shop_slug: str, attribute_id: int) -> HttpResponse:
    definition = get_object_or_404(AttributeDefinition.objects.prefetch_related("choices"), pk=attribute_id)
    form = DefinitionForm(request.POST or None, definition=definition)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_definition(definition, **form.changes(), by=request.user, now=now())
        except AttributeRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, gettext("Saved.") if changed else gettext("Nothing was changed."))
            return redirect("attributes:settings", shop_slug)
    context = {"form": form, "definition": definition, "holders": holders(definition)}
    return render(request, "customers/attribute.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.EDIT_CUSTOMERS)
def values(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """The form of one group of a customer's attributes, in place for htmx, else on a page of its own.

    409 where somebody else has changed meanwhile what the form was to change: it then says to what.
    """
    customer = get_object_or_404(Customer, pk=customer_id)
    known = definitions_for_writing() if request.method == "POST" else definitions()
    name = request.GET.get("group", "")
    group = dict(known.groups(customer.kind_key)).get(name)
    if group is None:
        raise Http404
    stored = values_of([customer.pk])[customer.pk]
    form = ValuesForm(group, known, stored, request.POST if request.method == "POST" else None)
    context = {"customer": customer, "form": form, "group": attribute_group(name, group, stored, known)}
    if request.method == "POST" and form.is_valid():
        change_attributes(customer, form.changes(), by=request.user, now=now())
        if not request.htmx:
            messages.success(request, gettext("Saved."))
            return redirect("customers:detail", shop_slug, customer.pk)
        stored = values_of([customer.pk])[customer.pk]
        context["group"] = attribute_group(name, group, stored, known)
        return render(request, "customers/_attribute_group.html", context | {"is_saved": True})
    if request.htmx and request.GET.get("part") == "shown":
        return render(request, "customers/_attribute_group.html", context)
    # htmx swaps answers of 200 alone.
    status = (200 if request.htmx else 409 if form.is_stale else 422) if form.errors else 200
    template = "customers/_attribute_form.html" if request.htmx else "customers/attribute_values.html"
    return render(request, template, context, status=status)
