"""score and export_scores: the report's last line, the file, and what people read when they typed something wrong."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.lib.money import from_minor
from crm.tenancy.scope import shop_scope
from customers.models import Identifier
from segmentation import queries
from segmentation.models import CustomerScore, ScoreRun

pytestmark = pytest.mark.slow

HEADER = (
    "external_id,recency_days,frequency,monetary_gross,monetary_net,r,f,m,rfm_group,lifecycle_stage,p_alive,"
    "expected_orders_30d,expected_orders_90d,expected_orders_365d,churn_risk,expected_order_value,clv_365d"
)
FORMULA = '=HYPERLINK("http://evil.example")'


def run(command, *arguments, **options):
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def report(cdnow_shop):
    """The last line of `score`, on the CDNOW sample at the end of its calibration."""
    return json.loads(run("score", cdnow_shop.slug, "--as-of", "1997-09-30")[-1])


def test_report_has_exactly_these_parts(report):
    names = ["customers", "repeat_customers", "bg_nbd", "gamma_gamma", "backtest", "seconds"]
    assert list(report) == names
    assert list(report["bg_nbd"]) == ["r", "alpha", "a", "b", "log_likelihood", "dropout_identified"]
    assert list(report["gamma_gamma"]) == ["p", "q", "gamma", "log_likelihood"]


def test_report_says_what_the_run_holds(report, cdnow_shop):
    with shop_scope(cdnow_shop):
        done = queries.last_run()
    assert (report["customers"], report["repeat_customers"]) == (2357, 946)
    assert report["bg_nbd"].items() <= done.models_fitted["bg_nbd"].items()
    assert report["gamma_gamma"].items() <= done.models_fitted["gamma_gamma"].items()
    assert report["backtest"] == done.backtest
    assert report["bg_nbd"]["log_likelihood"] == pytest.approx(-9582.43, abs=0.05)  # as published: see test_truths.py
    assert report["gamma_gamma"]["log_likelihood"] == pytest.approx(-4055.92, abs=0.05)
    assert 0 < report["seconds"] < 60


def test_a_shop_without_orders_has_the_same_report_in_plain_json(shop):
    (line,) = run("score", shop.slug)
    report = json.loads(line, parse_constant=pytest.fail)  # NaN and Infinity are no JSON.
    assert (report["customers"], report["repeat_customers"]) == (0, 0)
    assert list(report["bg_nbd"]) == ["r", "alpha", "a", "b", "log_likelihood", "dropout_identified"]
    assert list(report["gamma_gamma"]) == ["p", "q", "gamma", "log_likelihood"]
    assert report["backtest"]["skipped"] == "history_too_short"


def test_file_holds_what_the_database_holds(report, cdnow_shop, tmp_path):
    file = tmp_path / "scores.csv"
    run("export_scores", cdnow_shop.slug, str(file))
    head, *rows = file.read_bytes().decode().split("\r\n")[:-1]
    assert head == HEADER
    written = {row["external_id"]: row for row in csv.DictReader([head, *rows])}
    with shop_scope(cdnow_shop):
        scores = {each.customer.name: each for each in CustomerScore.objects.select_related("customer")}
    assert len(rows) == len(written) == len(scores) == 2357
    assert written.keys() == scores.keys()
    for number, row in written.items():
        assert row == as_text(number, scores[number])


def as_text(number, score):
    """A score as the file must say it: money in dollars and cents, all else as Python writes it."""

    def dollars(minor):
        return str(from_minor(minor, "USD"))

    return {
        "external_id": number,
        "recency_days": str(score.recency_days),
        "frequency": str(score.frequency),
        "monetary_gross": dollars(score.gross_minor),
        "monetary_net": dollars(score.net_minor),
        "r": str(score.r),
        "f": str(score.f),
        "m": str(score.m),
        "rfm_group": score.rfm_group,
        "lifecycle_stage": score.stage,
        "p_alive": str(score.p_alive),
        "expected_orders_30d": str(score.expected_purchases_30d),
        "expected_orders_90d": str(score.expected_purchases_90d),
        "expected_orders_365d": str(score.expected_purchases_365d),
        "churn_risk": str(score.churn_risk),
        "expected_order_value": dollars(score.expected_purchase_minor),
        "clv_365d": dollars(score.clv_minor),
    }


def test_numbers_that_are_formulas_are_guarded_and_what_is_unknown_stays_empty(book, shop, tmp_path):
    book.buys(FORMULA, "2026-02-27", minor=1995)
    Identifier.objects.create(shop=shop, customer=book.customer(FORMULA), kind="external", value="second number")
    book.customer("+cleo")
    book.customer("nameless")
    Identifier.objects.filter(value="nameless").update(kind="email", value="nameless@mail.example")
    book.score()
    file = tmp_path / "scores.csv"
    run("export_scores", shop.slug, str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        head, buyer, *others = csv.reader(lines)
    assert ",".join(head) == HEADER
    assert buyer[:9] == ["'" + FORMULA, "3", "1", "19.95", "19.95", "5", "1", "1", "new"]
    prospect = ["", "0", "0.00", "0.00", "", "", "", "", "prospect", "", "", "", "", "", "", ""]
    assert others == [["'+cleo", *prospect], ["", *prospect]]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["score", "nowhere"], "There is no shop “nowhere”."),
        (["export_scores", "nowhere", "scores.csv"], "There is no shop “nowhere”."),
        (["score", "tea", "--as-of", "2026-02-30"], "“2026-02-30” is not a day; write it like 2026-11-30."),
        (["score", "tea", "--as-of", "yesterday"], "“yesterday” is not a day; write it like 2026-11-30."),
        (
            ["score", "tea", "--as-of", "9999-12-31"],
            "“9999-12-31” is out of range: orders are of the years 1970 to 2100.",
        ),
        (
            ["score", "tea", "--as-of", "0001-01-01"],
            "“0001-01-01” is out of range: orders are of the years 1970 to 2100.",
        ),
        (["export_scores", "tea", "/nowhere/scores.csv"], "/nowhere/scores.csv: No such file or directory."),
        (["export_scores", "tea", "/tmp"], "/tmp: Is a directory."),
        (["export_scores", "tea", "/dev/full"], "/dev/full: No space left on device."),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(shop, command, sentence):
    with pytest.raises(CommandError) as refused:
        run(*command)
    assert str(refused.value) == sentence
    with shop_scope(shop):
        assert not ScoreRun.objects.filter(trigger="command").exists()
