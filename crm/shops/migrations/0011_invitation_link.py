from django.db import migrations, models


class Migration(migrations.Migration):
    """A second token of an invitation, to pass on by hand; it proves nothing about the address."""

    dependencies = [("shops", "0010_scopes_without_choices")]

    operations = [
        migrations.AddField("invitation", "link_hash", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                fields=["shop", "link_hash"], name="invitation_link", condition=~models.Q(link_hash="")
            ),
        ),
    ]
