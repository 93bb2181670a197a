from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "crm.demo"

    def ready(self) -> None:
        from crm.demo import audit  # noqa: F401  # registers its actions
