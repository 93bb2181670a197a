"""Merges of customers, and the journal of each row by which they are undone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.tenancy.operations import SameShop, TenantTable

# (shop_id, merge_id) says already that the shop is there.
SPARE = "ALTER TABLE customers_mergechange DROP CONSTRAINT customers_mergechange_shop_fk"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0014_duplicate_pairs"),
        ("shops", "0007_names_in_admin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_id", models.BigIntegerField(verbose_name="merged customer")),
                ("target_id", models.BigIntegerField(verbose_name="into customer")),
                ("moved", models.JSONField(default=dict, verbose_name="moved")),
                ("merged_at", models.DateTimeField(verbose_name="merged")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merges",
                        to="customers.customer",
                    ),
                ),
                (
                    "merged_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "abstract": False,
                "default_related_name": "merges",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="MergeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="kind")),
                ("path", models.CharField(db_default="", default="", max_length=40)),
                ("row_id", models.BigIntegerField(verbose_name="row")),
                (
                    "outcome",
                    models.SmallIntegerField(
                        choices=[(1, "moved"), (2, "deleted"), (3, "filled")], verbose_name="outcome"
                    ),
                ),
                ("before", models.JSONField(null=True, verbose_name="before")),
                (
                    "merge",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="customers.merge",
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
                "verbose_name": "row of a merge",
                "verbose_name_plural": "rows of merges",
                "abstract": False,
                "default_related_name": "merge_changes",
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["shop", "customer"], name="merge_customer"),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)), fields=("shop", "source_id"), name="merge_source_once"
            ),
        ),
        migrations.AddIndex(
            model_name="mergechange",
            index=models.Index(fields=["shop", "name", "row_id"], name="merge_change_row"),
        ),
        migrations.AddConstraint(
            model_name="mergechange",
            constraint=models.UniqueConstraint(
                fields=("shop", "merge", "name", "path", "row_id"), name="merge_change_once"
            ),
        ),
        TenantTable("Merge"),
        TenantTable("MergeChange"),
        SameShop("Merge", "customer", "CASCADE"),
        SameShop("MergeChange", "merge", "CASCADE"),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="importchange",
            name="kept",
            field=models.CharField(
                choices=[
                    ("changed", "changed since"),
                    ("later_import", "also in a later import"),
                    ("refunded", "refunded since"),
                    ("in_use", "other rows need it"),
                    ("erased", "its customer was erased"),
                    ("taken", "its place is taken"),
                    ("merged", "merged with another since"),
                ],
                db_default="",
                default="",
                max_length=16,
                verbose_name="why it was kept",
            ),
        ),
    ]
