"""An index by country: a rare one was found by walking all customers, and the choice of countries by reading them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_statistics_after_bulk_loads")]

    operations = [
        migrations.AddIndex(
            "customer",
            models.Index(
                "shop",
                "country",
                models.F("last_order_at").desc(nulls_last=True),
                "id",
                name="customer_country",
            ),
        ),
    ]
