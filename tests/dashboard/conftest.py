import pytest

from crm.tenancy.scope import shop_scope
from segmentation.columns import write_columns
from segmentation.models import ScoreRun
from tests.factories import customers, segmentation


@pytest.fixture
def make_customer():
    return customers.customer


@pytest.fixture
def make_score():
    """A finished run (one for each shop and model) and a customer's score of it, as the lists read it."""

    def make(shop, customer, *, forecast_by="bg_nbd", **fields):
        with shop_scope(shop):
            fitted = {"forecast_by": forecast_by}
            run = ScoreRun.objects.filter(models_fitted__forecast_by=forecast_by).first()
            run = run or segmentation.score_run(shop, models_fitted=fitted)
            score = segmentation.score(shop, customer, run_id=run.pk, **fields)
            write_columns(shop.pk)
            return score

    return make
