"""What Django admin calls the columns of what merging, consent, attributes and sign-ups brought."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0025_addresses"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="consentsettings",
            options={
                "base_manager_name": "objects",
                "default_related_name": "consent_settings",
                "verbose_name": "settings of consent",
                "verbose_name_plural": "settings of consent",
            },
        ),
        migrations.AlterField(
            model_name="attributechoice",
            name="definition",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="choices",
                to="customers.attributedefinition",
                verbose_name="attribute",
            ),
        ),
        migrations.AlterField(
            model_name="attributevalue",
            name="choice",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="values",
                to="customers.attributechoice",
                verbose_name="choice",
            ),
        ),
        migrations.AlterField(
            model_name="attributevalue",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attribute_values",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="attributevalue",
            name="definition",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="values",
                to="customers.attributedefinition",
                verbose_name="attribute",
            ),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="text",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="customers.consenttext",
                verbose_name="text",
            ),
        ),
        migrations.AlterField(
            model_name="consentsettings",
            name="redirect_hosts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=253),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="sites to go on to",
            ),
        ),
        migrations.AlterField(
            model_name="duplicatepair",
            name="decided_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="judged by",
            ),
        ),
        migrations.AlterField(
            model_name="duplicatepair",
            name="first",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="customers.customer",
                verbose_name="first customer",
            ),
        ),
        migrations.AlterField(
            model_name="duplicatepair",
            name="second",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="customers.customer",
                verbose_name="second customer",
            ),
        ),
        migrations.AlterField(
            model_name="merge",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="merges",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="merge",
            name="merged_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="merged by",
            ),
        ),
        migrations.AlterField(
            model_name="mergechange",
            name="merge",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="customers.merge",
                verbose_name="merge",
            ),
        ),
        migrations.AlterField(
            model_name="note",
            name="author",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="author",
            ),
        ),
        migrations.AlterField(
            model_name="note",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
        ),
        migrations.AlterField(
            model_name="note",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="signup",
            name="form",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="customers.signupform",
                verbose_name="form",
            ),
        ),
        migrations.AlterField(
            model_name="signup",
            name="purposes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), size=None, verbose_name="purposes"
            ),
        ),
        migrations.AlterField(
            model_name="signup",
            name="text",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="customers.consenttext",
                verbose_name="text",
            ),
        ),
        migrations.AlterField(
            model_name="signupform",
            name="asks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name="asks for"
            ),
        ),
        migrations.AlterField(
            model_name="signupform",
            name="purposes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), size=None, verbose_name="purposes"
            ),
        ),
        migrations.AlterField(
            model_name="signupform",
            name="text",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="customers.consenttext",
                verbose_name="text",
            ),
        ),
        migrations.AlterField(
            model_name="tag",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
        ),
    ]
