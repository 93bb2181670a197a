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
        from crm.ui.navigation import NAV, SUB_PAGES, NavItem, SubPage

        watch_sign_in_changes()
        NAV.register(NavItem("settings", _("Settings"), "settings", "settings:index", order=90, shortcut="s"))
        linked = ("settings:invitation-link",)
        rotated = ("settings:key-rotate",)  # It answers with the new key.
        for page in (
            SubPage("shop", "settings", _("Shop"), "settings:shop", 10, right="manage_shop"),
            SubPage("staff", "settings", _("Staff and roles"), "settings:staff", 30, right="manage_staff", also=linked),
            SubPage("keys", "settings", _("API keys"), "settings:keys", 40, right="manage_keys", also=rotated),
            SubPage("security", "settings", _("You and security"), "settings:security", 50),
            SubPage("audit", "settings", _("Audit log"), "settings:audit", 60, right="see_audit"),
        ):
            SUB_PAGES.register(page)
        post_migrate.connect(grant_global_tables, dispatch_uid="crm.tenancy.grants")
