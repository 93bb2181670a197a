"""Numbers and dates as a reader of the active language writes them. Values in, text out."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal, cast

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_compact_decimal, format_percent, get_currency_name, parse_pattern
from django.utils import timezone
from django.utils.translation import get_language, gettext, to_locale

Number = int | float | Decimal


def language() -> str:
    return get_language() or "en"


@lru_cache(maxsize=16)
def _locale(code: str) -> Locale:
    return Locale.parse(to_locale(code))


def locale() -> Locale:
    return _locale(language())


# A page with charts writes hundreds of numbers, and reading the pattern takes as long as writing with it.
_pattern = lru_cache(maxsize=16)(parse_pattern)


def is_chinese() -> bool:
    return language().startswith("zh")


def between_sentences() -> str:
    """A full-width full stop brings its own space."""
    return "" if is_chinese() else " "


def listed(parts: Iterable[object]) -> str:
    """One, two, three; in Chinese 一、二、三."""
    return ("、" if is_chinese() else ", ").join(map(str, parts))


def number(value: Number, digits: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return cast(str, _pattern(pattern).apply(value, locale()))


def compact(value: Number) -> str:
    """1,234 becomes 1.2K; in Chinese 12,345 becomes 1.2万."""
    return format_compact_decimal(value, locale=locale(), fraction_digits=1)


def currency_name(code: str) -> str:
    return get_currency_name(code, locale=locale())


def percent(rate: Number, digits: int = 0) -> str:
    """A fraction 0–1 as a percentage."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return format_percent(rate, format=pattern, locale=locale())


def share(rate: Number) -> str:
    """A part of a whole as a percentage; what is little is not nothing, and what is most is not all: <1%, >99%."""
    if 0 < rate < 0.005:
        return f"<{percent(0.01)}"
    if -0.005 < rate < 0:
        return f">{percent(-0.01)}"
    if 0.995 <= rate < 1:
        return f">{percent(0.99)}"
    return percent(rate)


def day(value: date) -> str:
    """22 Nov 2026 or 2026年11月22日; an aware datetime is shown in the active time zone."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return format_date(value, "y年M月d日" if is_chinese() else "d MMM y", locale=locale())


def short_day(value: date) -> str:
    """22 Nov or 11月22日: where the year goes without saying, as below a chart."""
    return format_date(value, "M月d日" if is_chinese() else "d MMM", locale=locale())


def month(value: date) -> str:
    """Nov 2026 or 2026年11月."""
    return format_date(value, "y年M月" if is_chinese() else "MMM y", locale=locale())


def moment(value: datetime) -> str:
    """22 Nov 2026, 14:05 or 2026年11月22日 14:05, in the active time zone."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_datetime(local, "y年M月d日 HH:mm" if is_chinese() else "d MMM y, HH:mm", locale=locale())


def days_from(value: date, today: date) -> str:
    """Distance in words: today, yesterday, 12 days ago, in 3 days; months from 60 days on, years from 2 years on."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    distance = (value - today).days
    near = {0: gettext("today"), -1: gettext("yesterday"), 1: gettext("tomorrow")}
    if distance in near:
        return near[distance]
    far = abs(distance)
    unit: Literal["day", "month", "year"] = "day" if far < 60 else "month" if far < 730 else "year"
    words = format_timedelta(
        value - today, granularity=unit, threshold=1000, add_direction=True, format="long", locale=locale()
    )
    # CLDR has 12天前; docs/glossary-zh.md wants a space after figures.
    return re.sub(r"(\d)(?=[^\d\s])", r"\1 ", words) if is_chinese() else words
