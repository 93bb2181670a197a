"""The background work of segmentation: scoring runs, by night and by the button."""

from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.shops.models import Shop
from crm.shops.roles import Right
from crm.tenancy.work import WORK, JobKind
from segmentation.actions import run_scoring, schedule_nightly
from segmentation.models import ScoreRun
from segmentation.queries import runs_to_show

STEPS: dict[str, Promise] = {
    "": gettext_lazy("Waiting for a free worker"),
    "gathering": gettext_lazy("Reading the orders"),
    "predicting": gettext_lazy("Working out who will come back"),
    "storing": gettext_lazy("Writing the scores"),
}


def _score(run: ScoreRun, at: datetime) -> None:
    run_scoring(run, now=at)


def _plan_next_night(shop_id: int) -> None:
    if shop := Shop.objects.filter(pk=shop_id).first():  # It may have been deleted after the nudge.
        schedule_nightly(shop, now=now())


SCORING = WORK.register(
    JobKind(
        "segmentation.score",
        ScoreRun,
        do=_score,
        right=Right.SEE_INSIGHTS,
        label=lambda run: _("Scoring customers"),
        url=lambda run, slug: reverse("insights:forecast", args=[slug]),
        steps=STEPS,
        shown=runs_to_show,
        plan_next=_plan_next_night,
        columns=("trigger", "as_of"),
    )
)
