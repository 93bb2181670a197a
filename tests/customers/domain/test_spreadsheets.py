import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.spreadsheets import unwrapped


@pytest.mark.parametrize(
    ("raw", "bare"),
    [
        ('="00123"', "00123"),
        ('= "00123"', "00123"),
        ("=00123", "00123"),
        ('=""', ""),
        ('="a,b"', "a,b"),
        ("'0042", "0042"),
        ("'0042'", "0042"),
        ("’0042", "0042"),
        ("`0042", "0042"),
        ("\t0042", "0042"),
        ('"0042"', "0042"),
        ("“0042”", "0042"),
        ('\'="0042"', "0042"),
        ('"=""0042"""', '=""0042""'),
        ("0042", "0042"),
        ("O'Neil", "O'Neil"),
        ('12"', '12"'),
        ('"12', '"12'),
        ("=1+1", "=1+1"),
        ("=A1", "=A1"),
        ("'", "'"),
        ("", ""),
    ],
)
def test_marks_around_a_text_are_taken_off(raw, bare):
    assert unwrapped(raw) == bare


@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,20}", fullmatch=True),
    st.sampled_from(['="{}"', "'{}", "`{}", "\t{}", '"{}"']),
)
def test_every_id_is_read_back_out_of_its_marks(text, form):
    assert unwrapped(form.format(text)) == text


@given(st.text(max_size=20))
def test_what_is_bare_stays(text):
    assert unwrapped(unwrapped(text)) == unwrapped(text)
