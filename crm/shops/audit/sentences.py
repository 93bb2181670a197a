"""The audit log in plain words: one sentence for each action code, filled from the entry's details."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.models import AuditEntry, Shop
from crm.shops.roles import Role
from crm.ui import formats

# Every code given to audit.record() anywhere; a test reads the code base and compares.
SENTENCES: dict[str, Promise] = {
    "api_key.created": _("created the API key no. %(object)s"),
    "api_key.revoked": _("revoked the API key no. %(object)s"),
    "api_key.rotated": _("rotated the API key no. %(object)s"),
    "customer.changed": _("changed customer no. %(object)s"),
    "customer.contacts_seen": _("looked at the contacts of customer no. %(object)s"),
    "customers.tagged": _("put tag no. %(object)s on customers, in all: %(customers)s"),
    "customers.untagged": _("took tag no. %(object)s off customers, in all: %(customers)s"),
    "customers.export_requested": _("asked for an export of customers (no. %(object)s)"),
    "customers.exported": _("got export no. %(object)s made"),
    "customers.export_failed": _("could not finish export no. %(object)s"),
    "customers.export_downloaded": _("downloaded export no. %(object)s"),
    "note.added": _("wrote a note on customer no. %(customer)s"),
    "note.deleted": _("deleted a note on customer no. %(customer)s"),
    "customers.upserted": _("sent customers through the API"),
    "demo.people_invented": _("invented the names of the demo shop's customers"),
    "import.uploaded": _("uploaded a file of orders (import no. %(object)s)"),
    "import.check_requested": _("had import no. %(object)s checked"),
    "import.run_requested": _("started import no. %(object)s"),
    "import.cancelled": _("stopped import no. %(object)s"),
    "import.failed": _("could not finish import no. %(object)s"),
    "import.finished": _("finished import no. %(object)s; new orders: %(orders_created)s, rows left out: %(rejected)s"),
    "invitation.sent": _("invited somebody as %(role)s (invitation no. %(object)s)"),
    "invitation.revoked": _("took back invitation no. %(object)s"),
    "member.joined": _("joined as %(role)s"),
    "member.left": _("left the shop"),
    "member.removed": _("removed %(user)s (%(role)s) from the shop"),
    "member.role_changed": _("made %(user)s %(to)s instead of %(from)s"),
    "orders.ingested": _("sent orders through the API"),
    "products.upserted": _("sent products through the API"),
    "scoring.requested": _("asked for a scoring run"),
    "shop.changed": _("changed the shop's settings: %(fields)s"),
    "shop.created": _("opened the shop"),
}
# The same for the filter, without the parts that differ.
LABELS: dict[str, Promise] = {
    "api_key.created": _("API key created"),
    "api_key.revoked": _("API key revoked"),
    "api_key.rotated": _("API key rotated"),
    "customer.changed": _("Customer changed"),
    "customer.contacts_seen": _("Contacts looked at"),
    "customers.tagged": _("Customers tagged"),
    "customers.untagged": _("Tag taken off"),
    "customers.export_requested": _("Export asked for"),
    "customers.export_downloaded": _("Export downloaded"),
    "note.added": _("Note written"),
    "note.deleted": _("Note deleted"),
    "import.uploaded": _("File uploaded"),
    "import.run_requested": _("Import started"),
    "import.finished": _("Import finished"),
    "import.failed": _("Import failed"),
    "import.cancelled": _("Import stopped"),
    "invitation.sent": _("Invitation sent"),
    "invitation.revoked": _("Invitation taken back"),
    "member.joined": _("Person joined"),
    "member.left": _("Person left"),
    "member.removed": _("Person removed"),
    "member.role_changed": _("Role changed"),
    "scoring.requested": _("Scoring asked for"),
    "shop.changed": _("Settings changed"),
}
_ROLES = ("role", "from", "to")
_COUNTS = ("customers", "orders_created", "rejected")


def sentence(entry: AuditEntry, people: Mapping[int, str]) -> str:
    """What was done, to stand behind who did it; the code itself where nobody has written a sentence for it."""
    words = SENTENCES.get(entry.action)
    if words is None:
        object_ = f" ({entry.object_type} {entry.object_id})" if entry.object_id else ""
        return f"{entry.action}{object_}"
    return str(words) % _Filling(entry, people)


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
    except FieldDoesNotExist:  # it was called so when the entry was written
        return str(column)
