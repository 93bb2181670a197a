from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "crm.rest"
    label = "rest"
