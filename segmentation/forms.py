"""Forms of segmentation: they check shape; the actions behind them check rules."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.lib.money import exponent
from crm.shops.models import Shop
from segmentation.domain.rfm import MEASURES
from segmentation.models import Settings


class SettingsForm(forms.Form):
    """The shop's own bounds of the RFM scores: four numbers for a measure, or nothing.

    It carries what it showed: a colleague may have changed another field meanwhile.
    """

    recency = forms.CharField(
        label=_("Days since the last order"), help_text=_("Such as 30 60 120 365."), required=False
    )
    frequency = forms.CharField(label=_("Number of orders"), help_text=_("Such as 1 2 4 8."), required=False)
    monetary = forms.CharField(label=_("Money spent"), required=False)

    def __init__(self, shop: Shop, settings: Settings, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _shown(settings, shop)} | kwargs)
        self.shop = shop
        self.fields["monetary"].help_text = _("In %(currency)s, less refunds, such as 50 100 200 500.") % {
            "currency": shop.currency
        }
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_recency(self) -> list[float]:
        return _four(self.cleaned_data["recency"], "30 60 120 365")

    def clean_frequency(self) -> list[float]:
        return _four(self.cleaned_data["frequency"], "1 2 4 8")

    def clean_monetary(self) -> list[float]:
        digits = exponent(self.shop.currency)
        return [
            int(Decimal(str(bound)).scaleb(digits)) for bound in _four(self.cleaned_data["monetary"], "50 100 200 500")
        ]

    def changes(self) -> dict[str, list[float]]:
        """The measures whose bounds are to be different from what was shown."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _shown(settings: Settings, shop: Shop) -> dict[str, str]:
    bounds = {name: settings.rfm_bounds.get(name) or [] for name in MEASURES}
    bounds["monetary"] = [Decimal(str(bound)).scaleb(-exponent(shop.currency)) for bound in bounds["monetary"]]
    return {name: " ".join(_plain(bound) for bound in four) for name, four in bounds.items()}


def _plain(bound: float | Decimal) -> str:
    """Without exponent and trailing zeros."""
    text = f"{Decimal(str(bound)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _four(text: str, example: str) -> list[float]:
    """Four numbers that rise; none for an empty text, which means the shop's own fifths."""
    parts = [part for part in re.split(r"[\s;,，；、]+", text) if part]
    if not parts:
        return []
    is_plain = all(re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", part) for part in parts)
    bounds = [float(part) for part in parts] if is_plain else []
    if len(bounds) != 4 or bounds != sorted(set(bounds)):
        raise ValidationError(_("Write four numbers that rise, such as %(example)s."), params={"example": example})
    return bounds
