"""Postal addresses of customers."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from crm.tenancy.operations import SameShop, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0024_attributes_in_list"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("billing", "Billing"),
                            ("shipping", "Shipping"),
                            ("home", "Home"),
                            ("work", "Work"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="type",
                    ),
                ),
                (
                    "recipient",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="recipient"),
                ),
                (
                    "company",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="company"),
                ),
                (
                    "line1",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="first line"),
                ),
                (
                    "line2",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="second line"),
                ),
                ("city", models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="city")),
                (
                    "region",
                    models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="region"),
                ),
                (
                    "postcode",
                    models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="postcode"),
                ),
                (
                    "country",
                    models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="country"),
                ),
                ("phone", models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="phone")),
                (
                    "digest",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("type"),
                            models.F("recipient"),
                            models.F("company"),
                            models.F("line1"),
                            models.F("line2"),
                            models.F("city"),
                            models.F("region"),
                            models.F("postcode"),
                            models.F("country"),
                            models.F("phone"),
                            arity=10,
                            template="md5(type || chr(31) || recipient || chr(31) || company || chr(31) || line1 || chr(31) || line2 || chr(31) || city || chr(31) || region || chr(31) || postcode || chr(31) || country || chr(31) || phone)",
                        ),
                        output_field=models.CharField(max_length=32),
                    ),
                ),
                ("preferred_at", models.DateTimeField(blank=True, null=True, verbose_name="put first")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="customers.customer",
                        verbose_name="customer",
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
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "abstract": False,
                "default_related_name": "addresses",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop", "customer", "digest"), name="address_once")],
            },
        ),
        TenantTable("Address"),
        SameShop("Address", "customer"),
    ]
