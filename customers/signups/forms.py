"""Forms of sign-ups: those that the shop's customers fill in, and those with which staff make them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.shops.models import Shop
from customers.consent.channels import purpose_of, purposes_asked
from customers.domain.colours import is_colour
from customers.domain.identity import normalise_email, normalise_phone
from customers.imports.files import region_of
from customers.models import (
    CODE_LENGTH,
    EMAIL_LENGTH,
    HEADING_LENGTH,
    NAME_LENGTH,
    URL_LENGTH,
    WORDS_LENGTH,
    ConsentSettings,
    ConsentText,
    SignupForm,
    Topic,
)
from customers.signups.actions import Sent
from customers.sources.problems import describe_reject

MOST_HOSTS = 20


def offered(form: SignupForm) -> dict[str, str]:
    """The purposes that can be chosen, by name: topics that were closed are not."""
    closed = {purpose_of(topic) for topic in Topic.objects.filter(is_open=False)}
    return {name: label for name, label in purposes_asked().items() if name in form.purposes and name not in closed}


class _OneLine(forms.CharField):
    """Without NUL, and with its spaces put in order."""

    def to_python(self, value: object) -> str:
        return " ".join(str(super().to_python(value)).split())


class AnswerForm(forms.Form):
    """What somebody fills in. `agrees` stands under the text itself."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    name = _OneLine(
        label=pgettext_lazy("of a person", "Name"),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    purposes = forms.MultipleChoiceField(
        label=_("What would you like to get?"), widget=forms.CheckboxSelectMultiple, required=False
    )
    agrees = forms.BooleanField(error_messages={"required": _("Without your consent we may not write to you.")})

    def __init__(self, shop: Shop, form: SignupForm, text: ConsentText, data: Any = None) -> None:
        super().__init__(data)
        self._shop, self._text, self._offered = shop, text, offered(form)
        for ask in SignupForm.Ask.values:
            if ask not in form.asks:
                del self.fields[ask]
        if len(self._offered) == 1:
            del self.fields["purposes"]
        else:
            self.fields["purposes"].choices = list(self._offered.items())  # type: ignore[attr-defined]  # it has choices
        self.fields["agrees"].label = text.body

    def clean_email(self) -> str:
        checked = normalise_email(self.cleaned_data["email"])
        if checked.value is None:
            raise forms.ValidationError(_("This is no address that mails arrive at."))
        return checked.value

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"]:
            return ""
        checked = normalise_phone(self.cleaned_data["phone"], region_of(self._shop))
        if checked.problem == "unassigned_phone":
            raise forms.ValidationError(str(describe_reject(checked.problem, {"value": self.cleaned_data["phone"]})))
        if checked.value is None:
            raise forms.ValidationError(_("This is no phone number. Write it with + and the country code."))
        return checked.value

    def clean_purposes(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["purposes"]
        if not chosen:
            raise forms.ValidationError(_("Choose at least one."))
        return chosen

    def sent(self, *, ip: str | None) -> Sent:
        said = self.cleaned_data
        purposes = said.get("purposes") or list(self._offered)
        return Sent(said["email"], purposes, self._text, said.get("name", ""), said.get("phone", ""), ip)


class SettingsForm(forms.Form):
    """The shop's own settings of consent."""

    double_opt_in = forms.BooleanField(
        label=_("Confirm by mail"),
        required=False,
        help_text=_("Who signs up by a form gets a mail with a link, and counts once they have confirmed there."),
    )
    colour = forms.CharField(
        label=_("Colour of your buttons"),
        max_length=7,
        required=False,
        help_text=_(
            "Such as #1f6f8b, for pages that your customers see. Where it could not be seen, it is changed a little."
        ),
    )
    redirect_hosts = forms.CharField(
        label=_("Your own web sites"),
        required=False,
        max_length=MOST_HOSTS * 260,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, such as www.example.com. Forms may send people on to these only."),
    )

    def __init__(self, known: ConsentSettings, data: Any = None) -> None:
        shown = {
            "double_opt_in": known.double_opt_in,
            "colour": known.colour,
            "redirect_hosts": "\n".join(known.redirect_hosts),
        }
        super().__init__(data, initial=shown)

    def clean_colour(self) -> str:
        colour = str(self.cleaned_data["colour"]).strip().lower()
        if colour and not is_colour(colour):
            raise forms.ValidationError(_("Write a colour as # and six digits, such as #1f6f8b."))
        return colour

    def clean_redirect_hosts(self) -> list[str]:
        hosts = list(dict.fromkeys(str(self.cleaned_data["redirect_hosts"]).lower().split()))
        if len(hosts) > MOST_HOSTS:
            raise forms.ValidationError(_("These are too many."))
        for host in hosts:
            if not _is_host(host):
                text = _now("“%(host)s” is no name of a web site; write it like www.example.com.") % {"host": host}
                raise forms.ValidationError(text)
        return hosts


def _is_host(text: str) -> bool:
    return _host_of(f"https://{text}/") == text


def _host_of(url: str) -> str:
    """The host of an https address without port, user and the like; "" where it is no such address."""
    try:
        URLValidator(schemes=["https"])(url)
        host = urlsplit(url).netloc.lower()
    except (forms.ValidationError, ValueError):
        return ""
    return host if "@" not in host and ":" not in host else ""


def may_lead_to(url: str, known: ConsentSettings) -> bool:
    """Whether a form may send people on there: https, and one of the shop's own hosts."""
    return bool(url) and _host_of(url) in known.redirect_hosts


class FormForm(forms.Form):
    """A sign-up form of the shop's, as staff make it."""

    name = _OneLine(
        label=pgettext_lazy("of a form", "Name"),
        max_length=HEADING_LENGTH,
        help_text=_("For you and your colleagues, such as “Footer of the shop”."),
    )
    code = forms.SlugField(
        label=pgettext_lazy("of a form", "Code"),
        max_length=CODE_LENGTH,
        help_text=_("Letters, digits, hyphens; it stands in the address of the form and never changes."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    heading = _OneLine(label=_("Heading"), max_length=HEADING_LENGTH)
    intro = forms.CharField(
        label=_("Introduction"), max_length=WORDS_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    asks = forms.MultipleChoiceField(
        label=_("Asked beside the e-mail address"),
        choices=SignupForm.Ask.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purposes = forms.MultipleChoiceField(
        label=_("What people sign up for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Of several, people choose."),
    )
    text = forms.ModelChoiceField(
        label=_("Text that people agree to"),
        queryset=ConsentText.objects.none(),
        help_text=_("Add texts in “Consent”. It is shown word by word, and kept with each consent."),
    )
    thanks = forms.CharField(
        label=_("Thank-you text"),
        max_length=WORDS_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    redirect_url = forms.CharField(
        label=_("Go on to this address"),
        max_length=URL_LENGTH,
        required=False,
        help_text=_("A page of one of your own web sites, shown instead of our thank-you page."),
    )
    is_open = forms.BooleanField(label=_("The form is open"), required=False)

    def __init__(self, data: Any = None, *, form: SignupForm | None = None) -> None:
        super().__init__(data, initial=_shown(form) if form else {"is_open": True})
        if form is not None:
            del self.fields["code"]
        # One that is no longer asked for stays as it is called.
        known = purposes_asked()
        known |= {name: name for name in (form.purposes if form else []) if name not in known}
        fields: Mapping[str, Any] = self.fields
        fields["purposes"].choices = [*known.items()]
        fields["text"].queryset = ConsentText.objects.order_by("-pk")

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).lower()

    def clean_redirect_url(self) -> str:
        url = str(self.cleaned_data["redirect_url"]).strip()
        if url and not may_lead_to(url, ConsentSettings.current()):
            raise forms.ValidationError(_("This is no https address of one of your own web sites. Name those first."))
        return url


def _shown(form: SignupForm) -> dict[str, Any]:
    names = ("name", "language", "heading", "intro", "asks", "purposes", "text", "thanks", "redirect_url", "is_open")
    return {name: getattr(form, name) for name in names}
