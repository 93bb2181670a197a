import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.countries import country_code, country_shown, phone_region
from customers.domain.identity import normalise_phone

PHONES = Path(__file__).parents[2] / "data/suites/phone_examples.csv"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BE", "BE"),
        ("be", "BE"),
        (" Be ", "BE"),
        ("BEL", "BE"),
        ("Belgium", "BE"),
        ("BELGIQUE", "BE"),
        ("België", "BE"),
        ("Belgie", "BE"),
        ("Belgien", "BE"),
        ("比利时", "BE"),
        ("ＢＥ", "BE"),
        ("BE - Belgium", "BE"),
        ("Belgium (BE)", "BE"),
        ("UK", "GB"),
        ("GBR", "GB"),
        ("England", "GB"),
        ("U.S.A.", "US"),
        ("USA", "US"),
        ("United States of America", "US"),
        ("États-Unis", "US"),
        ("中国", "CN"),
        ("中国大陆", "CN"),
        ("P.R. China", "CN"),
        ("Hong Kong", "HK"),
        ("中国香港", "HK"),
        ("Taiwan, Province of China", "TW"),
        ("Korea, Republic of", "KR"),
        ("Deutschland", "DE"),
        ("Österreich", "AT"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("日本", "JP"),
        ("Россия", "RU"),
        ("Freedonia", None),
        ("BE - France", None),
        ("Unspecified", None),
        ("European Union", None),
        ("EU", None),
        ("Normandie", None),
        ("", None),
        ("()", None),
        ("B" * 100_000, None),
    ],
)
def test_a_country_is_known_by_code_or_name(text, code):
    assert country_code(text) == code


@given(st.text(max_size=90))
def test_any_text_names_a_country_of_two_letters_or_none(text):
    code = country_code(text)
    assert code is None or (len(code) == 2 and code.isupper() and country_code(code) == code)


@pytest.mark.parametrize(
    ("country", "region"),
    [("BE", "BE"), ("", "FR"), (" \t", "FR"), ("-", "FR"), ("N/A", "FR"), ("unknown", "FR"), ("Freedonia", "")],
)
def test_a_phone_is_read_by_the_country_of_its_record_and_by_another_only_if_there_is_none(country, region):
    assert phone_region(country, "FR") == region


@pytest.mark.parametrize("shop", ["FR", "CN", "US", ""])
def test_a_national_number_is_that_of_the_country_beside_it_in_every_shop(shop):
    rows = [row for row in csv.DictReader(PHONES.read_text().splitlines()) if row["valid"] == "1"]
    rows = [row for row in rows if row["region"] != "NA"]
    found = [normalise_phone(row["national"], phone_region(row["region"], shop)).value == row["e164"] for row in rows]
    assert (len(found), found.count(False)) == (258, 0)


@pytest.mark.parametrize(("shop", "region"), [("NA", "NA"), ("FR", ""), ("", "")])
def test_na_is_namibia_for_a_shop_there_and_unclear_for_others(shop, region):
    assert phone_region("NA", shop) == region


@pytest.mark.parametrize(
    ("kept", "language", "shown"),
    [
        ("United Kingdom", "zh_Hans", "英国"),
        ("DE", "zh_Hans", "德国"),
        ("中国", "zh_Hans", "中国"),
        ("Freedonia", "zh_Hans", "Freedonia"),
        ("", "zh_Hans", ""),
        ("UK", "en", "UK"),
    ],
)
def test_a_country_is_shown_as_the_reader_calls_it(kept, language, shown):
    assert country_shown(kept, language) == shown
