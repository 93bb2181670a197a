"""What staff do to customers: tags, notes, names, and looking at what is masked. Each leaves its audit entry."""

from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.lib.postgres.meanwhile import GoneMeanwhile
from crm.shops.audit.chain import record
from crm.shops.models import ApiKey, User
from crm.tenancy.scope import current_shop_id
from customers.attributes import release_attribute
from customers.domain.limits import MAX_TAGS
from customers.ingest import Engine
from customers.models import Customer, CustomerTag, Note, Tag
from customers.sources.fields import ATTRIBUTE
from customers.tagging import make_tags
from customers.upserts import Details, change_customer

# Who wears as many tags as one can gets no other. The place of the last that may be worn is looked at, not all of them.
TAG_MATCHING = """
WITH asked AS (
    SELECT matching.id, NOT EXISTS (
        SELECT FROM customers_customertag AS worn
        WHERE worn.shop_id = %s AND worn.customer_id = matching.id OFFSET %s LIMIT 1
    ) AS has_room
    FROM ({matching}) AS matching (id)
), tagged AS (
    INSERT INTO customers_customertag (shop_id, customer_id, tag_id, created_at)
    SELECT %s, id, %s, %s FROM asked WHERE has_room
    ON CONFLICT (shop_id, tag_id, customer_id) DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM tagged), (
    SELECT count(*) FROM asked
    WHERE NOT has_room AND NOT EXISTS (
        SELECT FROM customers_customertag AS own
        WHERE own.shop_id = %s AND own.customer_id = asked.id AND own.tag_id = %s
    )
)
"""


class Tagged(NamedTuple):
    """new: how many wear the tag now who did not before. full: how many have no room for it, and did not get it."""

    tag: Tag
    new: int
    full: int


@transaction.atomic
def tag_customers(matching: QuerySet[Customer], tag_name: str, *, by: User, now: datetime) -> Tagged:
    """Put the tag on all of them in one statement, but on those who wear as many tags as one can.

    The tag is made if the shop has none of that name, in whatever case.
    """
    name = " ".join(tag_name.split())
    shop_id = current_shop_id()
    sql, params = matching.order_by().values("pk").query.sql_with_params()
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()  # before tags are made, as files do: nobody else may fill the room meanwhile
        tag = Tag.objects.get(pk=make_tags([name], now=now)[name])
        cursor.execute(
            TAG_MATCHING.format(matching=sql),
            [shop_id, MAX_TAGS - 1, *params, shop_id, tag.pk, now, shop_id, tag.pk],
        )
        count, full = cursor.fetchone()
    record("customers.tagged", tag, by=by, details={"customers": count})
    return Tagged(tag, count, full)


@transaction.atomic
def untag_customers(matching: QuerySet[Customer], tag: Tag, *, by: User) -> int:
    """Take the tag off all of them in one statement; return how many wore it. The tag itself stays."""
    wearing = CustomerTag.objects.filter(tag=tag, customer_id__in=matching.order_by().values("pk"))
    count, _ = wearing.delete()
    record("customers.untagged", tag, by=by, details={"customers": count})
    return count


@transaction.atomic
def add_note(customer: Customer, body: str, *, by: User | ApiKey, now: datetime) -> Note:
    who = {"via": by.name} if isinstance(by, ApiKey) else {"author": by}
    note = Note.objects.create(shop_id=customer.shop_id, customer=customer, body=body, created_at=now, **who)
    record("note.added", note, by=by, details={"customer": customer.pk})
    return note


@transaction.atomic
def delete_note(note: Note, *, by: User | ApiKey) -> None:
    """Raises PermissionDenied unless `by` wrote it: what a colleague noted is theirs to take back.

    What programs wrote any key may take back: keys are replaced by others.
    """
    is_own = note.author_id is None if isinstance(by, ApiKey) else note.author_id == by.pk
    if not is_own:
        raise PermissionDenied
    record("note.deleted", note, by=by, details={"customer": note.customer_id})
    note.delete()


def describe_customer(
    customer: Customer,
    *,
    name: str | None = None,
    city: str | None = None,
    country: str | None = None,
    by: User,
    now: datetime,
) -> bool:
    """Write what staff know better than the storefront, None leaves it; return whether anything changed."""
    return change_customer(customer, Details(name=name, city=city, country=country), by=by, now=now)


@transaction.atomic
def release_field(customer: Customer, field: str, *, by: User) -> bool:
    """Have storefronts change the column again that staff hold, or the attribute, "attribute." and its key; return
    False where nobody holds it. Raises GoneMeanwhile.
    """
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=timezone.now()).lock()  # nobody else may hold another meanwhile
    held = Customer.objects.filter(pk=customer.pk).values_list("held", flat=True).first()
    if held is None:
        raise GoneMeanwhile
    if field.startswith(ATTRIBUTE):
        if not release_attribute(customer, field.removeprefix(ATTRIBUTE)):
            return False
    elif field not in held:
        return False
    else:
        Customer.objects.filter(pk=customer.pk).update(held=[name for name in held if name != field])
    record("customer.released", customer, by=by, details={"fields": [field]})
    return True


def reveal_contacts(customer: Customer, *, by: User) -> None:
    """Note that somebody looked at a customer's full contacts. The page shows them only after this."""
    record("customer.contacts_seen", customer, by=by)
