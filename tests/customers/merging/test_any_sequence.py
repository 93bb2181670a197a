"""Words, files, merges and undos of three people in any sequence: once all is undone, nobody has agreed who has not."""

import os
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.consent.actions import record_consents
from customers.consent.recording import ConsentIn, differences
from customers.domain.consent import GRANTED, WITHDRAWN, Said, fold
from customers.imports.actions import request_undo
from customers.merging import merge_customers, undo_merge
from customers.models import Consent, Customer, Merge
from customers.tasks import IMPORTS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
HEADING = "email,consent.email.marketing,consent.email.marketing.at\n"
EXAMPLES = int(os.environ.get("EXAMPLES", "8"))
WHO = st.integers(0, 2)
STATE = st.sampled_from(["granted", "withdrawn", "pending"])
HOUR = st.integers(0, 40)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), WHO, STATE, HOUR),
        st.tuples(st.just("file"), WHO, STATE, st.none() | HOUR),
        st.tuples(st.just("join"), WHO, WHO, HOUR),
        st.tuples(st.just("part"), WHO, WHO, HOUR),
        st.tuples(st.just("take back"), WHO, WHO, HOUR),
    ),
    min_size=3,
    max_size=9,
)
numbers = count(1)


class World:
    """Three people of a shop, and what each has said alone: what was said of several is no word of one's own."""

    def __init__(self, bring):
        self.bring, self.number = bring, next(numbers)
        self.emails = [f"{name}-{self.number}@example.com" for name in ("ana", "bea", "cat")]
        self.shop = bring("email\n" + "\n".join(self.emails) + "\n", said={"kind": "customers"}).shop
        with shop_scope(self.shop):
            self.ids = [Customer.objects.get(identifiers__value=email).pk for email in self.emails]
        self.files, self.hours, self.alone, self.joint = [], set(), ([], [], []), ([], [], [])

    def holder(self, who):
        merge = Merge.objects.filter(source_id=self.ids[who], undone_at=None).first()
        return merge.customer_id if merge else self.ids[who]

    def moment(self, hour):
        """Each only once: of one second nobody knows what was first."""
        while hour in self.hours:
            hour += 1
        self.hours.add(hour)
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour)

    def say(self, who, state, hour):
        at = self.moment(hour)
        with shop_scope(self.shop):
            holder = self.holder(who)
            record_consents([ConsentIn(holder, "email", "marketing", state, at)], by=None, now=timezone.now())
            those = [n for n in range(3) if self.holder(n) == holder]
        for n in those:
            (self.alone if len(those) == 1 else self.joint)[n].append(Said(state, at, len(self.hours)))

    def file(self, who, state, hour):
        at = "" if hour is None else self.moment(hour).isoformat()
        self.files.append(self.bring(HEADING + f"{self.emails[who]},{state},{at}\n"))

    def join(self, one, other, _hour):
        with shop_scope(self.shop):
            pair = [Customer.objects.get(pk=self.holder(who)) for who in (one, other)]
            if pair[0] != pair[1]:
                merge_customers(*pair, by=None, now=timezone.now())

    def part(self, which, *_more):
        with shop_scope(self.shop):
            merges = list(Merge.objects.filter(customer__in=self.ids, undone_at=None).order_by("pk"))
            if merges:
                undo_merge(merges[which % len(merges)], by=None, now=timezone.now())

    def take_back(self, which, *_more):
        if not self.files:
            return
        made = self.files.pop(which % len(self.files))
        with shop_scope(self.shop):
            request_undo(made.job, by=None, now=timezone.now())
        IMPORTS.do_next(self.shop.pk)

    def states(self):
        with shop_scope(self.shop):
            assert differences()[1] == []
            known = dict(Consent.objects.filter(customer__in=self.ids).values_list("customer_id", "state"))
        return [known.get(pk) for pk in self.ids]


@given(steps, st.permutations(range(8)), st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_who_agrees_alone_has_agreed_and_no_withdrawal_is_lost(bring, wanted, order, merges_first):
    world = World(bring)
    for name, *how in wanted:
        getattr(world, name.replace(" ", "_"))(*how)
    ends = [world.part] * 2 + [world.take_back] * len(world.files)
    for place in sorted(range(len(ends)), key=lambda n: order[n % 8] if not merges_first else n):
        ends[place](order[place % 8])
    for found, alone, joint in zip(world.states(), world.alone, world.joint, strict=True):
        own = fold(alone)
        strict = fold([*alone, *(each for each in joint if each.state == WITHDRAWN)])
        if not joint:
            event("exactly")
            assert found == (own.state if own else None)
        elif strict is not None and strict.state == WITHDRAWN:
            assert found == WITHDRAWN
        else:
            assert found != GRANTED or (strict is not None and strict.state == GRANTED)
