"""Jobs in Django admin: which are late or failed, and the two things to do about it."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.shops.admin.base import LooksOnly, ShopModelAdmin, note
from crm.shops.admin.columns import NOTHING
from crm.tenancy.jobs import Job
from crm.tenancy.work import job_kinds, kind_of
from crm.ui.formats import percent


class LateFilter(admin.SimpleListFilter):
    """Jobs a person should look at; the partial index on due_at holds the open ones only."""

    title = _("needs a look")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Due, not started")), ("stalled", _("Running without a sign of life"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        late = {
            "waiting": Q(state=Job.State.QUEUED, due_at__lt=Now()),
            "stalled": Q(state=Job.State.RUNNING, lease_until__lt=Now()),
        }
        return queryset.filter(late[value]) if (value := self.value() or "") in late else queryset


class JobAdmin(LooksOnly, ShopModelAdmin):
    list_filter = ("state", LateFilter)
    actions = ("retry", "cancel")

    def get_list_display(self, request: HttpRequest) -> Any:
        how_far = ("state", "share_done", "step_in_words", "attempts", "due_at", "lease_until", "finished_at")
        return ("__str__", "shop", *kind_of(self.model).columns, *how_far)

    @admin.display(description=_("progress"))
    def share_done(self, job: Job) -> str:
        return percent(job.progress)

    @admin.display(description=_("step"))
    def step_in_words(self, job: Job) -> str:
        steps = kind_of(type(job)).steps
        return str(steps.get(job.step, job.step)) if job.step and job.is_open else NOTHING

    @admin.display(description=_("stored file"))
    def stored_file(self, job: Any) -> str:
        """Where it lies, not a link: files of shops are given out by the shops' own pages only."""
        return job.file.name or NOTHING

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = {"progress": "share_done", "step": "step_in_words", "file": "stored_file"}
        return [shown.get(name, name) for name in super().get_fields(request, obj)]

    def has_control_permission(self, request: HttpRequest) -> bool:
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    @admin.action(description=_("Try again"), permissions=["control"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """From the beginning, or from where the job left off if its kind can."""
        ended = (Job.State.FAILED, Job.State.CANCELLED)
        fresh = {"state": Job.State.QUEUED, "due_at": Now(), "attempts": 0, "token": None, "lease_until": None}
        self._each(request, queryset, ended, "platform.retried", fresh | {"error": None, "finished_at": None})

    @admin.action(description=_("Cancel"), permissions=["control"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """A worker that is at it loses its token, so that its work is taken back with its transaction."""
        gone = {"state": Job.State.CANCELLED, "token": None, "lease_until": None, "finished_at": Now()}
        self._each(
            request, queryset, (Job.State.DRAFT, Job.State.QUEUED, Job.State.RUNNING), "platform.cancelled", gone
        )

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        states: tuple[str, ...],
        action: str,
        fields: dict[str, Any],
    ) -> None:
        jobs = list(queryset)
        done = sum(self._one(request, job, states, action, fields) for job in jobs)
        if done:
            text = ngettext("%(count)d job was changed.", "%(count)d jobs were changed.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        if left := len(jobs) - done:
            text = ngettext(
                "%(count)d job was left as it is: its state does not allow it.",
                "%(count)d jobs were left as they are: their state does not allow it.",
                left,
            )
            self.message_user(request, text % {"count": left}, messages.WARNING)

    def _one(
        self, request: HttpRequest, job: Job, states: tuple[str, ...], action: str, fields: dict[str, Any]
    ) -> bool:
        try:
            with transaction.atomic(using="platform"):
                mine = type(job).objects.filter(pk=job.pk, shop_id=job.shop_id, state__in=states)
                if not mine.update(**fields):
                    return False
                note(request, job, action)
                return True
        except IntegrityError:  # Such a job is waiting already.
            return False


for _kind in job_kinds():
    admin.site.register(_kind.model, JobAdmin)
