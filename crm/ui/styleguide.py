"""Invented data for the style guide: long names, both languages, every state."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.safestring import SafeString

Data = dict[str, Any]

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
GBP = {"kind": "money", "currency": "GBP"}


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


def sample_customers() -> list[Data]:
    rows = [
        ("王小明", "138••••8000", "loyal", "Loyal", "champions", "Champions", 24, 482050, "3 days ago", 0.94, 180000),
        (
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
        (
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
        ("Olu Adébáyò", "o•••@example.ng", "new", "New", "new", "Recent arrivals", 1, 2450, "today", 0.99, 8200),
        (
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
    names = (
        "name",
        "contact",
        "stage",
        "stage_label",
        "group",
        "group_label",
        "orders",
        "spent",
        "last",
        "alive",
        "next",
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def charts() -> list[Data]:
    return [_bars(), _line(), _funnel(), _heat(), _decile(), _sankey()]


def _bars() -> Data:
    series = [
        {"name": "Returning", "values": RETURNING, "urls": ["#"] * 11},
        {"name": "New", "values": NEW, "color": "series-2", "urls": ["#"] * 11},
        {"name": "Last year", "values": LAST_YEAR, "previous": True},
    ]
    return {
        "id": "revenue",
        "kind": "bars",
        "title": "Revenue, new and returning",
        "summary": "Returning customers brought £16,390 of £23,410 last week, more than in any week before.",
        "data": {"categories": WEEKS, "series": series, "stacked": True, "format": GBP, "totalName": "Together"},
        "columns": [{"label": "Week of"}, {"label": "Returning", "numeric": True}, {"label": "New", "numeric": True}],
        "rows": [
            [week, f"£{a // 100:,}", {"text": f"£{b // 100:,}", "url": "#"}]
            for week, a, b in zip(WEEKS, RETURNING, NEW, strict=True)
        ],
    }


def _line() -> Data:
    known = [60, 64, 61, 70, 72, 76, 81, 79, None, None, None]
    ahead = [None] * 7 + [79, 82, 84, 86]
    band = {"low": [None] * 7 + [79, 75, 73, 70], "high": [None] * 7 + [79, 89, 95, 102]}
    series = [{"name": "Orders", "values": known}, {"name": "Expected", "values": ahead, "previous": True}]
    return {
        "id": "forecast",
        "kind": "line",
        "title": "Orders a week, and what we expect",
        "summary": "We expect 252 orders in the next three weeks, between 218 and 286.",
        "data": {"categories": WEEKS, "series": series, "band": band},
        "columns": [{"label": "Week of"}, {"label": "Orders", "numeric": True}, {"label": "Expected", "numeric": True}],
        "rows": [list(row) for row in zip(WEEKS, known, ahead, strict=True)],
    }


def _funnel() -> Data:
    order = ["loyal", "active", "won_back", "new", "prospect", "at_risk", "dormant", "lost"]
    counts = [1204, 3310, 188, 940, 402, 1277, 2096, 3120]
    labels = dict(STAGES)
    steps = [
        {"name": labels[key], "value": n, "color": f"stage-{key}", "url": "#"}
        for key, n in zip(order, counts, strict=True)
    ]
    return {
        "id": "stages",
        "kind": "funnel",
        "title": "Customers by stage",
        "summary": "4,514 customers are loyal or active; 1,277 are at risk.",
        "data": {"name": "Customers", "steps": steps},
        "columns": [{"label": "Stage"}, {"label": "Customers", "numeric": True}],
        "rows": [[step["name"], {"text": f"{step['value']:,}", "url": "#"}] for step in steps],
    }


def _heat() -> Data:
    counts = [
        [210, 96, 44, 12, 3],
        [160, 130, 80, 40, 12],
        [120, 140, 150, 96, 48],
        [60, 90, 160, 190, 140],
        [20, 48, 96, 210, 322],
    ]
    cells = [
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
    return {
        "id": "rfm",
        "kind": "heat",
        "title": "RFM map",
        "hint": "How lately and how often a customer bought, in fifths of your shop.",
        "summary": "322 customers bought lately and often: click a cell to see the people in it.",
        "data": {
            "x": scale,
            "y": scale,
            "xName": "How lately",
            "yName": "How often",
            "name": "Customers",
            "cells": cells,
        },
        "columns": [{"label": "How often"}, *({"label": f"Lately {n}", "numeric": True} for n in scale)],
        "rows": [[scale[y], *line] for y, line in enumerate(counts)],
    }


def _decile() -> Data:
    forecast, actual = [402, 251, 160, 118, 84, 60, 42, 30, 20, 13], [431, 239, 171, 122, 80, 71, 40, 28, 31, 12]
    names = [str(n) for n in range(1, 11)]
    return {
        "id": "deciles",
        "kind": "decile",
        "title": "Last quarter: forecast against fact",
        "summary": "We forecast 1,180 orders; 1,225 came.",
        "data": {
            "categories": names,
            "forecast": forecast,
            "actual": actual,
            "forecastName": "Forecast",
            "actualName": "Came",
        },
        "columns": [{"label": "Tenth"}, {"label": "Forecast", "numeric": True}, {"label": "Came", "numeric": True}],
        "rows": [list(row) for row in zip(names, forecast, actual, strict=True)],
    }


def _sankey() -> Data:
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
    nodes = [{"key": f"a-{k}", "name": labels[k], "color": f"group-{k}", "depth": 0} for k in before]
    nodes += [{"key": f"b-{k}", "name": labels[k], "color": f"group-{k}", "depth": 1} for k in after]
    links = [{"source": f"a-{a}", "target": f"b-{b}", "value": n, "url": "#"} for a, b, n in moves]
    return {
        "id": "moves",
        "kind": "sankey",
        "title": "Who moved since last month",
        "summary": "96 regulars became champions; 205 who were slipping away are long gone.",
        "data": {"name": "Customers", "nodes": nodes, "links": links},
        "columns": [{"label": "From"}, {"label": "To"}, {"label": "Customers", "numeric": True}],
        "rows": [[labels[a], labels[b], n] for a, b, n in moves],
    }


def cohorts() -> list[Data]:
    months = ["2026年5月", "2026年6月", "2026年7月", "2026年8月", "2026年9月", "2026年10月"]
    rows = []
    for n, month in enumerate(months):
        rates = [1.0] + [0.46 - 0.06 * step + 0.02 * n for step in range(5 - n)]
        cells = [{"text": f"{rate:.0%}", "rate": rate, "url": "#", "title": "£4,210"} for rate in rates]
        rows.append({"label": month, "note": f"{310 - 18 * n}", "cells": cells})
    return rows


def timeline() -> list[Data]:
    at = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    return [
        {
            "title": "Order 1001 · £48.20",
            "text": "3 lines: 安溪铁观音 250g, Gift box (large, with ribbon), Tea cup",
            "when": "2 days ago",
            "at": at,
            "icon": "shopping-bag",
            "kind": "good",
            "url": "#",
        },
        {
            "title": "Note by Xiaoming Wang",
            "text": "Prefers to be called in the afternoon. 喜欢浓香型。",
            "when": "20 Nov 2026",
            "at": at,
            "icon": "note",
        },
        {
            "title": "Refund of order 992 · £12.00",
            "text": "Arrived broken",
            "when": "1 Nov 2026",
            "at": at,
            "icon": "receipt-refund",
            "kind": "bad",
        },
        {"title": "Became loyal", "when": "14 Oct 2026", "at": at, "icon": "arrow-up-right", "kind": "good"},
    ]


def context() -> Data:
    bound = SampleForm({"name": "", "email": "not-an-address", "zone": "l", "role": "a"})
    bound.is_valid()
    return {
        "stages": STAGES,
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
        "lead_actions": [{"label": "Write to them", "url": "#"}, {"label": "See them", "url": "#"}],
        "stats": [
            {
                "label": "Revenue this week",
                "figure": "£23,410",
                "change": "+9%",
                "change_is": "good",
                "note": "than last week",
                "url": "#",
            },
            {
                "label": "Customers who came back",
                "figure": "61%",
                "change": "−2 points",
                "change_is": "bad",
                "note": "than last week",
                "url": "#",
            },
            {"label": "Still customers", "figure": "1.2万", "note": "of 1.9万", "url": "#"},
            {"label": "Expected in 90 days", "figure": "£182,000", "note": "£160,000 to £204,000", "url": "#"},
        ],
        "facts": [
            {"term": "E-mail", "value": "m•••@example.com"},
            {
                "term": "Still a customer",
                "value": "87%",
                "hint": "P(alive): the chance that this customer has not left for good.",
            },
            {"term": "Owner", "value": "Xiaoming Wang 王小明", "url": "#"},
            {"term": "Birthday", "value": ""},
        ],
        "tabs": [
            {"label": "Timeline", "url": "#", "active": True},
            {"label": "Orders", "url": "#", "count": "24"},
            {"label": "Products bought", "url": "#", "count": "9"},
        ],
        "steps": [
            {"title": "Name your shop", "text": "Currency, time zone and language.", "done": True},
            {"title": "Import your orders", "text": "A CSV file of any shop system.", "url": "#", "label": "Import"},
            {
                "title": "See your customers",
                "text": "Scores are ready minutes after the import.",
                "url": "#",
                "label": "Open",
            },
            {"title": "Invite someone", "text": "A colleague with a role of their own.", "url": "#", "label": "Invite"},
        ],
        "columns": [{"key": "orders", "label": "Orders"}, {"key": "spent", "label": "Spent"}],
        "switch_items": [
            {"label": "People", "url": "#", "active": True},
            {"label": "Revenue", "url": "#"},
            {"label": "%", "url": "#"},
        ],
        "now": datetime(2026, 11, 22, 14, 5, tzinfo=UTC),
    }
