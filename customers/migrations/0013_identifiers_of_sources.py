"""Identifiers of any kind and of several storefronts, compared by a form of their own.

Two customers may have addresses that differ by dots alone, at a provider that ignores them. They stay two: the later
address is compared by its letters from now on, and the pair is put into the review list by the next migration.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from crm.tenancy.operations import for_every_shop

MATCH_VALUE = """CASE WHEN kind = 'email' AND NOT is_literal
    AND split_part(value, '@', 2) IN ('gmail.com', 'googlemail.com')
    AND replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') <> ''
    THEN replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE value END"""
# The address without dots keeps the common form: as letters it is the same.
KEEP_APART = """
UPDATE customers_identifier SET is_literal = true
WHERE shop_id = %(shop_id)s AND kind = 'email' AND id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY match_value ORDER BY value <> match_value, id) AS place
        FROM customers_identifier WHERE shop_id = %(shop_id)s AND kind = 'email'
    ) AS numbered WHERE place > 1
)
"""


def keep_apart(apps: Apps, editor: BaseDatabaseSchemaEditor, shop_id: int) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute(KEEP_APART, {"shop_id": shop_id})


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_exports_of_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="identifier",
            name="is_literal",
            field=models.BooleanField(db_default=False, default=False, verbose_name="matched as written"),
        ),
        migrations.AddField(
            model_name="identifier",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="source"),
        ),
        migrations.AlterField(
            model_name="identifier",
            name="kind",
            field=models.CharField(max_length=24, verbose_name="kind"),
        ),
        migrations.AddField(
            model_name="identifier",
            name="match_value",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("kind"), models.F("is_literal"), models.F("value"), arity=3, template=MATCH_VALUE
                ),
                output_field=models.CharField(max_length=254),
            ),
        ),
        migrations.RunPython(for_every_shop(keep_apart), migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="identifier",
            constraint=models.UniqueConstraint(
                fields=("shop", "kind", "source", "match_value"), name="identifier_match"
            ),
        ),
        migrations.RemoveConstraint(model_name="identifier", name="identifier_value"),
        migrations.AddField(
            model_name="importjob",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="storefront"),
        ),
    ]
