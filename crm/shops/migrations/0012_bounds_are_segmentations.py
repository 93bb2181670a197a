from django.db import migrations


class Migration(migrations.Migration):
    """The bounds of the RFM scores lie in segmentation's settings now."""

    dependencies = [("shops", "0011_invitation_link"), ("segmentation", "0011_settings")]

    operations = [migrations.RemoveField("shop", "rfm_bounds")]
