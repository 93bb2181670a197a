from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ShopsConfig(AppConfig):
    name = "crm.shops"
    label = "shops"

    def ready(self) -> None:
        from crm.shops.grants import grant_global_tables

        post_migrate.connect(grant_global_tables, dispatch_uid="crm.shops.grants")
