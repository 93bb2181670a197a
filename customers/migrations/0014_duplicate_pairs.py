"""The review list: pairs of customers who may be one person."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from crm.tenancy.operations import SameShop, TenantTable, for_every_shop

# Whose addresses differed by dots alone when those came to be ignored.
QUEUE = """
INSERT INTO customers_duplicatepair (id, shop_id, first_id, second_id, state, evidence)
SELECT nextval('customers_duplicatepair_id_seq'), %(shop_id)s::bigint, least(apart.customer_id, known.customer_id),
    greatest(apart.customer_id, known.customer_id), 'open', '[{"kind": "email"}]'
FROM customers_identifier AS apart
JOIN customers_identifier AS known ON known.shop_id = %(shop_id)s AND known.kind = 'email' AND known.source = ''
    AND known.match_value = replace(split_part(split_part(apart.value, '@', 1), '+', 1), '.', '') || '@gmail.com'
WHERE apart.shop_id = %(shop_id)s AND apart.is_literal AND known.customer_id <> apart.customer_id
ON CONFLICT DO NOTHING
"""


def queue(apps: Apps, editor: BaseDatabaseSchemaEditor, shop_id: int) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute(QUEUE, {"shop_id": shop_id})


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0013_identifiers_of_sources"),
        ("shops", "0007_names_in_admin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be judged"), ("skipped", "two people")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("evidence", models.JSONField(default=list, verbose_name="evidence")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="judged")),
                (
                    "decided_by",
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
                    "first",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                "verbose_name": "possible duplicate",
                "verbose_name_plural": "possible duplicates",
                "abstract": False,
                "default_related_name": "duplicate_pairs",
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["shop", "second"], name="duplicate_pair_second"),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["shop", "id"], name="duplicate_pair_open"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "first", "second"), name="duplicate_pair_once")
                ],
            },
        ),
        TenantTable("DuplicatePair"),
        SameShop("DuplicatePair", "first", "CASCADE"),
        SameShop("DuplicatePair", "second", "CASCADE"),
        migrations.RunPython(for_every_shop(queue), migrations.RunPython.noop),
    ]
