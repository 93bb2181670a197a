"""Sign-ups of one mailbox are found however its address is written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0027_provenance"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="signup",
            name="signup_of",
        ),
        migrations.AddField(
            model_name="signup",
            name="mailbox",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("email"),
                    arity=1,
                    template="CASE WHEN split_part(email, '@', 2) IN ('gmail.com', 'googlemail.com')\n    AND replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') <> ''\n    THEN replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') || '@gmail.com'\n    ELSE coalesce(nullif(split_part(split_part(email, '@', 1), '+', 1), ''), split_part(email, '@', 1))\n    || '@' || split_part(email, '@', 2) END",
                ),
                output_field=models.CharField(max_length=254),
            ),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(fields=["shop", "mailbox"], name="signup_of"),
        ),
    ]
