"""The audit log as a page reads it: filtered, page by page by sequence number, with names."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.lib.keyset import Tier, page_of
from crm.shops.audit.sentences import sentence
from crm.shops.models import ApiKey, AuditEntry, User
from crm.tenancy.hiding import seen

PAGE = 50


@dataclass(frozen=True)
class AuditLine:
    """One entry in words."""

    seq: int
    at: datetime
    who: str
    what: str
    kind: str


@dataclass(frozen=True)
class AuditPage:
    """Some entries, latest first, and the cursors of those beside them."""

    lines: list[AuditLine]
    next: str | None
    previous: str | None


def filtered(
    *, action: str = "", person: int | None = None, since: datetime | None = None, before: datetime | None = None
) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.all()
    if action:
        entries = entries.filter(action=action)
    if person:
        entries = entries.filter(actor_kind=AuditEntry.Actor.USER, actor_id=person)
    if since:
        entries = entries.filter(at__gte=since)
    if before:
        entries = entries.filter(at__lt=before)
    return entries


def audit_page(entries: QuerySet[AuditEntry], cursor: str = "") -> AuditPage:
    """Latest first. Raises BadCursor."""
    page = page_of([Tier(entries, id="seq", ids_descending=True)], cursor, size=PAGE)
    shown = list(entries.filter(seq__in=page.ids).order_by("-seq"))
    people, keys = _people(shown), _keys(shown)
    lines = [
        AuditLine(entry.seq, entry.at, _who(entry, people, keys), seen(sentence(entry, people)), entry.actor_kind)
        for entry in shown
    ]
    return AuditPage(lines, page.next, page.previous)


def _people(entries: list[AuditEntry]) -> dict[int, str]:
    ids = {entry.actor_id for entry in entries if entry.actor_kind == AuditEntry.Actor.USER}
    ids |= {entry.details.get("user_id") for entry in entries if isinstance(entry.details, dict)}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=[each for each in ids if isinstance(each, int)])}


def _keys(entries: list[AuditEntry]) -> dict[int, str]:
    ids = [entry.actor_id for entry in entries if entry.actor_kind == AuditEntry.Actor.KEY and entry.actor_id]
    return {key.pk: key.name for key in ApiKey.objects.filter(pk__in=ids)} if ids else {}


def _who(entry: AuditEntry, people: dict[int, str], keys: dict[int, str]) -> str:
    actor = entry.actor_id or 0
    if entry.actor_kind == AuditEntry.Actor.USER:
        return people.get(actor, _("Person no. %(id)s") % {"id": actor})
    if entry.actor_kind == AuditEntry.Actor.KEY:
        return _("Key “%(name)s”") % {"name": seen(str(keys.get(actor, actor)))}
    return _("Huitou")
