"""Whose word a value of a profile is: the statements that write values note it beside them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from crm.shops.audit.chain import Actor
from crm.shops.models import ApiKey, AuditEntry, User
from crm.tenancy.scope import current_shop_id
from customers.models import ProfileChange, Through


class Writer(NamedTuple):
    """Who writes, as the audit log says it, and through which door."""

    kind: str
    id: int | None
    through: str

    @property
    def is_staff(self) -> bool:
        """Whether it is somebody's own word, which a storefront does not overrule."""
        return self.through == Through.PAGE

    def params(self) -> dict[str, Any]:
        """What the SQL files call it."""
        return {"by_kind": self.kind, "by_id": self.id, "through": self.through, "is_staff": self.is_staff}


def writer(by: Actor, through: Through | None = None) -> Writer:
    """through: by default the page for a person, the API for a key, and the program itself for nobody."""
    if isinstance(by, User):
        return Writer(AuditEntry.Actor.USER.value, by.pk, (through or Through.PAGE).value)
    if isinstance(by, ApiKey):
        return Writer(AuditEntry.Actor.KEY.value, by.pk, (through or Through.API).value)
    return Writer(AuditEntry.Actor.SYSTEM.value, None, (through or Through.PROGRAM).value)


def note_changes(
    customer_id: int,
    fields: Iterable[tuple[str, int | None, bool]],
    *,
    by: Writer,
    now: datetime,
    merge_id: int | None = None,
) -> None:
    """Note changes of one customer. fields: the field, the row it stands in, and whether it was taken away."""
    rows = [
        ProfileChange(
            shop_id=current_shop_id(),
            customer_id=customer_id,
            person_id=customer_id,
            field=field,
            row_id=row_id,
            is_removal=is_removal,
            at=now,
            actor_kind=by.kind,
            actor_id=by.id,
            through=by.through,
            merge_id=merge_id,
        )
        for field, row_id, is_removal in fields
    ]
    if rows:
        ProfileChange.objects.bulk_create(rows)
