import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.lib.spreadsheets import SafeWriter, cell, guarded


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "|"])
@pytest.mark.parametrize("before", ["", " ", "\ufeff", "\u200b", "\u3000 ", "\u00a0\u2060"])
def test_a_formula_is_guarded_whatever_invisible_stands_before_it(before, sign):
    text = f"{before}{sign}cmd|'/c calc'!A1"
    assert guarded(text) == "'" + text.replace("\0", "")


@pytest.mark.parametrize("text", ["", "王小明", "Anna = Bob", "a+b@c.de", "'1", "1-2", "—", "  plain"])
def test_other_text_is_left_alone(text):
    assert guarded(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-5, "-5"),
        (-5.25, "-5.25"),
        (Decimal("-0.10"), "-0.10"),
        (True, "True"),
        (float("-inf"), "'-inf"),
        ("-5", "'-5"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), "2026-11-22T18:30:00+00:00"),
    ],
)
def test_numbers_written_by_us_stay_numbers(value, text):
    assert cell(value) == text


def test_safe_writer_writes_what_a_spreadsheet_reads_back():
    file = io.StringIO()
    SafeWriter(file).writerows([["名", "x"], ["=1+1", -2], ['a"b\nc', None]])
    assert file.getvalue() == '\ufeff名,x\r\n\'=1+1,-2\r\n"a""b\nc",\r\n'
    assert list(csv.reader(io.StringIO(file.getvalue()[1:]))) == [["名", "x"], ["'=1+1", "-2"], ['a"b\nc', ""]]
