"""What a run writes: everything in the transaction that finishes it, or nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.tenancy.scope import shop_scope
from customers.profile import lock as lock_profiling
from segmentation.columns import read_columns, write_columns
from segmentation.models import RFMMonth, ScoreRun
from segmentation.scoring.codes import REASONS, STAGES
from segmentation.scoring.copying import push
from segmentation.scoring.gather import Gathered
from segmentation.scoring.left_out import left_out_staged
from segmentation.scoring.months import GROUP_OF_CELL, MonthScores
from segmentation.scoring.predict import Predicted
from segmentation.scoring.summary import cohorts, summary


def store(run: ScoreRun, gathered: Gathered, predicted: Predicted, *, seconds: Callable[[], float]) -> None:
    """Replace the scores of the run's shop and finish the run. Raises LeaseLost, with nothing written."""
    with shop_scope(run.shop_id), connection.cursor() as cursor:
        # The fence first: from here on nobody can take the run over, and a worker that lost it stops before it writes.
        run.report(run.progress, run.step)
        lock_profiling()  # who is left out from here on waits, and then finds these scores
        cursor.execute("SET LOCAL work_mem = '128MB'")
        with left_out_staged(cursor):
            _write(cursor, run, gathered, predicted)
        write_columns(run.shop_id)
        _keep_month(run, gathered.month)
        run.finish(
            ScoreRun.State.DONE,
            progress=1.0,
            step="",
            as_of=gathered.as_of,
            customers=predicted.orders.customers,
            repeat_customers=predicted.orders.repeaters,
            models_fitted=predicted.models_fitted,
            backtest=predicted.backtest,
            summary=summary(gathered, predicted),
            cohorts=cohorts(gathered),
            seconds=seconds(),
        )


def _write(cursor: CursorWrapper, run: ScoreRun, gathered: Gathered, predicted: Predicted) -> None:
    params: dict[str, Any] = {
        "shop_id": run.shop_id,
        "run_id": run.pk,
        "as_of": gathered.as_of,
        "confidence": str(predicted.orders.confidence),
        "groups": GROUP_OF_CELL,
        "stages": STAGES,
        "reasons": REASONS,
    }
    cursor.execute(statement("segmentation", "new_scores"), params)
    push(cursor, "new_scores", predicted.scores)
    cursor.execute("ANALYZE new_scores (customer_id)")
    for name in ("withheld_scores", "stage_transitions", "replace_scores", "add_scores", "vanished_scores"):
        cursor.execute(statement("segmentation", name), params)
    # Dropped by the commit too; but a scope inside another one has none of its own.
    cursor.execute("DROP TABLE new_scores")


def _keep_month(run: ScoreRun, month: MonthScores) -> None:
    """Without who was deleted or left out since the run looked: no later run would take their id out of the row."""
    if month.is_new:
        is_known = np.isin(month.customers, read_columns("customers")["customers"], assume_unique=True)
        row = RFMMonth(
            shop_id=run.shop_id,
            month=month.month,
            customers=month.customers[is_known].astype("<i8").tobytes(),
            cells=month.cells[is_known].tobytes(),
        )
        RFMMonth.objects.bulk_create([row], ignore_conflicts=True)
