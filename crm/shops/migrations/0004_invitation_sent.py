from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from crm.tenancy.operations import for_every_shop


def take_all_for_sent(apps: Any, schema_editor: BaseDatabaseSchemaEditor, shop_id: int) -> None:
    invitations = apps.get_model("shops", "Invitation").objects.using(schema_editor.connection.alias)
    invitations.filter(shop_id=shop_id).update(sent_at=models.F("created_at"))


class Migration(migrations.Migration):
    """When the mail server took an invitation's mail, so that the list can tell which one it did not."""

    dependencies = [("shops", "0003_invitation_revoked")]

    operations = [
        migrations.AddField("invitation", "sent_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(for_every_shop(take_all_for_sent), migrations.RunPython.noop),
    ]
