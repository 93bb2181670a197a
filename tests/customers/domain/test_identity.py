import csv
import json
from pathlib import Path

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from customers.domain.identity import (
    is_placeholder,
    normalise_customer_id,
    normalise_email,
    normalise_external_id,
    normalise_phone,
)

SUITES = Path(__file__).parents[2] / "data" / "suites"
EMAIL_CASES = json.loads((SUITES / "isemail_tests.json").read_text())["tests"]
PHONE_EXAMPLES = list(csv.DictReader((SUITES / "phone_examples.csv").read_text().splitlines()))


def test_isemail_truths_are_met():
    right = {"ISEMAIL_VALID_CATEGORY": True, "ISEMAIL_DNSWARN": True, "ISEMAIL_ERR": False}
    decided = [case for case in EMAIL_CASES if case["category"] in right]
    wrong = [
        case["address"]
        for case in decided
        if (normalise_email(case["address"]).value is not None) != right[case["category"]]
    ]
    assert (len(decided), wrong) == (40, [])


def test_unusual_but_legal_addresses_are_mostly_refused():
    unusual = [case["address"] for case in EMAIL_CASES if case["category"] in ("ISEMAIL_CFWS", "ISEMAIL_DEPREC")]
    assert [address for address in unusual if normalise_email(address).value] == []


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Anna.Smith+Tea@Example.COM ", "anna.smith+tea@example.com"),
        ("ａｎｎａ＠qq．com", "anna@qq.com"),
        ("anna@qq。com", "anna@qq.com"),
        ("\u200banna@qq.com", "anna@qq.com"),
        ("王小明@例子.公司", "王小明@例子.公司"),
        ("x@xn--fsqu00a.xn--0zwm56d", "x@例子.测试"),
        ("", None),
        ("  ", None),
        ("\u200b", None),
    ],
)
def test_normalise_email_makes_one_form(raw, value):
    assert normalise_email(raw) == (value, "")


@pytest.mark.parametrize(
    "raw",
    [
        "anna", "anna@", "@qq.com", "a b@qq.com", "a@b@c.de", '"a b"@qq.com', "Anna <a@b.de>",
        "a b@shop.test", "@shop.test", "a@@b.test", "a@b..test", "test",
        "a\0@b.de", "a@b.de\r\nBcc: x@y.z", "a" * 65 + "@b.de", "a@b.de, c@d.de", "x" * 300 + "@b.de", "a@[127.0.0.1]",
    ],
)  # fmt: skip
def test_normalise_email_refuses_what_is_no_address(raw):
    assert normalise_email(raw) == (None, "invalid_email")


@pytest.mark.parametrize("raw", ["anna@shop.test", "Anna@Shop.TEST", "a@localhost", "a@b.invalid", "ａ＠ｂ．local"])
def test_normalise_email_tells_a_reserved_domain(raw):
    assert normalise_email(raw) == (None, "reserved_email")


def test_addresses_that_only_some_services_take_for_one_stay_two():
    assert len({normalise_email(raw).value for raw in ("jane.doe@x.de", "janedoe@x.de", "jane.doe+a@x.de")}) == 3


ADDRESSES = st.from_regex(r"[A-Za-z0-9_.+%-]{1,70}@([a-z0-9-]{1,66}\.){0,4}[a-z0-9]{1,26}", fullmatch=True)


@given(ADDRESSES)
@example("a@xn--.com")
@example("a@b.test")
@example("a@ab--c.com")
@example("a@1.com")
def test_the_fast_way_answers_as_email_validator_does(address):
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False, strict=True)
        expected = found.normalized.lower()
    except EmailNotValidError:
        expected = None
    assert normalise_email(address).value == expected


@given(st.text(max_size=60))
def test_normalise_email_never_fails_and_is_settled_after_once(raw):
    value, problem = normalise_email(raw)
    assert value is None or normalise_email(value) == (value, "")
    assert problem in ("", "invalid_email", "reserved_email", "masked_email", "placeholder")


@pytest.mark.parametrize("form", ["national", "international"])
def test_phone_examples_of_all_regions_are_read(form):
    found = [
        normalise_phone(row[form], row["region"]).value == row["e164"] for row in PHONE_EXAMPLES if row["valid"] == "1"
    ]
    assert (len(found), found.count(False)) == (260, 0)


def test_invalid_phone_examples_are_refused():
    found = [normalise_phone(row["national"], row["region"]) for row in PHONE_EXAMPLES if row["valid"] == "0"]
    assert (len(found), {tuple(checked) for checked in found}) == (130, {(None, "invalid_phone")})


@pytest.mark.parametrize("case", json.loads((SUITES / "phone_parse_cases.json").read_text())["cases"], ids=str)
def test_phone_parse_truths_are_met(case):
    refused = "unassigned_phone" if case["input"].startswith(("+", "00")) else "invalid_phone"
    expected = (case["e164"], "") if case["valid"] else (None, refused)
    assert normalise_phone(case["input"], case["default_region"]) == expected


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("", "CN", (None, "")),
        ("１３８ ００１３ ８０００", "CN", ("+8613800138000", "")),
        ("13800138000.0", "CN", ("+8613800138000", "")),
        ("1.38E+10", "CN", (None, "scientific_id")),
        ("13800138000", "", (None, "invalid_phone")),
        ("+8613800138000", "", ("+8613800138000", "")),
        ("9" * 100_000, "CN", (None, "invalid_phone")),
        ("a phone", "CN", (None, "invalid_phone")),
        ("+447700900001", "GB", (None, "unassigned_phone")),
        ("00447700900001", "", (None, "unassigned_phone")),
        ("（＋44) 7700 900001", "GB", (None, "unassigned_phone")),
        ("07700900001", "GB", (None, "invalid_phone")),
    ],
)
def test_normalise_phone_of_odd_input(raw, region, expected):
    assert normalise_phone(raw, region) == expected


@given(st.text(max_size=30))
def test_normalise_phone_never_fails(raw):
    value, _ = normalise_phone(raw, "CN")
    assert value is None or value.startswith("+")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" 00042 ", ("00042", "")),
        ("13085.0", ("13085", "")),
        ("1234567890123456.0", ("1234567890123456.0", "")),
        ("8.20983E+17", (None, "scientific_id")),
        ("8,20983e+17", (None, "scientific_id")),
        ("1E5", ("1E5", "")),
        ("e\u0301", ("é", "")),
        ("订单-7", ("订单-7", "")),
        ("\ufeff7", ("7", "")),
        ("a\x00b", (None, "control_character")),
        ("a\nb", (None, "control_character")),
        ("a\u2028b", (None, "control_character")),
        ("x" * 200, ("x" * 200, "")),
        ("x" * 201, (None, "too_long")),
        ("", (None, "")),
    ],
)
def test_normalise_external_id(raw, expected):
    assert normalise_external_id(raw) == expected


def test_product_numbers_keep_their_point_zero():
    assert normalise_external_id("13085.0", undo_float=False) == ("13085.0", "")


PLACEHOLDERS = [
    "0", "000", "0.0", "-1", "NULL", "null", "(null)", "<none>", "None", "nil", "-", "--", "—", "_", ".", "/", "***",
    "?", "N/A", "n/a", "n.a.", "NA", "#N/A", "nan", "NaN", "undefined", "Guest", "guest user", "Guest-Customer",
    "GUEST_USER", "anonymous", "Unknown", "not provided", "walk-in customer", "\\N", '"NULL"', "游客", "匿名", "TRUE",
    "匿名用户", "无", "暂无", "未填写", "散客", "０", "ｎｕｌｌ", " 0 ", '="0"', "'0", "Gast",
]  # fmt: skip


@pytest.mark.parametrize("raw", PLACEHOLDERS)
@pytest.mark.parametrize(
    "normalise",
    [normalise_customer_id, normalise_email, lambda raw: normalise_phone(raw, "CN")],
    ids=["id", "email", "phone"],
)
def test_a_placeholder_is_no_identifier(normalise, raw):
    assert normalise(raw) == (None, "placeholder")


@pytest.mark.parametrize(
    "raw",
    ["10", "00042", "-2", "c0", "guest1", "Guesthouse", "nulla", "N/A-7", "test", "anna", "无锡", "游客7", "A*", "😀"],
)
def test_what_only_looks_like_a_placeholder_is_an_identifier(raw):
    assert not is_placeholder(raw)
    assert normalise_customer_id(raw) == (raw, "")


@given(st.text(max_size=30))
def test_a_customer_id_is_settled_after_once(raw):
    value, problem = normalise_customer_id(raw)
    assert value is None or normalise_customer_id(value) == (value, "")
    assert (value is None) or not problem


@pytest.mark.parametrize("raw", ["t**8", "张**", "138****8001", "a***@x.com"])
def test_a_masked_customer_id_is_no_identifier(raw):
    assert normalise_customer_id(raw) == (None, "masked_id")


@pytest.mark.parametrize(
    "raw",
    ["a***@x.com", "a*@qq.com", "***@qq.com", "an****na@qq.com", "*na@qq.com", "a•••@x.com", "a…@x.com", "a...@x.com"],
)
def test_a_masked_address_is_no_identifier(raw):
    assert normalise_email(raw) == (None, "masked_email")


@pytest.mark.parametrize(
    "raw",
    ["138****8001", "138xxxx8001", "138XXXX8001", "138*8001", "+86 138****8001",
     "138●●●●8001", "138####8001", "*******8001",
     "138____8001", "138…8001", "(***) ***-1234"],
)  # fmt: skip
def test_a_masked_phone_is_no_identifier(raw):
    assert normalise_phone(raw, "CN") == (None, "masked_phone")


@pytest.mark.parametrize(
    "raw",
    ["15700001111-1234", "15700001111转5678", "15700001111 转 5678", "15700001111轉12",
     "15700001111,1234", "15700001111#1234",
     "+86 157 0000 1111-1234", "8615700001111-1234", "15700001111(1234)", "15700001111[1234]", "15700001111分机1234",
     "15700001111 ext. 1234", "15700001111x1234", "１５７００００１１１１－１２３４", "+49 171 1234567 ext. 12"],
)  # fmt: skip
def test_a_number_lent_to_many_is_no_identifier(raw):
    assert normalise_phone(raw, "CN") == (None, "virtual_phone")


@pytest.mark.parametrize(
    ("raw", "region", "value"),
    [
        ("0171 1234567", "DE", "+491711234567"),
        ("0171/1234567", "DE", "+491711234567"),
        ("00491711234567", "DE", "+491711234567"),
        ("0049 171 1234567", "CN", "+491711234567"),
        ("00491711234567", "US", "+491711234567"),
        ("00491711234567", "", "+491711234567"),
        ("+49 (0)171 1234567", "", "+491711234567"),
        ("011 49 171 1234567", "US", "+491711234567"),
        ('="13800138001"', "CN", "+8613800138001"),
        ("'13800138001", "CN", "+8613800138001"),
        ("138-0013-8001", "CN", "+8613800138001"),
        ("+1 (502) 459-2181 ext. 12", "US", "+15024592181"),
        ("010-65529988-12", "CN", None),
    ],
)
def test_a_phone_is_read_as_people_write_it(raw, region, value):
    assert normalise_phone(raw, region).value == value


@pytest.mark.parametrize("raw", ["'anna@qq.com", '"anna@qq.com"', '="anna@qq.com"', "`anna@qq.com", "“anna@qq.com”"])
def test_an_address_is_taken_out_of_its_marks(raw):
    assert normalise_email(raw) == ("anna@qq.com", "")


def test_an_address_may_hold_an_asterisk_among_signs():
    assert normalise_email("!#$%&`*+/=?^`{|}~@iana.org").problem == ""


def _example_numbers():
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            if number := phonenumbers.example_number_for_type(region, kind):
                yield region, number


def test_a_number_that_a_spreadsheet_has_robbed_of_its_plus_is_no_other_number():
    for region, number in _example_numbers():
        whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert normalise_phone(whole.removeprefix("+"), region).value in (whole, None)


@pytest.mark.parametrize(
    ("region", "text", "found"),
    [
        ("DE", "4915112345678", "+4915112345678"),
        ("DE", "491711234567", "+491711234567"),
        ("DE", "(49) 151 12345678", "+4915112345678"),
        ("DE", "04915 112345678", "+494915112345678"),
        ("DE", "0151 12345678", "+4915112345678"),
        ("DE", "49151", None),
        ("AT", "43676123456", "+43676123456"),
        ("US", "16175550101", "+16175550101"),
        ("CN", "8613800138000", "+8613800138000"),
        ("IT", "393331234567", "+393331234567"),
        ("SE", "468123456", None),  # Stockholm with its country, or without
    ],
)
def test_a_number_that_may_have_its_country_code_is_the_mobile_or_nobodys(region, text, found):
    assert normalise_phone(text, region).value == found


def test_numbers_written_as_in_their_country_stay_those():
    for region, number in _example_numbers():
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        read = phonenumbers.parse(text, region)
        if phonenumbers.is_valid_number(read):
            whole = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
            assert normalise_phone(text, region).value == whole
