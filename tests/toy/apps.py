from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ToyConfig(AppConfig):
    """Wishes of customers: the smallest app that has something in every place where apps meet."""

    name = "tests.toy"
    label = "toy"
    verbose_name = _("Wishes")

    def ready(self) -> None:
        from crm.shops.audit.sentences import ACTIONS, Action
        from crm.tenancy.work import WORK
        from crm.ui.navigation import NavItem, register
        from customers.filters import FILTERS, FilterProvider
        from tests.toy.filters import WishFilters
        from tests.toy.work import REMINDERS

        ACTIONS.register(Action("wish.reminded", _("reminded of wishes"), _("Wishes reminded")))
        WORK.register(REMINDERS)
        FILTERS.register(FilterProvider("wishes", WishFilters))
        register(NavItem("wishes", _("Wishes"), "heart", "wishes:list", 60, right="see_customers"))
