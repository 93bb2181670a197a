"""Pages of customers: orders, notes, tags, contacts, bulk work and exports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.lib.keyset import BadCursor
from crm.lib.postgres.meanwhile import GoneMeanwhile
from crm.lib.streaming import streamed
from crm.shops.access import requires
from crm.shops.audit.chain import record
from crm.shops.middleware import ShopRequest
from crm.shops.models import User
from crm.shops.roles import Right
from crm.tenancy.work import nudge_for
from crm.ui import formats
from customers import actions
from customers.domain.limits import MAX_TAGS
from customers.export_page import column_choices, new_export_page
from customers.exports import KINDS, BadColumns, finds_nothing, is_downloadable, kind_of, request_export
from customers.filters import BadFilters, list_filters
from customers.forms import BulkTagForm, CustomerForm, ExportForm, NoteForm, TagForm
from customers.merging.pages import follows_merges
from customers.models import Customer, ExportJob, Note, Order, Tag
from customers.queries import contacts_shown, import_of, name_the_nameless, order_detail, order_page, size_of


def _to_customer(request: ShopRequest, customer_id: int, part: str = "") -> HttpResponseRedirect:
    url = reverse("customers:detail", args=[request.shop.slug, customer_id])
    return HttpResponseRedirect(f"{url}#{part}" if part else url)


def _form_page(request: ShopRequest, customer: Customer, form: Any, title: str, button: str) -> HttpResponse:
    """A form on a page of its own: what was typed, the errors beside the fields."""
    context = {"customer": customer, "form": form, "title": title, "button": button}
    return render(request, "customers/form.html", context, status=422 if form.errors else 200)


# Orders


@require_safe
@requires(Right.SEE_CUSTOMERS)
@follows_merges
def orders(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """A page of the customer's orders: the rows alone for htmx, else in a page."""
    customer = get_object_or_404(Customer, pk=customer_id)
    try:
        orders = order_page(customer, request.GET.get("cursor", ""))
    except BadCursor:
        raise Http404 from None
    template = "customers/_order_rows.html" if request.htmx else "customers/orders.html"
    return render(request, template, {"customer": customer, "orders": orders})


@require_safe
@requires(Right.SEE_CUSTOMERS)
def order(request: ShopRequest, shop_slug: str, order_id: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.select_related("customer"), pk=order_id)
    name_the_nameless([order.customer])
    came_with = import_of(order) if request.membership.may(Right.IMPORT) else None
    context = {"order": order, "detail": order_detail(order), "came_with": came_with}
    return render(request, "customers/order.html", context)


@require_safe
@requires(Right.SEE_CUSTOMERS)
def order_lines(request: ShopRequest, shop_slug: str, order_id: int) -> HttpResponse:
    """The lines and refunds of an order, to be opened below its row."""
    order = get_object_or_404(Order, pk=order_id)
    return render(request, "customers/_order_lines.html", {"order": order, "detail": order_detail(order)})


# One customer


@require_http_methods(["GET", "POST"])
@requires(Right.EDIT_CUSTOMERS)
@follows_merges
def edit(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    known = {name: getattr(customer, name) for name in ("name", "city", "country")}
    form = CustomerForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        actions.describe_customer(customer, **form.changes(), by=request.user, now=now())
        messages.success(request, gettext("Saved."))
        return _to_customer(request, customer_id)
    return _form_page(request, customer, form, gettext("Edit %(name)s") % {"name": customer}, gettext("Save"))


@require_POST
@requires(Right.SEE_CONTACTS)
def contacts(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    """The full contacts, after the audit log knows who looked."""
    customer = get_object_or_404(Customer, pk=customer_id)
    actions.reveal_contacts(customer, by=request.user)
    template = "customers/_contacts.html" if request.htmx else "customers/contacts.html"
    shown = contacts_shown(customer.pk)
    return render(request, template, {"customer": customer, "contacts": shown, "is_full": True})


@require_http_methods(["GET", "POST"])
@requires(Right.EDIT_CUSTOMERS)
def add_note(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.add_note(customer, form.cleaned_data["body"], by=request.user, now=now())
        return _to_customer(request, customer_id, "timeline")
    return _form_page(request, customer, form, gettext("Add a note"), gettext("Add note"))


@require_POST
@requires(Right.EDIT_CUSTOMERS)
def delete_note(request: ShopRequest, shop_slug: str, customer_id: int, note_id: int) -> HttpResponse:
    note = get_object_or_404(Note, pk=note_id, customer_id=customer_id)
    actions.delete_note(note, by=request.user)
    messages.success(request, gettext("The note is deleted."))
    return _to_customer(request, customer_id, "timeline")


@require_http_methods(["GET", "POST"])
@requires(Right.EDIT_CUSTOMERS)
def add_tag(request: ShopRequest, shop_slug: str, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    form = TagForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        one = Customer.objects.filter(pk=customer.pk)
        tagged = actions.tag_customers(one, form.cleaned_data["name"], by=request.user, now=now())
        if not tagged.new and not one.exists():
            raise GoneMeanwhile
        if not tagged.full:
            return _to_customer(request, customer_id)
        form.add_error("name", _as_many_as_one_can())  # and with that answer a tag made for it is taken back
    return _form_page(request, customer, form, gettext("Add a tag"), gettext("Add tag"))


def _as_many_as_one_can() -> str:
    text = gettext("This customer wears %(limit)s tags, as many as one can. Take one off first.")
    return text % {"limit": formats.number(MAX_TAGS)}


@require_POST
@requires(Right.EDIT_CUSTOMERS)
def remove_tag(request: ShopRequest, shop_slug: str, customer_id: int, tag_id: int) -> HttpResponse:
    customer, tag = get_object_or_404(Customer, pk=customer_id), get_object_or_404(Tag, pk=tag_id)
    actions.untag_customers(Customer.objects.filter(pk=customer.pk), tag, by=request.user)
    return _to_customer(request, customer_id)


# Bulk


@require_POST
@requires(Right.EDIT_CUSTOMERS)
def tag_in_bulk(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """Tag, or untag, the ticked customers or all that match the address. What cannot be seen whole is asked first."""
    try:
        matching = list_filters(request.GET, shop=request.shop).checked().matching()
    except BadFilters:
        messages.error(request, gettext("A filter could not be read, so nothing was changed. Please check the list."))
        return _to_list(request)
    form = BulkTagForm(request.POST)
    is_valid = form.is_valid()
    is_all = form.cleaned_data.get("all_matching")
    if not is_all:
        matching = Customer.objects.filter(pk__in=form.cleaned_data.get("picked") or [])
    if not is_valid or (is_all and not form.cleaned_data["is_confirmed"]):
        return _ask_again(request, form, matching)
    if form.cleaned_data["act"] == "add":
        return _tag(request, matching, form.cleaned_data["name"])
    tag = Tag.objects.filter(name=form.cleaned_data["name"]).first()
    if tag is None:
        form.add_error("name", gettext("There is no tag of this name."))
        return _ask_again(request, form, matching)
    return _untag(request, matching, tag)


def _ask_again(request: ShopRequest, form: BulkTagForm, matching: QuerySet[Customer]) -> HttpResponse:
    """The question with its count, or with what is wrong."""
    size = size_of(matching)
    number = formats.number(size.count)
    context = {
        "form": form,
        "size": size,
        "count": f"≈ {number}" if size.is_estimate else number,
        "is_remove": form["act"].value() == "remove",
        "query": request.GET.urlencode(),
        "back_url": _list_address(request),
    }
    return render(request, "customers/bulk_tag.html", context, status=422 if form.errors else 200)


def _tag(request: ShopRequest, matching: QuerySet[Customer], name: str) -> HttpResponse:
    tag, count, full = actions.tag_customers(matching, name, by=request.user, now=now())
    text = ngettext("%(count)s customer tagged “%(tag)s”.", "%(count)s customers tagged “%(tag)s”.", count)
    messages.success(request, text % {"tag": tag.name, "count": formats.number(count)})
    if full:
        text = ngettext(
            "%(count)s customer wears %(limit)s tags already, as many as one can, and did not get it.",
            "%(count)s customers wear %(limit)s tags already, as many as one can, and did not get it.",
            full,
        )
        messages.warning(request, text % {"count": formats.number(full), "limit": formats.number(MAX_TAGS)})
    return _to_list(request)


def _untag(request: ShopRequest, matching: QuerySet[Customer], tag: Tag) -> HttpResponse:
    count = actions.untag_customers(matching, tag, by=request.user)
    text = ngettext("“%(tag)s” removed from %(count)s customer.", "“%(tag)s” removed from %(count)s customers.", count)
    messages.success(request, text % {"tag": tag.name, "count": formats.number(count)})
    return _to_list(request)


def _to_list(request: ShopRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_list_address(request))


def _list_address(request: ShopRequest) -> str:
    """The list with the filters of this address, from its beginning."""
    query = request.GET.copy()
    query.pop("cursor", None)
    url = reverse("customers:list", args=[request.shop.slug])
    return f"{url}?{query.urlencode()}" if query else url


# Exports

CONTENT_TYPES: dict[str, str] = {
    ExportJob.Format.CSV: "text/csv; charset=utf-8",
    ExportJob.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_http_methods(["GET", "POST"])
@requires(Right.EXPORT)
def exports(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """POST: a file of all customers that match the address. GET: the files there are."""
    if request.method == "POST":
        try:
            if finds_nothing(request.shop, request.GET):
                messages.warning(request, gettext("No customer matches, so there is nothing to export."))
                return _to_list(request)
            nudge_for(request_export(request.shop, request.GET, by=request.user, now=now()))
        except BadFilters:
            messages.error(request, _not_exported())
            return _to_list(request)
        return redirect("customers:exports", shop_slug)
    jobs = ExportJob.objects.select_related("requested_by").order_by("-created_at", "-pk")[:50]
    return render(request, "customers/exports.html", {"rows": [_export_row(job, request.user) for job in jobs]})


def _not_exported() -> str:
    return gettext("A filter could not be read, so nothing was exported. Please check the list.")


@require_http_methods(["GET", "POST"])
@requires(Right.EXPORT)
def new_export(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """What a file of what the address finds is to hold. POST queues it. 404 for a kind that there is not."""
    what = request.GET.get("what", "")
    if what and what not in KINDS:
        raise Http404
    kind = kind_of(what)
    form = ExportForm(kind, request.POST if request.method == "POST" else None)
    try:
        is_refused = request.method == "POST" and finds_nothing(request.shop, request.GET, kind.key)
        if form.is_valid() and not is_refused:
            job = request_export(
                request.shop,
                request.GET,
                by=request.user,
                now=now(),
                what=kind.key,
                format_=form.cleaned_data["format"],
                columns=form.cleaned_data["columns"],
            )
            nudge_for(job)
            return redirect("customers:exports", shop_slug)
        context = new_export_page(kind, request.GET, request.shop)
    except BadColumns:  # Excel without a column of its own
        form.add_error("columns", gettext("Tick at least one column."))
        is_refused = False
        context = new_export_page(kind, request.GET, request.shop)
    except BadFilters:
        messages.error(request, _not_exported())
        return _to_list(request) if kind.key == ExportJob.Kind.CUSTOMERS else redirect("customers:exports", shop_slug)
    context |= {"form": form, "groups": column_choices(kind, form["columns"])}
    return render(request, "customers/new_export.html", context, status=422 if form.errors or is_refused else 200)


@dataclass(frozen=True)
class ExportRow:
    """One export as templates/customers/_export.html shows it. percent: 0 to 100. is_ready: they may have the file."""

    job: ExportJob
    percent: int
    is_ready: bool


def _export_row(job: ExportJob, by: User) -> ExportRow:
    return ExportRow(job, round(100 * job.progress), is_downloadable(job, by=by, now=now()))


@require_safe
@requires(Right.EXPORT)
def export_progress(request: ShopRequest, shop_slug: str, export_id: int) -> HttpResponse:
    """One line of the list of exports, polled while its job is at work."""
    job = get_object_or_404(ExportJob.objects.select_related("requested_by"), pk=export_id)
    template = "customers/_export.html" if request.htmx else "customers/export.html"
    return render(request, template, {"row": _export_row(job, request.user)})


@require_safe
@requires(Right.EXPORT)
def export_file(request: ShopRequest, shop_slug: str, export_id: int) -> HttpResponseBase:
    """The file; 404 once it has expired or was lost."""
    job = get_object_or_404(ExportJob, pk=export_id)
    if not is_downloadable(job, by=request.user, now=now()):
        raise Http404
    record("customers.export_downloaded", job, by=request.user, details={"rows": job.rows})
    day = request.shop.day_of(job.finished_at or job.created_at)
    name = f"{request.shop.slug}-{job.kind}-{day.isoformat()}.{job.format}"
    return streamed(request, _content(job.file), content_type=CONTENT_TYPES[job.format], filename=name)


def _content(file: FieldFile) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from opened.chunks()
