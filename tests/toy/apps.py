from django.apps import AppConfig
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _


class ToyConfig(AppConfig):
    """Wishes of customers: the smallest app that has something in every place where apps meet."""

    name = "tests.toy"
    label = "toy"
    verbose_name = _("Wishes")

    def ready(self) -> None:
        from crm.shops.audit.sentences import ACTIONS, Action
        from crm.tenancy.work import WORK
        from crm.ui.navigation import NAV, SUB_PAGES, NavItem, SubPage
        from customers.exports import MORE_COLUMNS, ColumnGroup, ColumnLabel, MoreColumns
        from customers.filters import FILTERS, FilterProvider
        from customers.imports.report_parts import REPORT_PARTS, ReportPart
        from tests.toy import personal_data  # noqa: F401  # registers itself
        from tests.toy.exports import wish_cells
        from tests.toy.filters import WishFilters
        from tests.toy.work import REMINDERS

        ACTIONS.register(Action("wish.reminded", _("reminded of wishes"), _("Wishes reminded")))
        ACTIONS.register(Action("wish.settings_changed", _("changed the settings of wishes"), _("Wishes set")))
        WORK.register(REMINDERS)
        FILTERS.register(FilterProvider("wishes", WishFilters))
        MORE_COLUMNS.register(
            MoreColumns("wishes", ColumnGroup(_("Wishes"), (ColumnLabel("wishes", _("Wishes")),)), wish_cells)
        )
        REPORT_PARTS.register(ReportPart("wishes", lambda request, job: SafeString("<p>Wishes of an import</p>")))
        NAV.register(NavItem("wishes", _("Wishes"), "heart", "wishes:list", 60, right="see_customers"))
        SUB_PAGES.register(
            SubPage("wish-settings", "settings", _("Wish limits"), "wish_settings:settings", 60, right="manage_shop")
        )
