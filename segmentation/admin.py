"""Scoring runs in Django admin."""

from django.contrib import admin

from crm.shops.admin.jobs import JobAdmin
from segmentation.forecast_page import STEPS
from segmentation.models import ScoreRun


@admin.register(ScoreRun)
class ScoreRunAdmin(JobAdmin):
    steps = STEPS
    list_display = (
        "__str__",
        "shop",
        "trigger",
        "state",
        "as_of",
        "share_done",
        "step_in_words",
        "attempts",
        "due_at",
        "lease_until",
        "finished_at",
    )
