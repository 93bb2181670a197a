"""The parts of a page: what presenters give, and what templates/components/*.html show.

A part holds what is shown, ready to be read: numbers, money and days are written in the reader's language already. It
knows no request and writes nothing. `{% component "chart" chart %}` gives its fields to the component as variables.
Text that is "" and an address that is "" are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from django_stubs_ext import StrOrPromise


def variables(part: "Mapping[str, object] | DataclassInstance | None") -> Mapping[str, object]:
    """A part as the variables of a template: its fields, as they are. A mapping is that already; None has none."""
    if part is None or isinstance(part, Mapping):
        return part or {}
    return {field.name: getattr(part, field.name) for field in fields(part)}


# Words and figures


@dataclass(frozen=True)
class Fact:
    """One line of components/facts.html: a term and its value. hint: explains the term on demand."""

    term: str
    value: str
    hint: str = ""
    url: str = ""


@dataclass(frozen=True)
class Stat:
    """One figure of components/stats.html, and what it opens.

    note: below the figure; more: further lines below that. change: such as "+9%"; change_is: how to take it.
    key: what is counted, the same on every page that shows it, such as "orders:next90".
    """

    label: "StrOrPromise"
    figure: str
    note: "StrOrPromise" = ""
    more: Sequence[str] = ()
    url: str = ""
    change: str = ""
    change_is: Literal["good", "bad", ""] = ""
    key: str = ""


@dataclass(frozen=True)
class Action:
    """A button of components/lead.html, below the sentence. main: the one that stands out."""

    label: str
    url: str
    main: bool = False


@dataclass(frozen=True)
class Link:
    """One choice of components/tabs.html or components/switch.html; active: the one that is shown.

    count: how many are behind a tab, as text; None where that is not said.
    """

    label: "StrOrPromise"
    url: str
    active: bool = False
    count: str | None = None


@dataclass(frozen=True, kw_only=True)
class NavLink(Link):
    """One item of the main navigation, as base.html shows it; shortcut: the letter typed after `g`."""

    name: str
    icon: str
    shortcut: str


@dataclass(frozen=True)
class Step:
    """One step of components/steps.html; label: of the button to `url`, which goes once it is done."""

    title: str
    text: str
    done: bool = False
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class TimelineItem:
    """What happened, for components/timeline.html. when: `at` in words, as shown; at: aware. icon: of Tabler."""

    title: str
    when: str
    at: datetime
    text: str = ""
    icon: str = ""
    kind: Literal["good", "bad", ""] = ""
    url: str = ""


# Tables


@dataclass(frozen=True)
class Column:
    """A column of components/table.html. numeric: its cells stand at the right. less: left out on small screens.

    key: its name among those of a list that components/columns_menu.html hides and shows.
    """

    label: "StrOrPromise"
    numeric: bool = False
    less: bool = False
    key: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell that is more than text. heat: its class, made by `heat_step`."""

    text: "StrOrPromise | int"
    url: str = ""
    heat: str = ""


Row = Sequence["Cell | StrOrPromise | int | None"]
"""As many cells as the table has columns; one that is only text, or None for nothing, needs no Cell."""


@dataclass(frozen=True)
class Table:
    """The columns and rows of a components/table.html, where they are made together."""

    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class HeatCell:
    """A cell of a heat table. rate: how dark, 0 to 1; None leaves it empty. title: what is shown on hovering.

    is_open: its time is not over, so the figure may still grow.
    """

    text: str
    rate: float | None
    title: str = ""
    url: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class HeatRow:
    """A row of components/heat_table.html. note: beside the label, such as how many there are."""

    label: str
    cells: Sequence[HeatCell]
    note: str = ""


# Charts. What static/js/charts.js reads is plain data, written into the page as JSON, so these are dictionaries.


class Format(TypedDict):
    """How values are written: money in minor units of `currency`, percent as 0 to 1, number with `digits` (0)."""

    kind: Literal["money", "percent", "number"]
    currency: NotRequired[str]
    digits: NotRequired[int]


class Series(TypedDict):
    """Values of one kind, one for each category; None where there is none.

    color: a token without dashes (docs/ui.md). urls: what each value opens. previous: an earlier time to compare with,
    drawn as a dashed line.
    """

    name: str
    values: Sequence[float | None]
    color: NotRequired[str]
    urls: NotRequired[Sequence[str]]
    previous: NotRequired[bool]


class Band(TypedDict):
    """The range around a line, one low and one high for each category."""

    low: Sequence[float | None]
    high: Sequence[float | None]


class SeriesData(TypedDict):
    """Of the kinds bars and line. totalName: what the sum of all series is called. notes: a text for each category.

    Only bars are stacked, only a line has a band.
    """

    categories: Sequence[str]
    series: Sequence[Series]
    stacked: NotRequired[bool]
    band: NotRequired[Band]
    format: NotRequired[Format]
    totalName: NotRequired[str]
    notes: NotRequired[Sequence[str]]


class HeatMark(TypedDict):
    """The field in column x and row y, both from 0. label: written on it; title and detail: told on hovering.

    detail: pairs of a name and a text.
    """

    x: int
    y: int
    value: float
    label: NotRequired[str]
    title: NotRequired[str]
    detail: NotRequired[Sequence[Sequence[str]]]
    url: NotRequired[str]


class HeatData(TypedDict):
    """Of the kind heat. x and y: labels, from the left and from below. name: what is counted."""

    name: str
    x: Sequence[str]
    y: Sequence[str]
    cells: Sequence[HeatMark]
    xName: NotRequired[str]
    yName: NotRequired[str]
    format: NotRequired[Format]


class FunnelStep(TypedDict):
    """One bar; its share of all is worked out. detail: pairs of a name and a text."""

    name: str
    value: float
    color: str
    url: NotRequired[str]
    detail: NotRequired[Sequence[Sequence[str]]]


class FunnelData(TypedDict):
    """Of the kind funnel, from the top down. name: what is counted."""

    name: str
    steps: Sequence[FunnelStep]
    format: NotRequired[Format]


class SankeyNode(TypedDict):
    """Where links begin or end. key: unique. depth: 0 on the left, 1 on the right."""

    key: str
    name: str
    color: str
    depth: int
    url: NotRequired[str]


class SankeyLink(TypedDict):
    """How many go from one node to another; source and target are keys."""

    source: str
    target: str
    value: float
    url: NotRequired[str]


class SankeyData(TypedDict):
    """Of the kind sankey. name: what is counted."""

    name: str
    nodes: Sequence[SankeyNode]
    links: Sequence[SankeyLink]
    format: NotRequired[Format]


class DecileData(TypedDict):
    """Of the kind decile: what was forecast and what came, one value for each category."""

    categories: Sequence[str]
    forecast: Sequence[float]
    actual: Sequence[float]
    forecastName: str
    actualName: str
    xName: NotRequired[str]
    format: NotRequired[Format]


ChartData = SeriesData | HeatData | FunnelData | SankeyData | DecileData


@dataclass(frozen=True)
class Chart:
    """A chart and the table that says the same, for components/chart.html.

    id: unique on the page. summary: one sentence that says what it shows. data: in the shape of `kind`.
    size: s, m or l; "" is m. hint: explains the title on demand.
    """

    id: str
    kind: Literal["bars", "line", "heat", "sankey", "funnel", "decile"]
    title: str
    summary: str
    data: ChartData
    columns: Sequence[Column]
    rows: Sequence[Row]
    size: Literal["s", "m", "l", ""] = ""
    hint: str = ""
