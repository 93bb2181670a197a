"""One foreign key less to check for each new score: (shop_id, customer_id) must exist, so the shop does."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0003_one_row_a_month")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE segmentation_customerscore DROP CONSTRAINT segmentation_customerscore_shop_fk",
            migrations.RunSQL.noop,
        ),
    ]
