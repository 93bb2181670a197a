"""Forms of imports: the file, and which of its columns is what."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.sources import FIELDS, Mapping, SourceError, describe_error
from customers.sources.mapping import IDENTIFYING, REQUIRED, STATUSES

MAX_FILE = 1024**3
LABELS = {
    "order_id": _("Order number"),
    "ordered_at": _("Date of the order"),
    "customer_id": _("Customer number"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "name": pgettext_lazy("of a person", "Name"),
    "city": _("City"),
    "country": _("Country"),
    "product_id": _("Product number"),
    "product_name": _("Product name"),
    "quantity": _("Quantity"),
    "unit_price": _("Price of one"),
    "currency": _("Currency"),
    "discount": _("Discount of the line"),
    "status": _("Status of the order"),
}
STATUS_LABELS = {
    "pending": _("not paid yet"),
    "paid": _("paid"),
    "fulfilled": _("delivered"),
    "cancelled": _("cancelled"),
    "refunded": _("refunded"),
}
PRESET_LABELS = {
    "generic": _("Any list of orders"),
    "online-retail": _("Online Retail"),
    "cdnow": _("CDNOW"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE:
            raise ValidationError(_("The file is larger than 1 GB. Split it and import the parts."))
        return file


class MappingForm(forms.Form):
    """Which heading is which field; `words` are order states of the file that were not understood last time."""

    date_order = forms.ChoiceField(
        label=_("Dates such as 03/04/2026"),
        choices=[("auto", _("find out")), ("dmy", _("day first: 3 April")), ("mdy", _("month first: March 4"))],
    )
    decimal = forms.ChoiceField(
        label=_("Decimals"),
        choices=[("auto", _("find out")), (".", _("with a point: 12.50")), (",", _("with a comma: 12,50"))],
    )

    def __init__(self, headings: list[str], mapping: Mapping, words: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mapping, self._words = mapping, words
        choices = [("", _("not in the file")), *((heading, heading) for heading in dict.fromkeys(headings) if heading)]
        for name in FIELDS:
            self.fields[f"field_{name}"] = forms.ChoiceField(
                label=LABELS[name],
                choices=choices,
                required=name in REQUIRED,
                initial=mapping.columns.get(name, ""),
                error_messages={"required": _("Every order needs it: choose the column.")},
            )
        for number, word in enumerate(words):
            self.fields[f"status_{number}"] = forms.ChoiceField(
                label=_("“%(word)s” means") % {"word": word},
                choices=[("", _("leave these rows out")), *((status, STATUS_LABELS[status]) for status in STATUSES)],
                required=False,
                initial=mapping.statuses.get(word, ""),
            )
        self.fields["date_order"].initial, self.fields["decimal"].initial = mapping.date_order, mapping.decimal

    def needed_fields(self) -> list[forms.BoundField]:
        return [self[f"field_{name}"] for name in (*REQUIRED, *IDENTIFYING)]

    def other_fields(self) -> list[forms.BoundField]:
        return [self[f"field_{name}"] for name in FIELDS if name not in (*REQUIRED, *IDENTIFYING)]

    def status_fields(self) -> list[forms.BoundField]:
        return [self[f"status_{number}"] for number in range(len(self._words))]

    def clean(self) -> dict[str, Any]:
        columns: dict[str, str] = {}
        for name in FIELDS:
            heading = self.cleaned_data.get(f"field_{name}")
            if heading in columns.values():
                self.add_error(f"field_{name}", _("This column is used above already."))
            elif heading:
                columns[name] = heading
        if not any(name in columns for name in IDENTIFYING):
            self.add_error("field_customer_id", _("Choose this column, or one for e-mail or phone."))
        self.cleaned_data["columns"] = columns
        return self.cleaned_data

    def mapping(self) -> Mapping:
        data = self.cleaned_data
        said = {word: data.get(f"status_{number}") for number, word in enumerate(self._words)}
        return Mapping(
            columns=data["columns"],
            date_order=data["date_order"],
            decimal=data["decimal"],
            statuses={**self._mapping.statuses, **{word: status for word, status in said.items() if status}},
            encoding=self._mapping.encoding,
            delimiter=self._mapping.delimiter,
        )

    def bind_saved(self) -> None:
        """Fill the form with what is saved, so that problems can be shown at its fields."""
        self.data = {name: str(self.get_initial_for_field(field, name)) for name, field in self.fields.items()}
        self.is_bound = True
        self.full_clean()

    def show_problem(self, error: SourceError) -> None:
        """Put what the last check found beside the field it is about."""
        field = _FIELD_OF.get(error.code) or self._field_of_column(error.column)
        self.add_error(field, str(describe_error(error)))

    def _field_of_column(self, column: str) -> str | None:
        if column in FIELDS:
            return f"field_{column}"
        name = next((name for name, heading in self._mapping.columns.items() if heading == column), None)
        return f"field_{name}" if name else None


_FIELD_OF = {
    "ambiguous_dates": "date_order",
    "ambiguous_number": "decimal",
    "missing_customer_column": "field_customer_id",
}
