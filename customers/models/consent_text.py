"""The texts that customers agree to."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.scope import ShopModel

VERSION_LENGTH, TEXT_LENGTH = 60, 5000


class ConsentText(ShopModel):
    """One version of a text in one language. Never changed and never deleted: somebody may have agreed to it.

    version: what the storefront sends as `text_version`, such as "footer-2026-05-en".
    """

    version = models.CharField(_("version"), max_length=VERSION_LENGTH)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    body = models.TextField(_("text"), max_length=TEXT_LENGTH)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "consent_texts"
        verbose_name, verbose_name_plural = _("consent text"), _("consent texts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "version"], name="consent_text_version"),
        ]

    def __str__(self) -> str:
        return self.version
