"""Forms of imports: the file, which of its columns is what, and what it leaves open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.shops.forms import StorefrontField
from customers.domain.addresses import BILLING, HOME, PARTS, SHIPPING, TYPES
from customers.domain.consent import PENDING
from customers.imports.consents_page import consent_label
from customers.imports.field_changes import Example
from customers.imports.labels import (
    ADDING_LABELS,
    LABELS,
    MATCH_LABELS,
    POLICY_LABELS,
    POSTAL_LABELS,
    POSTAL_PART_LABELS,
)
from customers.imports.questions_page import Asked, fingerprint
from customers.imports.reading_page import MadeOf, made_of
from customers.sources import (
    CUSTOMERS,
    FILE_KINDS,
    ORDERS,
    PRODUCTS,
    SUPPRESSIONS,
    Mapping,
    Question,
    SourceError,
    Unsure,
    describe_error,
)
from customers.sources.fields import (
    ABOUT,
    ADDRESSES,
    AMOUNTS,
    IDENTIFYING,
    OF_SUPPRESSIONS,
    OVERWRITE,
    REQUIRED,
    postal_field,
    postal_of,
)
from customers.sources.mapping import SPREAD, STATUSES, with_one_break
from customers.sources.platforms import PLATFORMS

MAX_FILE = 1024**3
LAST_HEADING_ROW = 10_000
STATUS_LABELS = {
    "pending": _("not paid yet"),
    "paid": _("paid"),
    "fulfilled": _("delivered"),
    "cancelled": _("cancelled"),
    "refunded": _("refunded"),
}
PRESET_LABELS: dict[str, str | Promise] = {
    **{platform.name: platform.title for platform in PLATFORMS},
    "generic": _("Any other list"),
    "huitou": _("A file exported here"),
    "online-retail": _("Online Retail"),
    "cdnow": _("CDNOW"),
}
Groups = tuple[tuple[str | Promise, str | Promise, tuple[str, ...]], ...]
ORDER_GROUPS: Groups = (
    (_("The order"), "", ("order_id", "ordered_at", "status", "currency")),
    (
        _("The customer"),
        _("One of number, e-mail and phone is needed, to know who bought."),
        ("customer_id", "email", "phone", "name", "city", "country"),
    ),
    (_("The line"), "", ("product_id", "product_name", "quantity", "unit_price", "discount", "line_total")),
    (
        _("The order's money"),
        _("What the storefront says of the order as a whole."),
        ("subtotal", "order_discount", "shipping", "tax", "order_total", "refunded", "refunded_at", "refund_of"),
    ),
)
GROUPS: dict[str, Groups] = {
    ORDERS: ORDER_GROUPS,
    CUSTOMERS: (
        (_("Who it is"), _("One of number, e-mail and phone is needed, to know who is meant."), IDENTIFYING),
        (_("What is known of them"), "", ("name", "city", "country", "tags")),
        (_("About the person"), "", ABOUT),
    ),
    PRODUCTS: ((_("The product"), "", FILE_KINDS[PRODUCTS].fields),),
    SUPPRESSIONS: (
        (_("The address"), _("One of e-mail and phone is needed; a row can have both."), ADDRESSES),
        (_("What is known of it"), "", OF_SUPPRESSIONS),
    ),
}


# Of which types a file may bring postal addresses; others are shown where the mapping has them.
POSTAL_TYPES: dict[str, tuple[str, ...]] = {ORDERS: (SHIPPING, BILLING), CUSTOMERS: (SHIPPING, BILLING, HOME)}


class ColumnField(forms.ChoiceField):
    """One of the file's headings. A browser sends each line break within one as `\\r\\n`, however the file has it."""

    def to_python(self, value: Any) -> str:
        return self._as_offered(super().to_python(value))

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self._as_offered(data) if isinstance(data, str) else data

    def _as_offered(self, sent: str) -> str:
        offered: Any = self.choices
        return next((heading for heading, _shown in offered if with_one_break(heading) == with_one_break(sent)), sent)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )
    source = StorefrontField()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE:
            raise ValidationError(_("The file is larger than 1 GB. Split it and import the parts."))
        return file


@dataclass(frozen=True)
class MappedField:
    """One of our fields in the columns' form.

    column: which heading it is. made: the columns that the saved choice reads, None where the form says another.
    policy: what becomes of it where something is known, None where nothing can be chosen. examples: of the last check.
    """

    column: forms.BoundField
    made: MadeOf | None
    policy: forms.BoundField | None
    examples: Sequence[Example]


@dataclass(frozen=True)
class PostalGroup:
    """The columns of the addresses of one type. is_used: the mapping has some."""

    title: str | Promise
    policy: forms.BoundField
    fields: Sequence[forms.BoundField]
    is_used: bool


@dataclass(frozen=True)
class FieldGroup:
    title: str | Promise
    help: str | Promise
    fields: Sequence[MappedField]


class MappingForm(forms.Form):
    """Which heading is which field; `words` are order states of the file that were not understood last time."""

    date_order = forms.ChoiceField(
        label=_("Dates such as 03/04/2026"),
        choices=[
            ("auto", _("find out")),
            ("dmy", _("day first: 3 April")),
            ("mdy", _("month first: March 4")),
            ("ymd", _("year first, as in 26/04/03")),
            ("unix", _("seconds since 1970")),
            ("excel", _("days as a spreadsheet counts them")),
        ],
    )
    decimal = forms.ChoiceField(
        label=_("Decimals"),
        choices=[("auto", _("find out")), (".", _("with a point: 12.50")), (",", _("with a comma: 12,50"))],
    )
    replaces_orders = forms.BooleanField(
        label=_("Replace orders whole"),
        required=False,
        help_text=_(
            "Each order of the file is taken as the whole order: lines that are here but not in the file are removed. "
            "Otherwise an order that comes only in part keeps its lines and amounts."
        ),
    )

    source = StorefrontField()

    def __init__(
        self,
        headings: list[str],
        mapping: Mapping,
        words: list[str],
        *args: Any,
        rows: Sequence[Sequence[str]] = (),
        examples: dict[str, list[Example]] | None = None,
        attributes: dict[str, str] | None = None,
        consents: dict[str, str] | None = None,
        replaces_orders: bool = False,
        source: str = "",
        **kwargs: Any,
    ) -> None:
        """rows: the first ones of the file, for samples. examples: field → before and after, as last checked.
        attributes, consents: field → label, of the shop's own; only a list of customers has them."""
        super().__init__(*args, **kwargs)
        self._examples = examples or {}
        self.fields["source"].initial = source
        self.kind = mapping.list_of
        self._attributes = (attributes or {}) if FILE_KINDS[self.kind].has_attributes else {}
        self._names = (*FILE_KINDS[self.kind].fields, *self._attributes)
        self._labels = LABELS | self._attributes
        self._mapping, self._words = mapping, words
        self._consents: tuple[str, ...] = ()
        self._shown = _with_names(mapping)
        self._made = made_of(headings, rows, replace(mapping, columns=self._shown))
        read = (
            *self._shown.values(),
            *(each for more in mapping.also.values() for each in more),
            *mapping.consents.values(),
        )
        choices = _column_choices(headings, read)
        for name in self._names:
            self.fields[f"field_{name}"] = ColumnField(
                label=self._labels[name],
                choices=choices,
                required=name in REQUIRED,
                initial=self._shown.get(name, ""),
                error_messages={"required": _("Every order needs it: choose the column.")},
            )
        self._add_addresses(headings)
        if self.kind != ORDERS:
            for name in ("date_order", "decimal", "replaces_orders"):
                del self.fields[name]
            self._add_match_and_policies()
            if self.kind == CUSTOMERS:
                self._add_consents(consents or {}, headings, choices)
                self._add_grants()
            else:
                del self.fields["source"]
            return
        for name in SPREAD:
            self.fields[f"per_{name}"] = forms.ChoiceField(
                label=LABELS[name],
                choices=[
                    ("", _("find out")),
                    ("order", _("the order's, said once or again")),
                    ("row", _("a part on each row, added up")),
                ],
                required=False,
                initial=mapping.per.get(name, ""),
            )
        for number, word in enumerate(words):
            self.fields[f"status_{number}"] = forms.ChoiceField(
                label=_("“%(word)s” means") % {"word": word},
                choices=[("", _("leave these rows out")), *((status, STATUS_LABELS[status]) for status in STATUSES)],
                required=False,
                initial=mapping.statuses.get(word, ""),
            )
        self.fields["date_order"].initial, self.fields["decimal"].initial = mapping.date_order, mapping.decimal
        self.fields["replaces_orders"].initial = replaces_orders

    def _add_consents(self, labels: dict[str, str], headings: list[str], choices: list[tuple[str, Any]]) -> None:
        """A column for each of these consents, and for what is read already. One called as it is read in any case."""
        called = {heading.strip().casefold(): heading for heading in headings}
        self._consents = tuple(dict.fromkeys([*labels, *self._mapping.consents]))
        for name in self._consents:
            own = called.get(name.casefold())
            self.fields[f"field_{name}"] = ColumnField(
                label=labels.get(name) or consent_label(name),
                choices=choices[1:] if own else choices,
                required=False,
                initial=self._mapping.consents.get(name, own or ""),
            )

    def consent_fields(self) -> list[forms.BoundField]:
        return [self[f"field_{name}"] for name in self._consents]

    @property
    def has_consents(self) -> bool:
        """Whether a column of any is chosen, so that they are worth showing at once."""
        return any(field.value() or field.errors for field in self.consent_fields())

    def _add_addresses(self, headings: list[str]) -> None:
        """A column of a postal address may be read as something else, too."""
        known = self._mapping.addresses
        used = [kind for kind in TYPES if any(postal_field(kind, part) in known for part in PARTS)]
        shown = POSTAL_TYPES.get(self.kind, ())
        self._postal_types = (*shown, *(kind for kind in used if kind not in shown))
        choices = _column_choices(headings, known.values())
        for name in self._postal_names():
            self.fields[f"field_{name}"] = ColumnField(
                label=POSTAL_PART_LABELS[name.rpartition(".")[2]],
                choices=choices,
                required=False,
                initial=known.get(name, ""),
            )
        for kind in self._postal_types:
            self._add_policy(postal_of(kind), POSTAL_LABELS[postal_of(kind)])

    def _postal_names(self) -> list[str]:
        return [postal_field(kind, part) for kind in self._postal_types for part in PARTS]

    def postal_groups(self) -> list[PostalGroup]:
        """The columns of postal addresses, type by type."""
        return [
            PostalGroup(
                POSTAL_LABELS[postal_of(kind)],
                self[f"policy_{postal_of(kind)}"],
                [self[f"field_{postal_field(kind, part)}"] for part in PARTS],
                any(self[f"field_{postal_field(kind, part)}"].value() for part in PARTS),
            )
            for kind in self._postal_types
        ]

    def _add_grants(self) -> None:
        self.fields["consent_grants"] = forms.ChoiceField(
            label=_("Where a column only says that somebody agreed, without date or proof"),
            choices=[
                ("auto", _("they have agreed; file, row and column are the evidence")),
                (PENDING, _("they have to confirm it first")),
            ],
            required=False,
            initial=self._mapping.consent_grants,
        )

    def source_field(self) -> forms.BoundField | None:
        """Of lists of whoever has a customer number."""
        return self["source"] if "source" in self.fields else None

    def grants_field(self) -> forms.BoundField | None:
        return self["consent_grants"] if "consent_grants" in self.fields else None

    def _add_match_and_policies(self) -> None:
        kind = FILE_KINDS[self.kind]
        if not kind.matches:
            return
        self.fields["match"] = forms.ChoiceField(
            label=_("What is here already is recognised"),
            choices=[(name, MATCH_LABELS[name]) for name in kind.matches],
            initial=self._mapping.matched_by,
            help_text=_("Rows without it are left out, unless you leave the first choice.")
            if self.kind == CUSTOMERS
            else "",
        )
        for name in (*dict(kind.policies), *self._attributes):
            self._add_policy(name, self._labels[name])

    def _add_policy(self, name: str, label: Any) -> None:
        policies = FILE_KINDS[self.kind].policies_of(name)
        words = POLICY_LABELS if OVERWRITE in policies else ADDING_LABELS
        self.fields[f"policy_{name}"] = forms.ChoiceField(
            label=label,
            choices=[(policy, words[policy]) for policy in policies],
            required=False,
            initial=self._mapping.policy(name),
        )

    def _chosen_policies(self) -> dict[str, str]:
        """What is chosen of each field that may be known already, but for the default."""
        kind, postal = FILE_KINDS[self.kind], map(postal_of, self._postal_types)
        chosen = {
            name: self.cleaned_data.get(f"policy_{name}") for name in (*dict(kind.policies), *self._attributes, *postal)
        }
        return {name: policy for name, policy in chosen.items() if policy in kind.policies_of(name)[1:]}

    def _addresses(self) -> dict[str, str]:
        """The columns of postal addresses: what is chosen, and those that the form does not show."""
        chosen = {name: self.cleaned_data.get(f"field_{name}") for name in self._postal_names()}
        kept = {name: heading for name, heading in self._mapping.addresses.items() if name not in chosen}
        return {**{name: heading for name, heading in chosen.items() if heading}, **kept}

    def groups(self) -> list[FieldGroup]:
        """The columns, with what belongs together side by side."""
        groups = GROUPS[self.kind]
        if self._attributes:
            groups = (*groups, (_("Attributes of your own"), "", tuple(self._attributes)))
        return [FieldGroup(title, help_, [self._mapped(name) for name in names]) for title, help_, names in groups]

    @property
    def has_policies(self) -> bool:
        return bool(FILE_KINDS[self.kind].policies)

    @property
    def has_examples(self) -> bool:
        return any(self._examples.get(name) for name in self._names)

    def _mapped(self, name: str) -> MappedField:
        column = self[f"field_{name}"]
        return MappedField(
            column,
            self._made.get(name) if column.value() == self._shown.get(name) else None,
            self[f"policy_{name}"] if f"policy_{name}" in self.fields else None,
            self._examples.get(name, ()),
        )

    def match_field(self) -> forms.BoundField | None:
        return self["match"] if "match" in self.fields else None

    def spread_fields(self) -> list[forms.BoundField]:
        """How amounts of an order stand on its rows, for those that the file has."""
        if self.kind != ORDERS:
            return []
        shown = [name for name in SPREAD if name in self._shown or self._mapping.per.get(name)]
        return [self[f"per_{name}"] for name in shown]

    def status_fields(self) -> list[forms.BoundField]:
        return [self[f"status_{number}"] for number in range(len(self._words))]

    def clean(self) -> dict[str, Any]:
        columns: dict[str, str] = {}
        for name in self._names:
            heading = self.cleaned_data.get(f"field_{name}")
            if heading in columns.values():
                self.add_error(f"field_{name}", _("This column is used above already."))
            elif heading:
                columns[name] = heading
        for name in self._consents:
            heading = self.cleaned_data.get(f"field_{name}")
            if heading and heading in columns.values():
                self.add_error(f"field_{name}", _("This column is used above already."))
        match = self.cleaned_data.get("match", "auto")
        if match not in ("auto", *columns):
            self.add_error(f"field_{match}", _("Rows are to be recognised by it: choose the column."))
        elif self.kind == SUPPRESSIONS and not any(name in columns for name in ADDRESSES):
            self.add_error("field_email", _("Choose this column, or one for the phone."))
        elif self.kind in (ORDERS, CUSTOMERS) and not any(name in columns for name in IDENTIFYING):
            self.add_error("field_customer_id", _("Choose this column, or one for e-mail or phone."))
        self.cleaned_data["columns"] = columns
        return self.cleaned_data

    def mapping(self) -> Mapping:
        """What was known before, with what is said here. Columns chosen anew leave behind what was said of the old."""
        data, known = self.cleaned_data, self._mapping
        columns: dict[str, str] = data["columns"]
        if self.kind != ORDERS:
            return self._list_mapping(columns)
        said = {word: data.get(f"status_{number}") for number, word in enumerate(self._words)}
        ids = {heading: reading for heading, reading in known.ids.items() if heading in columns.values()}
        customer = columns.get("customer_id", "")
        if customer and customer != self._shown.get("customer_id"):
            ids[customer] = "number"
        has_amounts_as_before = all(columns.get(name) == self._shown.get(name) for name in AMOUNTS)
        return replace(
            known,
            columns=columns,
            addresses=self._addresses(),
            policies=self._chosen_policies(),
            also={name: more for name, more in known.also.items() if columns.get(name) == self._shown.get(name)},
            date_order=data["date_order"],
            decimal=data["decimal"],
            amounts=known.amounts if has_amounts_as_before else "auto",
            per={name: data[f"per_{name}"] for name in SPREAD if data[f"per_{name}"]},
            ids=ids,
            statuses={
                **{word: status for word, status in known.statuses.items() if word not in said},
                **{word: status for word, status in said.items() if status},
            },
        )

    def _list_mapping(self, columns: dict[str, str]) -> Mapping:
        data, known, kind = self.cleaned_data, self._mapping, FILE_KINDS[self.kind]
        customer = columns.get("customer_id", "")
        return replace(
            known,
            kind=self.kind,
            columns=columns,
            also={name: more for name, more in known.also.items() if columns.get(name) == self._shown.get(name)},
            match=data["match"] if kind.matches and data["match"] != kind.matches[0] else "auto",
            policies=self._chosen_policies(),
            addresses=self._addresses(),
            consents={name: data[f"field_{name}"] for name in self._consents if data[f"field_{name}"]},
            consent_grants=data.get("consent_grants") or "auto",
            ids={customer: "number"} if customer and customer != self._shown.get("customer_id") else known.ids,
        )

    def bind_saved(self) -> None:
        """Fill the form with what is saved, so that problems can be shown at its fields."""
        self.data = {
            name: str(value)
            for name, field in self.fields.items()
            if (value := self.get_initial_for_field(field, name)) is not False  # a box that is not ticked
        }
        self.is_bound = True
        self.full_clean()

    def show_problem(self, error: SourceError) -> None:
        """Put what the last check found beside the field it is about."""
        if isinstance(error, Unsure):
            for question in error.questions:
                self.add_error(self._field_of(question), str(describe_error(Unsure([question]))))
            return
        field = _FIELD_OF.get(error.code) or self._field_of_column(error.column)
        self.add_error(field if field in self.fields else None, str(describe_error(error)))

    def _field_of(self, question: Question) -> str | None:
        name = question.entry.replace("per.", "per_")
        return name if name in self.fields else self._field_of_column(question.column)

    def _field_of_column(self, column: str) -> str | None:
        if column in (*self._names, *self._consents):
            return f"field_{column}"
        known = (*self._mapping.columns.items(), *self._mapping.consents.items())
        name = next((name for name, heading in known if heading == column), None)
        return f"field_{name}" if name else None


def _column_choices(headings: Sequence[str], read: Iterable[str]) -> list[tuple[str, Any]]:
    """Each column of the file, and of those that are read the joined ones, such as "First name+Last name"."""
    joined = {each: " + ".join(each.split("+")) for each in read if each not in headings}
    named = dict.fromkeys(headings) | joined
    return [("", _("not in the file")), *((each, shown or each) for each, shown in named.items() if each)]


def _with_names(mapping: Mapping) -> dict[str, str]:
    """The columns as they are read once it was said that the customers' column holds names."""
    columns = dict(mapping.columns)
    heading = columns.get("customer_id", "")
    if mapping.ids.get(heading) == "name":
        del columns["customer_id"]
        columns.setdefault("name", heading)
    return columns


_FIELD_OF = {
    "ambiguous_dates": "date_order",
    "ambiguous_number": "decimal",
    "missing_customer_column": "field_customer_id",
    "missing_address_column": "field_email",
}


class HeadingForm(forms.Form):
    """Which row of the file holds the headings."""

    row = forms.IntegerField(min_value=1, max_value=LAST_HEADING_ROW)


class QuestionsForm(forms.Form):
    """One choice for each question; for some also the column that it is about."""

    asked = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, asked: Sequence[Asked], headings: list[str], taken: Mapping, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked, self._taken = asked, taken
        self.fields["asked"].initial = fingerprint(asked)
        columns = [("", _("choose the column")), *((each, each) for each in dict.fromkeys(headings) if each)]
        for number, each in enumerate(asked):
            self.fields[f"answer_{number}"] = forms.ChoiceField(
                label=each.label,
                help_text=each.help,
                choices=each.choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose one.")},
            )
            if each.needs_column:
                self.fields[f"column_{number}"] = ColumnField(label=_("Column"), choices=columns, required=False)

    def is_stale(self) -> bool:
        """Whether what was sent answers other questions than those that are open now."""
        return self.data.get("asked") != fingerprint(self._asked)

    def answer_fields(self) -> list[forms.BoundField]:
        """The fields in the sequence of the questions."""
        return [self[name] for name in self.fields if name != "asked"]

    def clean(self) -> dict[str, Any]:
        for number, each in enumerate(self._asked):
            answer, heading = self.cleaned_data.get(f"answer_{number}"), self.cleaned_data.get(f"column_{number}")
            if not each.needs_column or not answer or answer == "none":
                continue
            if not heading:
                self.add_error(f"column_{number}", _("Choose the column."))
            elif any(other == heading and name not in AMOUNTS for name, other in self._taken.columns.items()):
                self.add_error(f"column_{number}", _("This column is used for something else already."))
        return self.cleaned_data

    def answers(self) -> dict[str, str]:
        """Entry of the mapping → answer."""
        return {each.entry: self.cleaned_data[f"answer_{number}"] for number, each in enumerate(self._asked)}

    def columns(self) -> dict[str, str]:
        """Entry → the column that holds what its answer names."""
        return {
            each.entry: self.cleaned_data[f"column_{number}"]
            for number, each in enumerate(self._asked)
            if each.needs_column and self.cleaned_data[f"answer_{number}"] != "none"
        }
