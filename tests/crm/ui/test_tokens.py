"""Contrast of the tokens, computed by WCAG 2.2's formula in both themes."""

import re

import pytest
from django.conf import settings

SOURCE = settings.BASE_DIR.joinpath("crm/ui/static/css/tokens.css").read_text(encoding="utf-8")
HEX = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})")
STAGES = ["prospect", "new", "active", "loyal", "at_risk", "dormant", "lost", "won_back"]
GROUPS = [
    "champions",
    "loyal",
    "potential_loyalist",
    "new",
    "promising",
    "needs_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
    "lost",
]


def themes():
    light, dark = SOURCE.split('[data-bs-theme="dark"] {', 1)
    light_tokens = dict(HEX.findall(light))
    return {"light": light_tokens, "dark": light_tokens | dict(HEX.findall(dark.split("\n}", 1)[0]))}


THEMES = themes()


def linear(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]


def contrast(one, other):
    low, high = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(each), strict=True)) for each in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "card", "hover")),
    *(
        (ink, ground)
        for ink in ("ink", "ink-2")
        for ground in ("sunken", "info-soft", "positive-soft", "warning-soft", "danger-soft")
    ),
    *((kind, ground) for kind in ("positive", "warning", "danger", "info") for ground in ("card", "paper")),
    *((kind, f"{kind}-soft") for kind in ("positive", "warning", "danger")),
    ("on-accent", "accent"),
    ("paper", "ink"),
    *(("heat-ink-low", f"heat-{step}") for step in range(5)),
    *(("heat-ink-high", f"heat-{step}") for step in range(5, 9)),
]
MARKS = [
    *(f"stage-{stage}" for stage in STAGES),
    *(f"group-{group}" for group in GROUPS),
    *(f"series-{n}" for n in range(1, 5)),
    "series-previous",
    "edge",
    "focus",
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_reaches_aa(theme, ink, ground):
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mark", MARKS)
def test_marks_stand_out_from_the_card(theme, mark):
    assert contrast(THEMES[theme][mark], THEMES[theme]["card"]) >= 3


# Machado, Oliveira & Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
# severity 1.
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


def oklab(rgb):
    r, g, b = rgb
    long = max(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b, 0) ** (1 / 3)
    middle = max(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b, 0) ** (1 / 3)
    short = max(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b, 0) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def seen(colour, eye):
    return oklab([sum(w * c for w, c in zip(row, linear(colour), strict=True)) for row in eye])


def distance(one, other, eye):
    return sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
def test_best_and_worst_differ_for_colour_blind_eyes(theme, eye):
    tokens = THEMES[theme]
    best = [tokens[f"stage-{stage}"] for stage in ("loyal", "active")]
    worst = [tokens[f"stage-{stage}"] for stage in ("at_risk", "dormant", "lost")]
    # 0.02 in OKLab is about one just noticeable difference.
    assert min(distance(one, other, eye) for one in best for other in worst) >= 0.06
