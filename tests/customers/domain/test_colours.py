"""Buttons in a shop's colour can be seen and read, whatever the colour; contrasts as WCAG 2.2 defines them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.colours import Button, button, contrast, is_colour, luminance

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.48),  # the well-known grey that just fails
        ("#767676", "#ffffff", 4.54),  # and the one that just passes
        ("#ff0000", "#ffffff", 4.00),
        ("#123456", "#123456", 1),
    ],
)
def test_contrast(one, other, expected):
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_a_colour_that_is_seen_stays_as_it_is():
    assert button("#1f6f8b", ground="#ffffff") == Button("#1f6f8b", "#ffffff")
    assert button("#ffee00", ground="#1b2027") == Button("#ffee00", "#000000")


def test_one_that_is_not_seen_is_moved_away_from_its_ground():
    assert luminance(button("#ffffff", ground="#ffffff").fill) < 0.4
    assert luminance(button("#1b2027", ground="#1b2027").fill) > 0.1


@given(COLOURS, st.sampled_from(["#ffffff", "#1b2027"]))
def test_whatever_the_colour_a_button_is_seen_and_read(colour, ground):
    made = button(colour, ground=ground)
    assert contrast(made.fill, ground) >= 3
    assert contrast(made.words, made.fill) >= 4.5


@pytest.mark.parametrize("text", ["", "#fff", "1f6f8b", "#1F6F8B", "#1f6f8b\n", "#gggggg", "red"])
def test_what_is_no_colour(text):
    assert not is_colour(text)
