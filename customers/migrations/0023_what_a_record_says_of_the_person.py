"""Birthday, language, time zone, company and kind of relation of customers, and who may not be profiled."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from crm.tenancy.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0022_files_of_suppressions_and_consents"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, verbose_name="key")),
                ("label", models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="label")),
                ("position", models.IntegerField(db_default=0, default=0, verbose_name="position")),
                ("is_scored", models.BooleanField(db_default=True, default=True, verbose_name="scored")),
                ("archived_at", models.DateTimeField(blank=True, null=True, verbose_name="archived")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"),
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
                "verbose_name": "kind of relation",
                "verbose_name_plural": "kinds of relations",
                "abstract": False,
                "default_related_name": "customer_kinds",
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="attributedefinition",
            name="kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="only for"),
        ),
        migrations.AddField(
            model_name="customer",
            name="birthday",
            field=models.CharField(blank=True, db_default="", default="", max_length=10, verbose_name="birthday"),
        ),
        migrations.AddField(
            model_name="customer",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="language"),
        ),
        migrations.AddField(
            model_name="customer",
            name="time_zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64, verbose_name="time zone"),
        ),
        migrations.AddField(
            model_name="customer",
            name="company",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="company"),
        ),
        migrations.AddField(
            model_name="customer",
            name="kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="relation"),
        ),
        migrations.AddField(
            model_name="customer",
            name="is_minor",
            field=models.BooleanField(db_default=False, default=False, verbose_name="minor"),
        ),
        migrations.AddField(
            model_name="customer",
            name="do_not_profile",
            field=models.BooleanField(db_default=False, default=False, verbose_name="not to be profiled"),
        ),
        migrations.AddField(
            model_name="customer",
            name="birth_month",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("birthday"),
                    arity=1,
                    template="nullif(substr(%(expressions)s, length(%(expressions)s) - 4, 2), '')::smallint",
                ),
                output_field=models.SmallIntegerField(null=True),
                verbose_name="month of the birthday",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("birth_month__isnull", False)),
                fields=["shop", "birth_month", "id"],
                name="customer_birth_month",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("language", ""), _negated=True),
                fields=["shop", "language", "id"],
                name="customer_language",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    models.Q(("kind", ""), _negated=True),
                    ("is_minor", True),
                    ("do_not_profile", True),
                    _connector="OR",
                ),
                fields=["shop", "kind", "id"],
                name="customer_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerkind",
            constraint=models.UniqueConstraint(fields=("shop", "key"), name="customer_kind_key"),
        ),
        TenantTable("CustomerKind"),
    ]
