import csv
import io
import json
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.sources import (
    FIELDS,
    LINE_COLUMNS,
    PRESETS,
    REFUND,
    Context,
    Mapping,
    SourceError,
    describe_error,
    describe_reject,
    read,
    sniff,
)
from customers.sources.csv import CsvSource
from customers.sources.problems import SENTENCES

SUITES = Path(__file__).parents[2] / "data" / "suites"
HEADER = "order_id,ordered_at,customer_id,email,phone,name,city,country,product_id,product_name,quantity,unit_price,currency,discount,status\n"  # noqa: E501 (a heading is one line)
FULL = "1001,2026-07-20 10:00,c1,A@Example.com,020 7946 0958,王小明,Leeds,UK,p1,茶,2,19.90,eur,0.80,completed\n"


def all_of(path, context, source="generic", **options):
    batches = list(read(path, source, context, **options))
    return (
        [dict(zip(LINE_COLUMNS, line, strict=True)) for batch in batches for line in batch.lines],
        [reject for batch in batches for reject in batch.rejects],
        [warning for batch in batches for warning in batch.warnings],
    )


def error_of(path, context, source="generic"):
    with pytest.raises(SourceError) as caught:
        list(read(path, source, context))
    return caught.value


def test_a_full_row_becomes_a_full_line(write, context):
    assert all_of(write(HEADER + FULL), context) == (
        [
            {
                "row_no": 2, "kind": 0, "order_external_id": "1001",
                "placed_at": datetime(2026, 7, 20, 9, tzinfo=UTC), "placed_on": date(2026, 7, 20),
                "status": "fulfilled", "currency": "EUR", "customer_external_id": "c1", "email": "a@example.com",
                "phone": "+442079460958", "name": "王小明", "city": "Leeds", "country": "UK",
                "product_external_id": "p1", "product_name": "茶", "quantity": 2, "unit_price_minor": 1990,
                "discount_minor": 80, "total_minor": 3900, "is_revenue": True, "refund_of": None,
            }
        ],
        [],
        [],
    )  # fmt: skip


ORDERS_ABROAD = "order_id,ordered_at,email,phone,country\n"


@pytest.mark.parametrize(
    ("country", "phone", "found", "told"),
    [
        ("", "01 40 20 50 50", "+33140205050", None),
        ("N/A", "01 40 20 50 50", "+33140205050", None),
        ("FR", "0470 12 34 56", "+33470123456", None),
        ("BE", "0470 12 34 56", "+32470123456", None),
        ("Belgique", "0470 12 34 56", "+32470123456", None),
        ("比利时", "0470 12 34 56", "+32470123456", None),
        ("GB", "020 7946 0958", "+442079460958", None),
        ("US", "(212) 555-2368", "+12125552368", None),
        ("中国", "13800138000", "+8613800138000", None),
        ("BE", "+33 1 40 20 50 50", "+33140205050", None),
        ("BE", "0033 1 40 20 50 50", "+33140205050", None),
        ("Freedonia", "+33 1 40 20 50 50", "+33140205050", None),
        ("BE", "06 12 34 56 78", None, "BE"),  # of a mobile in France, and nobody's in Belgium
        ("Freedonia", "01 40 20 50 50", None, "Freedonia"),
    ],
)
def test_a_phone_without_country_code_is_of_the_country_in_its_row(write, country, phone, found, told):
    context = Context("EUR", "Europe/Paris", "FR")
    lines, rejects, warnings = all_of(write(ORDERS_ABROAD + f"1,2026-07-20,a@example.com,{phone},{country}\n"), context)
    assert ([line["phone"] for line in lines], rejects) == ([found], [])
    assert [(each.code, each.params["region"]) for each in warnings] == ([("invalid_phone", told)] if told else [])


def test_a_number_with_a_country_code_is_not_told_to_lack_one(write):
    text = ORDERS_ABROAD + "1,2026-07-20,a@example.com,+44 7700 900001,BE\n"
    (told,) = all_of(write(text), Context("EUR", "Europe/Paris", "FR"))[2]
    sentence = "“+44 7700 900001” is not a phone number that any country has given out. Check its digits."
    assert str(describe_reject(told.code, told.params)) == sentence


def test_a_country_on_the_orders_first_row_is_that_of_its_other_rows(write):
    rows = ["1,2026-07-20,,0470123456,BE", "1,2026-07-20,,0470123456,", "2,2026-07-20,,0470123456,"]
    lines, rejects, _ = all_of(write(ORDERS_ABROAD + "\n".join(rows)), Context("EUR", "Europe/Paris", "FR"))
    assert [line["phone"] for line in lines] == ["+32470123456", "+32470123456", "+33470123456"]
    assert rejects == []


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ("0470123456,,FR,BE", "+33470123456"),
        (",0470123456,FR,BE", "+32470123456"),
        (",0470123456,BE,", "+32470123456"),
        ("0470123456,0470123456,BE,FR", "+32470123456"),
        ("0470123456,,,BE", "+32470123456"),
        (",0470123456,,", "+33470123456"),
    ],
)
def test_a_phone_out_of_an_address_is_of_the_country_of_that_address(write, cells, found):
    header = "order number,order date,billing phone,shipping phone,billing country,shipping country\n"
    known = Mapping(
        columns={
            "order_id": "order number",
            "ordered_at": "order date",
            "phone": "billing phone",
            "country": "billing country",
        },
        also={"phone": ("shipping phone",), "country": ("shipping country",)},
    )
    lines, _, _ = all_of(write(header + f"1,2026-07-20,{cells}\n"), Context("EUR", "Europe/Paris", "FR"), known)
    assert [line["phone"] for line in lines] == [found]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ("bob@example.com,,,+16175550199", None),  # a present for somebody else
        (",c1,,+16175550199", None),
        (",,,+16175550199", "+16175550199"),  # nobody else is named
        ("Guest,0,,+16175550199", "+16175550199"),
        ("bob@example.com,,+16175550101,+16175550199", "+16175550101"),
        ("bob@example.com,,N/A,+16175550199", None),
    ],
)
def test_the_phone_of_who_receives_is_not_that_of_a_buyer_who_is_named(write, cells, found):
    for phones in (
        "phone,shipping phone",
        "billing_phone,shipping_phone",
        "Buyer Phone,Recipient Phone",
        "手机,收货人手机",
    ):
        first, other = phones.split(",")
        known = Mapping(
            columns={"order_id": "no", "ordered_at": "day", "email": "email", "customer_id": "who", "phone": first},
            also={"phone": (other,)},
        )
        text = f"no,day,email,who,{phones}\n1,2026-07-20,{cells}\n"
        lines, rejects, _ = all_of(write(text), Context("USD", "America/New_York", "US"), known)
        assert ([line["phone"] for line in lines], rejects) == ([found], [])


def test_the_only_phone_of_a_file_is_the_buyers(write):
    text = "订单号,下单时间,邮箱,收货人手机\n1,2026-07-20,a@example.cn,13800138000\n"
    assert [line["phone"] for line in all_of(write(text), Context("CNY", "Asia/Shanghai", "CN"))[0]] == [
        "+8613800138000"
    ]


def test_rows_without_a_country_have_that_of_another_row_of_their_order(write):
    header = "order_id,ordered_at,email,phone,country\n"
    rows = (
        "1,2026-07-20,a@b.de,,BE\n1,2026-07-20,,0470123456,\n1,2026-07-20,,0470123456,NULL\n2,2026-07-20,,0470123456,\n"
    )
    lines, _, _ = all_of(write(header + rows), Context("EUR", "Europe/Paris", "FR"))
    assert [line["phone"] for line in lines] == [None, "+32470123456", "+32470123456", "+33470123456"]


@pytest.mark.parametrize("word", ["NULL", "null", "nan", "NaN", "N/A", "n/a", "None", "-", "--", "—", "无", "\\N"])
def test_words_for_nothing_are_no_place_and_no_country_of_a_phone(write, word):
    header = "order_id,ordered_at,email,phone,city,country,shipping city\n"
    rows = f"1,2026-07-20,a@b.de,0470123456,{word},{word},{word}\n2,2026-07-20,a@b.de,0470123456,{word},BE,Gent\n"
    lines, rejects, warnings = all_of(write(header + rows), Context("EUR", "Europe/Paris", "FR"))
    assert [(line["city"], line["country"], line["phone"]) for line in lines] == [
        ("", "", "+33470123456"),
        ("Gent", "BE", "+32470123456"),
    ]
    assert (rejects, warnings) == ([], [])


def test_a_name_over_two_lines_becomes_one(write, context):
    lines, _, _ = all_of(write('order_id,ordered_at,email,name\n1,2026-07-20,a@example.com,"Ana\r\n  Lee"\n'), context)
    assert [line["name"] for line in lines] == ["Ana Lee"]


def test_only_order_date_and_identity_are_needed(write, context):
    lines, rejects, _ = all_of(write("order_id,ordered_at,email\n1,2026-11-22,a@b.de\n2,2026-11-22,\n"), context)
    assert [(line["email"], line["quantity"], line["total_minor"], line["is_revenue"]) for line in lines] == [
        ("a@b.de", 1, 0, True),
        (None, 1, 0, True),
    ]
    assert rejects == []


def test_chinese_headings_are_recognised(write, context):
    text = "订单号;下单时间;手机;邮箱;姓名;商品名称;数量;单价;订单状态\n"
    text += "7;2026年11月22日 上午9时30分;13800138000;a@qq.com;王小明;茶;１;¥1,234.50;交易成功\n"
    path = write(text, encoding="gb18030")
    lines, _, _ = all_of(path, Context("CNY", "Asia/Shanghai", "CN"))
    assert [
        (line["order_external_id"], line["phone"], line["name"], line["total_minor"], line["status"]) for line in lines
    ] == [("7", "+8613800138000", "王小明", 123450, "fulfilled")]
    facts = sniff(path)
    assert (facts.encoding, facts.delimiter, facts.preset, len(facts.mapping.columns)) == ("gb18030", ";", "generic", 9)


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("order_id", "", "missing_value"),
        ("order_id", "8.20983E+17", "scientific_id"),
        ("order_id", "x" * 201, "too_long"),
        ("ordered_at", "45983", "excel_serial_date"),
        ("ordered_at", "soon", "invalid_date"),
        ("name", "x" * 201, "too_long"),
        ("city", "x" * 121, "too_long"),
        ("country", "x" * 81, "too_long"),
        ("product_id", "a\x07b", "control_character"),
        ("product_name", "x" * 401, "too_long"),
        ("quantity", "1.5", "fractional_quantity"),
        ("quantity", "", "missing_value"),
        ("unit_price", "free", "not_a_number"),
        ("unit_price", "9" * 20, "amount_too_large"),
        ("unit_price", "19.90 USD", "currency_mismatch"),
        ("quantity", "€2", "not_a_number"),
        ("discount", "¥1", "currency_mismatch"),
        ("order_id", "-", "placeholder"),
        ("order_id", "NULL", "placeholder"),
        ("currency", "XXZ", "unknown_currency"),
        ("discount", "100", "discount_too_large"),
        ("status", "strange", "unknown_status"),
    ],
)
def test_a_bad_cell_rejects_its_row_alone(write, context, column, text, code):
    cells = FULL.strip().split(",")
    cells[FIELDS.index(column)] = text
    lines, rejects, _ = all_of(write(HEADER + FULL + ",".join(cells) + "\n" + FULL.replace("1001", "1002")), context)
    assert [line["row_no"] for line in lines] == [2, 4]
    assert [(reject.row_no, reject.column, reject.code, reject.raw) for reject in rejects] == [
        (3, column, code, tuple(cells))
    ]
    assert "?" not in str(describe_reject(code, rejects[0].params))


def test_a_nul_character_rejects_its_row_and_is_made_visible(write, context):
    lines, rejects, _ = all_of(write(HEADER + FULL.replace("Leeds", "Le\0eds") + FULL), context)
    assert len(lines) == 1
    assert [(reject.row_no, reject.column, reject.code, reject.raw[6]) for reject in rejects] == [
        (2, "7", "nul_character", "Le␀eds")
    ]


def test_a_wrong_number_of_cells_rejects_the_row(write, context):
    text = "order_id,ordered_at,email,\n1,2026-11-22,a@b.de,,,\n2,2026-11-22\n3,2026-11-22,a@b.de,x\n"
    lines, rejects, _ = all_of(write(text), context)
    assert [line["row_no"] for line in lines] == [2]
    assert [(reject.row_no, reject.code, reject.params) for reject in rejects] == [
        (3, "wrong_cell_count", {"found": 2, "expected": 3}),
        (4, "wrong_cell_count", {"found": 4, "expected": 3}),
    ]


@pytest.mark.parametrize("fields", ["customer_id", "customer_id,email", "customer_id,name", "customer_id,product_name"])
def test_a_quote_that_swallows_rows_is_named(write, context, fields):
    more = "c1," * fields.count(",")
    rows = [f"order_id,ordered_at,{fields}", f'1,2026-11-22,{more}"x@y.de', f"2,2026-11-22,{more}x@y.de"]
    rows += [f'3,2026-11-22,{more}"x@y.de"', f"4,2026-11-22,{more}x@y.de"]
    lines, rejects, warnings = all_of(write("\n".join(rows)), context)
    assert [line["order_external_id"] for line in lines] == ["4"]
    assert [(reject.row_no, reject.code, reject.params) for reject in rejects] == [
        (2, "quote_not_closed", {"lines": 3})
    ]
    assert warnings == []


def test_a_broken_identifier_is_a_warning_while_another_stands(write, context):
    text = "order_id,ordered_at,customer_id,email\n1,2026-11-22,c1,broken\n2,2026-11-22,,broken\n"
    lines, rejects, warnings = all_of(write(text), context)
    assert [(line["customer_external_id"], line["email"]) for line in lines] == [("c1", None)]
    assert [(reject.row_no, reject.column, reject.code) for reject in rejects] == [(3, "email", "invalid_email")]
    assert [(warning.row_no, warning.column, warning.code) for warning in warnings] == [(2, "email", "invalid_email")]


def test_a_reserved_domain_is_named_as_the_reason(write, context):
    _, rejects, _ = all_of(write("order_id,ordered_at,email\n1,2026-11-22,anna@shop.test\n"), context)
    assert [str(describe_reject(reject.code, reject.params)) for reject in rejects] == [
        "“anna@shop.test” is in a reserved domain, such as .test or .local, where no mail arrives."
    ]


def test_lines_without_quantity_or_price_above_zero_are_kept_and_no_revenue(write, context):
    text = "order_id,ordered_at,email,quantity,unit_price\n"
    text += "1,2026-11-22,a@b.de,0,5.00\n2,2026-11-22,a@b.de,1,0\n3,2026-11-22,a@b.de,3,0.125\n4,2026-11-22,a@b.de,0,\n"
    lines, _, _ = all_of(write(text), context)
    told = [(line["total_minor"], line["is_revenue"]) for line in lines]
    assert told == [(0, False), (0, False), (38, True), (0, False)]


@pytest.mark.parametrize(("quantity", "price"), [("-2", "5.00"), ("2", "-5.00")])
def test_a_line_below_zero_is_a_refund_of_its_order(write, context, quantity, price):
    text = f"order_id,ordered_at,email,quantity,unit_price\n1,2026-11-22,a@b.de,{quantity},{price}\n"
    (line,) = all_of(write(text), context)[0]
    assert [line[name] for name in ("kind", "order_external_id", "refund_of", "quantity", "total_minor")] == [
        REFUND, "1", "1", 2, 1000,
    ]  # fmt: skip
    assert not line["is_revenue"]


def test_day_and_month_are_decided_by_the_whole_file(write, context):
    text = "order_id,ordered_at,email\n1,03/04/2026,a@b.de\n2,{},a@b.de\n"
    for last, expected in [("25/04/2026", date(2026, 4, 3)), ("04/25/2026", date(2026, 3, 4))]:
        lines, _, _ = all_of(write(text.format(last)), context)
        assert lines[0]["placed_on"] == expected
    error = error_of(write(text.format("05/06/2026")), context)
    assert [(each.entry, each.column, each.readings) for each in error.questions] == [
        ("date_order", "ordered_at", ("dmy", "mdy"))
    ]
    mapping = Mapping.from_dict({"date_order": "mdy"})
    assert all_of(write(text.format("05/06/2026")), context, mapping)[0][0]["placed_on"] == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("prices", "currency", "totals"),
    [
        (["1.250", "2.990", "9,90"], "EUR", [125000, 299000, 990]),
        (["1.250", "2.990", "9.90"], "EUR", [125, 299, 990]),
        (["1.250", "2.990", "0.500"], "KWD", [1250, 2990, 500]),
        (["1.250", "2.990", "899"], "KWD", [1250, 2990, 899000]),
        (["€ 1.250,–", "€ 2.990,–", "1.299"], "EUR", [125000, 299000, 129900]),
    ],
)
def test_thousands_are_told_from_decimals(write, prices, currency, totals):
    rows = [f"{number};2026-05-11;a@b.de;{price}" for number, price in enumerate(prices, 1)]
    path = write("\n".join(["order_id;ordered_at;email;unit_price", *rows]))
    lines, rejects, _ = all_of(path, Context(currency, "Europe/Berlin"))
    assert ([line["total_minor"] for line in lines], rejects) == (totals, [])


@pytest.mark.parametrize(
    ("price", "cell", "expected"),
    [
        ("CHF 12.50", "", ("CHF", 1250)),
        ("12,50 zł", "", ("PLN", 1250)),
        ("12.50 €", "", ("EUR", 1250)),
        ("¥12", "", ("CNY", 1200)),  # the shop's, which it may be
        ("12.50", "usd", ("USD", 1250)),
        ("$12.50", "cad", ("CAD", 1250)),
        ("$12.50", "", "currency_mismatch"),
        ("CHF 12.50", "eur", "currency_mismatch"),
    ],
)
def test_a_price_may_name_the_currency_of_its_row(write, price, cell, expected):
    path = write(f'order_id,ordered_at,email,unit_price,currency\n1,2026-05-11,a@b.de,"{price}",{cell}\n')
    lines, rejects, _ = all_of(path, Context("CNY", "Asia/Shanghai"))
    found = [(line["currency"], line["total_minor"]) for line in lines] + [reject.code for reject in rejects]
    assert found == [expected]


def test_placeholders_are_nobody_and_no_warning(write, context):
    text = "order_id,ordered_at,customer_id,email,phone\n"
    text += "1,2026-02-01,0,a@b.de,-\n2,2026-02-01,Guest,b@b.de,n/a\n3,2026-02-01,NULL,游客,无\n4,2026-02-01,0042,,\n"
    path = write(text)
    lines, rejects, warnings = all_of(path, context)
    assert [(line["customer_external_id"], line["email"], line["phone"]) for line in lines] == [
        (None, "a@b.de", None), (None, "b@b.de", None), (None, None, None), ("0042", None, None),
    ]  # fmt: skip
    assert (rejects, warnings) == ([], [])


def test_ignored_placeholders_are_counted(context):
    header = ["order_id", "ordered_at", "customer_id", "email"]
    convert = CsvSource().converter(header, context, lambda: iter(()))
    for row_no, customer, email in [(2, "0", "a@b.de"), (3, "Guest", "N/A"), (4, "c1", "")]:
        convert(row_no, ["1", "2026-02-01", customer, email])
    assert convert.ignored_identifiers == 3


def test_masked_contacts_cost_no_order_and_make_no_identifier(write):
    text = "订单号,下单时间,客户编号,邮箱,手机号,数量,单价\n"
    text += "1,2026-05-11,t**8,,138****8001,1,19.90\n2,2026-05-12,,a***@qq.com,15700001111转5678,1,29.90\n"
    lines, rejects, warnings = all_of(write(text), Context("CNY", "Asia/Shanghai", "CN"))
    assert [(line["customer_external_id"], line["email"], line["phone"], line["total_minor"]) for line in lines] == [
        (None, None, None, 1990), (None, None, None, 2990),
    ]  # fmt: skip
    assert rejects == []
    assert [(warning.row_no, warning.column, warning.code) for warning in warnings] == [
        (2, "客户编号", "masked_id"), (2, "手机号", "masked_phone"), (3, "邮箱", "masked_email"),
        (3, "手机号", "virtual_phone"),
    ]  # fmt: skip


def test_ids_that_a_spreadsheet_was_to_leave_alone_are_the_bare_ids(write):
    text = "订单号,下单时间,客户编号,手机,商品编号\n"
    text += '="00123",2026-05-11,="0042",="13800138001",="007"\n'
    text += '\'00124,2026-05-12,\'0042,\'13800138001,\'007\n\t00125,2026-05-12,`0042,13800138001,"""007"""\n'
    lines, _, _ = all_of(write(text), Context("CNY", "Asia/Shanghai", "CN"))
    assert [line["order_external_id"] for line in lines] == ["00123", "00124", "00125"]
    assert {(line["customer_external_id"], line["phone"], line["product_external_id"]) for line in lines} == {
        ("0042", "+8613800138001", "007")
    }


def test_dates_still_to_come_are_refused(write):
    context = Context("EUR", "Europe/Berlin", now=datetime(2026, 11, 28, tzinfo=UTC))
    text = "order_id,ordered_at,email\n1,2026-11-28,a@b.de\n2,2027-03-01,a@b.de\n3,08/14/26,a@b.de\n"
    lines, rejects, _ = all_of(write(text), context)
    assert [line["placed_on"] for line in lines] == [date(2026, 11, 28), date(2026, 8, 14)]
    assert [(reject.row_no, reject.column, reject.code) for reject in rejects] == [(3, "ordered_at", "date_in_future")]


def test_a_mapping_names_columns_and_words(write, context):
    mapping = Mapping.from_json(
        json.dumps(
            {
                "columns": {
                    "order_id": "Beleg", "ordered_at": "Am", "customer_id": "Wer", "unit_price": "Preis",
                    "status": "Stand",
                },
                "decimal": ",", "statuses": {"bezahlt": "paid"}, "delimiter": ";", "encoding": "windows-1252",
            }
        )
    )  # fmt: skip
    path = write("Beleg;Am;Wer;Preis;Stand\n1;22.11.2026;Zoë;1.234;Bezahlt\n", encoding="latin-1")
    lines, _, _ = all_of(path, context, mapping)
    assert [(line["customer_external_id"], line["total_minor"], line["status"]) for line in lines] == [
        ("Zoë", 123400, "paid")
    ]
    assert Mapping.from_json(mapping.to_json()) == mapping


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"colour": "red"}', '{"columns": []}', '{"columns": {"order": "x"}}', '{"columns": {"email": 5}}',
     '{"columns": {"email": "x", "phone": "x"}}', '{"date_order": "ydm"}', '{"decimal": ";"}', '{"delimiter": "|"}',
     '{"statuses": {"a": "b"}}', '{"encoding": "utf-7"}', '{"encoding": 7}', "[" * 100_000],
)  # fmt: skip
def test_a_wrong_mapping_says_why(text):
    with pytest.raises(SourceError) as caught:
        Mapping.from_json(text)
    assert caught.value.code == "mapping_invalid"
    assert caught.value.params["reason"]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("ordered_at,email\n2026-11-22,a@b.de\n", "missing_column", "order_id"),
        ("order_id,email\n1,a@b.de\n", "missing_column", "ordered_at"),
        ("order_id,ordered_at,name\n1,2026-11-22,x\n", "missing_customer_column", ""),
        ("order_id,ordered_at,email,email\n1,2026-11-22,a@b.de,\n", "duplicate_column", "email"),
        (HEADER, "no_rows", ""),
        ("\n\n", "empty_file", ""),
        ("1,2,3\n", "missing_column", "order_id"),
    ],
)
def test_a_wrong_heading_is_an_error_of_the_file(write, context, text, code, column):
    error = error_of(write(text), context)
    assert (error.code, error.column) == (code, column)
    assert str(describe_error(error))


def test_headings_that_differ_in_their_line_breaks_only_are_one_name_twice():
    mapping = Mapping(columns={"order_id": "Order\nno"})
    with pytest.raises(SourceError) as refused:
        mapping.found(["Order\nno", "Order\r\nno"])
    assert refused.value.code == "duplicate_column"


def test_duplicate_header_of_the_suite_is_refused(context):
    error = error_of(SUITES / "csv_made" / "duplicate_header.csv", context, Mapping(columns={"order_id": "email"}))
    assert (error.code, error.row, error.column) == ("duplicate_column", 1, "email")


def test_an_unknown_preset_is_refused(write, context):
    assert error_of(write(HEADER), context, "shopware").code == "unknown_preset"


def test_reading_goes_on_after_a_row(write, context):
    path = write(HEADER + FULL * 10 + "bad\n" + FULL * 5)
    whole, rejects, _ = all_of(path, context, batch_rows=4)
    assert [batch.last_row for batch in read(path, "generic", context, batch_rows=4)] == [5, 9, 13, 17]
    assert all_of(path, context, batch_rows=4, after_row=9) == (whole[8:], rejects, [])


def as_letter(entity):
    return chr(int(entity[1]))


@pytest.mark.parametrize(
    "column", ["name", "city", "country", "product_id", "product_name", "customer_id", "email", "phone", "status"]
)
def test_naughty_strings_are_lines_or_rejects_in_every_text_column(write, context, column):
    strings = json.loads((SUITES / "blns.json").read_text())
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(FIELDS)
    for number, text in enumerate(strings):
        cells = dict.fromkeys(FIELDS, "") | {
            "order_id": f"o{number}",
            "ordered_at": "2026-11-22",
            "quantity": "1",
            "unit_price": "1",
        }
        writer.writerow((cells | {column: text}).values())
    lines, rejects, _ = all_of(write(file.getvalue()), context)
    assert len(lines) + len(rejects) == len(strings) == 515
    if column in ("name", "product_name"):
        kept = {line["order_external_id"]: line[column] for line in lines}
        # Of the strings all but one or two are kept as they are: those are of control characters and of no character.
        plain = [re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe]", "", text.replace("\t", " ")).strip() for text in strings]
        plain = [unicodedata.normalize("NFC", re.sub(r"&#([0-9]{2,3});(?!  )", as_letter, text)) for text in plain]
        said = {f"o{number}": text for number, text in enumerate(plain)}
        assert kept == {number: said[number] for number in kept}


CELLS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["1", "2026-11-22", "03/04/2026", "a@b.de", "1,5", "-1", "1e9", "\0", '"', "\r\n", "=1+1", "99999999999999999999"]
)
fuzz = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@fuzz
@given(st.lists(st.lists(CELLS, min_size=15, max_size=16), min_size=1, max_size=5))
def test_every_row_is_a_line_or_a_reject(write, context, table):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(table)
    path = write(HEADER + FULL + file.getvalue())
    lines, rejects, _ = all_of(path, context, Mapping(date_order="dmy", repeats="each"))
    found = sorted([line["row_no"] for line in lines] + [reject.row_no for reject in rejects])
    assert found == [2] + [number + 3 for number, row in enumerate(table) if any(map(str.strip, row))]
    assert "\\x00" not in repr([lines, rejects])


@fuzz
@given(st.binary(max_size=400), st.sampled_from(sorted(PRESETS)), st.booleans())
def test_bytes_of_any_kind_raise_nothing_but_source_errors(write, context, content, preset, with_header):
    path = write((HEADER.encode() if with_header else b"") + content)
    for look in (lambda: list(read(path, preset, context)), lambda: sniff(path)):
        with suppress(SourceError):
            look()


def test_every_sentence_can_be_written():
    params = dict.fromkeys(
        [
            "value",
            "first",
            "region",
            "lines",
            "limit",
            "found",
            "expected",
            "name",
            "order",
            "ratio",
            "row",
            "reason",
            "encoding",
            "currency",
            "columns",
            "count",
            "names",
            "candidates",
            "kind",
        ],
        1,
    )
    assert [code for code in SENTENCES if "?" in str(describe_reject(code, params))] == []
    assert str(describe_reject("of_tomorrow", {})) == "The row cannot be used (of_tomorrow)."
