from django.db import migrations, models


class Migration(migrations.Migration):
    """An invitation that was taken back stays known, so that its link can say what happened to it."""

    dependencies = [("shops", "0002_tenancy_fences")]

    operations = [
        migrations.AddField("invitation", "revoked_at", models.DateTimeField(blank=True, null=True)),
        migrations.RemoveConstraint("invitation", "invitation_open_once"),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                fields=["shop", "email"],
                name="invitation_open_once",
                condition=models.Q(accepted_at=None, revoked_at=None),
            ),
        ),
    ]
