"""A shop's colour on buttons, so that it can be read whatever the shop has chosen. Contrasts are those of WCAG 2.2."""

import re
from dataclasses import dataclass

BLACK, WHITE = "#000000", "#ffffff"
SEEN = 3.0  # what a control has to stand out from its ground (WCAG 1.4.11)
_HEX = re.compile(r"#[0-9a-f]{6}\Z")
_STEPS = 20


@dataclass(frozen=True)
class Button:
    """fill: of the button. words: on it, black or white, with a contrast of at least 4.5."""

    fill: str
    words: str


def is_colour(text: str) -> bool:
    """Whether it is "#rrggbb" in small letters."""
    return bool(_HEX.match(text))


def button(colour: str, *, ground: str) -> Button:
    """The colour as the fill of a button on `ground`: as it is, or as much darker or lighter as it takes to be seen.

    All are "#rrggbb". Of black and white one has at least 4.58 on any colour (the square root of 21).
    """
    away = BLACK if luminance(ground) > 0.5 else WHITE
    fills = (_mixed(colour, away, step / _STEPS) for step in range(_STEPS + 1))
    fill = next(fill for fill in fills if contrast(fill, ground) >= SEEN)
    return Button(fill, max((BLACK, WHITE), key=lambda words: contrast(words, fill)))


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    red, green, blue = (_linear(value / 255) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, other: str, share: float) -> str:
    """`share` of the other, 0 to 1."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(colour), _channels(other), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)
