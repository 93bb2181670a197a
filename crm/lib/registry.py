"""How a consumer meets providers that it does not name, in one of two ways; a name taken twice raises.

A consumer below its providers is registered with, in their `AppConfig.ready()`: a `Registry`. A consumer at the roof
finds what apps give to it, in a module of theirs that has a name it knows: `provided`.
"""

from collections.abc import Iterator
from importlib import import_module
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from django.apps import apps
from django.utils.module_loading import module_has_submodule


class Named(Protocol):
    @property
    def name(self) -> str: ...


Item = TypeVar("Item", bound=Named)


class Registry(Generic[Item]):
    """Items by name, in the order of their registration, which is that of INSTALLED_APPS."""

    def __init__(self, what: str) -> None:
        """what: a noun for one item, for the messages of errors."""
        self._what = what
        self._items: dict[str, Item] = {}

    def register(self, item: Item) -> Item:
        """Add the item and return it. An equal one again changes nothing. ValueError if another has its name."""
        taken_by = self._items.setdefault(item.name, item)
        if taken_by != item:
            raise ValueError(f"The {self._what} {item.name!r} is registered already, as {taken_by!r}.")
        return taken_by

    def get(self, name: str) -> Item | None:
        return self._items.get(name)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __getitem__(self, name: str) -> Item:
        """LookupError, saying what there is, for an unknown name."""
        if name not in self._items:
            raise LookupError(f"There is no {self._what} {name!r}; there are {', '.join(self._items) or 'none'}.")
        return self._items[name]


class Provided(Named, Protocol):
    @property
    def order(self) -> int: ...


Gift = TypeVar("Gift", bound=Provided)


def provided(module: str, attribute: str, kind: type[Gift]) -> list[Gift]:
    """All items of the lists `<app>.<module>.<attribute>` of the installed apps, sorted by `order`.

    ValueError where two items have one name, or one is not of the kind: at the first use, not half-way through a page.
    """
    items = Registry[Gift](kind.__name__)
    for app in apps.get_app_configs():
        if app.module is None or not module_has_submodule(app.module, module):
            continue
        for item in getattr(import_module(f"{app.name}.{module}"), attribute, ()):
            if not isinstance(item, kind):
                raise ValueError(f"{app.name}.{module}.{attribute} holds {item!r}, which is no {kind.__name__}.")
            items.register(item)
    return sorted(items, key=attrgetter("order", "name"))
