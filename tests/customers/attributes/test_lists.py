"""Attributes in the list of customers and in the file of it."""

import csv
import io

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.attributes import change_definition, definitions
from customers.exports import pages as exports
from customers.exports import request_export, run_export
from customers.filters import BadFilters, list_filters
from customers.models import ExportJob
from tests.factories.customers import attribute, customer, give
from tests.factories.shops import NOW


@pytest.fixture
def known(shop, other_shop):
    for each in (shop, other_shop):
        attribute(each, "size")
        attribute(each, "since", "date")
        attribute(each, "vip", "boolean")
        attribute(each, "tea", "choice", choices=["Assam", "龙井"])
        attribute(each, "likes", "choices", choices=["Music", "Chess"])
        attribute(each, "note", "text")
        attribute(each, "born", "yearly")
    ana, bo, _ = (customer(shop, name) for name in ("Ana", "Bo", "Cy"))
    give(ana, size=38.5, since="2020-02-29", vip=True, tea="Assam", likes=["Music", "Chess"], note="x; y", born="02-29")
    give(bo, size=42, since="2024-01-01", vip=False, tea="龙井", likes=["Chess"])
    give(customer(other_shop, "Stranger"), size=38.5, vip=True, tea="Assam")
    with shop_scope(shop):
        every = definitions()
        return {each.key: f"attribute_{each.pk}" for each in every.all} | {
            label: str(pk) for pk, label in every.labels.items()
        }


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def run(shop, user):
    with shop_scope(shop):
        request_export(shop, QueryDict(""), by=user, now=NOW)
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    return job


def rows_of(job):
    with job.file.open("rb") as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def test_chosen_attributes_are_columns_of_the_list(shop, owner, as_person, known):
    address = reverse("customers:list", args=[shop.slug])
    assert 'data-col="attribute-' not in as_person(owner).get(address).text
    with shop_scope(shop):
        for key in ("since", "likes"):
            change_definition(definitions().by_key[key], in_list=True, by=None, now=NOW)
    answer = as_person(owner).get(address)
    cells = {str(row.customer): [(cell.key, cell.text) for cell in row.cells] for row in answer.context["list"].rows}
    assert cells == {
        "Ana": [("since", "29 Feb 2020"), ("likes", "Music, Chess")],
        "Bo": [("since", "1 Jan 2024"), ("likes", "Chess")],
        "Cy": [("since", ""), ("likes", "")],
    }
    assert [column["key"] for column in answer.context["columns"]][-2:] == ["attribute-since", "attribute-likes"]
    assert answer.text.count('data-col="attribute-likes"') == 4


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"size": ("_min", "40")}, ["Bo"]),
        ({"size": ("_max", "38.5")}, ["Ana"]),
        ({"since": ("_from", "2021-01-01")}, ["Bo"]),
        ({"since": ("_to", "2020-02-29")}, ["Ana"]),
        ({"vip": ("", "yes")}, ["Ana"]),
        ({"vip": ("", "no")}, ["Bo"]),
        ({"tea": ("", "龙井")}, ["Bo"]),
        ({"likes": ("", "Chess")}, ["Ana", "Bo"]),
        ({"likes": ("", "Chess"), "size": ("_min", "40")}, ["Bo"]),
    ],
)
def test_the_list_finds_by_attributes(shop, owner, as_person, known, asked, names):
    query = {known[key] + end: known.get(value, value) for key, (end, value) in asked.items()}
    page = as_person(owner).get(reverse("customers:list", args=[shop.slug]), query)
    assert sorted(str(row.customer) for row in page.context["list"].rows) == names
    assert len(page.context["chips"]) == len(asked)
    assert page.context["chips"][0].remove_url.count("attribute_") == len(asked) - 1


@pytest.mark.parametrize("value", ["x", "1e999", "nan", "'; DROP TABLE x"])
def test_a_filter_that_cannot_be_read_is_said_and_lets_nobody_through_unseen(shop, owner, as_person, known, value):
    name = known["size"] + "_min"
    page = as_person(owner).get(reverse("customers:list", args=[shop.slug]), {name: value})
    assert page.status_code == 200
    assert name in page.context["form"].errors
    with shop_scope(shop), pytest.raises(BadFilters):
        list_filters({name: [value]}, shop=shop).checked()


def test_another_shops_choice_finds_nobody(shop, other_shop, known):
    with shop_scope(other_shop):
        theirs = next(iter(definitions().labels))
    with shop_scope(shop):
        filters = list_filters({known["tea"]: [str(theirs)]}, shop=shop)
        assert not filters.is_valid()


def test_the_file_has_a_column_for_each_attribute(shop, owner, known):
    rows = rows_of(run(shop, owner))
    told = {row["name"]: {name: cell for name, cell in row.items() if name.startswith("attribute.")} for row in rows}
    assert told == {
        "Ana": {
            "attribute.size": "38.5",
            "attribute.since": "2020-02-29",
            "attribute.vip": "yes",
            "attribute.tea": "Assam",
            "attribute.likes": "Music; Chess",
            "attribute.note": "x; y",
            "attribute.born": "02-29",
        },
        "Bo": {
            "attribute.size": "42",
            "attribute.since": "2024-01-01",
            "attribute.vip": "no",
            "attribute.tea": "龙井",
            "attribute.likes": "Chess",
            "attribute.note": "",
            "attribute.born": "",
        },
        "Cy": dict.fromkeys(told["Cy"], ""),
    }


def test_an_attribute_made_while_a_file_is_written_shifts_no_cell(shop, owner, known, monkeypatch):
    """It would stand before the scores, below the headings of others."""
    monkeypatch.setattr(exports, "PAGE", 1)
    pages = []

    def next_page(last, matching, found=exports.ids_after):
        pages.append(last)
        if len(pages) == 2:
            attribute(shop, "new", "text", position=0)
        return found(last, matching)

    monkeypatch.setattr("customers.exports.jobs.ids_after", next_page)
    rows = rows_of(run(shop, owner))
    assert [(row["attribute.size"], row["attribute.vip"]) for row in rows] == [("38.5", "yes"), ("42", "no"), ("", "")]
    assert {row["exported_by"] for row in rows} == {owner.email}
