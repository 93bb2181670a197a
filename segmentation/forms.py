"""Forms of segmentation: they check shape; the actions behind them check rules."""

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
        return _four(self.cleaned_data["recency"])

    def clean_frequency(self) -> list[float]:
        return _four(self.cleaned_data["frequency"])

    def clean_monetary(self) -> list[float]:
        digits = exponent(self.shop.currency)
        return [int(Decimal(str(bound)).scaleb(digits)) for bound in _four(self.cleaned_data["monetary"])]

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


def _four(text: str) -> list[float]:
    """Four numbers that rise; none for an empty text, which means the shop's own fifths."""
    parts = text.replace(";", " ").split()
    if not parts:
        return []
    try:
        bounds = [float(part) for part in parts]
    except ValueError:
        bounds = []
    if len(bounds) != 4 or not all(0 <= bound < 10**12 for bound in bounds) or bounds != sorted(bounds):
        raise ValidationError(_("Write four numbers that rise, with spaces between them, like 30 60 120 365."))
    return bounds
