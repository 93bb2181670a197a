"""RFM scores of a month in one row instead of one for each customer. What was kept is left behind: runs write it anew."""

import django.db.models.deletion
from django.db import migrations, models

from crm.tenancy.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0002_tenancy_fences")]

    operations = [
        migrations.DeleteModel("RFMMonth"),
        migrations.CreateModel(
            name="RFMMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("customers", models.BinaryField()),
                ("cells", models.BinaryField()),
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
                "default_related_name": "rfm_months",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop", "month"), name="rfm_month_once")],
            },
        ),
        TenantTable("RFMMonth"),
    ]
