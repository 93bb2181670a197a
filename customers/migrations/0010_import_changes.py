"""The journal of what imports did to each row, so that they can be undone.

Lines get an index of their products: deleting a product asks whether any line names it, and would else read all lines
of the shop for each.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import crm.tenancy.hiding
from crm.tenancy.operations import SameShop, SecurityDefinerFunction, TenantTable

TABLES = (
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
)
DROP_REFRESH = "SET LOCAL ROLE crm_search; DROP FUNCTION customers_refresh_statistics(); RESET ROLE"
REFRESH = f"""
CREATE FUNCTION customers_refresh_statistics() RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ANALYZE {", ".join(f"public.{table}" for table in TABLES)};
END $$
"""
# (shop_id, job_id) says already that the shop is there.
SPARE = "ALTER TABLE customers_importchange DROP CONSTRAINT customers_importchange_shop_fk"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_order_totals"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="undone",
            field=models.JSONField(blank=True, db_default={}, default=dict, verbose_name="result of the undo"),
        ),
        migrations.AddField(
            model_name="importjob",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="undone"),
        ),
        migrations.AddField(
            model_name="refund",
            name="updated_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="work",
            field=models.CharField(
                choices=[("check", "Dry run"), ("run", "Import"), ("undo", "Undo")],
                default="check",
                max_length=8,
                verbose_name="work",
            ),
        ),
        migrations.CreateModel(
            name="ImportChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "order"),
                            (2, "refund"),
                            (3, "customer"),
                            (4, "identifier"),
                            (5, "product"),
                            (6, "tag"),
                            (7, "tag of a customer"),
                        ],
                        verbose_name="kind",
                    ),
                ),
                ("row_id", models.BigIntegerField(verbose_name="row")),
                (
                    "outcome",
                    models.SmallIntegerField(
                        choices=[(1, "created"), (2, "changed"), (3, "unchanged"), (4, "deleted")],
                        verbose_name="outcome",
                    ),
                ),
                ("before", crm.tenancy.hiding.MaskedJSONField(null=True, verbose_name="before")),
                ("written_at", models.DateTimeField(verbose_name="written")),
                (
                    "kept",
                    models.CharField(
                        choices=[
                            ("changed", "changed since"),
                            ("later_import", "also in a later import"),
                            ("refunded", "refunded since"),
                            ("in_use", "other rows need it"),
                            ("erased", "its customer was erased"),
                            ("taken", "its place is taken"),
                        ],
                        db_default="",
                        default="",
                        max_length=16,
                        verbose_name="why it was kept",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="customers.importjob",
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
                "verbose_name": "row of an import",
                "verbose_name_plural": "rows of imports",
                "abstract": False,
                "default_related_name": "import_changes",
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("customer__isnull", False)),
                        fields=["shop", "customer"],
                        name="import_change_customer",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "job", "kind", "row_id"), name="import_change_once")
                ],
            },
        ),
        TenantTable("ImportChange"),
        SameShop("ImportChange", "job", "CASCADE"),
        SameShop("ImportChange", "customer", "CASCADE"),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
        migrations.RunSQL("GRANT MAINTAIN ON customers_importchange TO crm_search", migrations.RunSQL.noop),
        migrations.RunSQL(DROP_REFRESH, migrations.RunSQL.noop),
        SecurityDefinerFunction("customers_refresh_statistics()", REFRESH),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                fields=["shop", "product"], name="order_line_product", condition=models.Q(product__isnull=False)
            ),
        ),
        migrations.AddIndex(
            model_name="refundline",
            index=models.Index(
                fields=["shop", "product"], name="refund_line_product", condition=models.Q(product__isnull=False)
            ),
        ),
    ]
