import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.lib.spreadsheets import SafeWriter, cell, guarded, unguarded


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "|"])
@pytest.mark.parametrize("before", ["", " ", "\ufeff", "\u200b", "\u3000 ", "\u00a0\u2060"])
def test_a_formula_is_guarded_whatever_invisible_stands_before_it(before, sign):
    text = f"{before}{sign}cmd|'/c calc'!A1"
    assert guarded(text) == "'" + text.replace("\0", "")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "|"])
@pytest.mark.parametrize("before", ["", " ", "\u200b", "\u00a0\u2060"])
@pytest.mark.parametrize("divider", [";", "\t", "\n", "\r\n"])
def test_what_begins_a_cell_where_a_spreadsheet_divides_ours_is_guarded_too(divider, before, sign):
    rest = f"{before}{sign}cmd|'/c calc'!A1"
    assert guarded(f"x{divider}{rest}") == f"x{divider}'{rest}"


@given(st.text(alphabet="=-'; x\t\r\n\u200b|", max_size=12))
def test_taking_the_guard_off_gives_the_text_back_and_no_part_runs(text):
    assert unguarded(guarded(text)) == text
    for part in re.split(r"[;\t\r\n]", guarded(text)):
        assert part.lstrip(" \u200b")[:1] not in ("=", "-", "|")


@pytest.mark.parametrize(
    "text", ["", "Tea; Milk", "a\nb", "王小明", "Anna = Bob", "a+b@c.d", "'1", "1-2", "—", "  plain"]
)
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
