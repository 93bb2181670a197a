from datetime import timedelta

from crm.tenancy.scope import shop_scope
from customers.models import Customer
from segmentation.models import (
    CustomerScore,
    RFMGroup,
    RFMMonth,
    ScoreColumns,
    ScoreRun,
    Settings,
    Stage,
    StageTransition,
)
from tests.factories.customers import DAY
from tests.factories.shops import NOW, canary


def score_run(shop, **fields):
    """A run that is done, scored as of today."""
    defaults = {"state": ScoreRun.State.DONE, "as_of": DAY, "created_at": NOW, "finished_at": NOW}
    with shop_scope(shop):
        return ScoreRun.objects.create(shop=shop, **(defaults | fields))


def score(shop, customer, *, run_id=1, **fields):
    """A customer's score: active for nine days, all figures empty unless given. customer: a Customer or its id.

    The lists read score columns: call segmentation.columns.write_columns once all scores are there.
    """
    pk = getattr(customer, "pk", customer)
    defaults = {"stage": Stage.ACTIVE, "stage_since": DAY - timedelta(days=9), "stage_reason": "on_rhythm"}
    with shop_scope(shop):
        return CustomerScore.objects.create(shop=shop, customer_id=pk, run_id=run_id, **(defaults | fields))


# One row of each model, for tests that ask what leaks


def make_score_run(shop, made):
    """Its columns of JSON stay empty: their shape belongs to the scoring, the canary goes where text may be free."""
    return ScoreRun.objects.create(
        shop=shop,
        state=ScoreRun.State.DONE,
        step=canary(shop),
        as_of=DAY,
        customers=1,
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        seconds=1.0,
    )


def make_customer_score(shop, made):
    return CustomerScore.objects.create(
        shop=shop,
        customer=made[Customer],
        run_id=made[ScoreRun].pk,
        recency_days=1,
        frequency=1,
        gross_minor=1234,
        net_minor=1234,
        r=5,
        f=1,
        m=3,
        rfm_group=RFMGroup.NEW,
        stage=Stage.NEW,
        stage_since=DAY,
        stage_reason=canary(shop),
    )


def make_stage_transition(shop, made):
    return StageTransition.objects.create(
        shop=shop,
        customer=made[Customer],
        on=DAY,
        from_stage=Stage.PROSPECT,
        to_stage=Stage.NEW,
        reason=canary(shop),
        run_id=made[ScoreRun].pk,
    )


def make_rfm_month(shop, made):
    return RFMMonth.objects.create(
        shop=shop, month=DAY.replace(day=1), customers=made[Customer].pk.to_bytes(8, "little"), cells=bytes([102])
    )


def make_score_columns(shop, made):
    """As write_columns would, but through whatever connection the scope has."""
    return ScoreColumns.objects.create(
        shop=shop,
        customers=made[Customer].pk.to_bytes(8, "big"),
        kinds=bytes(2),
        net_minor=(1234).to_bytes(8, "big"),
        clv_minor=bytes(8),
        recency_days=(1).to_bytes(4, "big"),
    )


def make_settings(shop, made):
    return Settings.objects.create(shop=shop, rfm_bounds={"recency": [30, 60, 120, 365]})


FACTORIES = {
    Settings: make_settings,
    ScoreRun: make_score_run,
    CustomerScore: make_customer_score,
    ScoreColumns: make_score_columns,
    StageTransition: make_stage_transition,
    RFMMonth: make_rfm_month,
}
