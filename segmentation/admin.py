"""Scoring runs in Django admin."""

from django.contrib import admin

from crm.shops.admin_jobs import JobAdmin
from segmentation.models import ScoreRun


@admin.register(ScoreRun)
class ScoreRunAdmin(JobAdmin):
    list_display = (
        "__str__",
        "shop",
        "trigger",
        "state",
        "as_of",
        "progress",
        "step",
        "attempts",
        "due_at",
        "lease_until",
        "finished_at",
    )
