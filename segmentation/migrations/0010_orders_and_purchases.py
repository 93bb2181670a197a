"""Scores tell orders from purchase days, which the models count; lists can be sorted by money at stake and by AOV."""

from django.db import migrations, models

# As the packed columns before them.
STORAGE = """
ALTER TABLE segmentation_scorecolumns ALTER stake_minor SET STORAGE EXTERNAL, ALTER aov_minor SET STORAGE EXTERNAL
"""
RENAMED = {f"expected_orders_{days}d": f"expected_purchases_{days}d" for days in (30, 90, 365)} | {
    "expected_order_minor": "expected_purchase_minor"
}
ADDED = {
    "purchase_days": models.IntegerField(null=True),
    "orders_per_purchase": models.FloatField(null=True),
    "stake_minor": models.BigIntegerField(null=True),
}


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0009_due_work_sees_the_dead")]

    operations = [
        *(migrations.RenameField("customerscore", old, new) for old, new in RENAMED.items()),
        *(migrations.AddField("customerscore", name, field) for name, field in ADDED.items()),
        migrations.AddField("scorecolumns", "stake_minor", models.BinaryField(default=b"")),
        migrations.AddField("scorecolumns", "aov_minor", models.BinaryField(default=b"")),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
