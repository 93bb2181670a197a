"""What is a value of an attribute and what is none, in JSON and in text."""

import json
import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.attributes import BadValue, Cell, Shape, as_json, as_text, from_json, from_text, is_key

NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
LABELS = {7: "Red", 8: "Blau", 9: "红"}
CHOOSABLE = {"red": 7, "blau": 8, "红": 9}


def shape(type_):
    return Shape(1, "size", type_, CHOOSABLE)


@pytest.mark.parametrize(
    ("type_", "sent", "cells"),
    [
        ("text", "  two\t words ", (Cell(text="two words"),)),
        ("number", 12, (Cell(number=12.0),)),
        ("number", -0.0, (Cell(number=0.0),)),
        ("number", 0.1, (Cell(number=0.1),)),
        ("date", "2024-02-29", (Cell(day=date(2024, 2, 29)),)),
        ("date", "2026年11月5日", (Cell(day=date(2026, 11, 5)),)),
        ("yearly", "02-29", (Cell(day=date(2000, 2, 29)),)),
        ("yearly", "--11-05", (Cell(day=date(2000, 11, 5)),)),
        ("boolean", False, (Cell(boolean=False),)),
        ("choice", "ｒＥd", (Cell(choice=7),)),
        ("choices", ["红", "red", "Red"], (Cell(item=7, choice=7), Cell(item=9, choice=9))),
        ("choices", [], ()),
        ("text", "", ()),
        ("number", None, ()),
        ("text", " ", ()),
    ],
)
def test_what_json_means(type_, sent, cells):
    assert from_json(shape(type_), sent) == cells


@pytest.mark.parametrize(
    ("type_", "sent", "code"),
    [
        ("text", 5, "wrong_type"),
        ("text", "x" * 501, "too_long"),
        ("text", "a\0b", "control_character"),
        ("number", "5", "wrong_type"),
        ("number", True, "wrong_type"),
        ("number", math.nan, "out_of_range"),
        ("number", math.inf, "out_of_range"),
        ("number", 10**400, "out_of_range"),
        ("number", 10**16, "out_of_range"),
        ("number", 1e-13, "out_of_range"),
        ("date", "2026-02-29", "invalid_date"),
        ("date", "0000-01-01", "invalid_date"),
        ("date", "05-11", "invalid_date"),
        ("yearly", "2026-11-05", "invalid_date"),
        ("yearly", "02-30", "invalid_date"),
        ("boolean", "yes", "wrong_type"),
        ("boolean", 1, "wrong_type"),
        ("choice", "Green", "unknown_choice"),
        ("choice", ["Red"], "wrong_type"),
        ("choices", "Red", "wrong_type"),
        ("choices", ["Red", 5], "wrong_type"),
        ("choices", ["Red", "Green"], "unknown_choice"),
        ("date", {}, "wrong_type"),
    ],
)
def test_what_json_cannot_mean(type_, sent, code):
    with pytest.raises(BadValue) as refused:
        from_json(shape(type_), sent)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("type_", "text", "result"),
    [
        ("number", "1234.50", 1234.5),
        ("number", "１２", 12.0),
        ("number", "-.5", -0.5),
        ("boolean", "是", True),
        ("boolean", "No", False),
        ("choices", "red; 红；blau", ["Red", "Blau", "红"]),
    ],
)
def test_what_text_means(type_, text, result):
    assert as_json(type_, from_text(shape(type_), text), LABELS) == result


@pytest.mark.parametrize(
    ("type_", "text", "code"),
    [
        ("number", "1,234", "not_a_number"),
        ("number", "1e5", "not_a_number"),
        ("number", "nan", "not_a_number"),
        ("number", "0.12345678901234567890", "out_of_range"),  # it would not be the same when read again
        ("number", "9" * 30, "out_of_range"),
        ("boolean", "maybe", "not_yes_or_no"),
        ("date", "tomorrow", "invalid_date"),
    ],
)
def test_what_text_cannot_mean(type_, text, code):
    with pytest.raises(BadValue) as refused:
        from_text(shape(type_), text)
    assert refused.value.code == code


NUMBERS = st.floats(-1e15, 1e15, allow_nan=False).filter(lambda number: number == 0 or abs(number) >= 1e-12)


@given(NUMBERS)
def test_a_number_written_as_text_is_the_same_number(number):
    cells = from_json(shape("number"), number)
    assert from_text(shape("number"), as_text("number", cells, {})) == cells


@given(st.dates())
def test_a_day_written_as_text_is_the_same_day(day):
    text = day.isoformat()
    if day.year >= 1000:
        assert as_text("date", from_text(shape("date"), text), {}) == text


@pytest.mark.parametrize("type_", ["text", "number", "date", "yearly", "boolean", "choice", "choices"])
def test_naughty_strings_are_a_value_or_a_clear_refusal(type_):
    for naughty in NAUGHTY:
        try:
            cells = from_text(shape(type_), naughty)
        except BadValue:
            continue
        assert from_text(shape(type_), as_text(type_, cells, LABELS)) == cells


@pytest.mark.parametrize("key", ["size", "a", "shoe_size_2", "a" * 40])
def test_keys(key):
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "Size", "1st", "_x", "sïze", "a b", "a" * 41, "size\n", "attribute.size"])
def test_no_keys(key):
    assert not is_key(key)
