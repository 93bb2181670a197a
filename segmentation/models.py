"""Which customers are alike and what comes next: scoring runs and the scores they leave."""

from typing import ClassVar, Literal

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.tenancy.jobs import Job, due_index
from crm.tenancy.scope import ShopModel, current_shop_id
from customers.models import Customer


class Stage(models.TextChoices):
    """Where a customer stands, judged by their own rhythm (customers/domain/lifecycle.py)."""

    PROSPECT = "prospect", _("Prospect")
    NEW = "new", _("New")
    ACTIVE = "active", _("Active")
    LOYAL = "loyal", _("Loyal")
    AT_RISK = "at_risk", _("At risk")
    DORMANT = "dormant", _("Dormant")
    LOST = "lost", _("Lost")
    WON_BACK = "won_back", _("Won back")


class RFMGroup(models.TextChoices):
    """Combinations of RFM scores (segmentation/domain/rfm.py), by names that share no word with a stage.

    A customer has both, and they often differ: "At risk, Loyal" on one row is a riddle. Codes keep the usual names.
    """

    CHAMPIONS = "champions", _("Champions")
    LOYAL = "loyal", _("Regulars")
    POTENTIAL_LOYALIST = "potential_loyalist", _("Potential regulars")
    NEW = "new", _("Recent arrivals")
    PROMISING = "promising", _("Promising")
    NEEDS_ATTENTION = "needs_attention", _("Need attention")
    ABOUT_TO_SLEEP = "about_to_sleep", _("Cooling off")
    AT_RISK = "at_risk", _("Slipping away")
    CANNOT_LOSE = "cannot_lose", _("Must keep")
    HIBERNATING = "hibernating", _("Hibernating")
    LOST = "lost", _("Long gone")


# The models of purchase days, as `models_fitted["forecast_by"]` names the one that forecast: in NBD nobody leaves.
NBD, BG_NBD = "nbd", "bg_nbd"


class Settings(ShopModel):
    """What a shop has set of its own: one row a shop, made when it is first saved. Without one the defaults hold.

    `rfm_bounds`: for some of the measures (segmentation/domain/rfm.py) four numbers that rise, in days, orders, or
    minor units of the shop's money.
    """

    rfm_bounds = models.JSONField(_("RFM bounds"), default=dict)

    class Meta(ShopModel.Meta):
        default_related_name = "segmentation_settings"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop"], name="segmentation_settings_once"),
        ]

    @classmethod
    def current(cls) -> "Settings":
        """Those of the shop in scope; not saved, with the defaults, where nobody has set any."""
        return cls.objects.first() or cls(shop_id=current_shop_id())


class ScoreRun(Job):
    """One scoring of all customers of a shop: nightly, by the button, or from the command line.

    Everything that pages show about the run as a whole lies in its JSON columns; they are written in the one
    transaction that also replaces the scores.
    """

    class Trigger(models.TextChoices):
        NIGHTLY = "nightly", _("Nightly")
        BUTTON = "button", _("By hand")
        COMMAND = "command", _("Command line")
        IMPORT = "import", _("After the first import")

    trigger = models.CharField(_("started by"), max_length=8, choices=Trigger.choices, default=Trigger.NIGHTLY)
    as_of = models.DateField(_("last day included"), null=True, blank=True)
    customers = models.IntegerField(_("customers"), default=0)
    repeat_customers = models.IntegerField(_("returning customers"), default=0)
    models_fitted = models.JSONField(_("fitted models"), default=dict)
    backtest = models.JSONField(_("back-test"), default=dict)
    summary = models.JSONField(_("summary"), default=dict)
    cohorts = models.JSONField(_("cohorts"), default=dict)
    seconds = models.FloatField(_("seconds"), null=True)

    class Meta(Job.Meta):
        default_related_name = "score_runs"
        verbose_name, verbose_name_plural = _("scoring run"), _("scoring runs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shop"], name="score_run_one_nightly", condition=models.Q(state="queued", trigger="nightly")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "-created_at"], name="score_run_created"),
            due_index("score_run_due"),
        ]

    def __str__(self) -> str:
        return gettext("Scoring run no. %(number)s") % {"number": self.pk}

    @classmethod
    def finished(cls) -> "models.QuerySet[ScoreRun]":
        """Those of the shop in scope that came to their end, the latest first: the current scores are of the first."""
        return cls.objects.filter(state=cls.State.DONE).order_by("-finished_at", "-pk")

    @property
    def tells_who_left(self) -> bool:
        """Whether the data told who has left from who is slow; else P(alive) is 1 for everybody, and means nothing."""
        forecast_by: str | None = self.models_fitted.get("forecast_by")
        return forecast_by != NBD

    @classmethod
    def silent_on_who_left(cls) -> "models.QuerySet[ScoreRun]":
        """Those of the shop in scope that `tells_who_left` is False for."""
        return cls.objects.filter(models_fitted__forecast_by=NBD)


class CustomerScore(ShopModel):
    """The current scores of one customer, as of the last finished run. Money in the shop's minor units.

    `recency_days` counts to the day after the cut; r, f, m are quintiles 1 to 5, null for a customer without orders.
    `frequency` counts orders; what the models forecast is purchase days (`expected_purchases_…`) and the worth of one.
    Pages and the API show it in orders: `expected_orders`, `expected_order_minor`, `next_year_minor`.
    `orders_per_purchase`: on a purchase day of theirs. `stake_minor`: `domain.clv.at_stake`.
    Everything that is predicted is null where the run could not say.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="score", db_constraint=False
    )
    run_id = models.BigIntegerField()
    recency_days = models.IntegerField(null=True)
    frequency = models.IntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    r = models.SmallIntegerField(null=True)
    f = models.SmallIntegerField(null=True)
    m = models.SmallIntegerField(null=True)
    rfm_group = models.CharField(max_length=20, choices=RFMGroup.choices, null=True)  # noqa: DJ001  # null: no orders, so no group
    stage = models.CharField(max_length=12, choices=Stage.choices)
    stage_since = models.DateField()
    stage_reason = models.CharField(max_length=40)
    typical_gap_days = models.FloatField(null=True)
    overdue_days = models.FloatField(null=True)
    p_alive = models.FloatField(null=True)
    purchase_days = models.IntegerField(null=True)
    orders_per_purchase = models.FloatField(null=True)
    expected_purchases_30d = models.FloatField(null=True)
    expected_purchases_90d = models.FloatField(null=True)
    expected_purchases_365d = models.FloatField(null=True)
    churn_risk = models.FloatField(null=True)
    next_order_on = models.DateField(null=True)
    expected_purchase_minor = models.BigIntegerField(null=True)
    clv_minor = models.BigIntegerField(null=True)
    stake_minor = models.BigIntegerField(null=True)
    value_percentile = models.SmallIntegerField(null=True)
    confidence = models.CharField(max_length=8, blank=True, default="")

    class Meta(ShopModel.Meta):
        default_related_name = "scores"
        verbose_name, verbose_name_plural = _("score"), _("scores")
        # Only what seldom changes: a night gives every customer new figures, and rewrites each index of a changed
        # column. Lists sorted by figures read ScoreColumns.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "stage", "customer"], name="score_by_stage"),
            models.Index(fields=["shop", "rfm_group", "customer"], name="score_by_group"),
        ]

    @property
    def is_first_time(self) -> bool:
        """Bought on one day so far: the models give all of them the mean, so of one of them nothing is said."""
        return self.purchase_days == 1

    def expected_orders(self, days: Literal[30, 90, 365]) -> float | None:
        """Orders as the shop counts them; None where it is too early to say."""
        purchases: float | None = getattr(self, f"expected_purchases_{days}d")
        return None if purchases is None or self.is_first_time else purchases * (self.orders_per_purchase or 1)

    @property
    def expected_order_minor(self) -> int | None:
        """What one order will probably be worth: the expected AOV. None where it is too early to say."""
        if self.expected_purchase_minor is None or self.is_first_time:
            return None
        return round(self.expected_purchase_minor / (self.orders_per_purchase or 1))

    @property
    def next_year_minor(self) -> int | None:
        """The CLV; None where it is too early to say."""
        return None if self.is_first_time else self.clv_minor


class ScoreColumns(ShopModel):
    """What lists of customers are filtered and sorted by, of all scores of a shop: one row a shop, written by each run.

    Each column is packed, one number a customer in the order of their ids, big-endian as PostgreSQL sends them.
    `customers`: ids, 8 bytes. `kinds`: stage, group and RFM marks in 2 bytes (segmentation/columns.py). `net_minor`,
    `clv_minor`, `stake_minor`, `aov_minor`: 8 bytes; none is the lowest number there is. `recency_days`: 4 bytes; 0 is
    none. A column that came with a later version is empty until the next run.
    """

    customers = models.BinaryField()
    kinds = models.BinaryField()
    net_minor = models.BinaryField()
    clv_minor = models.BinaryField()
    recency_days = models.BinaryField()
    stake_minor = models.BinaryField(default=b"")
    aov_minor = models.BinaryField(default=b"")

    class Meta(ShopModel.Meta):
        default_related_name = "score_columns"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop"], name="score_columns_once"),
        ]


class StageTransition(ShopModel):
    """A customer moved from one lifecycle stage to another: when, and why."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="stage_transitions", db_index=False, db_constraint=False
    )
    on = models.DateField()
    from_stage = models.CharField(max_length=12, choices=Stage.choices)
    to_stage = models.CharField(max_length=12, choices=Stage.choices)
    reason = models.CharField(max_length=40)
    run_id = models.BigIntegerField()

    class Meta(ShopModel.Meta):
        default_related_name = "stage_transitions"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "customer", "on", "to_stage"], name="stage_transition_once"),
        ]


class RFMMonth(ShopModel):
    """The RFM scores of all buyers as of the last day of a month; written once, so that movement can be shown.

    One row for all: a million rows a month would cost a run more than everything else it does. `customers`: ids,
    rising, 8 bytes each, little-endian. `cells`: one byte each, 25 r + 5 f + m - 31 (0 to 124), in the same order.
    """

    month = models.DateField()
    customers = models.BinaryField()
    cells = models.BinaryField()

    class Meta(ShopModel.Meta):
        default_related_name = "rfm_months"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "month"], name="rfm_month_once"),
        ]
