"""Moments from outside, in the form in which everything inside can work with them."""

from datetime import UTC, datetime, timedelta

# As PostgreSQL has it; no zone of the earth is farther from UTC than 14 hours.
FARTHEST_ZONE = timedelta(hours=16)
# Within these a moment can be moved to any zone and by some days without falling off the calendar.
FIRST_YEAR, LAST_YEAR = 2, 9998


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC. ValueError without a zone, for one of 16 hours or more, and at the calendar's ends."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) >= FARTHEST_ZONE or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(moment)
    return moment.astimezone(UTC)
