from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.sources.dates import day_or_month_first, parse_moment
from customers.sources.numbers import minor_units, parse_number, whole_quantity
from customers.sources.problems import RowProblem, SourceError

LONDON, NEW_YORK, SHANGHAI = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")


def code_of(function, *arguments):
    with pytest.raises((RowProblem, SourceError)) as caught:
        function(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "decimal", "mantissa", "places"),
    [
        ("12", "auto", 12, 0),
        ("-12.50", "auto", -1250, 2),
        ("1,234.50", "auto", 123450, 2),
        ("1.234,50", "auto", 123450, 2),
        ("12,5", "auto", 125, 1),
        ("1,234,567", "auto", 1234567, 0),
        ("1.234.567", "auto", 1234567, 0),
        ("1.234", ".", 1234, 3),
        ("1,234", ".", 1234, 0),
        ("1,234", ",", 1234, 3),
        ("1.234", ",", 1234, 0),
        ("１２３．４５", "auto", 12345, 2),
        ("¥1,234.50", "auto", 123450, 2),
        ("￥12", "auto", 12, 0),
        ("1 234,50", "auto", 123450, 2),
        ("1\u00a0234.50 €", "auto", 123450, 2),
        ("1'234.50", "auto", 123450, 2),
        ("−5", "auto", -5, 0),
        (" 7 ", "auto", 7, 0),
        (".5", "auto", 5, 1),
        ("0,001", "auto", 1, 3),
        ("٣", "auto", 3, 0),
    ],
)
def test_parse_number_reads(text, decimal, mantissa, places):
    number = parse_number(text, decimal)
    assert number.mantissa * 10 ** (10 - number.places) == mantissa * 10 ** (10 - places)


@pytest.mark.parametrize(
    ("text", "decimal", "code"),
    [
        ("", "auto", "missing_value"),
        ("  ", ".", "missing_value"),
        ("1,234", "auto", "ambiguous_number"),
        ("abc", "auto", "not_a_number"),
        ("1,23.45", "auto", "not_a_number"),
        ("12,34,56", "auto", "not_a_number"),
        ("1.2.3", "auto", "not_a_number"),
        ("1e5", "auto", "not_a_number"),
        ("NaN", "auto", "not_a_number"),
        ("--5", "auto", "not_a_number"),
        ("1.234", "auto", "ambiguous_number"),
        ("€", "auto", "not_a_number"),
        (".", "auto", "not_a_number"),
        ("9" * 41, "auto", "not_a_number"),
        ("9" * 30, "auto", "amount_too_large"),
    ],
)
def test_parse_number_refuses(text, decimal, code):
    assert code_of(parse_number, text, decimal) == code


@given(st.text(max_size=50), st.sampled_from(["auto", ".", ","]))
def test_parse_number_raises_nothing_but_row_problems(text, decimal):
    with suppress(RowProblem):
        parse_number(text, decimal)


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from([".", ","]))
def test_numbers_written_with_groups_are_read_back(value, decimal):
    text = f"{value:,}"
    if decimal == ",":
        text = text.translate({0x2C: ".", 0x2E: ","})
    assert parse_number(text, decimal).mantissa == int(value * 1000)


def test_money_of_three_decimals_is_rounded_once_and_half_up():
    assert minor_units(parse_number("0.125"), 2, 3) == 38  # 0.375, not 3 x 0.13
    assert minor_units(parse_number("0.005"), 2) == 1
    assert minor_units(parse_number("-0.005"), 2) == -1
    assert minor_units(parse_number("1234"), 0) == 1234
    assert code_of(minor_units, parse_number("9" * 15), 2, 10**6) == "amount_too_large"


def test_quantities_are_whole_numbers():
    assert whole_quantity(parse_number("3.00"), "3.00") == 3
    assert code_of(whole_quantity, parse_number("1.5"), "1.5") == "fractional_quantity"
    assert code_of(whole_quantity, parse_number("1000000001"), "1000000001") == "quantity_too_large"


@pytest.mark.parametrize(
    ("text", "order", "at"),
    [
        ("2026-11-22", "auto", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("2026-11-22 18:30", "auto", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("2026-11-22T18:30:05.123", "auto", datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC)),
        ("2026-11-22T18:30:05Z", "auto", datetime(2026, 11, 22, 18, 30, 5, tzinfo=UTC)),
        ("2026-11-22 18:30:05 -0500", "auto", datetime(2026, 11, 22, 23, 30, 5, tzinfo=UTC)),
        ("2026-11-22T18:30:05+08:00", "auto", datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC)),
        ("2026/1/2 8:05", "auto", datetime(2026, 1, 2, 0, 5, tzinfo=UTC)),
        ("20261122", "auto", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("2026年11月22日", "auto", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("2026年1月2日 下午3时05分", "auto", datetime(2026, 1, 2, 7, 5, tzinfo=UTC)),
        ("２０２６－１１－２２", "auto", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("22/11/2026", "auto", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("11/22/2026 6:30 PM", "auto", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("03/04/2026", "dmy", datetime(2026, 4, 2, 16, tzinfo=UTC)),
        ("03/04/2026", "mdy", datetime(2026, 3, 3, 16, tzinfo=UTC)),
        ("03.04.2026", "mdy", datetime(2026, 4, 2, 16, tzinfo=UTC)),
        ("12/05/2026 12:00 am", "dmy", datetime(2026, 5, 11, 16, tzinfo=UTC)),
    ],
)
def test_parse_moment_reads(text, order, at):
    assert parse_moment(text, SHANGHAI, order).at == at


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing_value"),
        ("45983", "excel_serial_date"),
        ("45983.7708", "excel_serial_date"),
        ("22/11/26", "two_digit_year"),
        ("03/04/2026", "ambiguous_date"),
        ("2026-13-01", "invalid_date"),
        ("2026-02-30", "invalid_date"),
        ("2026-11-22 25:00", "invalid_date"),
        ("2026-11-22 13:00 PM", "invalid_date"),
        ("2026-11-22 10:00 +99:99", "invalid_date"),
        ("yesterday", "invalid_date"),
        ("1969-12-31", "date_out_of_range"),
        ("2101-01-01", "date_out_of_range"),
        ("2026-11-22" + " " * 60 + "x", "invalid_date"),
    ],
)
def test_parse_moment_refuses(text, code):
    assert code_of(parse_moment, text, SHANGHAI) == code


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}( [0-9]{1,2}:[0-9]{2})?"))
def test_parse_moment_raises_nothing_but_row_problems(text):
    with suppress(RowProblem):
        parse_moment(text, LONDON)


def test_the_day_is_the_shops_day():
    assert parse_moment("2026-11-22T23:30:00Z", SHANGHAI).on == date(2026, 11, 23)
    assert parse_moment("2026-11-22 23:30", SHANGHAI).on == date(2026, 11, 22)


def test_an_hour_that_comes_twice_is_the_first_one():
    assert parse_moment("2026-10-25 01:30", LONDON).at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_is_skipped_is_moved_on():
    found = parse_moment("2026-03-08 02:30", NEW_YORK)
    assert (found.at, found.at.astimezone(NEW_YORK).hour) == (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), 3)


def test_day_or_month_first_is_decided_for_the_whole_file():
    assert day_or_month_first(["01/02/2026", "03/04/2026", "13/04/2026"], "date") == "dmy"
    assert day_or_month_first(["01/02/2026", "04/13/2026"], "date") == "mdy"
    assert day_or_month_first(["2026-11-22"], "date") == "auto"
    assert code_of(day_or_month_first, ["01/02/2026"], "date") == "ambiguous_dates"


def test_day_or_month_first_stops_reading_where_dates_need_no_decision():
    dates = iter(["2026-11-22"] * 5_000)
    day_or_month_first(dates, "date")
    assert len(list(dates)) == 5_000 - 1_001
