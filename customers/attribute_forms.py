"""Forms of attributes: those that define them, and that of a customer's values, made of the definitions."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from customers.attributes import AttributeRefused, Known, shape_of
from customers.domain.attributes import (
    BOOLEAN,
    CHOICE,
    CHOICES,
    DATE,
    KEY_LENGTH,
    LABEL_LENGTH,
    NUMBER,
    TEXT_LENGTH,
    WITH_CHOICES,
    YEARLY,
    BadValue,
    Cell,
    Cells,
    as_text,
    from_text,
)
from customers.models import AttributeDefinition
from customers.profile import kinds

REFUSED: dict[str, Promise] = {
    "invalid_key": _("Small letters a–z, digits and _, beginning with a letter, such as shoe_size."),
    "key_taken": _("Another attribute has this key, perhaps an archived one."),
    "too_short": _("It is blank."),
    "too_long": _("At most %(count)s characters."),
    "control_character": _("It holds a control character; please type it again."),
    "unknown_type": _("There is no such type."),
    "type_in_use": _("Customers with a value: %(count)s. Make another attribute, and archive this one."),
    "too_many_attributes": _("A shop can have %(count)s attributes, archived ones among them."),
    "too_many_choices": _("An attribute can have %(count)s choices."),
    "no_choices": _("Write the choices, one on each line."),
    "needs_no_choices": _("Only lists have choices."),
    "duplicate_choice": _("Two choices are the same but for case or width."),
    "semicolon_in_choice": _("A choice cannot hold a semicolon: in files it stands between choices."),
    "out_of_range": _("A whole number from 0 on."),
    "unknown_kind": _("This cannot be chosen any more."),
    "too_many_in_list": _("The list can have %(count)s columns of attributes. Take another one out of it first."),
}
BAD: dict[str, Promise] = {
    "control_character": _("It holds a control character; please type it again."),
    "too_long": _("It is too long."),
    "not_a_number": _("Write a number, such as 12.5."),
    "out_of_range": _("The number is too large, too small or has too many digits."),
    "invalid_date": _("There is no such day."),
    "not_yes_or_no": _("Yes or no."),
    "unknown_choice": _("This cannot be chosen any more."),
    "wrong_type": _("This cannot be read."),
}


class DefinitionForm(forms.Form):
    """An attribute. It carries what it showed: a colleague may have changed another field meanwhile."""

    label = forms.CharField(label=_("Label"), max_length=LABEL_LENGTH, help_text=_("What your colleagues read."))
    key = forms.CharField(
        label=pgettext_lazy("name in files and the API", "Key"),
        max_length=KEY_LENGTH,
        help_text=_("Its name in files and in the API, such as shoe_size. It cannot be changed."),
    )
    type = forms.ChoiceField(label=_("Type"), choices=AttributeDefinition.Type.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For lists only: one on each line."),
    )
    group = forms.CharField(
        label=_("Group"),
        required=False,
        max_length=LABEL_LENGTH,
        help_text=_("What it stands under on a customer's page."),
    )
    kind = forms.ChoiceField(
        label=_("Only for"), required=False, help_text=_("On the pages of customers of this relation alone.")
    )
    position = forms.IntegerField(label=_("Position"), required=False, help_text=_("Smaller ones come first."))
    in_list = forms.BooleanField(
        label=_("Column of the list"), required=False, help_text=_("The list of customers shows it.")
    )

    def __init__(self, data: QueryDict | None = None, *, definition: AttributeDefinition | None = None) -> None:
        super().__init__(data, initial=_shown(definition) if definition else None)
        self._offer_kinds(definition.kind if definition else "")
        for field in self.fields.values():
            field.show_hidden_initial = definition is not None
        if definition is not None:
            del self.fields["key"]
            self.fields["archived"] = forms.BooleanField(
                label=_("Archived"),
                required=False,
                show_hidden_initial=True,
                help_text=_("Neither shown nor asked for any more. What customers have of it is kept."),
            )

    def _offer_kinds(self, own: str) -> None:
        known = kinds()
        offered = {kind.key: kind.label for kind in known.current} | ({own: known.label_of(own)} if own else {})
        field = cast(forms.ChoiceField, self.fields["kind"])
        field.choices = [("", _("All customers")), *offered.items()]

    def wanted(self) -> dict[str, Any]:
        """What create_definition() takes."""
        said = dict(self.cleaned_data)
        return said | {"choices": _lines(said["choices"]), "type_": said.pop("type")}

    def changes(self) -> dict[str, Any]:
        """What change_definition() takes: what is different from what was shown."""
        said = {name: self.cleaned_data[name] for name in self.changed_data if self.cleaned_data[name] is not None}
        if "choices" in said:
            said["choices"] = _lines(said["choices"])
        if "type" in said:
            said["type_"] = said.pop("type")
        return said

    def refuse(self, refused: AttributeRefused) -> None:
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, str(REFUSED[refused.code]) % {"count": refused.count})


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _shown(definition: AttributeDefinition) -> dict[str, Any]:
    choices = [choice.label for choice in definition.choices.all() if choice.archived_at is None]
    return {
        "label": definition.label,
        "type": definition.type,
        "group": definition.group,
        "kind": definition.kind,
        "position": definition.position,
        "in_list": definition.in_list,
        "choices": "\n".join(choices),
        "archived": definition.archived_at is not None,
    }


class ValuesForm(forms.Form):
    """A customer's values of some attributes. It carries what it showed, and says where that is not so any more."""

    def __init__(
        self,
        definitions: Sequence[AttributeDefinition],
        known: Known,
        values: Mapping[int, Cells],
        data: QueryDict | None = None,
    ) -> None:
        """values: what is stored now, by the id of the definition."""
        self._definitions = {f"attribute_{definition.pk}": definition for definition in definitions}
        self._labels, self._values = known.labels, values
        initial = {name: _raw(each, values.get(each.pk, ())) for name, each in self._definitions.items()}
        self._sent = data.copy() if data is not None else QueryDict(mutable=True)
        super().__init__(self._sent if data is not None else None, initial=initial)
        for name, definition in self._definitions.items():
            self.fields[name] = _field(definition, values.get(definition.pk, ()))
            self.fields[name].show_hidden_initial = True
        self.is_stale = False
        self._cells: dict[int, Cells] = {}

    def clean(self) -> None:
        for name in self.changed_data:
            if name not in self.cleaned_data:
                continue
            definition, sent, stored = self._definitions[name], self.cleaned_data[name], self.initial[name]
            if self._shown(name) != stored != sent:
                self._tell(name, definition)
                continue
            try:
                self._cells[definition.pk] = _cells(definition, sent)
            except BadValue as bad:
                self.add_error(name, str(BAD[bad.code]))

    def changes(self) -> dict[int, Cells]:
        """Definition → cells of what is to be different from what was shown."""
        return self._cells

    def _shown(self, name: str) -> Any:
        """What the form said was stored; what is, where it says nothing."""
        at, stored = self[name].html_initial_name, self.initial[name]
        if isinstance(stored, list):
            return self._sent.getlist(at) if at in self._sent else stored
        return self._sent.get(at, stored)

    def _tell(self, name: str, definition: AttributeDefinition) -> None:
        """Somebody else was quicker: say what it is now; whoever saves again has seen it."""
        self.is_stale = True
        text = as_text(definition.type, self._values.get(definition.pk, ()), self._labels) or "–"
        self.add_error(name, gettext("Somebody has changed it meanwhile, to: %(value)s") % {"value": text})
        stored = self.initial[name]
        self._sent.setlist(self[name].html_initial_name, stored if isinstance(stored, list) else [stored])


def _raw(definition: AttributeDefinition, cells: Cells) -> str | list[str]:
    """As its field has it: the id of a choice, a list of those, or text."""
    if definition.type == CHOICES:
        return [str(cell.choice) for cell in cells]
    if definition.type == CHOICE:
        return str(cells[0].choice) if cells else ""
    return as_text(definition.type, cells, {})


def _cells(definition: AttributeDefinition, sent: Any) -> Cells:
    """Of choices the field has looked already whether they are there."""
    if definition.type == CHOICES:
        return tuple(Cell(item=choice, choice=choice) for choice in sorted(map(int, sent)))
    if definition.type == CHOICE:
        return (Cell(choice=int(sent)),) if sent else ()
    return from_text(shape_of(definition), sent)


def _field(definition: AttributeDefinition, cells: Cells) -> forms.Field:
    label = definition.label
    if definition.type in WITH_CHOICES:
        held = {cell.choice for cell in cells}
        offered = [
            (str(choice.pk), choice.label)
            for choice in definition.choices.all()
            if choice.archived_at is None or choice.pk in held
        ]
        if definition.type == CHOICES:
            ticks = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(label=label, choices=offered, required=False, widget=ticks)
        return forms.ChoiceField(label=label, choices=[("", "–"), *offered], required=False)
    if definition.type == BOOLEAN:
        return forms.ChoiceField(label=label, choices=[("", "–"), ("yes", _("Yes")), ("no", _("No"))], required=False)
    field = forms.CharField(label=label, required=False, max_length=TEXT_LENGTH)
    if definition.type == DATE:
        field.widget = forms.DateInput(attrs={"type": "date"})
    elif definition.type == YEARLY:
        field.help_text = _("Month and day, such as 11-20.")
    elif definition.type == NUMBER:
        field.widget.attrs["inputmode"] = "decimal"
    return field
