from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.lib.money import MAX_MINOR, BadAmount, exponent, format_money, from_minor, half_up, known_currencies, to_minor


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("GBP", 2), ("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("IRR", 2), ("LBP", 2), ("IQD", 3), ("ISK", 0)],
)
def test_exponent_is_iso_4217s_also_where_people_print_fewer_decimals(currency, digits):
    assert exponent(currency) == digits


@pytest.mark.parametrize("currency", ["", "gbp", "XXZ", "EURO", "人民币"])
def test_exponent_of_an_unknown_currency_is_refused(currency):
    with pytest.raises(BadAmount) as caught:
        exponent(currency)
    assert caught.value.code == "unknown_currency"


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "GBP", 1234),
        ("-12.34", "GBP", -1234),
        ("0.005", "GBP", 1),
        ("-0.005", "GBP", -1),
        ("0.0049999", "GBP", 0),
        ("1234", "JPY", 1234),
        ("1234.5", "JPY", 1235),
        ("1.0005", "KWD", 1001),
        (".5", "GBP", 50),
        ("5.", "GBP", 500),
        (Decimal("1E+3"), "GBP", 100_000),
        (Decimal("0E-400"), "GBP", 0),
        ("90071992547409.91", "GBP", MAX_MINOR),
    ],
)
def test_to_minor_rounds_half_up(amount, currency, minor):
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "not_a_number"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("1e5", "not_a_number"),
        ("1,234", "not_a_number"),
        ("1_000", "not_a_number"),
        ("１２", "not_a_number"),
        (" 1", "not_a_number"),
        ("1\n", "not_a_number"),
        ("9" * 41, "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("-Infinity"), "not_a_number"),
        (Decimal("1E+999999999"), "amount_too_large"),
        ("90071992547409.92", "amount_too_large"),
        (Decimal("1" * 60), "amount_too_large"),
    ],
)
def test_to_minor_refuses_what_is_no_amount(amount, code):
    with pytest.raises(BadAmount) as caught:
        to_minor(amount, "GBP")
    assert caught.value.code == code


def test_to_minor_of_a_tiny_exponent_is_zero_at_once():
    assert to_minor(Decimal("1E-999999999"), "GBP") == 0


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(["GBP", "JPY", "KWD", "CLF"]))
def test_minor_units_survive_the_way_out_and_back(minor, currency):
    assert to_minor(from_minor(minor, currency), currency) == minor


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**6))
def test_half_up_is_decimals_half_up(numerator, denominator):
    from decimal import localcontext

    with localcontext(prec=60):
        assert half_up(numerator, denominator) == int(
            (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), ROUND_HALF_UP)
        )


def test_from_minor_has_the_decimals_of_its_currency():
    assert [str(from_minor(1230, currency)) for currency in ("GBP", "JPY", "KWD")] == ["12.30", "1230", "1.230"]


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (123450, "GBP", "en", "£1,234.50"),
        (-123450, "GBP", "en", "-£1,234.50"),
        (123450, "CNY", "zh-hans", "¥1,234.50"),
        (1234, "JPY", "en", "¥1,234"),
        (1234, "KWD", "en", "KWD\xa01.234"),
        (123456, "LBP", "en", "LBP\xa01,234.56"),
    ],
)
def test_format_money_shows_all_minor_digits(minor, currency, language, text):
    assert format_money(minor, currency, language) == text


@pytest.mark.parametrize(
    ("minor", "language", "text"),
    [
        (1234500, "zh-hans", "¥1.2万"),
        (1234500, "en", "CN¥12.3K"),
        (99999, "en", "CN¥999.99"),
        (12345678900, "zh-hans", "¥1.2亿"),
    ],
)
def test_compact_money_is_short_in_the_habit_of_the_language(minor, language, text):
    assert format_money(minor, "CNY", language, compact=True) == text


def test_whole_money_drops_the_small_change_of_larger_sums():
    def shown(minor, currency):
        return format_money(minor, currency, "en", whole=True)

    assert [shown(2341050, "GBP"), shown(9949, "GBP"), shown(-123450, "GBP")] == ["£23,411", "£99.49", "-£1,235"]
    assert shown(48200, "JPY") == "¥48,200"


def test_known_currencies_hold_the_common_ones():
    assert {"GBP", "EUR", "USD", "CNY", "JPY", "HKD", "TWD"} <= known_currencies()
