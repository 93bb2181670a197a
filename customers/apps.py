from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from crm.shops.books import BOOKS, Books
        from customers import audit, tasks  # noqa: F401  # register actions and kinds of work
        from customers.api import problems  # noqa: F401  # registers its codes
        from customers.models import Order
        from customers.personal_data import own  # noqa: F401  # registers what is known of a person

        BOOKS.register(Books("orders", Order.objects.exists))
