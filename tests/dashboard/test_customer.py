"""One customer's page: what it says, who may see it, and a timeline that covers everything once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.dashboard.timeline import timeline
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Customer, CustomerTag, Identifier, Note, Tag
from segmentation.models import CustomerScore, ScoreRun, StageTransition
from segmentation.panels import gaps_chart
from segmentation.presenters import disagreement, rhythm, score_words
from tests.factories import customers
from tests.factories.shops import NOW


@pytest.fixture
def anna(shop, make_customer):
    return make_customer(
        shop, "Anna Smith", email="anna@example.com", phone="+447400123456", number="C1", last_order_at=NOW
    )


@pytest.fixture
def see(shop, owner, as_person):
    client = as_person(owner)
    return lambda customer, rest="", **headers: client.get(f"/s/{shop.slug}/customers/{customer.pk}/{rest}", **headers)


def score(**fields):
    defaults = {
        "stage": "at_risk",
        "stage_since": NOW.date(),
        "stage_reason": "overdue",
        "recency_days": 34,
        "frequency": 9,
        "typical_gap_days": 24.2,
        "overdue_days": 9.1,
        "p_alive": 0.712,
        "clv_minor": 18000,
        "value_percentile": 97,
        "confidence": "high",
    }
    return CustomerScore(**(defaults | fields))


# The night after a Thursday was scored.
TODAY, AS_OF = date(2026, 11, 20), date(2026, 11, 19)
IDENTIFIED = ScoreRun(models_fitted={"forecast_by": "bg_nbd"}, as_of=AS_OF)
NOT_IDENTIFIED = ScoreRun(models_fitted={"forecast_by": "nbd"}, as_of=AS_OF)


def words(run=IDENTIFIED, *, shop, **fields):
    return " ".join(score_words(score(**fields), run, shop, today=TODAY).sentences)


def test_scores_are_said_in_words(shop):
    assert words(shop=shop) == (
        "Buys about every 24 days; 9 days late. 71% still a customer. "
        "Expected to bring £180 in the next 12 months. Among your best 4%."
    )


def test_the_stage_alone_stands_beside_the_name(anna, shop, see, make_score):
    make_score(shop, anna, stage="at_risk", rfm_group="loyal")
    page = see(anna).text
    assert ('data-stage="at_risk"' in page, "data-group" in page) == (True, False)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"overdue_days": 0.0, "recency_days": 2}, "Buys about every 24 days; last bought 2 days ago."),
        ({"overdue_days": 0.0, "recency_days": 1}, "Buys about every 24 days; last bought yesterday."),
        ({"frequency": 1, "recency_days": 11, "overdue_days": 3.0}, "Bought once, 11 days ago."),
        ({"frequency": 1, "recency_days": 1}, "Bought once, yesterday."),
        ({"frequency": 2, "purchase_days": 1, "recency_days": 11}, "Bought on one day only (2 orders), 11 days ago."),
        ({"recency_days": None, "p_alive": None, "clv_minor": 0, "value_percentile": None}, "Has not bought yet."),
    ],
)
def test_the_rhythm_is_said_for_every_history(shop, fields, sentence):
    assert words(shop=shop, **fields).startswith(sentence)


def test_after_a_pause_of_scoring_days_are_named(shop):
    asleep = ScoreRun(models_fitted={}, as_of=date(1998, 6, 30))
    assert (
        rhythm(score(frequency=1, recency_days=11), as_of=asleep.as_of, today=TODAY) == "Bought once, on 20 Jun 1998."
    )


def test_of_a_first_time_buyer_nothing_is_foreseen(shop):
    found = score_words(
        score(frequency=1, purchase_days=1, expected_purchases_365d=2.0, orders_per_purchase=1.5),
        IDENTIFIED,
        shop,
        today=TODAY,
    )
    assert "Too early to say what the next 12 months bring: that takes a second purchase." in found.sentences
    assert not any("£" in sentence for sentence in found.sentences)
    foreseen = {fact.term: fact.value for fact in found.facts}
    assert [foreseen[f"Orders in {days} days"] for days in (30, 90, 365)] == ["Too early to say"] * 3
    assert (foreseen["Next 12 months"], foreseen["AOV expected"]) == ("Too early to say", "Too early to say")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"stage": "at_risk", "churn_risk": 0.02}, "Late by their own rhythm; yet by the pace so far, an order within"),
        ({"stage": "at_risk", "churn_risk": 0.2}, ""),
        ({"stage": "loyal", "churn_risk": 0.7}, "On time by their own rhythm, which is slow"),
        ({"stage": "loyal", "churn_risk": 0.02}, ""),
        ({"stage": "at_risk", "churn_risk": 0.02, "purchase_days": 1}, ""),
    ],
)
def test_where_stage_and_forecast_disagree_it_is_said_which_saw_what(shop, fields, said):
    found = disagreement(score(**fields))
    assert found.startswith(said)
    assert bool(found) is bool(said)


@pytest.mark.parametrize(("p_alive", "said"), [(1.0, "99%"), (0.0001, "1%")])
def test_nobody_is_said_to_stay_or_be_gone_for_sure(shop, p_alive, said):
    assert f"{said} still a customer." in words(shop=shop, p_alive=p_alive)


def test_without_identified_dropout_no_chance_is_said(shop):
    found = score_words(score(p_alive=1.0), NOT_IDENTIFIED, shop, today=TODAY)
    assert "There is not enough history to tell who has left for good." in found.sentences
    assert not any("still a customer" in sentence for sentence in found.sentences)
    assert "Still a customer" not in [fact.term for fact in found.facts]


def test_low_confidence_is_said(shop):
    assert score_words(score(confidence="low"), IDENTIFIED, shop, today=TODAY).doubt.startswith("A first guess")
    assert [
        score_words(score(confidence=each), IDENTIFIED, shop, today=TODAY).is_guess for each in ("low", "medium")
    ] == [
        True,
        False,
    ]
    assert score_words(score(), IDENTIFIED, shop, today=TODAY).doubt == ""


def test_the_worse_half_is_not_called_best(shop):
    assert "best" not in words(shop=shop, value_percentile=50)


def test_the_page_shows_scores_orders_and_masked_contacts(see, shop, anna, make_score):
    make_score(shop, anna, p_alive=0.87, recency_days=1, frequency=2, typical_gap_days=30.0, clv_minor=500)
    with shop_scope(shop):
        customers.order(shop, "A-1", customer=anna)
    html = see(anna).content.decode()
    for text in ("Anna Smith", "87% still a customer", "A-1", "a•••@example.com", "+44•••3456"):
        assert text in html
    assert "anna@example.com" not in html
    assert "7400123456" not in html


def test_an_unscored_customer_has_a_page(see, anna):
    assert "No scores yet" in see(anna).content.decode()


def test_another_shops_customer_is_not_found(see, other_shop, make_customer):
    for rest in ("", "timeline/", "orders/", "edit/"):
        assert see(make_customer(other_shop, "Other"), rest).status_code == 404


@pytest.mark.parametrize(("role", "may"), [(Role.AGENT, True), (Role.ANALYST, False)])
def test_only_who_may_edit_and_see_contacts_is_offered_it(shop, anna, make_member, as_person, role, may):
    html = as_person(make_member(shop, role)).get(f"/s/{shop.slug}/customers/{anna.pk}/").content.decode()
    assert ("Show contacts" in html) is may
    assert ("note-dialog" in html) is may


def test_the_number_of_queries_does_not_grow(see, shop, anna, make_score):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_score(shop, anna)
    see(anna)  # The first request of a session writes its row.
    counts = []
    for wanted in (1, 3):
        with shop_scope(shop):
            for n in range(len(counts), wanted):
                _one_of_everything(shop, anna, n)
        with CaptureQueriesContext(connection) as caught:
            assert see(anna).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]


def _one_of_everything(shop, customer, n):
    tea = customers.product(shop, f"P{n}", name=f"Tea {n}")
    order = customers.order(
        shop, f"A-{n}", customer=customer, placed_at=NOW - timedelta(days=n), lines=[(tea, 1, 1)], total_minor=1000
    )
    customers.refund(shop, f"R{n}", order=order, amount_minor=5)
    Note.objects.create(shop=shop, customer=customer, body=f"Note {n}", created_at=NOW)
    tag = Tag.objects.create(shop=shop, name=f"Tag {n}")
    CustomerTag.objects.create(shop=shop, customer=customer, tag=tag)
    StageTransition.objects.create(
        shop=shop, customer=customer, on=date(2026, 11, 1 + n), from_stage="new", to_stage="active", reason="", run_id=1
    )  # fmt: skip


def test_the_timeline_says_of_contacts_no_more_than_the_page(see, shop, anna):
    with shop_scope(shop):
        later = anna.created_at + timedelta(days=1)
        for kind, value in (("email", "late@example.com"), ("phone", "+442079460958")):
            Identifier.objects.create(shop=shop, customer=anna, kind=kind, value=value, created_at=later)
    found = see(anna, "timeline/?kind=identifiers")
    assert [item.text for item in found.context["timeline"].items] == ["+44•••0958", "l•••@example.com"]
    assert "late@example.com" not in found.text


def test_the_timeline_filters_by_kind(see, shop, anna):
    with shop_scope(shop):
        _one_of_everything(shop, anna, 0)
    titles = {
        kind: [event.title for event in see(anna, f"timeline/?kind={kind}").context["timeline"].items]
        for kind in ("orders", "refunds", "notes", "stages", "tags")
    }
    assert titles == {
        "orders": ["Order A-0 · £10.00"],
        "refunds": ["Refund R0 · £0.05"],
        "notes": ["Note"],
        "stages": ["New → Active"],
        "tags": ["Tagged “Tag 0”"],
    }
    assert len(see(anna, "timeline/?kind=nonsense").context["timeline"].items) == 5
    # A reload of the whole page shows the same.
    assert [event.title for event in see(anna, "?kind=notes").context["timeline"].items] == ["Note"]
    assert f'hx-replace-url="/s/tea/customers/{anna.pk}/?kind=notes"' in see(anna).text


@pytest.mark.parametrize("cursor", ["x", "W10", "WzAsOSwibiIsbnVsbCwxXQ", "WzAsMCwiaSIsNSwxXQ"])
def test_a_broken_cursor_is_not_found(see, anna, cursor):
    assert see(anna, f"timeline/?cursor={cursor}").status_code == 404
    assert see(anna, f"orders/?cursor={cursor}").status_code == 404


DAYS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 12, 24])), max_size=12)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=DAYS, notes=DAYS, stages=st.lists(st.integers(0, 3), max_size=4, unique=True))
@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Shanghai", "America/New_York"])
def test_the_timeline_covers_everything_once(make_shop, zone, orders, notes, stages):
    """Also where things of different kinds happened at the very same moment, and in shops of all time zones."""
    from crm.shops.models import Shop

    shop = Shop.objects.filter(slug="zoned").first() or make_shop("zoned", timezone=zone)
    midnight = datetime(2026, 11, 10, tzinfo=shop.zone).astimezone(UTC)
    with shop_scope(shop):
        customer = Customer.objects.create(shop=shop, name="Everything")
        for n, (day, hour) in enumerate(orders):
            # At 24 the hour is the last microsecond of the day, when stages change.
            at = midnight + timedelta(days=day, hours=hour, microseconds=-1 if hour == 24 else 0)
            customers.order(shop, f"{customer.pk}-{n}", customer=customer, placed_at=at)
        for day, hour in notes:
            at = midnight + timedelta(days=day, hours=hour, microseconds=-1 if hour == 24 else 0)
            Note.objects.create(shop=shop, customer=customer, body="x", created_at=at)
        for day in stages:
            StageTransition.objects.create(
                shop=shop, customer=customer, on=date(2026, 11, 10 + day), from_stage="new", to_stage="lost", reason="",
                run_id=1,
            )  # fmt: skip
        keys, cursor = [], ""
        while cursor is not None:
            found = timeline(customer, shop, kind="", cursor=cursor, size=3)
            keys += [event.key for event in found.items]
            cursor = found.next_url and found.next_url.partition("cursor=")[2]
    assert len(keys) == len(orders) + len(notes) + len(stages)
    assert keys == sorted(set(keys), reverse=True)


def test_gaps_are_counted_between_purchase_days():
    days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 2, 10), date(2026, 2, 15)]
    chart = gaps_chart(list(reversed(days)), None)
    assert chart.data["series"][0]["values"] == [10, 30, 5]
    assert chart.summary == "The last 3 gaps: 15 days on average; half at most 10 days, the longest 30."
    assert gaps_chart(days[:2], None) is None


def test_the_median_gap_is_one_that_half_do_not_exceed():
    chart = gaps_chart([date(2026, 1, 1), date(2026, 1, 11), date(2026, 4, 5)], None)
    assert chart.summary == "The last 2 gaps: 47 days on average; half at most 10 days, the longest 84."


def test_who_has_been_silent_long_is_promised_nothing_where_nobody_is_said_to_leave(shop):
    told = {stage: words(NOT_IDENTIFIED, shop=shop, stage=stage) for stage in ("at_risk", "dormant", "lost")}
    promised = {stage for stage, sentences in told.items() if "Expected to bring £180" in sentences}
    assert promised == {"at_risk"}
    assert "If they buy again at the old pace, the next 12 months bring £180." in told["lost"]


def test_a_stage_of_the_first_scoring_may_be_older(shop, see, anna, make_score):
    scored = make_score(shop, anna, stage="at_risk")
    assert "or earlier." in see(anna).text
    with shop_scope(shop):
        StageTransition.objects.create(
            shop=shop, customer=anna, on=scored.stage_since, from_stage="active", to_stage="at_risk", run_id=1
        )
    assert "or earlier." not in see(anna).text
