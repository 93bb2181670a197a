"""What files of customers say of the person: read, judged by its policies, written with a journal, taken back."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.actions import request_undo
from customers.models import Customer, ImportChange, RejectedRow
from customers.profile import change_kind, left_out
from customers.signals import customers_left_out
from customers.tasks import IMPORTS
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
HEAD = "customer_id,name,birthday,language,company,kind,minor,do_not_profile,time_zone\n"
FIELDS = ("birthday", "language", "company", "kind", "is_minor", "do_not_profile", "time_zone")
NOTHING = ("", "", "", "", False, False, "")


def told(shop):
    with shop_scope(shop):
        return {name: tuple(said) for name, *said in Customer.objects.values_list("name", *FIELDS)}


def problems(made):
    with shop_scope(made.shop):
        rows = RejectedRow.objects.filter(job=made.job).order_by("row_no", "column")
        return [(row.row_no, row.column, row.code, row.is_kept) for row in rows]


def undo(made):
    with shop_scope(made.shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(made.shop.pk)


def test_columns_of_the_person_are_read(bring):
    made = bring(
        HEAD
        + "C1,Ana,1990年5月17日,zh_CN, Tea  Co ,Wholesale,yes,no,asia/shanghai\n"
        + "C2,Bo,,,,,,,\nC3,Cy,5/17,,,customer,,是,\n"
    )
    assert told(made.shop) == {
        "Ana": ("1990-05-17", "zh-CN", "Tea Co", "wholesale", True, False, "Asia/Shanghai"),
        "Bo": NOTHING,
        "Cy": ("--05-17", "", "", "", False, True, ""),
    }
    assert problems(made) == []


def test_headings_in_chinese(bring):
    made = bring("客户编号,姓名,生日,语言,公司,关系\nC1,王,1990-05-17,zh-Hans,茶,媒体\n")
    assert problems(made) == [(2, "关系", "invalid_about", True)]
    made = bring("客户编号,姓名,生日,语言,公司,关系\nC1,王,1990-05-17,zh-Hans,茶,press\n")
    assert told(made.shop)["王"][:4] == ("1990-05-17", "zh-Hans", "茶", "press")


def test_a_value_that_cannot_be_read_is_told_and_the_row_is_used(bring):
    made = bring(HEAD + "C1,Ana,2026-02-30,klingon," + "x" * 300 + ",friend,perhaps,2,../../etc\n")
    assert told(made.shop) == {"Ana": NOTHING}
    columns = ("birthday", "company", "do_not_profile", "kind", "language", "minor", "time_zone")
    assert problems(made) == [(2, column, "invalid_about", True) for column in columns]


@pytest.mark.parametrize(
    ("policy", "known", "empty"),
    [
        ("fill", ("1990-05-17", "en", "Tea", "press"), ("2000-01-01", "de", "Coffee", "wholesale")),
        ("overwrite", ("2000-01-01", "de", "Coffee", "wholesale"), ("2000-01-01", "de", "Coffee", "wholesale")),
        ("keep", ("1990-05-17", "en", "Tea", "press"), ("", "", "", "")),
    ],
)
def test_what_is_known_is_filled_overwritten_or_kept(bring, policy, known, empty):
    made = bring(HEAD + "C1,Ana,1990-05-17,en,Tea,press,,,\nC2,Bo,,,,,,,\n")
    policies = dict.fromkeys(("birthday", "language", "company", "kind"), policy)
    said = "2000-01-01,de,Coffee,wholesale,,,"
    again = bring(HEAD + f"C1,Ana,{said}\nC2,Bo,{said}\n", policies=policies)
    assert {name: row[:4] for name, row in told(made.shop).items()} == {"Ana": known, "Bo": empty}
    with shop_scope(made.shop):
        again.job.refresh_from_db()
        counted = again.job.counts["fields"]["birthday"]
    expected = {"fill": (1, 0, 1), "overwrite": (1, 1, 0), "keep": (0, 0, 2)}[policy]
    assert (counted["filled"], counted["overwritten"], counted["kept"]) == expected


def test_an_empty_cell_and_a_no_take_nothing_away(bring):
    made = bring(HEAD + "C1,Ana,1990-05-17,en,Tea,press,yes,yes,UTC\n")
    before = told(made.shop)
    policies = dict.fromkeys(("birthday", "language", "company", "kind", "time_zone"), "overwrite")
    bring(HEAD + "C1,Ana,,,,customer,no,,\n", policies=policies)
    assert told(made.shop) == before


def test_of_several_rows_of_one_customer_the_last_that_says_something_counts(bring):
    made = bring(HEAD + "C1,Ana,1990-05-17,en,,,,,\nC1,Ana,2000-01-01,,Tea,,,,\n")
    assert told(made.shop)["Ana"][:3] == ("2000-01-01", "en", "Tea")


def test_an_import_is_taken_back_to_what_was_before(bring):
    first = bring(HEAD + "C1,Ana,1990-05-17,en,Tea,press,yes,,\nC2,Bo,,,,,,,\n")
    before = told(first.shop)
    policies = dict.fromkeys(("birthday", "language", "company", "kind"), "overwrite")
    said = "2000-01-01,de,Coffee,wholesale,yes,yes,UTC"
    second = bring(HEAD + f"C1,Ana,{said}\nC2,Bo,{said}\nC3,Cy,{said}\n", policies=policies)
    assert len(told(first.shop)) == 3
    undo(second)
    assert told(first.shop) == before


def test_what_somebody_has_changed_since_is_not_taken_back(bring):
    made = bring("customer_id,name\nC1,Ana\n")
    second = bring(HEAD + "C1,Ana,2000-01-01,de,,,,,\n")
    with shop_scope(made.shop):
        Customer.objects.update(birthday="--12-24", updated_at=timezone.now())
    undo(second)
    assert told(made.shop)["Ana"][:2] == ("--12-24", "de")


def test_a_journal_of_before_is_undone_too(bring):
    made = bring("customer_id,name\nC1,Ana\n")
    second = bring("customer_id,name\nC1,Anna\n", policies={"name": "overwrite"})
    with shop_scope(made.shop):
        change = ImportChange.objects.get(job=second.job, kind=ImportChange.Kind.CUSTOMER)
        change.before = {name: change.before[name] for name in ("name", "city", "country", "updated_at")}
        change.save()
    undo(second)
    assert told(made.shop) == {"Ana": NOTHING}


def test_whom_a_file_leaves_out_is_out_at_once_and_by_an_undo_too(bring):
    heard = []

    def hear(ids, **kwargs):
        heard.append(len(ids))

    customers_left_out.connect(hear, sender=Customer)
    made = bring(HEAD + "C1,Ana,,,,press,,,\nC2,Bo,,,,,yes,,\nC3,Cy,,,,wholesale,,,\n")
    assert heard == [2]
    again = bring(HEAD + "C1,Ana,,,,wholesale,,,\n", policies={"kind": "overwrite"})
    with shop_scope(made.shop):
        assert left_out().count() == 1
    undo(again)
    assert heard == [2, 1]
    with shop_scope(made.shop):
        assert left_out().count() == 2
    customers_left_out.disconnect(hear, sender=Customer)


def test_an_archived_kind_comes_in_by_its_key(bring):
    made = bring("customer_id,name\nC1,Ana\n")
    with shop_scope(made.shop):
        change_kind("press", archived=True, by=None, now=NOW)
    bring(HEAD + "C1,Ana,,,,press,,,\n")
    assert told(made.shop)["Ana"][3] == "press"


def test_no_naughty_string_costs_a_row(bring):
    rows = [text for text in NAUGHTY if not set(text) & set('",\r\n\x00') and len(text) < 200]
    made = bring(
        HEAD + "".join(f"C{n},N{n},{text},{text},{text},{text},{text},{text},{text}\n" for n, text in enumerate(rows))
    )
    with shop_scope(made.shop):
        assert Customer.objects.filter(name__startswith="N").count() == len(rows)
        assert not RejectedRow.objects.filter(job=made.job, is_kept=False).exists()
