"""What happens to shops."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef

from crm.shops.audit.chain import Actor, record
from crm.shops.books import has_books
from crm.shops.models import Membership, Shop, User
from crm.shops.queries import has_second_step, shops_of, unconfirmed_people
from crm.shops.roles import Role
from crm.tenancy.scope import ShopModel, shop_scope

MOST_OF_THE_DEMO = 20  # people; where there are more, somebody works here


def create_shop(
    slug: str,
    *,
    name: str,
    currency: str,
    timezone: str,
    owner: User,
    language: str = Shop.Language.ENGLISH,
    is_demo: bool = False,
    by: Actor = None,
    shop_id: int | None = None,
) -> Shop:
    """A new shop with its owner, in a transaction of its own, or in the caller's scope of `shop_id` (next_shop_id()).

    ValidationError for a value that cannot be.
    """
    shop = Shop(slug=slug, name=name.strip(), currency=currency, timezone=timezone, language=language, is_demo=is_demo)
    shop.full_clean(exclude=["exchange_rates"])
    # Its key is taken ahead: the scope wants it, and all of it must be one transaction.
    shop.pk = shop_id or next_shop_id()
    with shop_scope(shop.pk):
        shop.save(force_insert=True)
        Membership.objects.create(shop=shop, user=owner, role=Role.OWNER)
        record("shop.created", shop, by=by, details={"owner_id": owner.pk})
    return shop


def delete_shop(shop: Shop) -> None:
    """The shop with all its rows, as the platform. By the database, not row by row."""
    # Its cascade would meet products before the lines that restrict them.
    for model in apps.get_models():
        if issubclass(model, ShopModel) and _restricts(model):
            rows = model.objects.filter(shop_id=shop.pk)
            rows._raw_delete(rows.db)
    shops = Shop.objects.filter(pk=shop.pk)
    shops._raw_delete(shops.db)


def _restricts(model: type[ShopModel]) -> bool:
    relations = (field.remote_field for field in model._meta.concrete_fields if field.remote_field)
    return any(getattr(relation, "on_delete", None) is models.RESTRICT for relation in relations)


@transaction.atomic(using="platform")
def forget_unconfirmed(*, now: datetime, most: int = 100) -> int:
    """Delete those who let the link of their sign-up run out, with the shop they opened; return how many there were.

    As the platform. Nobody can be in such a shop: its short name would be taken for ever, by a typing error or on
    purpose.
    """
    over = now - timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS)
    own = Membership.objects.filter(user=OuterRef(OuterRef("pk")))
    others = Membership.objects.filter(shop_id__in=own.values("shop_id")).exclude(user=OuterRef("pk"))
    unconfirmed = unconfirmed_people().filter(date_joined__lt=over).exclude(Exists(others))
    people = list(unconfirmed[:most])
    for person in people:
        for membership in Membership.objects.filter(user=person).select_related("shop"):
            delete_shop(membership.shop)
        person.delete()
    return len(people)


def is_first_owner(person: User, shop: Shop) -> bool:
    """Whether nobody else is in this installation: no shop but `shop` and the demo's, nobody but the demo's people.

    In the transaction that makes them, which holds a lock to its end: of two at once, the second sees the first.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('shops.first_owner', 0))")
    if Shop.objects.filter(is_demo=False).exclude(pk=shop.pk).exists():
        return False
    others = User.objects.exclude(pk=person.pk)[: MOST_OF_THE_DEMO + 1]
    return len(others) <= MOST_OF_THE_DEMO and all(shops_of(other).exists() for other in others)


def next_shop_id() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval('shops_shop_id_seq')")
        return int(cursor.fetchone()[0])


class BooksAreKept(ValueError):
    """The shop has orders in its currency and days in its time zone already."""


@transaction.atomic
def change_shop(shop: Shop, *, by: Actor, **changes: Any) -> list[str]:
    """Change some fields; return the names of those that are different now. Raises BooksAreKept."""
    # A full lock: an order that is being written refers to the shop, so it is either seen here or waits.
    current = Shop.objects.select_for_update().get(pk=shop.pk)
    changed = sorted(name for name, value in changes.items() if getattr(current, name) != value)
    if not changed:
        return []
    if {"currency", "timezone"} & set(changed) and has_books():
        raise BooksAreKept(shop)
    for name in changed:
        setattr(current, name, changes[name])
    current.save(update_fields=changed)
    record("shop.changed", current, by=by, details={"fields": changed})
    return changed


class NoSecondStep(ValueError):
    """Who asks for two-step sign-in must have it, or would be the first one shut out."""


def require_mfa(shop: Shop, *, by: User) -> None:
    """From the next request on, members whose role is guarded set up two-step sign-in first. Raises NoSecondStep."""
    if not has_second_step(by.pk):
        raise NoSecondStep(by)
    change_shop(shop, by=by, requires_mfa=True)


@transaction.atomic
def owner_account(email: str) -> tuple[User, str | None]:
    """The person with this address, and the password if the account is new. ValidationError for a bad address, and for
    staff of the installation, whose accounts open no shop."""
    validate_email(email)
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        if user.is_staff:
            raise ValidationError("This account is staff of the installation; a shop's owner needs one of their own.")
        return user, None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(email, password)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user, password
