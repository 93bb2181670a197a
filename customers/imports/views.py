"""Pages of imports: drop a file, say what its columns are, see what would happen, import, read the report."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm.lib.streaming import streamed
from crm.shops.access import requires
from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from crm.tenancy.hiding import are_contacts_hidden
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import nudge_for
from crm.ui.parts import Link
from customers.imports.actions import (
    ImportNotReady,
    ShopNotEmpty,
    cancel_import,
    choose_encoding,
    choose_heading,
    choose_mapping,
    error_from_json,
    import_sample,
    is_empty,
    is_sample,
    may_be_undone,
    request_check,
    request_run,
    request_undo,
    sample_import,
    upload_import,
)
from customers.imports.consents_page import consent_labels
from customers.imports.field_changes import examples_of
from customers.imports.forms import MAX_FILE, PRESET_LABELS, HeadingForm, MappingForm, QuestionsForm, UploadForm
from customers.imports.labels import KIND_LABELS, attribute_labels
from customers.imports.presenters import job_page, same_file_before, unknown_words
from customers.imports.questions_page import ENCODING, Asked, answered, questions
from customers.imports.reading_page import first_rows, is_understood
from customers.imports.rejects import rejects_csv, told_csv
from customers.imports.report_parts import report_parts
from customers.imports.template import template_csv
from customers.imports.undo_page import kept_rows, undone_figures, would_undo
from customers.models import ImportJob, Suppression
from customers.queries import storefronts
from customers.sources import (
    CUSTOMERS,
    KINDS,
    ORDERS,
    PRESETS,
    PUBLISHED,
    Mapping,
    SourceError,
    describe_error,
    kind_of_preset,
    suggested_mapping,
)

SHOWN_JOBS = 50
State = ImportJob.State


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.IMPORT)
def imports(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """All imports, and the place to drop the next file."""
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            with shop_scope(request.shop):
                file, source = form.cleaned_data["file"], form.cleaned_data["source"]
                job = upload_import(request.shop, file, by=request.user, now=now(), asks_encoding=True, source=source)
                _check_at_once(request, job)
        except SourceError as error:
            form.add_error("file", str(describe_error(error)))
        else:
            return _to_job(job)
    jobs = ImportJob.objects.select_related("requested_by").order_by("-created_at", "-pk")[:SHOWN_JOBS]
    context = {
        "jobs": jobs,
        "form": form,
        "max_bytes": MAX_FILE,
        "sample": sample_import(),
        "may_fill": is_empty(),
        "has_block_list": Suppression.objects.exists(),
        "storefronts": storefronts(),
    }
    return render(request, "imports/list.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Right.IMPORT)
def sample(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """Fill an empty shop with invented orders."""
    try:
        with shop_scope(request.shop):
            job = import_sample(request.shop, by=request.user, now=now())
    except ShopNotEmpty:
        messages.warning(request, _("This shop is not empty: sample data would mix with your own."))
        return redirect("imports:list", shop_slug=request.shop.slug)
    nudge_for(job)
    return _to_job(job)


@require_safe
@requires(Right.IMPORT)
def template(request: ShopRequest, shop_slug: str) -> HttpResponse:
    """A list to fill in, of orders or what `kind` says, with the headings of the reader's language."""
    asked = request.GET.get("kind", ORDERS)
    kind = asked if asked in KINDS else ORDERS
    text = template_csv(get_language() or "en", request.shop.currency, kind)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-template.csv"'
    return answer


def _to_job(job: ImportJob) -> HttpResponseRedirect:
    return redirect("imports:job", shop_slug=job.shop.slug, import_id=job.pk)


def _check_at_once(request: ShopRequest, job: ImportJob) -> None:
    """Begin the check of a file that needs no word of ours, in the caller's scope."""
    if is_understood(job) and not job.facts.get("encodings"):
        request_check(job, by=request.user, now=now())
        nudge_for(job)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.IMPORT)
def job(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    """One import, whatever its state. POST says what the columns are and has the file checked."""
    job = get_object_or_404(ImportJob.objects.select_related("requested_by"), pk=import_id)
    if request.method == "POST" and job.facts.get("encodings"):
        return _to_job(job)  # which asks for the encoding first
    preset, kind = _preset_and_kind(request, job)
    form = _mapping_form(request, job, preset, kind)
    is_said = preset in PUBLISHED or form.is_valid()
    if request.method == "POST" and is_said and _checked(request, job, preset, form):
        return _to_job(job)
    if request.method != "POST" and (preset, kind) == (job.preset, job.kind) and preset not in PUBLISHED:
        _show_last_problem(form, job)
    context = _job_context(request, job) | {
        "form": form,
        "preset": preset,
        "presets": _preset_links(preset),
        "kinds": _kind_links(kind),
        "is_of_orders": kind == ORDERS,
        "needs_columns": preset not in PUBLISHED,
        "storefronts": storefronts(),
    }
    if context["may_edit"] and (request.method == "POST" or "columns" in request.GET):
        context["page"] = "columns"
    if context["page"] == "undone":
        context |= {"undone": undone_figures(job), "kept": kept_rows(job)}
    if context["page"] == "questions":
        context["form"] = _questions_form(job, context["asked"], None)
    status = 422 if request.method == "POST" else 200
    return render(request, f"imports/{context['page']}.html", context, status=status)


def _job_context(request: ShopRequest, job: ImportJob) -> dict[str, Any]:
    return job_page(job, request.shop) | {
        "before": same_file_before(job),
        "may_edit": not job.is_open
        and job.state != State.DONE
        and job.work != ImportJob.Work.UNDO
        and not job.facts.get("encodings"),
        "may_undo": may_be_undone(job, now=now()),
        "is_published": job.preset in PUBLISHED,
        "recognised": PRESET_LABELS[job.preset] if job.preset in PRESETS and job.preset != "generic" else "",
        "parts": report_parts(request, job),
    }


def _preset_links(chosen: str) -> list[Link]:
    return [Link(str(PRESET_LABELS[name]), f"?columns=1&preset={name}", active=name == chosen) for name in PRESETS]


def _kind_links(chosen: str) -> list[Link]:
    return [Link(str(KIND_LABELS[kind]), f"?columns=1&kind={kind}", active=kind == chosen) for kind in KINDS]


def _preset_and_kind(request: ShopRequest, job: ImportJob) -> tuple[str, str]:
    """What is chosen, else what is saved; a preset that is a list of something else gives way to the kind chosen."""
    asked = request.POST.get("preset") or request.GET.get("preset") or job.preset or "generic"
    preset = asked if asked in PRESETS else "generic"
    kind = request.POST.get("kind") or request.GET.get("kind") or ""
    if kind not in KINDS:
        return preset, job.kind if preset in (job.preset or "generic", "generic") else kind_of_preset(preset)
    return (preset if kind_of_preset(preset) in ("", kind) else "generic"), kind


def _mapping_form(request: ShopRequest, job: ImportJob, preset: str, kind: str) -> MappingForm:
    headings, mapping, examples = _headings(job), _saved(job), examples_of(job)
    if (preset != job.preset and job.preset) or kind != mapping.list_of:
        examples = {}
        # How the file is opened does not depend on what is in it.
        mapping = replace(
            suggested_mapping(preset, job.facts.get("header") or [], kind, first_rows(job)),
            encoding=mapping.encoding,
            delimiter=mapping.delimiter,
            heading_row=mapping.heading_row,
        )
    data = request.POST if request.method == "POST" else None
    return MappingForm(
        headings,
        mapping,
        unknown_words(job),
        data,
        rows=first_rows(job),
        examples=examples,
        attributes=attribute_labels() if kind == CUSTOMERS else {},
        consents=consent_labels() if kind == CUSTOMERS else {},
        replaces_orders=job.replaces_orders,
        source=job.source,
    )


def _headings(job: ImportJob) -> list[str]:
    rows = job.facts.get("rows") or [[]]
    return list(job.facts.get("header") or rows[0])


def _saved(job: ImportJob) -> Mapping:
    return Mapping.from_dict(job.mapping or job.facts.get("mapping") or {})


def _checked(request: ShopRequest, job: ImportJob, preset: str, form: MappingForm) -> bool:
    """Keep what was said and queue the check; False where it cannot be used, with the reason in the form."""
    replaces_orders = "replaces_orders" in request.POST
    source = None if preset in PUBLISHED else form.cleaned_data.get("source")
    try:
        mapping = None if preset in PUBLISHED else form.mapping()
        with shop_scope(request.shop):
            choose_mapping(job, preset=preset, mapping=mapping, replaces_orders=replaces_orders, source=source)
            request_check(job, by=request.user, now=now())
    except SourceError as error:
        form.show_problem(error)
        return False
    except ImportNotReady:
        messages.warning(request, _("This import has gone on meanwhile."))
        return True
    nudge_for(job)
    return True


@require_POST
@requires(Right.IMPORT)
def answer(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    """Say how the file is to be read where it leaves that open, and go straight on to the check."""
    job = get_object_or_404(ImportJob.objects.select_related("requested_by"), pk=import_id)
    asked = questions(job, request.shop)
    form = _questions_form(job, asked, request.POST)
    if not asked or form.is_stale():
        messages.warning(request, _("This import has gone on meanwhile."))
        return _to_job(job)
    if form.is_valid() and _answered(request, job, form):
        return _to_job(job)
    return render(request, "imports/questions.html", _job_context(request, job) | {"form": form}, status=422)


def _questions_form(job: ImportJob, asked: list[Asked], data: QueryDict | None) -> QuestionsForm:
    return QuestionsForm(asked, _headings(job), _saved(job), data)


def _answered(request: ShopRequest, job: ImportJob, form: QuestionsForm) -> bool:
    """Keep the answers and queue the check; False where they cannot be used, with the reason in the form."""
    answers = form.answers()
    try:
        with shop_scope(request.shop):
            if encoding := answers.pop(ENCODING, None):
                choose_encoding(job, encoding)
                _check_at_once(request, job)
                return True
            mapping = answered(_saved(job), answers, form.columns())
            choose_mapping(job, preset=job.preset, mapping=mapping, replaces_orders=job.replaces_orders)
            request_check(job, by=request.user, now=now())
    except SourceError as error:
        form.add_error(None, str(describe_error(error)))
        return False
    except ImportNotReady:
        messages.warning(request, _("This import has gone on meanwhile."))
        return True
    nudge_for(job)
    return True


def _show_last_problem(form: MappingForm, job: ImportJob) -> None:
    """What stopped the last check stands beside the field it is about."""
    error = job.error or {}
    if job.state != State.FAILED or "code" not in error:
        return
    form.bind_saved()
    form.show_problem(error_from_json(error))


@require_POST
@requires(Right.IMPORT)
def heading(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    """Say which row of the file is its heading, and look at the columns again."""
    job = get_object_or_404(ImportJob, pk=import_id)
    form = HeadingForm(request.POST)
    try:
        if form.is_valid():
            with shop_scope(request.shop):
                choose_heading(job, form.cleaned_data["row"])
        else:
            messages.warning(request, _("Write the number of the row, as a spreadsheet counts."))
    except SourceError as error:
        messages.warning(request, str(describe_error(error)))
    except ImportNotReady:
        messages.warning(request, _("This import has gone on meanwhile."))
    return redirect(f"{reverse('imports:job', args=[shop_slug, import_id])}?columns=1")


@require_POST
@requires(Right.IMPORT)
def run(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    job = get_object_or_404(ImportJob, pk=import_id)
    if not job.forecast:
        messages.warning(request, _("Have the file checked first."))
        return _to_job(job)
    try:
        with shop_scope(request.shop):
            request_run(job, by=request.user, now=now())
    except ImportNotReady:
        messages.warning(request, _("This import has gone on meanwhile."))
    else:
        nudge_for(job)
    return _to_job(job)


@require_POST
@requires(Right.IMPORT)
def cancel(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    job = get_object_or_404(ImportJob, pk=import_id)
    try:
        with shop_scope(request.shop):
            cancel_import(job, by=request.user)
    except ImportNotReady:
        messages.warning(request, _("This import has ended already."))
    return _to_job(job)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.IMPORT)
def undo(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    """Say what taking the import back would do; POST does it."""
    job = get_object_or_404(ImportJob.objects.select_related("requested_by"), pk=import_id)
    if request.method != "POST":
        if not may_be_undone(job, now=now()):
            return _to_job(job)
        context = _job_context(request, job) | {
            "undo": would_undo(job, now=now()),
            "is_sample": is_sample(job),
        }
        return render(request, "imports/undo.html", context)
    try:
        with shop_scope(request.shop):
            request_undo(job, by=request.user, now=now())
    except ImportNotReady:
        messages.warning(request, _("This import cannot be undone now."))
    else:
        nudge_for(job)
    return _to_job(job)


@require_safe
@requires(Right.IMPORT)
def progress(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponse:
    """How far it is, for htmx, which asks again until the job has ended; then the whole page is loaded again."""
    job = get_object_or_404(ImportJob, pk=import_id)
    if not job.is_open:
        return HttpResponseClientRefresh()
    return render(request, "imports/_progress.html", job_page(job, request.shop))


@require_safe
@requires(Right.IMPORT)
def rejected(request: ShopRequest, shop_slug: str, import_id: int) -> HttpResponseBase:
    """The rows that were left out, to be corrected and imported; with ?told, those that were used all the same."""
    job = get_object_or_404(ImportJob, pk=import_id)
    write, name = (told_csv, "told-rows") if "told" in request.GET else (rejects_csv, "rejected-rows")
    pieces = write(job, request.shop, get_language() or "en", hides=are_contacts_hidden())
    return streamed(request, pieces, content_type="text/csv; charset=utf-8", filename=f"{name}-{job.pk}.csv")
