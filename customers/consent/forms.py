"""Forms of consents: they check shape; rules are the actions'."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.shops.models import Shop
from customers.consent.presenters import channel_choices, purpose_choices, text_choices
from customers.consent.recording import ConsentIn
from customers.models import (
    CODE_LENGTH,
    EVIDENCE_LENGTH,
    TEXT_LENGTH,
    TOPIC_LENGTH,
    VERSION_LENGTH,
    ConsentState,
    ConsentText,
    Customer,
)

STAFF = "staff"  # the source of what staff record


class RecordForm(forms.Form):
    """What a customer told somebody of the staff."""

    channel = forms.ChoiceField(label=pgettext_lazy("consent", "Channel"))
    purpose = forms.ChoiceField(label=pgettext_lazy("consent", "What for"))
    state = forms.ChoiceField(
        label=pgettext_lazy("consent", "The customer"),
        choices=[
            (ConsentState.GRANTED, pgettext_lazy("consent", "agrees")),
            (ConsentState.WITHDRAWN, pgettext_lazy("consent", "does not want it (any more)")),
        ],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(
        label=pgettext_lazy("consent", "Said on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=EVIDENCE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How you know, such as “by phone on 3 May, asked for the tea list”. Needed where somebody agrees."),
    )
    text_version = forms.ChoiceField(label=_("Text that was agreed to"), required=False)

    def __init__(self, shop: Shop, data: QueryDict | None = None, *, now: datetime) -> None:
        super().__init__(data, initial={"on": shop.day_of(now), "channel": "email", "purpose": "marketing"})
        self._shop, self._today = shop, shop.day_of(now)
        versions = list(ConsentText.objects.order_by("-pk").values_list("version", flat=True))
        for name, choices in (
            ("channel", channel_choices()),
            ("purpose", purpose_choices()),
            ("text_version", text_choices(versions)),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # they are ChoiceFields

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self._today:
            raise forms.ValidationError(_("This day is still to come."))
        if on.year < 1970:
            raise forms.ValidationError(_("Days before 1970 are not kept."))
        return on

    def clean(self) -> None:
        granted = self.cleaned_data.get("state") == ConsentState.GRANTED
        if granted and "evidence" in self.cleaned_data and not self.cleaned_data["evidence"]:
            self.add_error("evidence", _("Write down how you know, so that you can prove it."))

    def said(self, customer: Customer) -> ConsentIn:
        sent = self.cleaned_data
        return ConsentIn(
            customer.pk,
            sent["channel"],
            sent["purpose"],
            sent["state"],
            self._moment(),
            source=STAFF,
            text_version=sent["text_version"],
            evidence=sent["evidence"],
        )

    def _moment(self) -> datetime | None:
        """None for today: now. Of another day the hour is not known, so the stricter end is taken."""
        on: date = self.cleaned_data["on"]
        if on == self._today:
            return None
        start = datetime.combine(on, time(), self._shop.zone)
        if self.cleaned_data["state"] == ConsentState.GRANTED:
            return start
        return datetime.combine(on + timedelta(days=1), time(), self._shop.zone) - timedelta(seconds=1)


class TopicForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("of a topic", "Name"), max_length=TOPIC_LENGTH)
    code = forms.SlugField(
        label=pgettext_lazy("of a topic", "Code"),
        max_length=CODE_LENGTH,
        help_text=_("Letters, digits, hyphens; for the API, where the purpose is called topic:CODE. It never changes."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        return code.lower()


class ChangeTopicForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("of a topic", "Name"), max_length=TOPIC_LENGTH)
    is_open = forms.BooleanField(label=_("Customers are asked"), required=False)


class TextForm(forms.Form):
    version = forms.CharField(
        label=_("Version"),
        max_length=VERSION_LENGTH,
        help_text=_("Such as footer-2026-05-en. Storefronts send it as text_version."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    body = forms.CharField(
        label=pgettext_lazy("consent", "Text"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Word by word as customers see it. A text is never changed: another wording is another version."),
    )

    def clean_version(self) -> str:
        return " ".join(str(self.cleaned_data["version"]).split())
