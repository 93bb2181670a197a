from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shops", "0012_bounds_are_segmentations"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="storefront"),
        ),
    ]
