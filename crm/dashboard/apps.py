from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.ui.navigation import NAV, SUB_PAGES, NavItem, SubPage


class DashboardConfig(AppConfig):
    name = "crm.dashboard"

    def ready(self) -> None:
        from crm.dashboard.customers import EXPORT_COLUMNS, ScoredFilters
        from customers.exports import MORE_COLUMNS
        from customers.filters import FILTERS, FilterProvider

        FILTERS.register(FilterProvider("scores", ScoredFilters))
        MORE_COLUMNS.register(EXPORT_COLUMNS)
        NAV.register(NavItem("overview", _("Overview"), "home", "overview", 10, right="see_insights", shortcut="o"))
        also = ("orders",)
        customers = NavItem("customers", _("Customers"), "users", "customers:list", 20, "see_customers", "c", also)
        NAV.register(customers)
        SUB_PAGES.register(SubPage("customers", "customers", _("Customers"), "customers:list", 1, "see_customers"))
        # So that shared_task finds our broker also in the web process.
        import crm.celery  # noqa: F401
