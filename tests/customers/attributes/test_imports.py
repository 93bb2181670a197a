"""Attributes in files of customers: read, judged by their policies, written with a journal, taken back."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.db import connections
from django.http import QueryDict
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.attributes import change_definition, definitions, values_of
from customers.domain.attributes import as_json
from customers.exports import request_export, run_export
from customers.imports.actions import request_undo
from customers.models import AttributeValue, Customer, ExportJob, ImportChange, RejectedRow
from customers.sources import Mapping, SourceError
from customers.tasks import IMPORTS
from tests.factories.customers import attribute, give
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
HEAD = "customer_id,name,attribute.size,attribute.tea,attribute.likes,attribute.born\n"


@pytest.fixture
def known(bring):
    shop = bring("customer_id,name\nC0,Zero\n").shop
    attribute(shop, "size")
    attribute(shop, "tea", "choice", choices=["Assam", "龙井"])
    attribute(shop, "likes", "choices", choices=["Music", "Chess", "Go"])
    attribute(shop, "born", "yearly")
    attribute(shop, "note", "text")


def told(shop):
    """Name → attributes, of who has any."""
    with shop_scope(shop):
        names = dict(Customer.objects.values_list("pk", "name"))
        known, values = definitions(), values_of(names)
        return {
            names[pk]: {
                each.key: as_json(each.type, values[pk][each.pk], known.labels)
                for each in known.all
                if each.pk in values[pk]
            }
            for pk in sorted(values)
        }


def problems(made):
    with shop_scope(made.shop):
        rows = RejectedRow.objects.filter(job=made.job).order_by("row_no", "column")
        return [(row.row_no, row.column, row.code, row.is_kept) for row in rows]


def undo(made):
    with shop_scope(made.shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(made.shop.pk)


def values_as_they_are(shop):
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute("SELECT row::text FROM customers_attributevalue AS row ORDER BY row.id")
        return cursor.fetchall()


def test_columns_of_attributes_are_read(bring, known):
    made = bring(HEAD + "C1,Ana,38.5,assam,Music; Go,02-29\nC2,Bo,,,,\nC3,Cy,,龙井,,\n")
    assert told(made.shop) == {
        "Ana": {"size": 38.5, "tea": "Assam", "likes": ["Music", "Go"], "born": "02-29"},
        "Cy": {"tea": "龙井"},
    }
    assert problems(made) == []


def test_what_is_no_value_is_told_and_the_row_is_used_without_it(bring, known):
    made = bring(HEAD + "C1,Ana,large,Assam,Music;Tennis,02-30\n")
    assert told(made.shop) == {"Ana": {"tea": "Assam"}}
    assert problems(made) == [
        (2, "attribute.born", "invalid_attribute", True),
        (2, "attribute.likes", "invalid_attribute", True),
        (2, "attribute.size", "invalid_attribute", True),
    ]


def test_a_column_the_shop_has_no_attribute_for_is_told_once(bring, known):
    made = bring("customer_id,name,attribute.shoe,attribute.size,Attribute.Size\nC1,Ana,1,2,3\nC2,Bo,1,2,3\n")
    assert told(made.shop) == {"Ana": {"size": 2}, "Bo": {"size": 2}}
    assert problems(made) == [
        (1, "Attribute.Size", "unknown_attribute", True),
        (1, "attribute.shoe", "unknown_attribute", True),
    ]


def test_a_column_with_another_heading_is_mapped_and_remembered(bring, known):
    heading = "Mail,Schuhgröße,attribute.tea\n"
    said = {"email": "Mail", "attribute.size": "Schuhgröße"}
    made = bring(heading + "a@example.com,38.5,Assam\n", said={"columns": said})
    assert made.job.kind == "customers"
    with shop_scope(made.shop):
        ana = Customer.objects.get(identifiers__value="a@example.com")
        known_, values = definitions(), values_of([ana.pk])[ana.pk]
    assert {each.key for each in known_.all if each.pk in values} == {"size", "tea"}
    assert [(each["field"], each["column"]) for each in made.counts["understood"]] == [
        ("email", "Mail"),
        ("attribute.size", "Schuhgröße"),
        ("attribute.tea", "attribute.tea"),
    ]
    again = bring(heading + "b@example.com,41,\n")
    assert again.job.mapping["columns"] == said
    with shop_scope(made.shop):
        bo = Customer.objects.get(identifiers__value="b@example.com")
        assert len(values_of([bo.pk])[bo.pk]) == 1
    assert problems(again) == []


def test_a_mapped_column_counts_before_one_that_is_only_called_so(bring, known):
    said = {"customer_id": "number", "name": "name", "attribute.size": "Size", "attribute.shoe": "attribute.tea"}
    made = bring(
        "number,name,attribute.size,Size,attribute.tea\nC1,Ana,1,2,Assam\n", said={"kind": "customers", "columns": said}
    )
    assert told(made.shop) == {"Ana": {"size": 2}}
    assert problems(made) == [
        (1, "attribute.size", "unknown_attribute", True),
        (1, "attribute.tea", "unknown_attribute", True),
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "orders", "columns": {"attribute.size": "Size"}},
        {"kind": "products", "columns": {"attribute.size": "Size"}},
        {"kind": "customers", "columns": {"attribute.": "Size"}},
        {"kind": "customers", "columns": {"attribute.size": "Size", "attribute.tea": "Size"}},
    ],
)
def test_a_mapping_of_attributes_that_cannot_be_is_refused(said):
    with pytest.raises(SourceError) as caught:
        Mapping.from_dict(said)
    assert caught.value.code == "mapping_invalid"


@pytest.mark.parametrize(
    ("policy", "ana", "counted"),
    [
        ("fill", {"size": 1, "tea": "Assam", "likes": ["Music"]}, {"filled": 1, "overwritten": 0, "kept": 0}),
        ("overwrite", {"size": 2, "tea": "Assam", "likes": ["Chess"]}, {"filled": 1, "overwritten": 0, "kept": 0}),
        ("keep", {"size": 1, "likes": ["Music"]}, {"filled": 0, "overwritten": 0, "kept": 1}),
    ],
)
def test_the_policy_of_each_attribute_counts_for_who_is_known(bring, known, policy, ana, counted):
    bring(HEAD + "C1,Ana,1,,Music,\n")
    policies = dict.fromkeys(("attribute.size", "attribute.tea", "attribute.likes"), policy)
    made = bring(HEAD + "C1,Ana,2,Assam,Chess,\nC9,New,9,Assam,Go,\n", policies=policies)
    new = {"size": 9, "tea": "Assam", "likes": ["Go"]}
    assert told(made.shop) == {"Ana": ana, "New": new}
    assert made.counts["fields"]["attribute.tea"] == counted


def test_an_empty_cell_says_nothing_and_the_last_row_that_says_something_counts(bring, known):
    made = bring(HEAD + "C1,Ana,1,Assam,,\nC1,,2,,,\nC1,,,,,\n")
    assert told(made.shop) == {"Ana": {"size": 2, "tea": "Assam"}}


def test_the_same_again_changes_nothing(bring, known):
    text = HEAD + "C1,Ana,38.5,Assam,Music; Go,02-29\n"
    shop = bring(text).shop
    before = values_as_they_are(shop)
    made = bring(text, policies={"attribute.likes": "overwrite", "attribute.size": "overwrite"})
    assert values_as_they_are(shop) == before
    assert made.counts["customers_unchanged"] == 1


@pytest.mark.parametrize("policy", ["fill", "overwrite"])
def test_an_undo_gives_back_the_values_as_they_were(bring, known, policy):
    shop = bring(HEAD + "C1,Ana,1,,Music; Go,\nC2,Bo,5,,,01-01\n").shop
    before = values_as_they_are(shop)
    policies = dict.fromkeys(("attribute.size", "attribute.tea", "attribute.likes"), policy)
    made = bring(HEAD + "C1,Ana,2,Assam,Chess; Go,03-03\nC2,Bo,,,,\nC3,Cy,7,,Go,\n", policies=policies)
    assert values_as_they_are(shop) != before
    undo(made)
    assert values_as_they_are(shop) == before
    with shop_scope(shop):
        assert not Customer.objects.filter(name="Cy").exists()
        assert not made.job.changes.exists()


def test_an_undo_leaves_what_somebody_changed_since(bring, known):
    shop = bring(HEAD + "C1,Ana,1,,,\n").shop
    made = bring(HEAD + "C1,Ana,2,Assam,,\n", policies={"attribute.size": "overwrite"})
    with shop_scope(shop):
        ana = Customer.objects.get(name="Ana")
    give(ana, now=timezone.now(), size=3)
    undo(made)
    assert told(shop) == {"Ana": {"size": 3}}
    with shop_scope(shop):
        kept = made.job.changes.filter(kind=ImportChange.Kind.ATTRIBUTE).values_list("kept", flat=True)
        assert list(kept) == ["changed"]


def test_a_new_customer_whom_somebody_gave_a_value_stays(bring, known):
    made = bring(HEAD + "C1,Ana,1,,,\n")
    with shop_scope(made.shop):
        ana = Customer.objects.get(name="Ana")
    give(ana, now=timezone.now(), tea="Assam")
    undo(made)
    assert told(made.shop) == {"Ana": {"tea": "Assam"}}


def test_a_choice_that_went_after_the_import_does_not_come_back(bring, known):
    shop = bring(HEAD + "C1,Ana,,Assam,,\n").shop
    made = bring(HEAD + "C1,Ana,,龙井,,\n", policies={"attribute.tea": "overwrite"})
    with shop_scope(shop):
        change_definition(definitions().by_key["tea"], choices=["龙井"], by=None, now=NOW)
    undo(made)
    assert told(shop) == {"Ana": {"tea": "龙井"}}


def test_our_own_file_comes_in_again_without_loss(bring, known, make_member):
    shop = bring(HEAD + "C1,Ana,-38.5,Assam,Music; Go,02-29\nC2,Bo,,,,\n").shop
    with shop_scope(shop):
        give(Customer.objects.get(name="Ana"), note="=1+1; x")
        request_export(shop, QueryDict(""), by=make_member(shop), now=NOW)
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    with job.file.open("rb") as file:
        text = file.read().decode("utf-8-sig")
    kept = told(shop)
    with shop_scope(shop):
        AttributeValue.objects.all().delete()
    made = bring(text)
    assert told(shop) == kept
    assert problems(made) == []


def test_naughty_strings_are_kept_as_they_are_or_told(bring, known):
    """Each in a row of its own: it is kept, made one line, or the row is told of."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["customer_id", "name", "attribute.note", "attribute.size", "attribute.tea"])
    writer.writerows([f"C{n}", f"N{n}", text, text, text] for n, text in enumerate(NAUGHTY))
    made = bring(out.getvalue())
    kept = told(made.shop)
    refused = {row_no for row_no, *_ in problems(made)}
    for n, text in enumerate(NAUGHTY):
        note = kept.get(f"N{n}", {}).get("note", "")
        assert note == " ".join(text.split()) or n + 2 in refused
