"""What apps give to pages that join them: lists in modules of names the page knows, in whatever apps are installed."""

from importlib import import_module
from operator import attrgetter
from typing import Protocol, TypeVar

from django.apps import apps
from django.utils.module_loading import module_has_submodule


class Provided(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def order(self) -> int: ...


Item = TypeVar("Item", bound=Provided)


def provided(module: str, attribute: str, kind: type[Item]) -> list[Item]:
    """All items of the apps' lists `<app>.<module>.<attribute>`, sorted by `order`.

    ValueError where two items have one name, or one is not of the kind: at the first use, not half-way through a page.
    """
    items: dict[str, Item] = {}
    for app in apps.get_app_configs():
        if app.module is None or not module_has_submodule(app.module, module):
            continue
        for item in getattr(import_module(f"{app.name}.{module}"), attribute, ()):
            if not isinstance(item, kind):
                raise ValueError(f"{app.name}.{module}.{attribute} holds {item!r}, which is no {kind.__name__}.")
            if items.setdefault(item.name, item) is not item:
                raise ValueError(f"Two apps provide a {kind.__name__} called {item.name!r}.")
    return sorted(items.values(), key=attrgetter("order", "name"))
