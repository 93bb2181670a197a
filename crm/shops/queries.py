"""Reads of shops and people."""

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from crm.shops.models import Shop, User


def shops_of(user: User) -> QuerySet[Shop]:
    """The shops a person is a member of, by name; works outside any scope."""
    # Memberships are fenced, so only the database's own function may look through all of them.
    member_of = RawSQL("SELECT shops_of_user(%s)", [user.pk])
    return Shop.objects.filter(pk__in=member_of).order_by("name", "pk")
