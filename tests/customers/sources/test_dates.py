"""Dates as platforms and spreadsheets of many countries write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from customers.sources.calendars import month_names
from customers.sources.dates import Reading, day_or_month_first, parse_moment, readings
from customers.sources.problems import RowProblem, SourceError

LONDON, SHANGHAI = ZoneInfo("Europe/London"), ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def code_of(text, order="auto", now=NOW):
    with pytest.raises(RowProblem) as caught:
        parse_moment(text, LONDON, order, now=now)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Sep-30-26 23:45:00", (2026, 9, 30, 22, 45)),
        ("Sep-30-26 23:45:00 PDT", (2026, 10, 1, 6, 45)),
        ("Feb 21, 2026", (2026, 2, 21)),
        ("Feb 21, 2026 4:05:33 PM PST", (2026, 2, 22, 0, 5, 33)),
        ("Feb. 21st, 2026", (2026, 2, 21)),
        ("February 21 2026 at 10:30 am", (2026, 2, 21, 10, 30)),
        ("21 Feb 2026", (2026, 2, 21)),
        ("21-Feb-2026", (2026, 2, 21)),
        ("21-FEB-26 10:00:00", (2026, 2, 21, 10)),
        ("21 Sept 2026", (2026, 9, 20, 23)),
        ("2026-Feb-21", (2026, 2, 21)),
        ("Sat Feb 21 2026 10:00:00 GMT+0100 (CET)", (2026, 2, 21, 9)),
        ("Sat Feb 21 2026 10:00:00 GMT+0100", (2026, 2, 21, 9)),
        ("Sat, 21 Feb 2026 10:00:00 +0000", (2026, 2, 21, 10)),
        ("Sat Feb 21 10:00:00 2026", (2026, 2, 21, 10)),
        ("Sat Feb 21 10:00:00 UTC 2026", (2026, 2, 21, 10)),
        ("21. Februar 2026", (2026, 2, 21)),
        ("Samstag, 21. Februar 2026 um 10:30 Uhr", (2026, 2, 21, 10, 30)),
        ("21. Mär. 2026", (2026, 3, 21)),
        ("21 Marz 2026", (2026, 3, 21)),
        ("21 février 2026 à 10:30", (2026, 2, 21, 10, 30)),
        ("21 févr. 2026 10h30", (2026, 2, 21, 10, 30)),
        ("21 fevr. 2026", (2026, 2, 21)),
        ("1er mars 2026", (2026, 3, 1)),
        ("21 de febrero de 2026", (2026, 2, 21)),
        ("mar, 3 mar 2026", (2026, 3, 3)),
        ("21 de fev. de 2026", (2026, 2, 21)),
        ("21 febbraio 2026", (2026, 2, 21)),
        ("21 feb. 2026", (2026, 2, 21)),
        ("21 mrt 2026", (2026, 3, 21)),
        ("21 lutego 2026 r.", (2026, 2, 21)),
        ("21 февраля 2026 г., 10:00", (2026, 2, 21, 10)),
        ("2026年2月21日 22时5分", (2026, 2, 21, 22, 5)),
        ("2026年2月21日22時05分30秒", (2026, 2, 21, 22, 5, 30)),
        ("2026年2月21日 中午11:30", (2026, 2, 21, 11, 30)),
        ("2026年2月21日 中午12:30", (2026, 2, 21, 12, 30)),
        ("2026年2月21日 晚上8:30", (2026, 2, 21, 20, 30)),
        ("2026年2月21日(土) 午後0時30分", (2026, 2, 21, 12, 30)),
        ("2026년 2월 21일 오후 3:05", (2026, 2, 21, 15, 5)),
        ("2026. 2. 21. 오전 9:05", (2026, 2, 21, 9, 5)),
        ("2026-02-21T10:00:00.000Z", (2026, 2, 21, 10)),
        ("2026-02-21T10:00:00.123456+01:00", (2026, 2, 21, 9)),
        ("2026-02-21T10:00+01:00[Europe/Berlin]", (2026, 2, 21, 9)),
        ("2026-02-21 10:00:00 -0500", (2026, 2, 21, 15)),
        ("2026-02-21 10:00:00-05", (2026, 2, 21, 15)),
        ("2026-02-21 10:00 UTC+8", (2026, 2, 21, 2)),
        ("2026-02-21 10:00 UTC", (2026, 2, 21, 10)),
        ("20260221100530", (2026, 2, 21, 10, 5, 30)),
        ("20260221T100530Z", (2026, 2, 21, 10, 5, 30)),
        ("08/14/25", (2025, 8, 13, 23)),
        ("31/12/25 10:05", (2025, 12, 31, 10, 5)),
        ("05/05/2026", (2026, 5, 4, 23)),
        ("21. 2. 2026", (2026, 2, 21)),
        ("'2026-02-21 10:05:00", (2026, 2, 21, 10, 5)),
        ('="2026-02-21"', (2026, 2, 21)),
        ("٢٠٢٦-٠٢-٢١", (2026, 2, 21)),
        ("۲۰۲۶/۰۲/۲۱", (2026, 2, 21)),
        ("２０２６－０２－２１", (2026, 2, 21)),
        ("2026-02-21\u202f10:05", (2026, 2, 21, 10, 5)),
        ("2026-11-29 11:59Z", (2026, 11, 29, 11, 59)),
    ],
)
def test_a_date_that_is_sure_is_read(text, at):
    assert parse_moment(text, LONDON, now=NOW).at == datetime(*at, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0000-00-00 00:00:00", "missing_value"),
        ("0000-00-00", "missing_value"),
        ("00/00/0000", "missing_value"),
        ("-", "missing_value"),
        ("--", "missing_value"),
        ("NULL", "missing_value"),
        ("N/A", "missing_value"),
        ("NaT", "missing_value"),
        ("0", "missing_value"),
        ("2569-02-21", "buddhist_year"),
        ("21/02/2569", "buddhist_year"),
        ("21 February 2569", "buddhist_year"),
        ("1404-11-02", "date_out_of_range"),
        ("115/02/21", "invalid_date"),
        ("2026-02-30", "invalid_date"),
        ("30 Feb 2026", "invalid_date"),
        ("31/02/2026", "invalid_date"),
        ("2026-02-21 10:00 +16:00", "invalid_date"),
        ("2026-02-21 10:00 +1600", "invalid_date"),
        ("2026-02-21 10:00 +08:75", "invalid_date"),
        ("2026-02-21 10:00 CST", "unknown_zone"),
        ("2026-02-21 24:30", "invalid_date"),
        ("2026-02-21 10:053", "invalid_date"),
        ("2026年2月21日 22时530", "invalid_date"),
        ("2026-02-21 0:30 PM", "invalid_date"),
        ("21 Foo 2026", "invalid_date"),
        ("Foo 21 Feb 2026", "invalid_date"),
        ("Feb 2026", "invalid_date"),
        ("03/04/26", "ambiguous_date"),
        ("13/08/25", "ambiguous_date"),
        ("26.02.21", "ambiguous_date"),
        ("03/04/2026", "ambiguous_date"),
        ("08/14/28", "two_digit_year"),
        ("31/12/99", "two_digit_year"),
        ("21-Feb-99", "two_digit_year"),
        ("1771668000", "invalid_date"),
        ("1771668000000", "invalid_date"),
        ("46074.5", "excel_serial_date"),
        ("46074", "excel_serial_date"),
        ("2026-11-29 12:01Z", "date_in_future"),
        ("2027-03-01", "date_in_future"),
        ("2062-01-05", "date_in_future"),
    ],
)
def test_a_date_that_is_not_sure_or_none_is_refused(text, code):
    assert code_of(text) == code


def test_without_a_now_nothing_is_in_the_future_and_two_digits_are_no_year():
    assert parse_moment("2062-01-05", LONDON).on == date(2062, 1, 5)
    assert code_of("08/14/25", now=None) == "two_digit_year"
    assert code_of("21-Feb-25", now=None) == "two_digit_year"


@pytest.mark.parametrize(
    ("text", "order", "on"),
    [
        ("03/04/26", "dmy", (2026, 4, 3)),
        ("03/04/26", "mdy", (2026, 3, 4)),
        ("03/04/26", "ymd", (2003, 4, 26)),
        ("26.02.21", "dmy", (2021, 2, 26)),
        ("26.02.21", "ymd", (2026, 2, 21)),
        ("2026-02-21", "mdy", (2026, 2, 21)),
        ("Feb 3, 2026", "dmy", (2026, 2, 3)),
        ("1771668000", "unix", (2026, 2, 21)),
        ("1771668000123", "unix", (2026, 2, 21)),
        ("46074", "excel", (2026, 2, 21)),
        ("46074,5", "excel", (2026, 2, 21)),
    ],
)
def test_the_choice_for_a_column_decides(text, order, on):
    assert parse_moment(text, SHANGHAI, order, now=NOW).on == date(*on)


def test_numbers_of_a_column_are_moments():
    assert parse_moment("1771668000", SHANGHAI, "unix").at == datetime(2026, 2, 21, 10, tzinfo=UTC)
    assert parse_moment("1771668000500", SHANGHAI, "unix").at == datetime(2026, 2, 21, 10, 0, 0, 500_000, tzinfo=UTC)
    assert parse_moment("46074.5", SHANGHAI, "excel").at == datetime(2026, 2, 21, 4, tzinfo=UTC)
    assert parse_moment("46074.999988426", SHANGHAI, "excel").at == datetime(2026, 2, 21, 15, 59, 59, tzinfo=UTC)
    for text, order, code in [
        ("9999999999", "unix", "date_out_of_range"),
        ("10000", "excel", "date_out_of_range"),
        ("46074", "unix", "excel_serial_date"),
        ("13/13/2026", "dmy", "invalid_date"),
        ("13/04/2026", "mdy", "invalid_date"),
        ("1803204000", "unix", "date_in_future"),
    ]:
        assert code_of(text, order) == code


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], []),
        (["", "NULL", "-"], []),
        (["2026-02-21", "2026年2月22日"], [("auto", "2026-02-21", "")]),
        (["22.11.2026", "05.11.2026"], [("auto", "22.11.2026", "")]),
        (["Feb 3, 2026"], [("auto", "Feb 3, 2026", "")]),
        (["13/04/2026"], [("auto", "13/04/2026", "")]),
        (["03/04/2026", "13/04/2026"], [("dmy", "03/04/2026", "13/04/2026")]),
        (["03/04/2026", "04/13/2026", "x"], [("mdy", "03/04/2026", "04/13/2026")]),
        (["03/04/2026", "05/05/2026"], [("dmy", "03/04/2026", ""), ("mdy", "03/04/2026", "")]),
        (
            ["03/04/2026", "13/04/2026", "04/13/2026"],
            [("dmy", "03/04/2026", "13/04/2026"), ("mdy", "03/04/2026", "04/13/2026")],
        ),
        (["03/04/26", "08/14/25"], [("mdy", "03/04/26", "08/14/25")]),
        (["03/04/26", "31/12/25"], [("dmy", "03/04/26", "31/12/25")]),
        (["13/08/25", "13/08/26", "31/08/26"], [("dmy", "13/08/25", "31/08/26")]),
        (["13/08/25", "14/09/26"], [("dmy", "13/08/25", ""), ("ymd", "13/08/25", "")]),
        (["26-02-21", "26-02-22"], [("dmy", "26-02-21", ""), ("ymd", "26-02-21", "")]),
        (["26-02-21", "26-02-28"], [("ymd", "26-02-21", "26-02-28")]),
        (["1771668000", "1771668000000", ""], [("unix", "1771668000", "1771668000")]),
        (["46074", "46074.5"], [("excel", "46074", "46074")]),
        (["46074", "1771668000"], []),
        (["46074", "2026-02-21"], [("auto", "46074", "")]),
    ],
)
def test_a_column_is_read_in_one_way_or_asked_about(texts, expected):
    expected = [Reading(*reading) for reading in expected]
    assert list(readings(texts, now=NOW)) == expected


def test_two_digit_years_are_decided_for_the_file():
    assert day_or_month_first(["03/04/26", "08/14/25"], "date", now=NOW) == "mdy"
    assert day_or_month_first(["1771668000"] * 3, "date", now=NOW) == "unix"
    with pytest.raises(SourceError) as caught:
        day_or_month_first(["03/04/26"], "date", now=NOW)
    assert caught.value.code == "ambiguous_dates"


def day_or_code(text):
    try:
        return parse_moment(text, ZoneInfo("UTC"), now=NOW).on
    except RowProblem as problem:
        return problem.code


DAYS = st.dates(date(1971, 1, 1), date(2026, 11, 28))
LANGUAGES = ["en", "en_GB", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "zh", "ko"]


@given(DAYS, st.sampled_from(LANGUAGES), st.sampled_from(["medium", "long", "full"]))
def test_a_date_with_the_name_of_its_month_is_read_back(day, language, style):
    found = day_or_code(format_date(day, style, locale=language))
    # Some write "medium" in figures, and then it may be read in two ways.
    assert found == day or (style, found) == ("medium", "ambiguous_date")


FORMS = [
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%dT%H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d-%m-%y %H:%M:%S",
    "%m/%d/%y %I:%M:%S %p", "%y/%m/%d %H:%M:%S", "%b-%d-%y %H:%M:%S", "%a %b %d %H:%M:%S %Y", "%Y%m%d%H%M%S",
]  # fmt: skip


MOMENTS = st.integers(0, 800_000_000).map(lambda seconds: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


@given(MOMENTS, st.sampled_from(FORMS))
def test_a_moment_is_read_back_or_refused_never_wrong(moment, form):
    found = day_or_code(moment.strftime(form))
    assert found in (moment.date(), "ambiguous_date")
    if found != "ambiguous_date":
        assert parse_moment(moment.strftime(form), ZoneInfo("UTC"), now=NOW).at == moment


@given(st.lists(MOMENTS, min_size=1), st.sampled_from(FORMS))
def test_the_true_reading_is_among_those_of_a_column(moments, form):
    texts = [moment.strftime(form) for moment in moments]
    found = readings(texts, now=NOW)

    def read_so(order):
        try:
            return [parse_moment(text, ZoneInfo("UTC"), order, now=NOW).at for text in texts]
        except RowProblem:  # a reading may be in the future
            return []

    assert moments in [read_so(reading.order) for reading in found]


@given(st.integers(0, 10**9))
def test_unix_seconds_and_milliseconds_are_one_moment(seconds):
    at = datetime(2001, 9, 10, tzinfo=UTC) + timedelta(seconds=seconds)
    for text in (f"{at.timestamp():.0f}", f"{at.timestamp() * 1000:.0f}"):
        assert parse_moment(text, LONDON, "unix").at == at


def test_names_of_months_are_those_of_one_month_each():
    names = month_names()
    assert {names[name] for name in ("märz", "mars", "marzo", "março", "maart", "marca", "марта", "march")} == {3}
    assert len(names) > 150
