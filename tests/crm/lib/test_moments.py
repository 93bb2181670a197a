"""Moments are in UTC inside, or not there at all."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crm.lib.moments import as_utc


def test_a_moment_is_the_same_one_in_utc():
    moment = as_utc(datetime.fromisoformat("2026-11-20T10:00:00+08:00"))
    assert (moment, moment.tzinfo) == (datetime(2026, 11, 20, 2, tzinfo=UTC), UTC)
    assert as_utc(datetime(2026, 1, 1, tzinfo=timezone(-timedelta(hours=15, minutes=59)))).day == 1


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T10:00:00",
        "2026-11-20T10:00:00+16:00",
        "2026-11-20T10:00:00-23:59",
        "0001-01-01T00:00:00+23:59",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_no_clock_shows_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        as_utc(datetime.fromisoformat(text))
