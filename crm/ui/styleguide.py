"""Invented data for the style guide: long names, both languages, every state."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from crm.ui.parts import (
    Action,
    Band,
    Cell,
    Chart,
    Column,
    Fact,
    Format,
    FunnelStep,
    HeatCell,
    HeatMark,
    HeatRow,
    Link,
    SankeyLink,
    SankeyNode,
    Series,
    Stat,
    Step,
    TimelineItem,
)

STAGES = [
    ("prospect", "Prospect"),
    ("new", "New"),
    ("active", "Active"),
    ("loyal", "Loyal"),
    ("at_risk", "At risk"),
    ("dormant", "Dormant"),
    ("lost", "Lost"),
    ("won_back", "Won back"),
]
GROUPS = [
    ("champions", "Champions"),
    ("loyal", "Regulars"),
    ("potential_loyalist", "Potential regulars"),
    ("new", "Recent arrivals"),
    ("promising", "Promising"),
    ("needs_attention", "Need attention"),
    ("about_to_sleep", "Cooling off"),
    ("at_risk", "Slipping away"),
    ("cannot_lose", "Must keep"),
    ("hibernating", "Hibernating"),
    ("lost", "Long gone"),
]
WEEKS = ["31 Aug", "7 Sep", "14 Sep", "21 Sep", "28 Sep", "5 Oct", "12 Oct", "19 Oct", "26 Oct", "2 Nov", "9 Nov"]
NEW = [412000, 388000, 455000, 430000, 471000, 398000, 520000, 561000, 540000, 689000, 702000]
RETURNING = [803000, 845000, 790000, 912000, 884000, 960000, 1015000, 998000, 1120000, 1240000, 1639000]
LAST_YEAR = [1090000, 1120000, 1105000, 1190000, 1230000, 1215000, 1330000, 1405000, 1500000, 1720000, 1890000]
GBP: Format = {"kind": "money", "currency": "GBP"}


@dataclass(frozen=True)
class SampleJob:
    """As components/job_state.html reads it; the real ones need a database."""

    state: str
    get_state_display: str
    is_open: bool = False


JOBS = [
    SampleJob("queued", "Waiting", is_open=True),
    SampleJob("done", "Done"),
    SampleJob("failed", "Failed"),
    SampleJob("cancelled", "Cancelled"),
]


class SampleForm(forms.Form):
    name = forms.CharField(label="Name of the shop", help_text="Customers see it in what you send them.")
    email = forms.EmailField(label="E-mail", initial="chow.tai-fook.customer.service@longname-example.cn")
    zone = forms.ChoiceField(label="Time zone", choices=[("l", "Europe/London"), ("s", "Asia/Shanghai")])
    phone = forms.CharField(label="Phone", required=False)
    role = forms.ChoiceField(
        label="Role",
        choices=[("m", "Marketer"), ("a", "Agent"), ("y", "Analyst")],
        widget=forms.RadioSelect,
        initial="a",
    )
    weekly = forms.BooleanField(label="Send me the week in one e-mail", required=False)


@dataclass(frozen=True)
class SampleCustomer:
    """A row of the sample list. spent and next in pence."""

    name: str
    contact: str
    stage: str
    stage_label: str
    group: str
    group_label: str
    orders: int
    spent: int
    last: str
    alive: float
    next: int


def sample_customers() -> list[SampleCustomer]:
    return [
        SampleCustomer(
            "王小明", "138••••8000", "loyal", "Loyal", "champions", "Champions", 24, 482050, "3 days ago", 0.94, 180000
        ),
        SampleCustomer(
            "Maximiliane Hohenstein-Wartenberg",
            "m•••@example.com",
            "at_risk",
            "At risk",
            "cannot_lose",
            "Must keep",
            31,
            1204990,
            "128 days ago",
            0.31,
            92000,
        ),
        SampleCustomer(
            "上海静安区南京西路茶叶专卖有限公司",
            "s•••@example.cn",
            "active",
            "Active",
            "potential_loyalist",
            "Potential regulars",
            4,
            39900,
            "yesterday",
            0.88,
            61000,
        ),
        SampleCustomer(
            "Olu Adébáyò", "o•••@example.ng", "new", "New", "new", "Recent arrivals", 1, 2450, "today", 0.99, 8200
        ),
        SampleCustomer(
            "José Ñíguez",
            "j•••@example.es",
            "dormant",
            "Dormant",
            "hibernating",
            "Hibernating",
            2,
            10800,
            "301 days ago",
            0.12,
            900,
        ),
    ]


def charts() -> list[Chart]:
    return [_bars(), _line(), _funnel(), _heat(), _decile(), _sankey()]


def _bars() -> Chart:
    series: list[Series] = [
        {"name": "Returning", "values": RETURNING, "urls": ["#"] * 11},
        {"name": "New", "values": NEW, "color": "series-2", "urls": ["#"] * 11},
        {"name": "Last year", "values": LAST_YEAR, "previous": True},
    ]
    return Chart(
        id="revenue",
        kind="bars",
        title="Revenue, new and returning",
        summary="Returning customers brought £16,390 of £23,410 last week, more than in any week before.",
        data={"categories": WEEKS, "series": series, "stacked": True, "format": GBP, "totalName": "Together"},
        columns=[Column("Week of"), Column("Returning", numeric=True), Column("New", numeric=True)],
        rows=[
            [week, f"£{a // 100:,}", Cell(f"£{b // 100:,}", "#")]
            for week, a, b in zip(WEEKS, RETURNING, NEW, strict=True)
        ],
    )


def _line() -> Chart:
    known = [60, 64, 61, 70, 72, 76, 81, 79, None, None, None]
    ahead = [None] * 7 + [79, 82, 84, 86]
    band: Band = {"low": [None] * 7 + [79, 75, 73, 70], "high": [None] * 7 + [79, 89, 95, 102]}
    series: list[Series] = [
        {"name": "Orders", "values": known},
        {"name": "Expected", "values": ahead, "previous": True},
    ]
    return Chart(
        id="forecast",
        kind="line",
        title="Orders a week, and what we expect",
        summary="We expect 252 orders in the next three weeks, between 218 and 286.",
        data={"categories": WEEKS, "series": series, "band": band},
        columns=[Column("Week of"), Column("Orders", numeric=True), Column("Expected", numeric=True)],
        rows=[list(row) for row in zip(WEEKS, known, ahead, strict=True)],
    )


def _funnel() -> Chart:
    order = ["loyal", "active", "won_back", "new", "prospect", "at_risk", "dormant", "lost"]
    counts = [1204, 3310, 188, 940, 402, 1277, 2096, 3120]
    labels = dict(STAGES)
    steps: list[FunnelStep] = [
        {"name": labels[key], "value": n, "color": f"stage-{key}", "url": "#"}
        for key, n in zip(order, counts, strict=True)
    ]
    return Chart(
        id="stages",
        kind="funnel",
        title="Customers by stage",
        summary="4,514 customers are loyal or active; 1,277 are at risk.",
        data={"name": "Customers", "steps": steps},
        columns=[Column("Stage"), Column("Customers", numeric=True)],
        rows=[[step["name"], Cell(f"{step['value']:,}", "#")] for step in steps],
    )


def _heat() -> Chart:
    counts = [
        [210, 96, 44, 12, 3],
        [160, 130, 80, 40, 12],
        [120, 140, 150, 96, 48],
        [60, 90, 160, 190, 140],
        [20, 48, 96, 210, 322],
    ]
    cells: list[HeatMark] = [
        {
            "x": x,
            "y": y,
            "value": n,
            "url": "#",
            "title": f"Recency {x + 1}, frequency {y + 1}",
            "detail": [["Customers", str(n)], ["Revenue", f"£{n * 83:,}"]],
        }
        for y, line in enumerate(counts)
        for x, n in enumerate(reversed(line) if y == 9 else line)
    ]
    scale = ["1", "2", "3", "4", "5"]
    return Chart(
        id="rfm",
        kind="heat",
        title="RFM map",
        hint="How lately and how often a customer bought, in fifths of your shop.",
        summary="322 customers bought lately and often: click a cell to see the people in it.",
        data={
            "x": scale,
            "y": scale,
            "xName": "How lately",
            "yName": "How often",
            "name": "Customers",
            "cells": cells,
        },
        columns=[Column("How often"), *(Column(f"Lately {n}", numeric=True) for n in scale)],
        rows=[[scale[y], *line] for y, line in enumerate(counts)],
    )


def _decile() -> Chart:
    forecast, actual = [402, 251, 160, 118, 84, 60, 42, 30, 20, 13], [431, 239, 171, 122, 80, 71, 40, 28, 31, 12]
    names = [str(n) for n in range(1, 11)]
    return Chart(
        id="deciles",
        kind="decile",
        title="Last quarter: forecast against fact",
        summary="We forecast 1,180 orders; 1,225 came.",
        data={
            "categories": names,
            "forecast": forecast,
            "actual": actual,
            "forecastName": "Forecast",
            "actualName": "Came",
        },
        columns=[Column("Tenth"), Column("Forecast", numeric=True), Column("Came", numeric=True)],
        rows=[list(row) for row in zip(names, forecast, actual, strict=True)],
    )


def _sankey() -> Chart:
    moves = [
        ("champions", "champions", 420),
        ("champions", "at_risk", 61),
        ("loyal", "champions", 96),
        ("loyal", "loyal", 710),
        ("loyal", "about_to_sleep", 130),
        ("at_risk", "lost", 205),
        ("at_risk", "loyal", 48),
        ("at_risk", "at_risk", 320),
    ]
    labels = dict(GROUPS)
    before = sorted({a for a, _, _ in moves})
    after = sorted({b for _, b, _ in moves})
    nodes: list[SankeyNode] = [{"key": f"a-{k}", "name": labels[k], "color": f"group-{k}", "depth": 0} for k in before]
    nodes += [{"key": f"b-{k}", "name": labels[k], "color": f"group-{k}", "depth": 1} for k in after]
    links: list[SankeyLink] = [{"source": f"a-{a}", "target": f"b-{b}", "value": n, "url": "#"} for a, b, n in moves]
    return Chart(
        id="moves",
        kind="sankey",
        title="Who moved since last month",
        summary="96 regulars became champions; 205 who were slipping away are long gone.",
        data={"name": "Customers", "nodes": nodes, "links": links},
        columns=[Column("From"), Column("To"), Column("Customers", numeric=True)],
        rows=[[labels[a], labels[b], n] for a, b, n in moves],
    )


def cohorts() -> list[HeatRow]:
    months = ["2026年5月", "2026年6月", "2026年7月", "2026年8月", "2026年9月", "2026年10月"]
    rows = []
    for n, month in enumerate(months):
        rates = [1.0] + [0.46 - 0.06 * step + 0.02 * n for step in range(5 - n)]
        cells = [HeatCell(f"{rate:.0%}", rate, "£4,210", "#") for rate in rates]
        rows.append(HeatRow(month, cells, f"{310 - 18 * n}"))
    return rows


def timeline() -> list[TimelineItem]:
    at = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    return [
        TimelineItem(
            title="Order 1001 · £48.20",
            text="3 lines: 安溪铁观音 250g, Gift box (large, with ribbon), Tea cup",
            when="2 days ago",
            at=at,
            icon="shopping-bag",
            kind="good",
            url="#",
        ),
        TimelineItem(
            title="Note by Xiaoming Wang",
            text="Prefers to be called in the afternoon. 喜欢浓香型。",
            when="20 Nov 2026",
            at=at,
            icon="note",
        ),
        TimelineItem(
            title="Refund of order 992 · £12.00",
            text="Arrived broken",
            when="1 Nov 2026",
            at=at,
            icon="receipt-refund",
            kind="bad",
        ),
        TimelineItem(title="Became loyal", when="14 Oct 2026", at=at, icon="arrow-up-right", kind="good"),
    ]


def context() -> dict[str, Any]:
    bound = SampleForm({"name": "", "email": "not-an-address", "zone": "l", "role": "a"})
    bound.is_valid()
    return {
        "stages": STAGES,
        "jobs": JOBS,
        "groups": GROUPS,
        "customers": sample_customers(),
        "charts": charts(),
        "cohorts": cohorts(),
        "cohort_head": ["First order", "Month 0", "1", "2", "3", "4", "5"],
        "timeline": timeline(),
        "form": SampleForm(),
        "bound_form": bound,
        "empty_customers": {
            "drawing": "people",
            "title": "No customers yet",
            "text": "Import your orders and each buyer becomes a customer with a history.",
            "main_label": "Import orders",
            "main_url": "#",
            "second_label": "Read how",
            "second_url": "#",
        },
        "sentence": SafeString(
            "<strong>312</strong> customers worth <strong>£48,200</strong> are drifting away. "
            "Most of them bought every month until summer."
        ),
        "lead_actions": [Action(label="Write to them", url="#"), Action(label="See them", url="#")],
        "stats": [
            Stat(
                label="Revenue this week",
                figure="£23,410",
                change="+9%",
                change_is="good",
                note="than last week",
                url="#",
            ),
            Stat(
                label="Customers who came back",
                figure="61%",
                change="−2 points",
                change_is="bad",
                note="than last week",
                url="#",
            ),
            Stat(label="Still customers", figure="1.2万", note="of 1.9万", url="#"),
            Stat(label="Expected in 90 days", figure="£182,000", note="£160,000 to £204,000", url="#"),
        ],
        "facts": [
            Fact(term="E-mail", value="m•••@example.com"),
            Fact(
                term="Still a customer",
                value="87%",
                hint="P(alive): the chance that this customer has not left for good.",
            ),
            Fact(term="Owner", value="Xiaoming Wang 王小明", url="#"),
            Fact(term="Birthday", value=""),
        ],
        "tabs": [
            Link(label="Timeline", url="#", active=True),
            Link(label="Orders", url="#", count="24"),
            Link(label="Products bought", url="#", count="9"),
        ],
        "steps": [
            Step(title="Name your shop", text="Currency, time zone and language.", done=True),
            Step(title="Import your orders", text="A CSV file of any shop system.", url="#", label="Import"),
            Step(
                title="See your customers",
                text="Scores are ready minutes after the import.",
                url="#",
                label="Open",
            ),
            Step(title="Invite someone", text="A colleague with a role of their own.", url="#", label="Invite"),
        ],
        "columns": [Column(key="orders", label="Orders"), Column(key="spent", label="Spent")],
        "switch_items": [
            Link(label="People", url="#", active=True),
            Link(label="Revenue", url="#"),
            Link(label="%", url="#"),
        ],
        "now": datetime(2026, 11, 22, 14, 5, tzinfo=UTC),
    }
