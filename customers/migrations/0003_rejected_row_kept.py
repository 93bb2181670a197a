from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_tenancy_fences")]

    operations = [
        migrations.AddField("rejectedrow", "is_kept", models.BooleanField(default=False, db_default=False)),
    ]
