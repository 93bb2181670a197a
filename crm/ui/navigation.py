"""The main navigation and the tabs below its items. What is not built is not there, so not shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.urls import reverse

from crm.lib.registry import Registry
from crm.ui.parts import Link, NavLink

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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


@dataclass(frozen=True)
class SubPage:
    """A page below one of the main navigation: a tab there, and found by its name in the quick search.

    name: unique among all. parent: the name of the item. url_name, order, right: as of an item.
    also: names of further URLs at which this tab is the active one.
    count: how many things wait there, as a tab says it; None where none do. Asked on each page with the tabs.
    """

    name: str
    parent: str
    label: "StrOrPromise"
    url_name: str
    order: int
    right: str = ""
    also: tuple[str, ...] = ()
    count: Callable[[], str | None] | None = None


# Apps add theirs in `ready()`.
NAV: Registry[NavItem] = Registry("navigation item")
SUB_PAGES: Registry[SubPage] = Registry("sub-page")

_Page = TypeVar("_Page", NavItem, SubPage)


def links(*, shop_slug: str, path: str, has_right: Callable[[str], bool]) -> list[NavLink]:
    """The items this person may see, in order; the one whose address begins `path` is active."""
    visible = _visible(NAV, has_right)
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


def tabs(
    parent: str, *, shop_slug: str, here: str, has_right: Callable[[str], bool], counts: bool = False
) -> list[Link]:
    """The sub-pages of the item `parent` this person may see, in order; `here` is the name of the URL they are at.

    counts: say how many things wait behind a tab, which costs a query for each that can.
    """
    return [
        Link(
            label=page.label,
            url=reverse(page.url_name, kwargs={"shop_slug": shop_slug}),
            active=here in (page.url_name, *page.also),
            count=page.count() if counts and page.count else None,
        )
        for page in _visible(SUB_PAGES, has_right)
        if page.parent == parent
    ]


def _visible(pages: Iterable[_Page], has_right: Callable[[str], bool]) -> list[_Page]:
    allowed = [page for page in pages if not page.right or has_right(page.right)]
    return sorted(allowed, key=lambda page: (page.order, page.name))


def _is_in(item: NavItem, path: str, shop_slug: str, url: str) -> bool:
    # The overview's address begins every other one: search or the running jobs are not below it.
    if url == f"/s/{shop_slug}/":
        return path == url
    below = (page.url_name for page in SUB_PAGES if page.parent == item.name)
    others = (reverse(name, kwargs={"shop_slug": shop_slug}) for name in (*item.also, *below))
    return path.startswith((url, *others))
