"""The main navigation. Apps register their pages in `ready()`; what is not built is not there, so not shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.urls import reverse

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_registry: dict[str, "NavItem"] = {}


class NavLink(TypedDict):
    """One item as base.html shows it."""

    name: str
    label: "StrOrPromise"
    url: str
    icon: str
    active: bool
    shortcut: str


@dataclass(frozen=True)
class NavItem:
    """One page of the main navigation.

    name: unique, lower case. icon: a Tabler outline icon. url_name: a shop page, reversed with `shop_slug`.
    right: what the person needs to see it, "" for every member. shortcut: the letter typed after `g`.
    also: other pages that belong to it and whose addresses do not begin with its own.
    """

    name: str
    label: "StrOrPromise"
    icon: str
    url_name: str
    order: int
    right: str = ""
    shortcut: str = ""
    also: tuple[str, ...] = ()


def register(item: NavItem) -> None:
    """Add an item; raises ValueError if the name is taken by a different one."""
    if _registry.setdefault(item.name, item) != item:
        raise ValueError(f"Two navigation items are called {item.name!r}")


def registered() -> list[NavItem]:
    return sorted(_registry.values(), key=lambda item: (item.order, item.name))


def links(*, shop_slug: str, path: str, has_right: Callable[[str], bool]) -> list[NavLink]:
    """The items this person may see, in order; the one whose address begins `path` is active."""
    visible = [item for item in registered() if not item.right or has_right(item.right)]
    urls = {item.name: reverse(item.url_name, kwargs={"shop_slug": shop_slug}) for item in visible}
    active = next((item.name for item in visible if _is_in(item, path, shop_slug, urls[item.name])), None)
    return [
        NavLink(
            name=item.name,
            label=item.label,
            url=urls[item.name],
            icon=item.icon,
            active=item.name == active,
            shortcut=item.shortcut,
        )
        for item in visible
    ]


def _is_in(item: NavItem, path: str, shop_slug: str, url: str) -> bool:
    # The overview's address begins every other one: search or the running jobs are not below it.
    if url == f"/s/{shop_slug}/":
        return path == url
    others = (reverse(name, kwargs={"shop_slug": shop_slug}) for name in item.also)
    return path.startswith((url, *others))
