"""How a consumer meets providers it may not import: they register with it, in `AppConfig.ready()`."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


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
