"""What an app gives to the pages that join apps, each kind in a list of a module of the app.

| module | list | of | shown on |
|---|---|---|---|
| `cards` | `CARDS` | `Card` | the overview |
| `cards` | `FIGURES` | `Figures` | the overview's row of single figures |
| `cards` | `ORIGINS` | `Origin` | the overview's "Where these numbers come from" |
| `checklist` | `STEPS` | `Step` | the first steps of a new shop |
| `finders` | `FINDERS` | `Finder` | the quick search |
| `routes` | `PAGES` | `ShopPages` | addresses below /s/<slug>/ |

What a customer's page joins is beside it: customers/timeline.py, customers/panels.py. crm/dashboard finds all of them
(crm/lib/registry.py: provided), so nothing there has to be touched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from django.utils.functional import Promise

from crm.shops.models import Membership, Shop
from crm.shops.roles import Right
from crm.ui.parts import Stat

Answer = TypeVar("Answer")
Reader = TypeVar("Reader", bound="Reading")
Values = Mapping[str, Any]


class Reading:
    """One look at a joined page: who looks and when. What several parts need is read once."""

    def __init__(self, membership: Membership, *, now: datetime) -> None:
        self.membership, self.now = membership, now
        self._answers: dict[object, Any] = {}

    @property
    def shop(self) -> Shop:
        return self.membership.shop

    @property
    def today(self) -> date:
        return self.shop.day_of(self.now)

    def once(self, read: "Callable[[Reader], Answer]") -> Answer:
        """What `read` answers to this reading; it is asked the first time only. A module's function, no lambda."""
        if read not in self._answers:
            self._answers[read] = read(self)  # type: ignore[arg-type]  # a function is asked by readings of its kind
        answer: Answer = self._answers[read]
        return answer


@dataclass(frozen=True)
class Part(Generic[Reader]):
    """A template and what it shows.

    name: unique among the parts of its kind. order: its place among them, in tens.
    read: the template's variables, beside those of the page; None where there is nothing to show.
    right: what a member needs to see it; None for whoever sees the page.
    """

    name: str
    order: int
    template: str
    read: Callable[[Reader], Values | None]
    right: Right | None = None


@dataclass(frozen=True)
class Shown:
    """A part with its variables, for `{% part %}`."""

    template: str
    values: Values


def shown(part: Part[Reader], reading: Reader) -> Shown | None:
    """None without the right, or where there is nothing to show."""
    if part.right is not None and not reading.membership.may(part.right):
        return None
    values = part.read(reading)
    return None if values is None else Shown(part.template, values)


@dataclass(frozen=True)
class Card(Part[Reading]):
    """A card of the overview. A wide one and the narrow one behind it share a row; a full one has its own."""

    width: Literal["full", "wide", "narrow"] = "full"


@dataclass(frozen=True)
class Figures:
    """Single figures of the overview; none where there is nothing to show."""

    name: str
    order: int
    read: Callable[[Reading], list[Stat]]


@dataclass(frozen=True)
class Origin(Part[Reading]):
    """Work that numbers come from, as a row: its label, and a template for what became of the last."""

    label: str | Promise = ""


@dataclass(frozen=True)
class Step:
    """One of the first steps of a new shop, which ticks itself.

    is_done: answered by an index, in a time that does not grow with the shop. url_name: the page where it is done,
    reversed with the shop's slug; right: who may. link: the words of the button.
    """

    name: str
    order: int
    title: Promise
    text: Promise
    link: Promise
    url_name: str
    right: Right
    is_done: Callable[[], bool]


@dataclass(frozen=True)
class Hit:
    """One thing found. note: masked contact, day, or what else tells it from its like. icon: of Tabler, outline."""

    label: str
    note: str
    url: str
    icon: str


@dataclass(frozen=True)
class Hits:
    """What one finder found; `all_url` lists them all, where there are more than these."""

    hits: list[Hit]
    all_url: str = ""


@dataclass(frozen=True)
class Finder:
    """One kind of things that the quick search finds.

    label: a plural, the head of the group. right: who may find them; None for everybody in the shop.
    find: no more than the number of hits for a text, which is never empty, by an index.
    """

    name: str
    order: int
    label: Promise
    right: Right | None
    find: Callable[[Reading, str, int], Hits]


@dataclass(frozen=True)
class ShopPages:
    """An app's own pages. prefix: their address below /s/<slug>/, with its slash. urls: the module of their urls."""

    name: str
    order: int
    prefix: str
    urls: str
