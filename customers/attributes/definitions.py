"""Which attributes a shop has: made, changed, archived; each with its audit entry.

The type of an attribute with values cannot be changed: a number is not always a date, and half of them converted would
be neither. A choice that is taken away is deleted where nobody has it, and archived where somebody does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connections, transaction
from django.db.models import Max, Prefetch

from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.domain.attributes import (
    LABEL_LENGTH,
    MAX_CHOICES,
    MAX_DEFINITIONS,
    MAX_IN_LIST,
    TYPES,
    WITH_CHOICES,
    BadValue,
    Shape,
    folded,
    is_key,
    one_line,
)
from customers.models import AttributeChoice, AttributeDefinition, AttributeValue
from customers.profile import kinds

LOCK = "hashtextextended('customers.attributes', %s)"
MOST_POSITION = 2**31 - 1


class AttributeRefused(ValueError):
    """A definition cannot be so. field: which part of it; code: a word for programs; count: what the sentence counts.

    Codes: invalid_key, key_taken, too_short, too_long, control_character, unknown_type, type_in_use,
    too_many_attributes, too_many_choices, no_choices, needs_no_choices, duplicate_choice,
    semicolon_in_choice, out_of_range, unknown_kind, too_many_in_list.
    """

    def __init__(self, field: str, code: str, *, count: int = 0) -> None:
        super().__init__(code)
        self.field, self.code, self.count = field, code, count


@dataclass(frozen=True)
class Known:
    """The attributes of a shop, as a request or a slice of a file needs them. all: archived ones too, in order."""

    all: Sequence[AttributeDefinition]

    @cached_property
    def current(self) -> list[AttributeDefinition]:
        return [definition for definition in self.all if definition.archived_at is None]

    @cached_property
    def by_key(self) -> Mapping[str, AttributeDefinition]:
        """Those that are not archived."""
        return {definition.key: definition for definition in self.current}

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """What a value of each key may be; without archived attributes and choices."""
        return {definition.key: shape_of(definition) for definition in self.current}

    @cached_property
    def labels(self) -> Mapping[int, str]:
        """Every choice by its id, archived ones too."""
        return {choice.pk: choice.label for definition in self.all for choice in definition.choices.all()}

    @cached_property
    def in_list(self) -> list[AttributeDefinition]:
        """Those that are columns of the list of customers."""
        return [definition for definition in self.current if definition.in_list]

    def groups(self, kind: str) -> Iterator[tuple[str, list[AttributeDefinition]]]:
        """The current ones by group, in the order of their first attribute: those for all, and for this kind."""
        found: dict[str, list[AttributeDefinition]] = {}
        for definition in self.current:
            if definition.kind in ("", kind):
                found.setdefault(definition.group, []).append(definition)
        yield from found.items()


def shape_of(definition: AttributeDefinition, *, also: Sequence[int] = ()) -> Shape:
    """also: archived choices that can be chosen all the same, since the customer has them."""
    offered = (choice for choice in definition.choices.all() if choice.archived_at is None or choice.pk in also)
    return Shape(
        definition.pk, definition.key, definition.type, {folded(choice.label): choice.pk for choice in offered}
    )


def definitions() -> Known:
    rows = AttributeDefinition.objects.order_by("position", "pk")
    choices = AttributeChoice.objects.order_by("position", "pk")
    return Known(list(rows.prefetch_related(Prefetch("choices", choices))))


def definitions_for_writing() -> Known:
    """The same, and nobody changes one until the transaction ends. Before the lock of `customers.ingest`."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({LOCK})", [current_shop_id()])  # our own text
    return definitions()


def _lock() -> None:
    """Wait for those who write values, and let nobody begin until the transaction ends."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})", [current_shop_id()])


@transaction.atomic
def create_definition(
    *,
    key: str,
    label: str,
    type_: str,
    group: str = "",
    position: int | None = None,
    choices: Sequence[str] = (),
    kind: str = "",
    in_list: bool = False,
    by: Actor,
    now: datetime,
) -> AttributeDefinition:
    """Make an attribute, at the end if no position is said. Raises AttributeRefused, and then changes nothing.

    kind: the key of the kind of relation whose customers' pages show it; "" for all. in_list: whether the list of
    customers has a column of it.
    """
    _lock()
    if not is_key(key):
        raise AttributeRefused("key", "invalid_key")
    if type_ not in TYPES:
        raise AttributeRefused("type", "unknown_type")
    if AttributeDefinition.objects.filter(key=key).exists():
        raise AttributeRefused("key", "key_taken")
    if AttributeDefinition.objects.count() >= MAX_DEFINITIONS:
        raise AttributeRefused("key", "too_many_attributes", count=MAX_DEFINITIONS)
    wanted = _checked_choices(type_, choices)
    if position is None:
        position = (AttributeDefinition.objects.aggregate(last=Max("position"))["last"] or 0) + 10
    made = AttributeDefinition.objects.create(
        shop_id=current_shop_id(),
        key=key,
        label=_text("label", label) or _empty("label"),
        type=type_,
        group=_text("group", group),
        kind=_kind(kind),
        in_list=_in_list(in_list),
        position=_position(position),
        created_at=now,
        updated_at=now,
    )
    _add_choices(made, wanted)
    record("attribute.created", made, by=by, details={"key": key, "type": type_})
    return made


@transaction.atomic
def change_definition(
    definition: AttributeDefinition,
    *,
    label: str | None = None,
    type_: str | None = None,
    group: str | None = None,
    position: int | None = None,
    choices: Sequence[str] | None = None,
    kind: str | None = None,
    in_list: bool | None = None,
    archived: bool | None = None,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Write what is not None; return the names of what changed. Raises AttributeRefused, and then changes nothing.

    choices: all there are to be from now on, in order; those missing are deleted or archived. One that differs from
    a known one in case or width alone is that one, and is called so from now on.
    """
    _lock()
    row = AttributeDefinition.objects.get(pk=definition.pk)
    new: dict[str, Any] = {}
    if label is not None:
        new["label"] = _text("label", label) or _empty("label")
    if group is not None:
        new["group"] = _text("group", group)
    if position is not None:
        new["position"] = _position(position)
    if kind is not None and kind != row.kind:
        new["kind"] = _kind(kind)
    if archived is not None and archived != (row.archived_at is not None):
        new["archived_at"] = now if archived else None
        if not archived and row.in_list and in_list is None:
            new["in_list"] = _in_list(wanted=True, but=row)
    if in_list is not None and in_list != row.in_list:
        new["in_list"] = _in_list(in_list, but=row)
    if type_ is not None and type_ != row.type:
        new["type"] = _checked_type(row, type_)
    changed = {name: value for name, value in new.items() if getattr(row, name) != value}
    final_type = changed.get("type", row.type)
    fields = sorted(changed)
    if choices is not None or "type" in changed:
        wanted = _checked_choices(final_type, _current_labels(row) if choices is None else choices)
        if _set_choices(row, wanted, now=now):
            fields.append("choices")
    if fields:
        AttributeDefinition.objects.filter(pk=row.pk).update(**changed, updated_at=now)
        record("attribute.changed", row, by=by, details={"key": row.key, "parts": fields})
    return fields


def holders(definition: AttributeDefinition) -> int:
    """How many customers have a value."""
    having = AttributeValue.objects.filter(definition=definition).values("customer_id")
    return having.distinct().count()


def _checked_type(row: AttributeDefinition, type_: str) -> str:
    if type_ not in TYPES:
        raise AttributeRefused("type", "unknown_type")
    if count := holders(row):
        raise AttributeRefused("type", "type_in_use", count=count)
    return type_


def _current_labels(row: AttributeDefinition) -> list[str]:
    return list(row.choices.filter(archived_at=None).order_by("position", "pk").values_list("label", flat=True))


def _text(field: str, text: str) -> str:
    try:
        clean = one_line(text)
    except BadValue as bad:
        raise AttributeRefused(field, bad.code) from None
    if len(clean) > LABEL_LENGTH:
        raise AttributeRefused(field, "too_long", count=LABEL_LENGTH)
    return clean


def _kind(key: str) -> str:
    if key and (key not in (known := kinds().by_key) or known[key].archived_at is not None):
        raise AttributeRefused("kind", "unknown_kind")
    return key


def _in_list(wanted: bool, *, but: AttributeDefinition | None = None) -> bool:
    others = AttributeDefinition.objects.filter(in_list=True, archived_at=None)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if wanted and others.count() >= MAX_IN_LIST:
        raise AttributeRefused("in_list", "too_many_in_list", count=MAX_IN_LIST)
    return wanted


def _empty(field: str) -> str:
    raise AttributeRefused(field, "too_short")


def _position(position: int) -> int:
    if not 0 <= position <= MOST_POSITION:
        raise AttributeRefused("position", "out_of_range")
    return position


def _checked_choices(type_: str, labels: Sequence[str]) -> dict[str, str]:
    """Folded label → label, in order."""
    if len(labels) > MAX_CHOICES:
        raise AttributeRefused("choices", "too_many_choices", count=MAX_CHOICES)
    clean = [_text("choices", label) or _empty("choices") for label in labels]
    if type_ not in WITH_CHOICES:
        if clean:
            raise AttributeRefused("choices", "needs_no_choices")
        return {}
    if not clean:
        raise AttributeRefused("choices", "no_choices")
    # A semicolon stands between the choices of a list where it is written as text.
    if any(sign in label for label in clean for sign in ";；"):
        raise AttributeRefused("choices", "semicolon_in_choice")
    wanted = {folded(label): label for label in clean}
    if len(wanted) < len(clean):
        raise AttributeRefused("choices", "duplicate_choice")
    return wanted


def _add_choices(definition: AttributeDefinition, wanted: Mapping[str, str], *, after: int = 0) -> None:
    AttributeChoice.objects.bulk_create(
        AttributeChoice(shop_id=current_shop_id(), definition=definition, label=label, position=after + place)
        for place, label in enumerate(wanted.values())
    )


def _set_choices(row: AttributeDefinition, wanted: Mapping[str, str], *, now: datetime) -> bool:
    """Make these the choices; whether anything changed."""
    known = {folded(choice.label): choice for choice in AttributeChoice.objects.filter(definition=row)}
    gone = [choice.pk for name, choice in known.items() if name not in wanted]
    used = set(AttributeValue.objects.filter(choice_id__in=gone).values_list("choice_id", flat=True).distinct())
    deleted, _ = AttributeChoice.objects.filter(pk__in=set(gone) - used).delete()
    archived = AttributeChoice.objects.filter(pk__in=used, archived_at=None).update(archived_at=now)
    changed, new = [], {}
    for place, (name, label) in enumerate(wanted.items()):
        choice = known.get(name)
        if choice is None:
            new[name] = AttributeChoice(shop_id=current_shop_id(), definition=row, label=label, position=place)
        elif (choice.label, choice.position, choice.archived_at) != (label, place, None):
            choice.label, choice.position, choice.archived_at = label, place, None
            changed.append(choice)
    AttributeChoice.objects.bulk_update(changed, ["label", "position", "archived_at"])
    AttributeChoice.objects.bulk_create(new.values())
    return bool(deleted or archived or changed or new)
