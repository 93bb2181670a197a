"""What records say of people: each way it is written, the form in which it is kept, and what is refused."""

import json
import zoneinfo
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.attributes import BadValue
from customers.domain.profile import (
    BIRTHDAY_LENGTH,
    COMPANY_LENGTH,
    LANGUAGE_LENGTH,
    TIME_ZONE_LENGTH,
    birthday_parts,
    language_name,
    main_languages,
    nearest_language,
    read_birthday,
    read_company,
    read_language,
    read_time_zone,
    without_year,
    zone_of_country,
)

TODAY = date(2026, 11, 29)
NAUGHTY = json.loads((Path(__file__).parents[2] / "data/suites/blns.json").read_text("utf-8"))


def refused(read, text, **how):
    with pytest.raises(BadValue) as bad:
        read(text, **how)
    return bad.value.code


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1990-05-17", "1990-05-17"), ("1990/5/17", "1990-05-17"), ("1990.05.17", "1990-05-17"),
        ("1990年5月17日", "1990-05-17"), ("１９９０-０５-１７", "1990-05-17"), (" 1990-05-17 ", "1990-05-17"),
        ("--05-17", "--05-17"), ("05-17", "--05-17"), ("5/17", "--05-17"), ("5月17日", "--05-17"),
        ("--02-29", "--02-29"), ("2-29", "--02-29"), ("2024-02-29", "2024-02-29"), ("1900-01-01", "1900-01-01"),
        ("2026-11-29", "2026-11-29"), ("", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_a_birthday_in_each_way_it_is_written(text, kept):
    assert read_birthday(text, today=TODAY) == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-30", "invalid_date"), ("2023-02-29", "invalid_date"), ("--02-30", "invalid_date"),
        ("13-01", "invalid_date"), ("1990", "invalid_date"), ("1990-05", "invalid_date"), ("0", "invalid_date"),
        ("17.05.1990", "invalid_date"), ("0000-05-17", "invalid_date"), ("1990-05-17T00:00", "invalid_date"),
        ("9" * 10_000, "invalid_date"), ("05-17" + " " * 100, "invalid_date"), ("\x00", "invalid_date"),
        ("2026-11-30", "date_in_future"), ("9999-12-31", "date_in_future"), ("1899-12-31", "date_out_of_range"),
    ],
)  # fmt: skip
def test_what_is_no_birthday(text, code):
    assert refused(read_birthday, text, today=TODAY) == code


@given(st.dates(date(1900, 1, 1), TODAY), st.booleans())
def test_a_kept_birthday_reads_as_itself(day, has_year):
    kept = day.isoformat() if has_year else f"--{day:%m-%d}"
    assert read_birthday(kept, today=TODAY) == kept
    assert len(kept) <= BIRTHDAY_LENGTH
    shown, knows_year = birthday_parts(kept)
    assert (shown.month, shown.day, knows_year) == (day.month, day.day, has_year)
    assert without_year(kept) == f"--{day:%m-%d}"
    assert without_year("") == ""


@given(st.dates(TODAY + timedelta(days=1)))
def test_nobody_is_born_tomorrow(day):
    assert refused(read_birthday, day.isoformat(), today=TODAY) == "date_in_future"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("en", "en"), ("EN", "en"), ("zh_cn", "zh-CN"), ("zh-hans", "zh-Hans"), ("ZH-HANT-tw", "zh-Hant-TW"),
        ("pt-br", "pt-BR"), ("iw", "he"), ("yue", "yue"), ("ｅｎ", "en"), ("", ""),
    ],
)  # fmt: skip
def test_a_language(text, kept):
    assert read_language(text) == kept


@pytest.mark.parametrize("text", ["english", "tlh", "xx", "root", "en-US-POSIX", "../en", "e" * 10_000, "0"])
def test_an_unknown_language_is_refused(text):
    assert refused(read_language, text) == "unknown_language"


def test_every_language_on_offer_has_a_name_and_fits():
    chinese = Locale.parse("zh_Hans")
    assert {"en", "zh-Hans", "zh-Hant", "ja", "de"} < set(main_languages())
    for tag in main_languages():
        assert read_language(tag) == tag
        assert len(tag) <= LANGUAGE_LENGTH
        assert language_name(tag, chinese)
    assert language_name("zh-Hans", chinese) == "中文 (简体)"


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("en-GB", "en"), ("zh-TW", "zh-hans"), ("zh-Hans", "zh-hans"), ("yue", "zh-hans"), ("de", None), ("", None)],
)
def test_the_nearest_language_of_two(tag, spoken):
    assert nearest_language(tag, ("en", "zh-hans")) == spoken


@pytest.mark.parametrize(
    ("text", "kept"),
    [("Asia/Shanghai", "Asia/Shanghai"), ("europe/BERLIN", "Europe/Berlin"), ("utc", "UTC"), ("", "")],
)
def test_a_time_zone(text, kept):
    assert read_time_zone(text) == kept


@pytest.mark.parametrize(
    "text", ["../../etc", "../../etc/passwd", "localtime", "CST", "Mars/Base", "A" * 10_000, "\x00"]
)
def test_an_unknown_time_zone_is_refused(text):
    assert refused(read_time_zone, text) == "unknown_time_zone"


def test_every_zone_fits():
    assert max(len(name) for name in zoneinfo.available_timezones()) <= TIME_ZONE_LENGTH


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("中国", "Asia/Shanghai"), ("CN", "Asia/Shanghai"), ("Germany", "Europe/Berlin"), ("France", "Europe/Paris"),
        ("SG", "Asia/Singapore"), ("US", ""), ("Brazil", ""), ("Atlantis", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_zone_of_a_country_with_one_or_a_usual_one(country, zone):
    assert zone_of_country(country) == zone
    assert not zone or zoneinfo.ZoneInfo(zone)


def test_a_company():
    assert read_company("  回头  茶业 ") == "回头 茶业"
    assert read_company("x" * COMPANY_LENGTH) == "x" * COMPANY_LENGTH
    assert refused(read_company, "x" * (COMPANY_LENGTH + 1)) == "too_long"
    assert refused(read_company, "Tea\x00Co") == "control_character"


def outcome(read, text, **how):
    """What is kept, or the code of why nothing is."""
    try:
        return read(text, **how)
    except BadValue as bad:
        return bad.code


@pytest.mark.parametrize("read", [read_language, read_time_zone])
def test_no_naughty_string_is_a_language_or_a_zone(read):
    assert {outcome(read, text) for text in NAUGHTY} == {"", f"unknown_{read.__name__.removeprefix('read_')}"}


def test_a_naughty_string_can_be_a_company_or_is_refused():
    for text in NAUGHTY:
        kept = outcome(read_company, text)
        assert kept in ("too_long", "control_character") or (len(kept) <= COMPANY_LENGTH and read_company(kept) == kept)


def test_no_naughty_string_is_a_birthday():
    found = {text: outcome(read_birthday, text, today=TODAY) for text in NAUGHTY}
    assert found.pop("1/2") == "--01-02"
    assert set(found.values()) == {"", "invalid_date"}
