"""The real shops, prepared as their notices and the literature say, one row per customer."""

import csv
import gzip
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
TRUTHS = ROOT / "tests/data"
DEMO = ROOT / "crm/demo/data"


@pytest.fixture(scope="session")
def cdnow():
    """The sample at 1997-09-30 with what 39 weeks of holdout brought, from the raw purchases."""
    spent = defaultdict(lambda: defaultdict(float))
    for line in (DEMO / "cdnow/CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, dollars = line.split()
        spent[customer][date.fromisoformat(day)] += float(dollars)
    return SimpleNamespace(**summarise(spent, date(1997, 9, 30)))


@pytest.fixture(scope="session")
def cdnow_truths():
    return json.loads((TRUTHS / "cdnow/published_truths.json").read_text())


@pytest.fixture(scope="session")
def online_retail():
    """Purchases of each customer by day, prepared as the truths were: steps 1 to 5."""
    path = DEMO / "online_retail/online_retail_ii_2009-12_2010-11.csv.gz"
    spent = defaultdict(lambda: defaultdict(float))
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            quantity, price = int(row["quantity"]), float(row["price"])
            if row["customer_id"] and not row["invoice"].startswith("C") and quantity > 0 and price > 0:
                spent[row["customer_id"]][date.fromisoformat(row["invoice_date"][:10])] += quantity * price
    return spent


@pytest.fixture(scope="session")
def s1(online_retail):
    return SimpleNamespace(**summarise(online_retail, date(2010, 11, 30)), truth=truth("S1"), rows=rows("S1"))


@pytest.fixture(scope="session")
def s2(online_retail):
    return SimpleNamespace(**summarise(online_retail, date(2010, 8, 31)), truth=truth("S2"), rows=rows("S2"))


def summarise(spent, cut):
    """x, t_x, T (days), zbar over repeat purchases, later purchases and gaps, for all who bought by the cut."""
    table = defaultdict(list)
    for customer, days in sorted(spent.items()):
        past = sorted(day for day in days if day <= cut)
        if not past:
            continue
        table["customer"].append(customer)
        table["x"].append(len(past) - 1)
        table["t_x"].append((past[-1] - past[0]).days)
        table["T"].append((cut - past[0]).days)
        table["zbar"].append(sum(days[day] for day in past[1:]) / max(len(past) - 1, 1))
        table["x_star"].append(len(days) - len(past))
    return {name: np.array(column) for name, column in table.items()}


def truth(name):
    return json.loads((TRUTHS / "online_retail/truths_year1.json").read_text())[name]


def rows(name):
    """The expected result per customer, in the order of `summarise`."""
    with gzip.open(TRUTHS / f"online_retail/customers_{name}.csv.gz", "rt", newline="") as file:
        table = sorted(csv.DictReader(file), key=lambda row: row["customer_id"])
    return {column: np.array([row[column] for row in table]) for column in table[0]}
