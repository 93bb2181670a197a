"""Whose word the values of profiles are: changes of them, who brought a customer, and what staff hold."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from crm.tenancy.operations import SameShop, TenantTable

THROUGH = [
    ("page", "Page"),
    ("api", "API"),
    ("order", "Order"),
    ("file", "File"),
    ("form", "Sign-up form"),
    ("merge", "Merge"),
    ("program", "Huitou"),
]
# Staff win over storefronts: what a storefront says of a field, null where staff hold it. Every statement that writes
# what a storefront says of a known customer asks this; it is one expression, which PostgreSQL puts in its place.
UNHELD = """
CREATE FUNCTION customers_unheld(held text[], field text, said text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN field = ANY(held) THEN NULL ELSE said END'
"""
DROP_UNHELD = "DROP FUNCTION customers_unheld(text[], text, text)"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0026_names_in_admin_of_more"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="held",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="held by staff",
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="made_by_kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=8, verbose_name="made by"),
        ),
        migrations.AddField(
            model_name="customer",
            name="made_by_id",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="ID of who made it"),
        ),
        migrations.AddField(
            model_name="customer",
            name="made_through",
            field=models.CharField(
                blank=True, choices=THROUGH, db_default="", default="", max_length=12, verbose_name="made through"
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="made_in_import",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="import that made it"),
        ),
        migrations.CreateModel(
            name="ProfileChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.BigIntegerField(verbose_name="customer as whom it was written")),
                ("field", models.CharField(max_length=56, verbose_name="field")),
                ("row_id", models.BigIntegerField(null=True, verbose_name="row")),
                ("is_removal", models.BooleanField(db_default=False, default=False, verbose_name="taken away")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor_kind", models.CharField(max_length=8, verbose_name="kind of actor")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="actor's ID")),
                ("through", models.CharField(choices=THROUGH, max_length=12, verbose_name="through")),
                ("import_id", models.BigIntegerField(null=True, verbose_name="import")),
                ("merge_id", models.BigIntegerField(null=True, verbose_name="merge")),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="customers.customer",
                        verbose_name="customer",
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
                "verbose_name": "change of a profile",
                "verbose_name_plural": "changes of profiles",
                "abstract": False,
                "default_related_name": "profile_changes",
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("shop"),
                        models.F("customer"),
                        models.OrderBy(models.F("at"), descending=True),
                        models.F("id"),
                        name="profile_change_customer",
                    )
                ],
            },
        ),
        TenantTable("ProfileChange"),
        SameShop("ProfileChange", "customer", "CASCADE"),
        migrations.RunSQL(UNHELD, DROP_UNHELD),
    ]
