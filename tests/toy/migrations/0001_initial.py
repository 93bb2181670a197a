import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from crm.tenancy.operations import DueWork, JobTable, SameShop, TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0008_due_work_sees_the_dead"),
        ("shops", "0010_scopes_without_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReminderJob",
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
                (
                    "requested_by",
                    models.ForeignKey(
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
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_related_name": "reminder_jobs",
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])), fields=["due_at"], name="reminder_due"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=100)),
                ("wished_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("is_reminded", models.BooleanField(default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="customers.customer",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_related_name": "wishes",
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["shop", "customer", "-wished_at"], name="wish_of")],
            },
        ),
        migrations.CreateModel(
            name="Settings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("most", models.IntegerField(default=10)),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_related_name": "wish_settings",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop",), name="wish_settings_once")],
            },
        ),
        JobTable("ReminderJob"),
        TenantTable("Settings"),
        TenantTable("Wish"),
        SameShop("Wish", "customer"),
        DueWork("toy", {"remind": "toy_reminderjob"}),
    ]
