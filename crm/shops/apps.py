from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ShopsConfig(AppConfig):
    name = "crm.shops"
    label = "shops"
    verbose_name = _("Shops")

    def ready(self) -> None:
        from crm.shops.accounts import watch_sign_in_changes
        from crm.tenancy import checks  # noqa: F401  # registers the system checks
        from crm.tenancy.grants import grant_global_tables
        from crm.ui.navigation import NavItem, register

        watch_sign_in_changes()
        register(NavItem("settings", _("Settings"), "settings", "settings:index", order=90, shortcut="s"))
        post_migrate.connect(grant_global_tables, dispatch_uid="crm.tenancy.grants")
