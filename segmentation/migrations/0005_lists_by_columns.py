"""Lists of scores are read from packed columns; the scores keep only indexes that a night seldom touches.

Half of each page of scores stays free, so that the next night's figures fit beside the old ones and no index is touched.
"""

import django.db.models.deletion
from django.db import migrations, models

from crm.tenancy.operations import TenantTable, for_every_shop

# Packed numbers hardly shrink; uncompressed they are read faster, and a part of them alone.
STORAGE = """
ALTER TABLE segmentation_customerscore SET (fillfactor = 50);
ALTER TABLE segmentation_scorecolumns
    ALTER customers SET STORAGE EXTERNAL, ALTER kinds SET STORAGE EXTERNAL, ALTER net_minor SET STORAGE EXTERNAL,
    ALTER clv_minor SET STORAGE EXTERNAL, ALTER recency_days SET STORAGE EXTERNAL
"""
PACK = """
INSERT INTO segmentation_scorecolumns (shop_id, customers, kinds, net_minor, clv_minor, recency_days)
SELECT shop_id, string_agg(int8send(customer_id), ''), string_agg(int2send(kind), ''),
    string_agg(int8send(net_minor), ''), string_agg(int8send(coalesce(clv_minor, -9223372036854775808)), ''),
    string_agg(int4send(coalesce(recency_days, 0)), '')
FROM (
    SELECT shop_id, customer_id, net_minor, clv_minor, recency_days, (((
        array_position(ARRAY['prospect', 'new', 'active', 'loyal', 'at_risk', 'dormant', 'lost', 'won_back'], stage::text)
        - 1) * 12 + coalesce(array_position(ARRAY['champions', 'loyal', 'potential_loyalist', 'new', 'promising',
        'needs_attention', 'about_to_sleep', 'at_risk', 'cannot_lose', 'hibernating', 'lost'], rfm_group::text), 0)
        ) * 126 + coalesce(25 * r + 5 * f + m - 30, 0))::smallint AS kind
    FROM segmentation_customerscore WHERE shop_id = %s ORDER BY customer_id
) AS score
GROUP BY shop_id
"""


def pack(apps, schema_editor, shop_id):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PACK, [shop_id])


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0004_scores_know_their_shop_by_customer")]

    operations = [
        migrations.CreateModel(
            name="ScoreColumns",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customers", models.BinaryField()),
                ("kinds", models.BinaryField()),
                ("net_minor", models.BinaryField()),
                ("clv_minor", models.BinaryField()),
                ("recency_days", models.BinaryField()),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_related_name": "score_columns",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop",), name="score_columns_once")],
            },
        ),
        TenantTable("ScoreColumns"),
        migrations.RemoveIndex(model_name="customerscore", name="score_stage"),
        migrations.RemoveIndex(model_name="customerscore", name="score_group"),
        migrations.RemoveIndex(model_name="customerscore", name="score_clv"),
        migrations.AddIndex(
            model_name="customerscore",
            index=models.Index(fields=["shop", "stage", "customer"], name="score_by_stage"),
        ),
        migrations.AddIndex(
            model_name="customerscore",
            index=models.Index(fields=["shop", "rfm_group", "customer"], name="score_by_group"),
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunPython(for_every_shop(pack), migrations.RunPython.noop),
    ]
