"""First steps of a new shop that concern its customers."""

from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Step
from crm.shops.roles import Right
from customers.models import Customer, ImportJob


def _has_orders() -> bool:
    return ImportJob.objects.filter(state=ImportJob.State.DONE).exists() or Customer.objects.exists()


def _has_buyers() -> bool:
    return Customer.objects.filter(order_count__gt=0).exists()


STEPS = [
    Step(
        "import",
        20,
        _("Import your orders"),
        _("A CSV of your web shop is enough; each buyer becomes a customer."),
        _("Import"),
        "imports:list",
        Right.IMPORT,
        _has_orders,
    ),
    Step(
        "customers",
        30,
        _("See your customers"),
        _("Who is worth most, and who is about to leave."),
        _("Customers"),
        "customers:list",
        Right.SEE_CUSTOMERS,
        _has_buyers,
    ),
]
