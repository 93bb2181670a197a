"""Forms of the customer pages: they check shape; rules are the actions'."""

from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.exports import ExportKind, offered_columns
from customers.models import Customer, ExportJob, Note, Tag


class _PlainText(forms.CharField):
    """Text without NUL and with its spaces put in order, as the rest of the program keeps it."""

    def to_python(self, value: object) -> str:
        return " ".join(str(super().to_python(value)).split())


class TagForm(forms.Form):
    name = _PlainText(label=_("Tag"), max_length=Tag._meta.get_field("name").max_length)


class NoteForm(forms.Form):
    body = forms.CharField(
        label=_("Note"),
        max_length=Note._meta.get_field("body").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Your colleagues see it; the customer does not."),
    )


class CustomerForm(forms.Form):
    """It carries what it showed: a colleague may have changed another field meanwhile."""

    name = _PlainText(
        label=pgettext_lazy("of a person", "Name"),
        max_length=Customer._meta.get_field("name").max_length,
        required=False,
        show_hidden_initial=True,
    )
    city = _PlainText(
        label=_("City"),
        max_length=Customer._meta.get_field("city").max_length,
        required=False,
        show_hidden_initial=True,
    )
    country = _PlainText(
        label=_("Country"),
        max_length=Customer._meta.get_field("country").max_length,
        required=False,
        show_hidden_initial=True,
    )

    def changes(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class BulkTagForm(forms.Form):
    """What the bulk bar of the list sends."""

    act = forms.ChoiceField(choices=[("add", _("Add")), ("remove", _("Remove"))])
    name = _PlainText(label=_("Tag"), max_length=Tag._meta.get_field("name").max_length)
    all_matching = forms.BooleanField(required=False)
    is_confirmed = forms.BooleanField(required=False)
    picked = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, sent: QueryDict) -> None:
        data = sent.copy()
        # The bar holds two dialogs, each with a field of its own; the page that asks again has one.
        if not data.get("name"):
            data["name"] = data.get(f"{data.get('act')}_name", "")
        super().__init__(data)
        picked = [value for value in data.getlist("picked") if value.isascii() and value.isdigit() and len(value) < 19]
        cast(forms.TypedMultipleChoiceField, self.fields["picked"]).choices = [(value, value) for value in picked]

    def clean(self) -> None:
        if not self.cleaned_data.get("all_matching") and not self.cleaned_data.get("picked"):
            raise forms.ValidationError(_("Tick at least one customer."))


class ExportForm(forms.Form):
    """Which columns a file has, all of them unless somebody says otherwise, and how it is written."""

    format = forms.ChoiceField(
        label=_("Format"), choices=ExportJob.Format.choices, widget=forms.RadioSelect, initial=ExportJob.Format.CSV
    )

    def __init__(self, kind: ExportKind, data: QueryDict | None = None) -> None:
        super().__init__(data)
        names = offered_columns(kind)
        self.fields["columns"] = forms.MultipleChoiceField(
            label=_("Columns"),
            choices=[(name, name) for name in names],  # the page says what they are called
            initial=names,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Tick at least one column.")},
        )
