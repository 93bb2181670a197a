"""Files of addresses that are not to be written to, and of consents."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0021_notes_by_programs"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.AddField(
            model_name="suppression",
            name="updated_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["shop", "channel", "purpose"], name="consent_of_purpose"),
        ),
        migrations.AlterField(
            model_name="importchange",
            name="kind",
            field=models.SmallIntegerField(
                choices=[
                    (1, "order"),
                    (2, "refund"),
                    (3, "customer"),
                    (4, "identifier"),
                    (5, "product"),
                    (6, "tag"),
                    (7, "tag of a customer"),
                    (8, "attribute of a customer"),
                    (9, "suppressed address"),
                    (10, "consent of a customer"),
                ],
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("orders", "orders"),
                    ("customers", "customers"),
                    ("products", "products"),
                    ("suppressions", "addresses not to be written to"),
                ],
                db_default="orders",
                default="orders",
                max_length=12,
                verbose_name="list of",
            ),
        ),
    ]
