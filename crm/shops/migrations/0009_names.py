from django.db import migrations, models

import crm.shops.names


class Migration(migrations.Migration):
    dependencies = [("shops", "0008_one_time_codes")]

    operations = [
        migrations.AlterField(
            "shop",
            "name",
            models.CharField(max_length=120, validators=[crm.shops.names.validate_name], verbose_name="name"),
        ),
        migrations.AlterField(
            "user",
            "name",
            models.CharField(
                blank=True, max_length=150, validators=[crm.shops.names.validate_name], verbose_name="name"
            ),
        ),
    ]
