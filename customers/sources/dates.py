"""Dates and times as shops export them, in the shop's own zone where they name none."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from crm.lib.moments import FARTHEST_ZONE

from .problems import RowProblem, SourceError

_TIME = (
    r"(?:[T\s]\s*(?P<before>上午|下午|中午)?\s*(?P<hour>[0-9]{1,2})\s*[:时点]\s*(?P<minute>[0-9]{1,2})?\s*分?"
    r"(?:[:]?(?P<second>[0-9]{1,2})(?:[.,][0-9]{1,9})?秒?)?\s*(?P<after>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<offset>Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?\s*\Z"
)
_YEAR_FIRST = re.compile(
    r"(?P<y>[0-9]{4})\s*(?:[-/.年]\s*)(?P<m>[0-9]{1,2})\s*[-/.月]\s*(?P<d>[0-9]{1,2})\s*日?" + _TIME
)
_COMPACT = re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})" + _TIME)
_YEAR_LAST = re.compile(r"(?P<a>[0-9]{1,2})(?P<sign>[-/.])(?P<b>[0-9]{1,2})(?P=sign)(?P<y>[0-9]{4})" + _TIME)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}(?:\s|\Z)")
_SERIAL = re.compile(r"[0-9]{5}(?:[.,][0-9]+)?\Z")
_TO_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
FIRST_YEAR, LAST_YEAR = 1970, 2100


class Moment(NamedTuple):
    """A moment as aware UTC, and the shop's calendar day it falls on."""

    at: datetime
    on: date


def parse_moment(text: str, zone: tzinfo, order: str = "auto") -> Moment:
    """The moment in the text; `order` says how "03/04/2026" is read: "dmy", "mdy", or "auto", which refuses to guess.

    With points ("22.11.2026") the day is always first.

    A time without offset is the shop's wall clock, read as PEP 495 does: an hour that comes twice when summer time
    ends is the first one, an hour that the clock skips is moved on by the hour skipped. A date alone is that day's
    first moment. RowProblem: missing_value, invalid_date, ambiguous_date, two_digit_year,
    excel_serial_date, date_out_of_range.
    """
    match = _match(text.strip()[:60].translate(_TO_HALF_WIDTH), text)
    year, month, day = _calendar(match, order, text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RowProblem("date_out_of_range", value=text)
    try:
        written = datetime(year, month, day, *_clock(match), tzinfo=_offset(match["offset"]) or zone)
    except ValueError:
        raise RowProblem("invalid_date", value=text) from None
    return Moment(written.astimezone(UTC), written.date() if not match["offset"] else written.astimezone(zone).date())


def _match(bare: str, text: str) -> re.Match[str]:
    match = _YEAR_FIRST.match(bare) or _COMPACT.match(bare) or _YEAR_LAST.match(bare)
    if match and len(text) <= 60:
        return match
    if not bare:
        raise RowProblem("missing_value")
    if _SERIAL.match(bare):
        raise RowProblem("excel_serial_date", value=text)
    raise RowProblem("two_digit_year" if _SHORT_YEAR.match(bare) else "invalid_date", value=text)


def _calendar(match: re.Match[str], order: str, text: str) -> tuple[int, int, int]:
    if "a" not in match.re.groupindex:
        return int(match["y"]), int(match["m"]), int(match["d"])
    first, second = int(match["a"]), int(match["b"])
    if match["sign"] == ".":
        order = "dmy"
    if order == "auto":
        if first <= 12 and second <= 12 and first != second:
            raise RowProblem("ambiguous_date", value=text)
        order = "mdy" if second > 12 else "dmy"
    day, month = (first, second) if order == "dmy" else (second, first)
    return int(match["y"]), month, day


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    half = match["before"] or (match["after"] or "").replace(".", "").lower()
    if half and not 0 < hour <= 12:
        raise ValueError("12-hour clock")
    if half in ("pm", "下午", "中午"):
        hour = hour % 12 + 12
    elif half in ("am", "上午"):
        hour %= 12
    return hour, minute, second


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    if size >= FARTHEST_ZONE:
        raise ValueError("no zone is as far from UTC")
    return timezone(-size if text[0] == "-" else size)


def day_or_month_first(samples: Iterable[str], column: str) -> str:
    """Which of "dmy" and "mdy" the whole file is written in, from the first date that proves it; else "auto".

    Stops at the first proof, and after a thousand dates that need none (2026-11-22). SourceError ambiguous_dates
    where dates need it and none in the file proves it.
    """
    is_needed = False
    for count, text in enumerate(samples):
        if count >= 1_000 and not is_needed:
            break
        match = _YEAR_LAST.match(text.strip()[:60].translate(_TO_HALF_WIDTH))
        if not match or match["sign"] == ".":
            continue
        first, second = int(match["a"]), int(match["b"])
        if (first > 12) != (second > 12):
            return "dmy" if first > 12 else "mdy"
        is_needed = is_needed or first != second
    if is_needed:
        raise SourceError("ambiguous_dates", column=column)
    return "auto"
