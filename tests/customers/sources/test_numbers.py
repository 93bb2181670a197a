"""Amounts as shops all over the world write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.sources.characters import plain
from customers.sources.currencies import code_of as currency_code
from customers.sources.currencies import currencies_of
from customers.sources.numbers import Evidence, named_currency, parse_number, parse_quantity, require_currency
from customers.sources.problems import RowProblem


def value_of(text, decimal="auto"):
    number = parse_number(text, decimal)
    return Decimal(number.mantissa).scaleb(-number.places)


def code_of(function, *arguments):
    with pytest.raises(RowProblem) as caught:
        function(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "value", "currencies"),
    [
        ("CHF 12.50", "12.50", "CHF"),
        ("chf12.50", "12.50", "CHF"),
        ("12,50 EUR", "12.50", "EUR"),
        ("12,50EUR", "12.50", "EUR"),
        ("US$12.50", "12.50", "USD"),
        ("US $ 12.50", "12.50", "USD"),
        ("$12.50 USD", "12.50", "USD"),
        ("C$12.50", "12.50", "CAD"),
        ("HK$12.50", "12.50", "HKD"),
        ("R$ 12,50", "12.50", "BRL"),
        ("R12.50", "12.50", "ZAR"),
        ("12,50 zł", "12.50", "PLN"),
        ("1 234,50 Kč", "1234.50", "CZK"),
        ("12 ₽", "12", "RUB"),
        ("1 234,50 руб.", "1234.50", "RUB BYN"),
        ("12,50 kr.", "12.50", "SEK NOK DKK ISK"),
        ("Rs.50", "50", "INR PKR LKR NPR MUR SCR"),
        ("Rs. 1,23,456.00", "123456.00", "INR PKR LKR NPR MUR SCR"),
        ("₹1,23,456.00", "123456.00", "INR"),
        ("$.50", "0.50", None),
        ("EUR.50", "0.50", "EUR"),
        ("Fr. 12.-", "12", "CHF"),
        ("CHF 1’234.50", "1234.50", "CHF"),
        ("1'234'567.50", "1234567.50", ""),
        ("1`234.50", "1234.50", ""),
        ("1.250,–", "1250", ""),
        ("12,-", "12", ""),
        ("€ 1.250,--", "1250", "EUR"),
        ("12元", "12", "CNY TWD HKD MOP"),
        ("0元", "0", "CNY TWD HKD MOP"),
        ("¥12元", "12", "CNY"),
        ("¥ 1 234", "1234", "CNY JPY"),
        ("￥1,234.50", "1234.50", "CNY JPY"),
        ("１，２３４．５０円", "1234.50", "JPY"),
        ("人民币12.50", "12.50", "CNY"),
        ("₩12.5", "12.5", "KRW"),
        ("1\u202f234,50\u00a0€", "1234.50", "EUR"),
        ("1\u2009234,50", "1234.50", ""),
        ("1 234,567", "1234.567", ""),
        ("(12.50)", "-12.50", ""),
        ("($12.50)", "-12.50", None),
        ("$(12.50)", "-12.50", None),
        ("(12,50) EUR", "-12.50", "EUR"),
        ("（12.50）", "-12.50", ""),
        ("12.50-", "-12.50", ""),
        ("12.50- EUR", "-12.50", "EUR"),
        ("-$12.50", "-12.50", None),
        ("$-12.50", "-12.50", None),
        ("- 12.50", "-12.50", ""),
        ("−5", "-5", ""),
        ("–5", "-5", ""),
        ("+5", "5", ""),
        ("$1,805.97", "1805.97", None),
        ("1,23,456.00", "123456.00", ""),
        ("12,34,567", "1234567", ""),
        ("١٢٫٥٠", "12.50", ""),
        ("١٬٢٣٤٫٥٠", "1234.50", ""),
        ("١٫٢٥٠", "1.250", ""),
        ("۱۲٫۵", "12.5", ""),
        ("१२.५०", "12.50", ""),
        ("₹१,२३,४५६.००", "123456.00", "INR"),
        ("\u200e12.50\u200f", "12.50", ""),
        ('="12.50"', "12.50", ""),
        ("'12.50", "12.50", ""),
        ("KWD 12.500", "12.500", "KWD"),
        ("12.500 TND", "12.500", "TND"),
        ("0.125", "0.125", ""),
        ("000.125", "0.125", ""),
        ("1234.567", "1234.567", ""),
    ],
)
def test_an_amount_is_read_with_its_currency(text, value, currencies):
    assert str(value_of(text)) == value
    if currencies is not None:  # a mere dollar sign may be any of two dozen
        assert parse_number(text).currencies == tuple(currencies.split())
    else:
        assert parse_number(text).currencies[:3] == ("USD", "CAD", "AUD")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,234", "ambiguous_number"),
        ("1.234", "ambiguous_number"),
        ("-1.250", "ambiguous_number"),
        ("(1.250)", "ambiguous_number"),
        ("999.000", "ambiguous_number"),
        ("1.250 €", "ambiguous_number"),
        ("KWD 12,500", "ambiguous_number"),
        ("¥1,234", "ambiguous_number"),
        ("१,२३४", "ambiguous_number"),
        ("012.345", "ambiguous_number"),
        ("12 50", "not_a_number"),
        ("1 2 3", "not_a_number"),
        ("1 2345", "not_a_number"),
        ("1,2345.00", "not_a_number"),
        ("12'50", "not_a_number"),
        ("1'234,567.00", "not_a_number"),
        ("1.234.56", "not_a_number"),
        ("12.50 per kg", "not_a_number"),
        ("12 kg", "not_a_number"),
        ("10%", "not_a_number"),
        ("12元5角", "not_a_number"),
        ("1.2万", "not_a_number"),
        ("12k", "not_a_number"),
        ("5-10", "not_a_number"),
        ("5 -", "not_a_number"),
        ("5-EUR", "not_a_number"),
        ("(12.50", "not_a_number"),
        ("(-12.50)", "not_a_number"),
        ("-12.50-", "not_a_number"),
        ("12+", "not_a_number"),
        ("£12 EUR", "not_a_number"),
        ("CHF 12 EUR", "not_a_number"),
        ("XXX 12", "not_a_number"),
        ("1²3", "not_a_number"),
        ("½", "not_a_number"),
        ("12.50 12.60", "not_a_number"),
        ("\u200b", "missing_value"),
        ('=""', "missing_value"),
    ],
)
def test_what_is_not_sure_or_no_amount_is_refused(text, code):
    assert code_of(parse_number, text) == code


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1.250", ".", "1.250"),
        ("1.250", ",", "1250"),
        ("€ 1.250", ",", "1250"),
        ("1,250", ".", "1250"),
        ("1,250", ",", "1.250"),
        ("12.500 KWD", ".", "12.500"),
        ("1.000", ".", "1.000"),
        ("1.000", ",", "1000"),
        ("12,-", ",", "12"),
    ],
)
def test_the_choice_for_a_column_decides(text, decimal, value):
    assert str(value_of(text, decimal)) == value


@pytest.mark.parametrize(
    ("text", "decimal"), [("12,5", "."), ("12.5", ","), ("1,234.5", ","), ("1.234,5", "."), ("1,234,567", ",")]
)
def test_a_number_that_contradicts_the_choice_is_refused(text, decimal):
    assert code_of(parse_number, text, decimal) == "not_a_number"


@pytest.mark.parametrize(
    ("samples", "exponent", "signs", "unsure"),
    [
        (["12.5"], 2, ".", ""),
        (["0.125"], 2, ".", ""),
        (["1.2345"], 2, ".", ""),
        (["1234.567"], 2, ".", ""),
        (["1,234,567"], 2, ".", ""),
        (["1,23,456"], 2, ".", ""),
        (["12,34,567"], 2, ".", ""),
        (["$1,805.97"], 2, ".", ""),
        (["12,5"], 2, ",", ""),
        (["0,125"], 2, ",", ""),
        (["1.234.567"], 2, ",", ""),
        (["1.250,–"], 2, ",", ""),
        (["12,50 zł"], 2, ",", ""),
        (["1'234"], 2, "", ""),
        (["1 234"], 2, "", ""),
        (["1.234", "1,234", "5", ""], 2, "", "1.234"),
        (["1.250", "2.990", "899"], 2, "", "1.250"),
        (["1.250", "2.990", "9,90"], 2, ",", "1.250"),
        (["1.5", "1,5"], 2, ".,", ""),
        (["12.500", "3.250"], 3, ".", ""),
        (["12,500", "3,250"], 3, "", "12,500"),
        (["KWD 12.500"], 2, ".", ""),
        (["١٢٫٥"], 2, "", ""),
        (["no number", "1.2.3", "12 50"], 2, "", ""),
    ],
)
def test_which_texts_prove_which_decimal_sign(samples, exponent, signs, unsure):
    evidence = Evidence(exponent)
    evidence.add_all(samples)
    assert ("".join(sorted(evidence.proofs, reverse=True)), evidence.unsure) == (signs, unsure)


def test_a_price_is_no_quantity():
    assert [parse_quantity(text) for text in ("3", "3.00", "-2", "３")] == [3, 3, -2, 3]
    assert code_of(parse_quantity, "¥3") == "not_a_number"
    assert code_of(parse_quantity, "1.5") == "fractional_quantity"
    assert code_of(parse_quantity, "1.000") == "ambiguous_number"
    assert parse_quantity("1.000", ".") == 1


def test_a_cell_must_not_name_another_currency_than_its_row():
    for text, currency in [("12", "EUR"), ("12 EUR", "EUR"), ("$12", "AUD"), ("12元", "CNY")]:
        require_currency(parse_number(text), currency, text)
    with pytest.raises(RowProblem) as caught:
        require_currency(parse_number("12 EUR"), "GBP", "12 EUR")
    assert (caught.value.code, caught.value.params) == ("currency_mismatch", {"value": "12 EUR", "currency": "GBP"})


@pytest.mark.parametrize(
    ("text", "default", "currency"),
    [
        ("12", "EUR", "EUR"),
        ("12 CHF", "EUR", "CHF"),
        ("12元", "EUR", "CNY"),
        ("12元", "TWD", "TWD"),
        ("¥12", "JPY", "JPY"),
        ("¥12", "EUR", "EUR"),
        ("$12", "EUR", "EUR"),
    ],
)
def test_a_cell_says_the_currency_where_it_can_be_one_only(text, default, currency):
    assert named_currency(parse_number(text), default) == currency


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" $-   ", 0),
        ("$ -", 0),
        ("- €", 0),
        ("¥ -", 0),
        ("-£", 0),
        ("-", None),
        ("--", None),
        ("x -", None),
        ("-x", None),
    ],
)
def test_a_dash_beside_a_currency_is_nothing_as_accounts_write_it(text, value):
    assert (value_of(text) if value is not None else code_of(parse_number, text)) in (value, "not_a_number")


@pytest.mark.parametrize(
    ("text", "default", "code"),
    [
        ("GBP ", "USD", "GBP"), ("gbp", "USD", "GBP"), ("", "USD", "USD"), ("RMB", "USD", "CNY"),
        ("人民币", "USD", "CNY"),
        ("元", "USD", "CNY"), ("元", "TWD", "TWD"), ("€", "USD", "EUR"), ("US$", "EUR", "USD"),
        ("US Dollar", "EUR", "USD"),
        ("$", "AUD", "AUD"), ("$", "EUR", None), ("¥", "JPY", "JPY"), ("¥", "EUR", None), ("kr", "SEK", "SEK"),
        ("gold", "USD", None),
    ],
)  # fmt: skip
def test_a_currency_may_be_written_by_its_sign_or_name(text, default, code):
    assert currency_code(text, default) == code


def test_every_sign_stands_for_currencies_there_are():
    from crm.lib.money import exponent
    from customers.sources.currencies import _NAMED

    assert all(exponent(code) >= 0 for codes in _NAMED.values() for code in codes)
    assert [currencies_of(word) for word in ("", "kg", "XTS", "pcs", ".")] == [()] * 5


ZEROS = "0٠۰०０"
WRITERS = {
    "plain": lambda text: text,
    "english": lambda text: text,
    "german": lambda text: text.translate({0x2C: ".", 0x2E: ","}),
    "swiss": lambda text: text.replace(",", "’"),
    "french": lambda text: text.replace(",", "\u202f").replace(".", ","),
    "arabic": lambda text: text.translate({0x2C: "٬", 0x2E: "٫"}),
}


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from(sorted(WRITERS)),
    st.sampled_from(ZEROS),
    st.sampled_from(["{}", "({})", "{}-", "-{}"]),
    st.sampled_from(["{}", "{} EUR", "EUR {}", "€{}", "{}\u00a0€"]),
)
def test_an_amount_written_in_any_way_is_read_back(value, style, zero, sign, money):
    value = abs(value)
    text = WRITERS[style](f"{value:.2f}" if style == "plain" else f"{value:,.2f}")
    text = text.translate({0x30 + digit: ord(zero) + digit for digit in range(10)})
    # The sign may stand around the number or around all of it.
    text = money.format(sign.format(text)) if sign != "{}-" else sign.format(text)
    assert value_of(text) == (value if sign == "{}" else -value)


@given(st.decimals(0, 10**9, places=3), st.sampled_from([",", "."]))
def test_a_number_of_three_decimals_is_read_back_or_refused(value, decimal):
    text = f"{value:.3f}".replace(".", decimal)
    if value < 1 or value >= 1000:
        assert value_of(text) == value
    else:
        assert code_of(parse_number, text) == "ambiguous_number"


def test_plain_makes_one_form_of_signs_and_keeps_the_rest():
    assert plain("１２－３\u3000٤५’—é王\u200b\ufeff\n") == "12-3 45'-é王\n"
