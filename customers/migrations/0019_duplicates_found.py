"""Pairs that a search finds, with score and reasons; and the searches, a kind of background job."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from crm.tenancy.operations import DueWork, JobTable, for_every_shop

JOBS = {"import": "customers_importjob", "export": "customers_exportjob"}
STALE_DAYS = ["SELECT 'sales_days', shop_id, now() FROM public.customers_salesday WHERE is_stale GROUP BY shop_id"]
DROP = "SET LOCAL ROLE crm_search; DROP FUNCTION customers_due_work(); RESET ROLE"
# What named both says as much until a search has looked at the pair.
SCORE = """
UPDATE customers_duplicatepair SET score = CASE WHEN evidence @> '[{"kind": "email"}]' THEN 60 ELSE 40 END
WHERE shop_id = %(shop_id)s
"""


def score(apps: Apps, editor: BaseDatabaseSchemaEditor, shop_id: int) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute(SCORE, {"shop_id": shop_id})


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0018_products_have_more"),
        ("shops", "0007_names_in_admin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicateSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Being prepared"),
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="lease until")),
                ("token", models.UUIDField(blank=True, null=True, verbose_name="lease token")),
                ("attempts", models.SmallIntegerField(default=0, verbose_name="attempts")),
                ("progress", models.FloatField(default=0, verbose_name="progress")),
                ("step", models.CharField(blank=True, max_length=64, verbose_name="step")),
                ("error", models.JSONField(blank=True, null=True, verbose_name="error")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("pairs", models.IntegerField(default=0, verbose_name="pairs")),
            ],
            options={
                "verbose_name": "search for duplicates",
                "verbose_name_plural": "searches for duplicates",
                "abstract": False,
                "default_related_name": "duplicate_searches",
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveIndex(
            model_name="duplicatepair",
            name="duplicate_pair_open",
        ),
        migrations.AddField(
            model_name="duplicatepair",
            name="reasons",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list, verbose_name="reasons"
            ),
        ),
        migrations.AddField(
            model_name="duplicatepair",
            name="score",
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name="score"),
        ),
        migrations.AddIndex(
            model_name="duplicatepair",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["shop", "-score", "id"], name="duplicate_pair_score"
            ),
        ),
        migrations.AddField(
            model_name="duplicatesearch",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="requested by",
            ),
        ),
        migrations.AddField(
            model_name="duplicatesearch",
            name="shop",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="shops.shop",
                verbose_name="shop",
            ),
        ),
        migrations.AddIndex(
            model_name="duplicatesearch",
            index=models.Index(fields=["shop", "-created_at"], name="duplicate_search_created"),
        ),
        migrations.AddIndex(
            model_name="duplicatesearch",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])), fields=["due_at"], name="duplicate_search_due"
            ),
        ),
        JobTable("DuplicateSearch"),
        migrations.RunPython(for_every_shop(score), migrations.RunPython.noop),
        migrations.RunSQL(DROP, DueWork("customers", JOBS, STALE_DAYS).sql),
        DueWork("customers", JOBS | {"duplicates": "customers_duplicatesearch"}, STALE_DAYS),
    ]
