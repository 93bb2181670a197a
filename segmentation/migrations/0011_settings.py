"""A shop's own bounds of the RFM scores move from the shop to a row of ours, for the shops that have set any."""

import django.db.models.deletion
from django.db import migrations, models

from crm.tenancy.operations import TenantTable, for_every_shop


def take_over(apps, schema_editor, shop_id):
    database = schema_editor.connection.alias
    bounds = (
        apps.get_model("shops", "Shop").objects.using(database).values_list("rfm_bounds", flat=True).get(pk=shop_id)
    )
    if bounds:
        settings = apps.get_model("segmentation", "Settings").objects.using(database)
        settings.create(shop_id=shop_id, rfm_bounds=bounds)


def give_back(apps, schema_editor, shop_id):
    database = schema_editor.connection.alias
    settings = apps.get_model("segmentation", "Settings").objects.using(database).filter(shop_id=shop_id).first()
    if settings is not None:
        shops = apps.get_model("shops", "Shop").objects.using(database)
        shops.filter(pk=shop_id).update(rfm_bounds=settings.rfm_bounds)


class Migration(migrations.Migration):
    dependencies = [
        ("segmentation", "0010_orders_and_purchases"),
        ("shops", "0010_scopes_without_choices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Settings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rfm_bounds", models.JSONField(default=dict, verbose_name="RFM bounds")),
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
                "abstract": False,
                "default_related_name": "segmentation_settings",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop",), name="segmentation_settings_once")],
            },
        ),
        TenantTable("Settings"),
        migrations.RunPython(for_every_shop(take_over), for_every_shop(give_back)),
    ]
