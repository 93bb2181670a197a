from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from crm.shops.books import BOOKS, Books
        from customers import audit  # noqa: F401  # registers its actions
        from customers.models import Order

        BOOKS.register(Books("orders", Order.objects.exists))
