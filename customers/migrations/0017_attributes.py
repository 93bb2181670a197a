"""Attributes of a shop's own, and their values as typed rows."""

from collections.abc import Sequence

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

from crm.tenancy.operations import SameShop, SecurityDefinerFunction, TenantTable

REFRESHED = (
    "customers_customer",
    "customers_identifier",
    "customers_searchdocument",
    "customers_product",
    "customers_order",
    "customers_orderline",
    "customers_refund",
    "customers_refundline",
    "customers_salesday",
    "customers_importchange",
    "customers_attributevalue",
)
DROP_REFRESH = "SET LOCAL ROLE crm_search; DROP FUNCTION customers_refresh_statistics(); RESET ROLE"


def refresh(tables: Sequence[str]) -> SecurityDefinerFunction:
    body = f"""
CREATE FUNCTION customers_refresh_statistics() RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ANALYZE {", ".join(f"public.{table}" for table in tables)};
END $$
"""
    return SecurityDefinerFunction("customers_refresh_statistics()", body)


# (shop_id, customer_id) says already that the shop is there.
SPARE = "ALTER TABLE customers_attributevalue DROP CONSTRAINT customers_attributevalue_shop_fk"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0016_consents"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importchange",
            name="kind",
            field=models.SmallIntegerField(
                choices=[
                    (1, "order"),
                    (2, "refund"),
                    (3, "customer"),
                    (4, "identifier"),
                    (5, "product"),
                    (6, "tag"),
                    (7, "tag of a customer"),
                    (8, "attribute of a customer"),
                ],
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="AttributeDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, verbose_name="key")),
                ("label", models.CharField(max_length=80, verbose_name="label")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("yearly", "Date of every year"),
                            ("boolean", "Yes or no"),
                            ("choice", "One of a list"),
                            ("choices", "Several of a list"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                ("group", models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="group")),
                ("position", models.IntegerField(db_default=0, default=0, verbose_name="position")),
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
                "verbose_name": "attribute",
                "verbose_name_plural": "attributes",
                "abstract": False,
                "default_related_name": "attribute_definitions",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="AttributeChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=80, verbose_name="label")),
                ("position", models.IntegerField(db_default=0, default=0, verbose_name="position")),
                ("archived_at", models.DateTimeField(blank=True, null=True, verbose_name="archived")),
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
                (
                    "definition",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="choices",
                        to="customers.attributedefinition",
                    ),
                ),
            ],
            options={
                "verbose_name": "choice",
                "verbose_name_plural": "choices",
                "abstract": False,
                "default_related_name": "attribute_choices",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="AttributeValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item", models.BigIntegerField(db_default=0, default=0)),
                ("text_value", models.CharField(max_length=500, null=True, verbose_name="text")),
                ("number_value", models.FloatField(null=True, verbose_name="number")),
                ("date_value", models.DateField(null=True, verbose_name="date")),
                ("boolean_value", models.BooleanField(null=True, verbose_name="yes or no")),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"),
                ),
                (
                    "choice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="customers.attributechoice",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attribute_values",
                        to="customers.customer",
                    ),
                ),
                (
                    "definition",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="customers.attributedefinition",
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
                "verbose_name": "value of an attribute",
                "verbose_name_plural": "values of attributes",
                "abstract": False,
                "default_related_name": "attribute_values",
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="attributedefinition",
            constraint=models.UniqueConstraint(fields=("shop", "key"), name="attribute_key"),
        ),
        migrations.AddConstraint(
            model_name="attributechoice",
            constraint=models.UniqueConstraint(fields=("shop", "definition", "label"), name="attribute_choice_label"),
        ),
        migrations.AddIndex(
            model_name="attributevalue",
            index=models.Index(
                condition=models.Q(("text_value__isnull", False)),
                fields=["shop", "definition", "text_value"],
                include=("customer",),
                name="attribute_value_text",
            ),
        ),
        migrations.AddIndex(
            model_name="attributevalue",
            index=models.Index(
                condition=models.Q(("number_value__isnull", False)),
                fields=["shop", "definition", "number_value"],
                include=("customer",),
                name="attribute_value_number",
            ),
        ),
        migrations.AddIndex(
            model_name="attributevalue",
            index=models.Index(
                condition=models.Q(("date_value__isnull", False)),
                fields=["shop", "definition", "date_value"],
                include=("customer",),
                name="attribute_value_date",
            ),
        ),
        migrations.AddIndex(
            model_name="attributevalue",
            index=models.Index(
                condition=models.Q(("boolean_value__isnull", False)),
                fields=["shop", "definition", "boolean_value"],
                include=("customer",),
                name="attribute_value_boolean",
            ),
        ),
        migrations.AddIndex(
            model_name="attributevalue",
            index=models.Index(
                condition=models.Q(("choice__isnull", False)),
                fields=["shop", "definition", "choice"],
                include=("customer",),
                name="attribute_value_choice",
            ),
        ),
        migrations.AddConstraint(
            model_name="attributevalue",
            constraint=models.UniqueConstraint(
                fields=("shop", "customer", "definition", "item"), name="attribute_value_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="attributevalue",
            constraint=models.CheckConstraint(
                condition=django.db.models.expressions.RawSQL(
                    "num_nonnulls(text_value, number_value, date_value, boolean_value, choice_id) = 1",
                    (),
                    models.BooleanField(),
                ),
                name="attribute_value_one",
            ),
        ),
        TenantTable("AttributeDefinition"),
        TenantTable("AttributeChoice"),
        SameShop("AttributeChoice", "definition", "CASCADE"),
        TenantTable("AttributeValue"),
        SameShop("AttributeValue", "customer", "CASCADE"),
        SameShop("AttributeValue", "definition", "CASCADE"),
        SameShop("AttributeValue", "choice", "CASCADE"),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
        migrations.RunSQL("GRANT MAINTAIN ON customers_attributevalue TO crm_search", migrations.RunSQL.noop),
        migrations.RunSQL(DROP_REFRESH, refresh(REFRESHED[:-1]).sql),
        refresh(REFRESHED),
    ]
