"""Addresses in the order of their country, and what the country is called."""

import pytest

from customers.domain.addresses import AddressIn
from customers.domain.countries import country_name
from customers.domain.letters import letter_lines

SAID = {"recipient": "Ana Lee", "company": "Lee & Co", "line1": "Main St 1", "line2": "Flat 2"}
WHO = ["Ana Lee", "Lee & Co", "Main St 1", "Flat 2"]


def lines(country, city, region, postcode, **more):
    return letter_lines(AddressIn(country=country, city=city, region=region, postcode=postcode, **(SAID | more)))


@pytest.mark.parametrize("country", ["CN", "China", "中国"])
def test_in_china_the_greatest_comes_first_and_the_name_last(country):
    said = {"recipient": "王小明", "company": "", "line1": "文三路1号", "line2": "3栋"}
    expected = [country, "浙江省 杭州市", "文三路1号 3栋", "310000", "王小明"]
    assert lines(country, "杭州市", "浙江省", "310000", **said) == expected


def test_a_city_that_is_a_province_stands_once():
    assert lines("CN", "上海市", "上海市", "")[:2] == ["CN", "上海市"]


@pytest.mark.parametrize(
    ("country", "city", "region", "postcode", "end"),
    [
        ("US", "Boston", "MA", "02110", ["Boston, MA 02110", "US"]),
        ("CA", "Toronto", "ON", "M5V 1A1", ["Toronto ON M5V 1A1", "CA"]),
        ("GB", "Leeds", "Yorkshire", "LS1 4AP", ["Leeds", "Yorkshire", "LS1 4AP", "GB"]),
        ("DE", "Köln", "", "50667", ["50667 Köln", "DE"]),
        ("Narnia", "Cair", "East", "1", ["1 Cair", "East", "Narnia"]),
        ("", "Cair", "", "", ["Cair"]),
    ],
)
def test_elsewhere_the_name_comes_first_and_the_town_as_it_is_written_there(country, city, region, postcode, end):
    assert lines(country, city, region, postcode) == [*WHO, *end]


def test_the_country_is_called_as_the_reader_calls_it():
    assert letter_lines(AddressIn(city="Köln", country="DE"), "Germany") == ["Köln", "Germany"]
    named = [country_name(text, tag) for text in ("DE", "Deutschland", "德国") for tag in ("en", "zh-hans")]
    assert named == ["Germany", "德国"] * 3
    assert country_name("Narnia", "en") == "Narnia"
    assert country_name("", "en") == ""
