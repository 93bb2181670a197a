from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from crm.shops import bookkeeping
        from customers.models import Order

        bookkeeping.register(Order.objects.exists)
