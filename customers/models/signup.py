"""Sign-up forms of a shop, and what was sent with them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.hiding import MaskedCharField, MaskedGeneratedField, MaskedIPAddressField
from crm.tenancy.scope import ShopModel, current_shop_id
from customers.domain.identity import GIVEN_LENGTH
from customers.models.consent import PURPOSE_LENGTH
from customers.models.consent_text import ConsentText
from customers.models.customer import NAME_LENGTH, Customer, Identifier
from customers.models.topic import CODE_LENGTH

HEADING_LENGTH, WORDS_LENGTH, URL_LENGTH = 120, 1000, 500
EMAIL_LENGTH = Identifier._meta.get_field("value").max_length

# customers.domain.identity.mailbox as PostgreSQL computes it.
MAILBOX = """CASE WHEN split_part(email, '@', 2) IN ('gmail.com', 'googlemail.com')
    AND replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') <> ''
    THEN replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') || '@gmail.com'
    ELSE coalesce(nullif(split_part(split_part(email, '@', 1), '+', 1), ''), split_part(email, '@', 1))
    || '@' || split_part(email, '@', 2) END"""


class ConsentSettings(ShopModel):
    """What a shop has set of its own about consent: one row a shop, made when it is first saved.

    double_opt_in: who signs up by a form counts once they have opened the link in a mail. colour: of the buttons on
    pages for customers, "#rrggbb" or "" for ours. redirect_hosts: to which hosts a form may send people on.
    """

    double_opt_in = models.BooleanField(_("confirm by mail"), default=True, db_default=True)
    colour = models.CharField(_("colour"), max_length=7, blank=True, default="", db_default="")
    redirect_hosts = ArrayField(
        models.CharField(max_length=253), default=list, db_default=[], blank=True, verbose_name=_("sites to go on to")
    )

    class Meta(ShopModel.Meta):
        default_related_name = "consent_settings"
        verbose_name, verbose_name_plural = _("settings of consent"), _("settings of consent")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop"], name="consent_settings_once"),
        ]

    @classmethod
    def current(cls) -> "ConsentSettings":
        """Those of the shop in scope; not saved, with the defaults, where nobody has set any."""
        return cls.objects.first() or cls(shop_id=current_shop_id())


class ContactPreference(ShopModel):
    """How a customer wishes to be treated, beside what they agree to. Each is the time since when, or null.

    less_often: fewer messages, of those they agree to. not_personalised: nothing is to be chosen for them by a machine
    (PIPL, Article 24). Neither changes whether they may be written to: who sends asks for them.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    less_often_since = models.DateTimeField(_("less often since"), null=True, blank=True)
    not_personalised_since = models.DateTimeField(_("not personalised since"), null=True, blank=True)

    class Meta(ShopModel.Meta):
        default_related_name = "contact_preferences"
        verbose_name, verbose_name_plural = _("contact preference"), _("contact preferences")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "customer"], name="contact_preference_once"),
        ]


class SignupForm(ShopModel):
    """A page of the shop's on which anybody signs up for its mails: /f/<slug>/<code>.

    name: for staff. asks: what it asks beside the address, some of `Ask`. purposes: what can be chosen, as in a
    consent; one alone needs no choosing. text: what is agreed to. thanks: what is said once they are in. redirect_url:
    where they are led instead, "" for nowhere. is_open: else the page is not there.
    """

    class Ask(models.TextChoices):
        NAME = "name", pgettext_lazy("of a person", "Name")
        PHONE = "phone", _("Phone")

    code = models.SlugField(_("code"), max_length=CODE_LENGTH, db_index=False)
    name = models.CharField(pgettext_lazy("of a form", "name"), max_length=HEADING_LENGTH)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    heading = models.CharField(_("heading"), max_length=HEADING_LENGTH)
    intro = models.TextField(_("introduction"), max_length=WORDS_LENGTH, blank=True, default="")
    asks = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("asks for"))
    purposes = ArrayField(models.CharField(max_length=PURPOSE_LENGTH), verbose_name=_("purposes"))
    text = models.ForeignKey(
        ConsentText,
        on_delete=models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("text"),
    )
    thanks = models.TextField(_("thank-you text"), max_length=WORDS_LENGTH, blank=True, default="")
    redirect_url = models.CharField(_("address to go on to"), max_length=URL_LENGTH, blank=True, default="")
    is_open = models.BooleanField(_("open"), default=True, db_default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "signup_forms"
        verbose_name, verbose_name_plural = _("sign-up form"), _("sign-up forms")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "code"], name="signup_form_code"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The source of consents that came by it."""
        return f"form:{self.code}"


class Signup(ShopModel):
    """One sending of a form. Nobody becomes a customer by it before they have confirmed.

    text: as it stood on the page. note: why it is spam, or why no mail went out. due_at: when a worker has to look at
    it (again); null once there is nothing left to do. The address and the number are in their normal forms. mailbox:
    where the address most likely leads, the same for all its spellings.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("sign-up", "Waiting to be confirmed")
        CONFIRMED = "confirmed", pgettext_lazy("sign-up", "Confirmed")
        SPAM = "spam", pgettext_lazy("sign-up", "Blocked as spam")

    class Note(models.TextChoices):
        NONE = "", ""
        TRAP = "trap", _("A field was filled in that people do not see.")
        TOO_FAST = "too_fast", _("It was filled in faster than people can.")
        NO_BROWSER = "no_browser", _("It was not sent by a browser that showed the form.")
        SUPPRESSED = "suppressed", _("No mail: the address is not written to.")
        TOO_MANY = "too_many", _("No further mail: the address has got enough of them.")
        NOT_SENT = "not_sent", _("The mail could not be sent.")

    form = models.ForeignKey(
        SignupForm, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("form")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    note = models.CharField(_("note"), max_length=12, choices=Note.choices, blank=True, default="", db_default="")
    purposes = ArrayField(models.CharField(max_length=PURPOSE_LENGTH), verbose_name=_("purposes"))
    text = models.ForeignKey(
        ConsentText,
        on_delete=models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("text"),
    )
    email = MaskedCharField(_("e-mail"), max_length=EMAIL_LENGTH)
    mailbox = MaskedGeneratedField(
        expression=models.Func(models.F("email"), template=MAILBOX, arity=1),
        output_field=models.CharField(max_length=EMAIL_LENGTH),
        db_persist=True,
    )
    email_given = MaskedCharField(_("e-mail as given"), max_length=GIVEN_LENGTH, blank=True, default="", db_default="")
    name = MaskedCharField(pgettext_lazy("of a person", "name"), max_length=NAME_LENGTH, blank=True, default="")
    phone = MaskedCharField(_("phone"), max_length=20, blank=True, default="")
    phone_given = MaskedCharField(_("phone as given"), max_length=GIVEN_LENGTH, blank=True, default="", db_default="")
    ip = MaskedIPAddressField(_("IP address"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0, db_default=0)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta(ShopModel.Meta):
        default_related_name = "signups"
        verbose_name, verbose_name_plural = _("sign-up"), _("sign-ups")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "mailbox"], name="signup_of"),
            models.Index(
                fields=["shop", "mailed_at"], name="signup_mailed", condition=models.Q(mailed_at__isnull=False)
            ),
            models.Index(fields=["due_at"], name="signup_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["sent_at"], name="signup_unconfirmed", condition=~models.Q(state="confirmed")),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.state}"
