"""Sign-up forms, what was sent with them, and how customers wish to be written to."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from crm.tenancy.operations import DueWork, SameShop, TenantTable

# The tick asks which shops have mails to send, and may see no more than that.
DUE = """
CREATE POLICY search ON customers_signup FOR SELECT TO crm_search USING (true);
GRANT SELECT (shop_id, due_at) ON customers_signup TO crm_search;
"""
# (shop_id, form_id) and (shop_id, customer_id) say already that the shop is there.
SPARE = """
ALTER TABLE customers_signup DROP CONSTRAINT customers_signup_shop_fk;
ALTER TABLE customers_contactpreference DROP CONSTRAINT customers_contactpreference_shop_fk;
"""
DROP = "SET LOCAL ROLE crm_search; DROP FUNCTION customers_due_work(); RESET ROLE"
JOBS = {
    "import": "customers_importjob",
    "export": "customers_exportjob",
    "duplicates": "customers_duplicatesearch",
}
SALES_DAYS = "SELECT 'sales_days', shop_id, now() FROM public.customers_salesday WHERE is_stale GROUP BY shop_id"
SIGNUPS = "SELECT 'signups', shop_id, min(due_at) FROM public.customers_signup WHERE due_at <= now() GROUP BY shop_id"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0019_duplicates_found"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignupForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(db_index=False, max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("zh-hans", "简体中文")], max_length=10, verbose_name="language"
                    ),
                ),
                ("heading", models.CharField(max_length=120, verbose_name="heading")),
                ("intro", models.TextField(blank=True, default="", max_length=1000, verbose_name="introduction")),
                (
                    "asks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("thanks", models.TextField(blank=True, default="", max_length=1000, verbose_name="thank-you text")),
                (
                    "redirect_url",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="address to go on to"),
                ),
                ("is_open", models.BooleanField(db_default=True, default=True, verbose_name="open")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.consenttext",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-up form",
                "verbose_name_plural": "sign-up forms",
                "abstract": False,
                "default_related_name": "signup_forms",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Signup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting to be confirmed"),
                            ("confirmed", "Confirmed"),
                            ("spam", "Blocked as spam"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("trap", "A field was filled in that people do not see."),
                            ("too_fast", "It was filled in faster than people can."),
                            ("no_browser", "It was not sent by a browser that showed the form."),
                            ("suppressed", "No mail: the address is not written to."),
                            ("too_many", "No further mail: the address has got enough of them."),
                            ("not_sent", "The mail could not be sent."),
                        ],
                        db_default="",
                        default="",
                        max_length=12,
                        verbose_name="note",
                    ),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("email", models.CharField(max_length=254, verbose_name="e-mail")),
                ("name", models.CharField(blank=True, default="", max_length=200, verbose_name="name")),
                ("phone", models.CharField(blank=True, default="", max_length=20, verbose_name="phone")),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP address")),
                ("sent_at", models.DateTimeField(verbose_name="sent")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("attempts", models.SmallIntegerField(db_default=0, default=0, verbose_name="attempts")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="mailed")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed")),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.consenttext",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="customers.signupform",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-up",
                "verbose_name_plural": "sign-ups",
                "abstract": False,
                "default_related_name": "signups",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ConsentSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("double_opt_in", models.BooleanField(db_default=True, default=True, verbose_name="confirm by mail")),
                (
                    "colour",
                    models.CharField(blank=True, db_default="", default="", max_length=7, verbose_name="colour"),
                ),
                (
                    "redirect_hosts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_related_name": "consent_settings",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop",), name="consent_settings_once")],
            },
        ),
        migrations.CreateModel(
            name="ContactPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("less_often_since", models.DateTimeField(blank=True, null=True, verbose_name="less often since")),
                (
                    "not_personalised_since",
                    models.DateTimeField(blank=True, null=True, verbose_name="not personalised since"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact preference",
                "verbose_name_plural": "contact preferences",
                "abstract": False,
                "default_related_name": "contact_preferences",
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("shop", "customer"), name="contact_preference_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="signupform",
            constraint=models.UniqueConstraint(fields=("shop", "code"), name="signup_form_code"),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(fields=["shop", "email"], name="signup_of"),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(
                condition=models.Q(("mailed_at__isnull", False)), fields=["shop", "mailed_at"], name="signup_mailed"
            ),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="signup_due"),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(
                condition=models.Q(("state", "confirmed"), _negated=True), fields=["sent_at"], name="signup_unconfirmed"
            ),
        ),
        TenantTable("ConsentSettings"),
        TenantTable("ContactPreference"),
        TenantTable("SignupForm"),
        TenantTable("Signup"),
        SameShop("ContactPreference", "customer"),
        SameShop("SignupForm", "text"),
        SameShop("Signup", "form"),
        SameShop("Signup", "text"),
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
        migrations.RunSQL(DROP, DueWork("customers", JOBS, [SALES_DAYS]).sql),
        DueWork("customers", JOBS, [SALES_DAYS, SIGNUPS]),
    ]
