"""The audit log in plain words: one sentence for each action code, filled from the entry's details."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.lib.registry import Registry
from crm.shops.models import AuditEntry, Shop
from crm.shops.roles import Role
from crm.ui import formats


@dataclass(frozen=True)
class Action:
    """One action code that is given to audit.record(), in words.

    sentence: to stand behind who did it; filled from the entry's details, `object` and `user`.
    label: the same for the filter of the log, without the parts that differ; None keeps it out of the filter.
    """

    name: str
    sentence: Promise
    label: Promise | None = None


# Apps add theirs in `ready()`; a test reads the code base and compares.
ACTIONS: Registry[Action] = Registry("audit action")
for _action in (
    Action("api_key.created", _("created the API key no. %(object)s"), _("API key created")),
    Action("api_key.revoked", _("revoked the API key no. %(object)s"), _("API key revoked")),
    Action("api_key.rotated", _("rotated the API key no. %(object)s"), _("API key rotated")),
    Action("invitation.sent", _("invited somebody as %(role)s (invitation no. %(object)s)"), _("Invitation sent")),
    Action("invitation.link_made", _("made a link for invitation no. %(object)s"), _("Invitation link made")),
    Action("invitation.revoked", _("took back invitation no. %(object)s"), _("Invitation taken back")),
    Action("member.joined", _("joined as %(role)s"), _("Person joined")),
    Action("member.left", _("left the shop"), _("Person left")),
    Action("member.removed", _("removed %(user)s (%(role)s) from the shop"), _("Person removed")),
    Action("member.role_changed", _("made %(user)s %(to)s instead of %(from)s"), _("Role changed")),
    Action("shop.changed", _("changed the shop's settings: %(fields)s"), _("Settings changed")),
    Action("shop.created", _("opened the shop")),
):
    ACTIONS.register(_action)


def labels() -> list[tuple[str, Promise]]:
    """Code and label of each action that the log can be filtered by."""
    return [(action.name, action.label) for action in ACTIONS if action.label is not None]


@dataclass(frozen=True)
class FieldName:
    """What the log calls a field that is no column of the shop; an app may have taken one over since."""

    name: str
    label: Promise


FIELD_NAMES: Registry[FieldName] = Registry("field name")


_ROLES = ("role", "from", "to")
_COUNTS = ("addresses", "customers", "orders_created", "rejected")


def sentence(entry: AuditEntry, people: Mapping[int, str]) -> str:
    """What was done, to stand behind who did it; the code itself where nobody has written a sentence for it."""
    action = ACTIONS.get(entry.action)
    if action is None:
        object_ = f" ({entry.object_type} {entry.object_id})" if entry.object_id else ""
        return f"{entry.action}{object_}"
    return str(action.sentence) % _Filling(entry, people)


class _Filling(dict[str, str]):
    """The parts of a sentence; an older entry may lack one."""

    def __init__(self, entry: AuditEntry, people: Mapping[int, str]) -> None:
        details: dict[str, Any] = entry.details if isinstance(entry.details, dict) else {}
        super().__init__({name: _shown(name, value) for name, value in details.items()})
        self["object"] = str(entry.object_id or "–")
        if isinstance(user_id := details.get("user_id"), int):
            self["user"] = people.get(user_id, gettext("person no. %(id)s") % {"id": user_id})

    def __missing__(self, name: str) -> str:
        return "?"


def _shown(name: str, value: object) -> str:
    if name in _ROLES and value in Role.values:
        return str(Role(str(value)).label)
    if name in _COUNTS and isinstance(value, int):
        return formats.number(value)
    if name == "fields" and isinstance(value, list):
        return formats.listed(_field_name(each) for each in value)
    return formats.listed(value) if isinstance(value, list) else str(value)


def _field_name(column: object) -> str:
    try:
        return str(getattr(Shop._meta.get_field(str(column)), "verbose_name", column))
    except FieldDoesNotExist:
        named = FIELD_NAMES.get(str(column))
        return str(named.label if named else column)  # it was called so when the entry was written
