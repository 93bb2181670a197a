"""Sales days written by hand, for pages that show them."""

from datetime import date

from crm.tenancy.scope import shop_scope
from customers.models import SalesDay


def sell(shop, *days):
    """Each day as (day, {figure: value})."""
    with shop_scope(shop):
        SalesDay.objects.bulk_create(
            SalesDay(shop=shop, day=date.fromisoformat(day), **figures) for day, figures in days
        )


def returning(minor, orders=1):
    return {"returning_orders": orders, "returning_minor": minor}


def new(minor, orders=1):
    return {"new_orders": orders, "new_minor": minor}
