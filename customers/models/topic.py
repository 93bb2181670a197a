"""Topics of newsletters, which customers agree to one by one."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.scope import ShopModel

CODE_LENGTH, TOPIC_LENGTH = 40, 80


class Topic(ShopModel):
    """A topic that the shop writes about. Consent to it is a purpose of its own, called topic:<code>.

    code: never changes, since consents name it. is_open: whether customers are still asked; what they said stays.
    """

    code = models.SlugField(_("code"), max_length=CODE_LENGTH, db_index=False)
    name = models.CharField(pgettext_lazy("of a topic", "name"), max_length=TOPIC_LENGTH)
    is_open = models.BooleanField(_("customers are asked"), default=True, db_default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "topics"
        verbose_name, verbose_name_plural = _("topic"), _("topics")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "code"], name="topic_code"),
        ]

    def __str__(self) -> str:
        return self.name
