"""Consents, their texts and topics, and suppressed addresses."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from crm.tenancy.operations import SameShop, TenantTable

# What was said is only added to. What erasing takes out, and whose it is, are columns of their own grant.
APPEND_ONLY = """
REVOKE UPDATE, DELETE ON customers_consentevent, customers_consenttext FROM crm_platform;
GRANT UPDATE (customer_id, source, ip, evidence) ON customers_consentevent TO crm_app;
"""
# (shop_id, customer_id) says already that the shop is there.
SPARE = "ALTER TABLE customers_consent DROP CONSTRAINT customers_consent_shop_fk"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0015_merges"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=60, verbose_name="version")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("zh-hans", "简体中文")], max_length=10, verbose_name="language"
                    ),
                ),
                ("body", models.TextField(max_length=5000, verbose_name="text")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
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
                "verbose_name": "consent text",
                "verbose_name_plural": "consent texts",
                "abstract": False,
                "default_related_name": "consent_texts",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("purpose", models.CharField(max_length=60, verbose_name="purpose")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("granted", "Granted"),
                            ("withdrawn", "Withdrawn"),
                            ("pending", "Waiting to be confirmed"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="said")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "source",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="source"),
                ),
                (
                    "text_version",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=60, verbose_name="version of the text"
                    ),
                ),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP address")),
                (
                    "evidence",
                    models.TextField(blank=True, db_default="", default="", max_length=1000, verbose_name="evidence"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
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
                (
                    "text",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.consenttext",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent event",
                "verbose_name_plural": "consent events",
                "abstract": False,
                "default_related_name": "consent_events",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("address_hash", models.BinaryField(max_length=32)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hard_bounce", "Messages come back"),
                            ("complaint", "Complained"),
                            ("erased", "Erased on request"),
                            ("block_list", "On the block list"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
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
                "verbose_name": "suppression",
                "verbose_name_plural": "suppressions",
                "abstract": False,
                "default_related_name": "suppressions",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(db_index=False, max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("is_open", models.BooleanField(db_default=True, default=True, verbose_name="customers are asked")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
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
                "verbose_name": "topic",
                "verbose_name_plural": "topics",
                "abstract": False,
                "default_related_name": "topics",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("purpose", models.CharField(max_length=60, verbose_name="purpose")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("granted", "Granted"),
                            ("withdrawn", "Withdrawn"),
                            ("pending", "Waiting to be confirmed"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="said")),
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
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.consentevent",
                        verbose_name="event that counts",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "abstract": False,
                "default_related_name": "consents",
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "customer", "channel", "purpose"), name="consent_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="consenttext",
            constraint=models.UniqueConstraint(fields=("shop", "version"), name="consent_text_version"),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(fields=["shop", "customer", "-at", "-id"], name="consent_event_of"),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                fields=("shop", "kind", "address_hash", "reason"), name="suppression_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.UniqueConstraint(fields=("shop", "code"), name="topic_code"),
        ),
        TenantTable("ConsentText", app_grants=("SELECT", "INSERT")),
        TenantTable("ConsentEvent", app_grants=("SELECT", "INSERT")),
        TenantTable("Consent"),
        TenantTable("Topic"),
        TenantTable("Suppression"),
        SameShop("ConsentEvent", "customer"),
        SameShop("ConsentEvent", "text"),
        SameShop("Consent", "customer"),
        SameShop("Consent", "event"),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
    ]
