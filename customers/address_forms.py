"""The form of one address of a customer."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from customers.addresses import AddressRefused, version
from customers.domain.addresses import LENGTHS, MAX_ADDRESSES, PARTS, AddressIn, read_part
from customers.domain.attributes import BadValue
from customers.domain.countries import phone_region
from customers.domain.identity import normalise_phone
from customers.models import Address
from customers.sources.problems import describe_reject

BAD: dict[str, Promise] = {
    "control_character": _("It holds a control character; please type it again."),
    "too_long": _("It is too long."),
}
PHONE_AS_TYPED = 60  # with spaces and signs; what is kept is shorter


class AddressForm(forms.Form):
    """An address, and in `seen` as of when it was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    type = forms.ChoiceField(label=_("Type"), choices=Address.Type.choices, initial=Address.Type.SHIPPING)
    recipient = forms.CharField(label=_("Recipient"), required=False, max_length=LENGTHS["recipient"])
    company = forms.CharField(label=_("Company"), required=False, max_length=LENGTHS["company"])
    line1 = forms.CharField(label=_("Street and number"), required=False, max_length=LENGTHS["line1"])
    line2 = forms.CharField(label=_("Flat, floor, building"), required=False, max_length=LENGTHS["line2"])
    postcode = forms.CharField(label=_("Postcode"), required=False, max_length=LENGTHS["postcode"])
    city = forms.CharField(label=_("City"), required=False, max_length=LENGTHS["city"])
    region = forms.CharField(label=_("Region"), required=False, max_length=LENGTHS["region"])
    country = forms.CharField(label=_("Country"), required=False, max_length=LENGTHS["country"])
    phone = forms.CharField(label=_("Phone"), required=False, max_length=PHONE_AS_TYPED)
    is_default = forms.BooleanField(label=_("Use first of its type"), required=False)

    def __init__(self, data: QueryDict | None = None, *, region: str, address: Address | None = None) -> None:
        """region: the country (ISO code) by which phone numbers are read where the address names none."""
        self._region = region
        initial: dict[str, Any] = {}
        if address:
            initial = {name: getattr(address, name) for name in ("type", *PARTS)} | {"seen": version(address)}
        self._sent = data.copy() if data is not None else None
        super().__init__(self._sent, initial=initial)
        self.is_stale = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in PARTS:
            if name in cleaned and name != "phone":
                try:
                    cleaned[name] = read_part(name, cleaned[name])
                except BadValue as bad:
                    self.add_error(name, str(BAD[bad.code]))
        if cleaned.get("phone"):
            checked = normalise_phone(cleaned["phone"], phone_region(cleaned.get("country", ""), self._region))
            typed, cleaned["phone"] = cleaned["phone"], checked.value or ""
            if checked.problem == "unassigned_phone":
                self.add_error("phone", str(describe_reject(checked.problem, {"value": typed})))
            elif not checked.value:
                self.add_error("phone", gettext("This is no phone number. From abroad it begins with + and a country."))
        if not self.errors and not self.address().is_somewhere:
            self.add_error("line1", gettext("Say at least a street, postcode, city, region or country."))
        return cleaned

    def address(self) -> AddressIn:
        said = self.cleaned_data
        return AddressIn(said["type"], **{name: said[name] for name in PARTS}, is_default=said["is_default"])

    def refuse(self, refused: AddressRefused) -> None:
        text = {
            "known": gettext("The customer has this address already."),
            "too_many": ngettext(
                "The customer has %(count)s address already, as many as one can.",
                "The customer has %(count)s addresses already, as many as one can.",
                MAX_ADDRESSES,
            )
            % {"count": MAX_ADDRESSES},
        }
        self.add_error(None, text[refused.code])

    def tell(self, now: Address) -> None:
        """Somebody else was quicker: say what it is now; whoever saves again has seen it."""
        self.is_stale = True
        text = gettext("Somebody has changed it meanwhile, to: %(value)s")
        self.add_error(None, text % {"value": f"{now.get_type_display()}: {now}"})
        if self._sent is not None:
            self._sent["seen"] = version(now)
