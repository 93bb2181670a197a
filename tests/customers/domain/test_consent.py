"""What counts of what was said, the strictest of two records, and the answer, by tables and properties."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.consent import (
    GRANTED,
    PENDING,
    WITHDRAWN,
    Answer,
    Reason,
    Said,
    decide,
    fold,
    overturns,
    strictest,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
STATES = (GRANTED, WITHDRAWN, PENDING)
HISTORIES = st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 4)), max_size=8).map(
    lambda said: [Said(state, NOON + timedelta(hours=hour), n) for n, (state, hour) in enumerate(said, start=1)]
)


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ([], None),
        ([(GRANTED, 1)], 0),
        ([(GRANTED, 1), (WITHDRAWN, 2)], 1),
        ([(WITHDRAWN, 2), (GRANTED, 1)], 0),  # the older one arrives late
        ([(WITHDRAWN, 1), (GRANTED, 2)], 1),
        ([(GRANTED, 1), (WITHDRAWN, 1)], 1),  # of one time, the later recorded
        ([(WITHDRAWN, 1), (GRANTED, 1)], 1),
        ([(PENDING, 1), (GRANTED, 2)], 1),
        ([(WITHDRAWN, 1), (WITHDRAWN, 2)], 1),
    ],
)
def test_the_last_thing_said_counts(said, counts):
    events = [Said(state, NOON + timedelta(hours=hour), n) for n, (state, hour) in enumerate(said)]
    assert fold(events) == (None if counts is None else events[counts])


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_sequence_of_arrival_does_not_matter(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(events)


@given(HISTORIES)
def test_one_by_one_it_is_the_same(events):
    counting = None
    for event in events:
        counting = event if overturns(event, counting) else counting
    assert counting == fold(events)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (None, None, None),
        (None, GRANTED, PENDING),
        (None, PENDING, PENDING),
        (None, WITHDRAWN, WITHDRAWN),
        (GRANTED, GRANTED, GRANTED),
        (GRANTED, PENDING, PENDING),
        (GRANTED, WITHDRAWN, WITHDRAWN),
        (PENDING, PENDING, PENDING),
        (PENDING, WITHDRAWN, WITHDRAWN),
        (WITHDRAWN, WITHDRAWN, WITHDRAWN),
    ],
)
def test_the_strictest_of_two_records(one, other, both):
    assert strictest(one, other) == strictest(other, one) == both


def test_joined_records_allow_nothing_that_either_forbade():
    for one, other in product((None, *STATES), repeat=2):
        assert (strictest(one, other) == GRANTED) == (one == other == GRANTED)


ONE, NONE = [set()], []
BOUNCED, COMPLAINED, ERASED, BLOCKED = ({"hard_bounce"}, {"complaint"}, {"erased"}, {"block_list"})


@pytest.mark.parametrize(
    ("state", "addresses", "marketing", "service"),
    [
        (GRANTED, ONE, None, None),
        (None, ONE, "no_consent", None),
        (PENDING, ONE, "pending", None),
        (WITHDRAWN, ONE, "withdrawn", None),
        (GRANTED, NONE, "no_address", "no_address"),
        (WITHDRAWN, NONE, "withdrawn", "no_address"),
        (GRANTED, None, None, None),  # letters: no identifier is asked for
        (None, None, "no_consent", None),
        (GRANTED, [BOUNCED], "suppressed", "suppressed"),
        (GRANTED, [BOUNCED, set()], None, None),
        (GRANTED, [BOUNCED, BOUNCED], "suppressed", "suppressed"),
        (GRANTED, [COMPLAINED], "suppressed", None),
        (GRANTED, [COMPLAINED, set()], "suppressed", None),
        (GRANTED, [BLOCKED, set()], "suppressed", None),
        (GRANTED, [ERASED, set()], "erased", "erased"),
        (GRANTED, [BOUNCED | ERASED], "erased", "erased"),
        (WITHDRAWN, [COMPLAINED], "suppressed", None),
        (None, [BOUNCED], "suppressed", "suppressed"),
    ],
)
def test_the_answer(state, addresses, marketing, service):
    for needs_consent, reason in ((True, marketing), (False, service)):
        of_a_minor = decide(needs_consent=needs_consent, state=state, suppressions=addresses, is_minor=True)
        is_kept = not needs_consent or reason in ("erased", "suppressed")
        assert of_a_minor.reason == (reason if is_kept else "minor")
        answer = decide(needs_consent=needs_consent, state=state, suppressions=addresses)
        assert answer == Answer(Reason(reason) if reason else None)
        assert answer.allowed == (reason is None)
