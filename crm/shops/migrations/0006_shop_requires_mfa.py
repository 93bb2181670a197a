from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shops", "0005_audit_append_only")]

    operations = [
        migrations.AddField(
            "shop", "requires_mfa", models.BooleanField(default=False, verbose_name="two-step sign-in required")
        ),
    ]
