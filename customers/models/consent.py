"""What customers said about being contacted, and what counts of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.hiding import MaskedCharField, MaskedIPAddressField, MaskedTextField
from crm.tenancy.scope import ShopModel
from customers.domain.consent import GRANTED, PENDING, WITHDRAWN
from customers.models.consent_text import VERSION_LENGTH, ConsentText
from customers.models.customer import Customer

CHANNEL_LENGTH, PURPOSE_LENGTH, SOURCE_LENGTH, EVIDENCE_LENGTH = 20, 60, 100, 1000


class ConsentState(models.TextChoices):
    GRANTED = GRANTED, pgettext_lazy("consent", "Granted")
    WITHDRAWN = WITHDRAWN, pgettext_lazy("consent", "Withdrawn")
    PENDING = PENDING, pgettext_lazy("consent", "Waiting to be confirmed")


class UndoneWith(models.TextChoices):
    """What takes an event back when it is undone: that which has written it by itself. Nothing what people said."""

    NOTHING = "", "nothing"
    IMPORT = "import", "the import that has brought it"
    MERGE = "merge", "the merge that has said it"


class ConsentEvent(ShopModel):
    """One thing that a customer said about one channel and purpose. Only added: the database lets nobody change it,
    but for whose it is, and for what erasing takes out.

    at: when it was said. recorded_at: when we heard of it. text_version: as the sender calls the text agreed to;
    `text` is that text, where the shop keeps it. source, evidence: where it comes from, and how to prove it.
    customer: null once the person was erased; then nothing else tells who it was. undone_with: whether an undo may take
    it back. It is of those who were told by nobody else: what somebody says again stays.
    """

    # Not Django's cascade: it would say DELETE, which the database refuses. Its own foreign key cascades.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("customer"),
    )
    channel = models.CharField(_("channel"), max_length=CHANNEL_LENGTH)
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH)
    state = models.CharField(_("state"), max_length=10, choices=ConsentState.choices)
    at = models.DateTimeField(_("said"))
    recorded_at = models.DateTimeField(_("recorded"))
    source = MaskedCharField(_("source"), max_length=SOURCE_LENGTH, blank=True, default="", db_default="")
    text_version = models.CharField(
        _("version of the text"), max_length=VERSION_LENGTH, blank=True, default="", db_default=""
    )
    text = models.ForeignKey(
        ConsentText,
        on_delete=models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("text"),
    )
    ip = MaskedIPAddressField(_("IP address"), null=True, blank=True)
    undone_with = models.CharField(max_length=10, choices=UndoneWith.choices, default="", db_default="", editable=False)
    evidence = MaskedTextField(_("evidence"), max_length=EVIDENCE_LENGTH, blank=True, default="", db_default="")

    class Meta(ShopModel.Meta):
        default_related_name = "consent_events"
        verbose_name, verbose_name_plural = _("consent event"), _("consent events")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "-at", "-id"], name="consent_event_of"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}"


class Consent(ShopModel):
    """What counts for one customer, channel and purpose: the fold of their events (customers/domain/consent.py).

    event: the one that counts. at: when it was said.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    channel = models.CharField(_("channel"), max_length=CHANNEL_LENGTH)
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH)
    state = models.CharField(_("state"), max_length=10, choices=ConsentState.choices)
    at = models.DateTimeField(_("said"))
    event = models.ForeignKey(
        ConsentEvent,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("event that counts"),
    )

    class Meta(ShopModel.Meta):
        default_related_name = "consents"
        verbose_name, verbose_name_plural = _("consent"), _("consents")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "customer", "channel", "purpose"], name="consent_once"),
        ]
        # Which consents a shop has at all, without reading them all.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "channel", "purpose"], name="consent_of_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}"
