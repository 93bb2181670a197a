"""Which consent events an undo may take back."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from crm.tenancy.operations import for_every_shop

# Those of imports whose journal is kept, and of merges that are not undone: what the person did not say again.
MARK = """
UPDATE customers_consentevent AS event SET undone_with = 'import'
FROM customers_importchange AS change
WHERE event.shop_id = %(shop_id)s AND change.shop_id = %(shop_id)s AND change.kind = 10 AND change.outcome = 1
    AND change.row_id = event.id AND event.customer_id IS NOT NULL;
UPDATE customers_consentevent AS event SET undone_with = 'merge'
FROM customers_mergechange AS change
JOIN customers_merge AS merge ON merge.shop_id = %(shop_id)s AND merge.id = change.merge_id
WHERE event.shop_id = %(shop_id)s AND change.shop_id = %(shop_id)s AND change.name = 'consent_events'
    AND change.row_id = event.id AND event.source = 'merge' AND event.evidence = merge.source_id::text
    AND event.recorded_at >= merge.merged_at
"""


def mark(apps: Apps, editor: BaseDatabaseSchemaEditor, shop_id: int) -> None:
    with editor.connection.cursor() as cursor:
        for statement in MARK.split(";\n"):
            cursor.execute(statement, {"shop_id": shop_id})


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0029_addresses_of_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="consentevent",
            name="undone_with",
            field=models.CharField(
                choices=[
                    ("", "nothing"),
                    ("import", "the import that has brought it"),
                    ("merge", "the merge that has said it"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.RunPython(for_every_shop(mark), migrations.RunPython.noop),
    ]
