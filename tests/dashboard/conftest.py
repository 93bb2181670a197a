from datetime import UTC, datetime, timedelta

import pytest

from crm.tenancy.scope import shop_scope
from customers.ingest.search import write_search_documents
from customers.models import Customer, Identifier
from segmentation.columns import write_columns
from segmentation.models import CustomerScore, ScoreRun

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture
def make_customer():
    """A customer with contacts that search finds; opens the shop's scope itself."""
    from django.db import connections

    def make(shop, name="", *, email="", phone="", number="", **fields):
        with shop_scope(shop):
            customer = Customer.objects.create(shop=shop, name=name, **fields)
            for kind, value in (("email", email), ("phone", phone), ("external", number)):
                if value:
                    Identifier.objects.create(shop=shop, customer=customer, kind=kind, value=value)
            with connections["default"].cursor() as cursor:
                write_search_documents(cursor, [customer.pk], shop_id=shop.pk)
        return customer

    return make


@pytest.fixture
def make_score():
    """A finished run (one for each shop and model) and a customer's score of it."""

    def make(shop, customer, *, forecast_by="bg_nbd", **fields):
        with shop_scope(shop):
            run = ScoreRun.objects.filter(models_fitted__forecast_by=forecast_by).first() or ScoreRun.objects.create(
                shop=shop,
                state=ScoreRun.State.DONE,
                created_at=NOW,
                finished_at=NOW,
                as_of=NOW.date(),
                models_fitted={"forecast_by": forecast_by},
            )
            defaults = {"stage": "active", "stage_since": NOW.date() - timedelta(days=9), "stage_reason": "on_rhythm"}
            score = CustomerScore.objects.create(shop=shop, customer=customer, run_id=run.pk, **(defaults | fields))
            write_columns(shop.pk)
            return score

    return make
