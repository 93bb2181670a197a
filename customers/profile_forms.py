"""Forms of what a record says of the person, and of the kinds of relations."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.shops.forms import zone_choices
from crm.ui import formats
from customers.domain.attributes import BadValue
from customers.domain.kinds import CUSTOMER, KEY_LENGTH, LABEL_LENGTH
from customers.domain.profile import (
    COMPANY_LENGTH,
    language_name,
    main_languages,
    read_birthday,
    read_company,
    read_language,
    read_time_zone,
)
from customers.models import Customer
from customers.profile import Kind, KindRefused, Kinds

BAD: dict[str, Promise] = {
    "invalid_date": _("There is no such day. Write 1990-05-17, or 05-17 without a year."),
    "date_in_future": _("This day is still to come."),
    "date_out_of_range": _("Birthdays before 1900 are not kept."),
    "unknown_language": _("This language is not known."),
    "unknown_time_zone": _("This time zone is not known."),
    "unknown_kind": _("This cannot be chosen any more."),
    "control_character": _("It holds a control character; please type it again."),
    "too_long": _("It is too long."),
}
REFUSED: dict[str, Promise] = {
    "invalid_key": _("Small letters a–z, digits and _, beginning with a letter, such as influencer."),
    "key_taken": _("Another kind has this key, perhaps an archived one."),
    "too_short": _("It is blank."),
    "too_long": _("At most %(count)s characters."),
    "control_character": _("It holds a control character; please type it again."),
    "out_of_range": _("A whole number from 0 on."),
    "too_many_kinds": _("A shop can have %(count)s kinds, archived ones among them."),
    "kind_needed": _("Plain customers are always scored and never archived: they are whom nothing else is said of."),
}
FIELDS = ("birthday", "language", "time_zone", "company", "kind", "is_minor", "do_not_profile")


class AboutForm(forms.Form):
    """What the record says of a person. It carries what it showed, and says where that is not so any more."""

    birthday = forms.CharField(
        label=_("Birthday"),
        required=False,
        max_length=60,
        help_text=_("Such as 1990-05-17, or 05-17 where the year is not known."),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    company = forms.CharField(label=_("Company"), required=False, max_length=COMPANY_LENGTH)
    kind = forms.ChoiceField(label=_("Relation"), required=False)
    is_minor = forms.BooleanField(
        label=_("Minor"), required=False, help_text=_("Out of scores, and sent no marketing.")
    )
    do_not_profile = forms.BooleanField(
        label=_("Do not profile"), required=False, help_text=_("Out of scores, and of all lists sorted by them.")
    )

    def __init__(self, customer: Customer, kinds: Kinds, *, today: date, data: QueryDict | None = None) -> None:
        """customer: as it is stored now."""
        self._kinds, self._today = kinds, today
        initial = {name: getattr(customer, name) for name in FIELDS} | {"kind": customer.kind_key}
        self._sent = data.copy() if data is not None else QueryDict(mutable=True)
        super().__init__(self._sent if data is not None else None, initial=initial)
        for field in self.fields.values():
            field.show_hidden_initial = True
        self._offer("language", _languages(customer.language))
        self._offer("time_zone", _zones(customer.time_zone))
        offered = {kind.key: kind.label for kind in kinds.current}
        self._offer("kind", [*({customer.kind_key: kinds.label_of(customer.kind)} | offered).items()])
        self.is_stale = False
        self._changes: dict[str, Any] = {}

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> None:
        for name in self.changed_data:
            if name not in self.cleaned_data:
                continue
            sent, stored = self.cleaned_data[name], self.initial[name]
            if self._shown(name) != stored != sent:
                self._tell(name, stored)
                continue
            try:
                self._changes[name] = self._read(name, sent)
            except BadValue as bad:
                self.add_error(name, str(BAD[bad.code]))

    def _read(self, name: str, sent: Any) -> Any:
        readers: dict[str, Callable[[str], str]] = {
            "birthday": lambda text: read_birthday(text, today=self._today),
            "language": read_language,
            "time_zone": read_time_zone,
            "company": read_company,
            "kind": self._kinds.read,
        }
        return readers[name](sent) if name in readers else sent

    def changes(self) -> dict[str, Any]:
        """What is to be different from what was shown, as Details takes it."""
        return self._changes

    def _shown(self, name: str) -> Any:
        """What the form said was stored; what is, where it says nothing."""
        stored = self.initial[name]
        said = self._sent.get(self[name].html_initial_name)
        if said is None:
            return stored
        return said == "True" if isinstance(stored, bool) else said

    def _tell(self, name: str, stored: Any) -> None:
        """Somebody else was quicker: say what it is now; whoever saves again has seen it."""
        self.is_stale = True
        text = (gettext("Yes") if stored else gettext("No")) if isinstance(stored, bool) else stored
        if name in ("language", "time_zone", "kind"):
            text = dict(self.fields[name].choices).get(stored, stored)  # type: ignore[attr-defined]  # a choice field
        self.add_error(name, gettext("Somebody has changed it meanwhile, to: %(value)s") % {"value": text or "–"})
        self._sent[self[name].html_initial_name] = str(stored)


def _languages(current: str) -> list[tuple[str, str]]:
    tags = dict.fromkeys((*main_languages(), current))
    named = [(tag, language_name(tag, formats.locale())) for tag in tags if tag]
    return [("", "–"), *sorted(named, key=lambda choice: choice[1].casefold())]


def _zones(current: str) -> list[tuple[str, str]]:
    return [("", gettext("By country, else the shop's")), *zone_choices(current)]


class KindForm(forms.Form):
    """A kind of relation. It carries what it showed: a colleague may have changed another field meanwhile."""

    label = forms.CharField(label=_("Label"), max_length=LABEL_LENGTH, help_text=_("What your colleagues read."))
    key = forms.CharField(
        label=pgettext_lazy("name in files and the API", "Key"),
        max_length=KEY_LENGTH,
        help_text=_("Its name in files and in the API, such as influencer. It cannot be changed."),
    )
    position = forms.IntegerField(label=_("Position"), required=False, help_text=_("Smaller ones come first."))
    is_scored = forms.BooleanField(
        label=_("Scored"),
        required=False,
        initial=True,
        help_text=_("Else no scores are made of them, and those there are go at once."),
    )

    def __init__(self, data: QueryDict | None = None, *, kind: Kind | None = None) -> None:
        super().__init__(data, initial=_kind_shown(kind) if kind else None)
        if kind is None:
            return
        del self.fields["key"]
        if kind.key == CUSTOMER:
            del self.fields["is_scored"]
        else:
            self.fields["archived"] = forms.BooleanField(
                label=_("Archived"),
                required=False,
                help_text=_("Not offered any more. Who is of this kind stays so."),
            )
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict[str, Any]:
        """What change_kind() takes: what is different from what was shown."""
        return {name: self.cleaned_data[name] for name in self.changed_data if self.cleaned_data[name] is not None}

    def refuse(self, refused: KindRefused) -> None:
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, str(REFUSED[refused.code]) % {"count": refused.count})


def _kind_shown(kind: Kind) -> dict[str, Any]:
    return {
        "label": kind.label,
        "position": kind.position,
        "is_scored": kind.is_scored,
        "archived": kind.archived_at is not None,
    }
