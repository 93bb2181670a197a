"""What an import did to postal addresses, and which changes of a profile added something."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0028_mailboxes_of_sign_ups"),
    ]

    operations = [
        migrations.AddField(
            model_name="profilechange",
            name="is_addition",
            field=models.BooleanField(db_default=False, default=False, verbose_name="added"),
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
                    (11, "postal address of a customer"),
                ],
                verbose_name="kind",
            ),
        ),
    ]
