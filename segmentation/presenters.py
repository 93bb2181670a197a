"""A customer's scores in words a shopkeeper understands, and the facts behind each sentence."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from crm.lib.money import format_money
from crm.shops.models import Shop
from crm.ui import formats
from segmentation.models import CustomerScore, ScoreRun

NOTHING = "–"


@dataclass(frozen=True)
class Fact:
    """One figure behind the words, as components/facts.html shows it."""

    term: str
    value: str
    hint: str = ""


@dataclass(frozen=True)
class Words:
    """What the scores say. `doubt` is "" where the shop's own data carry the forecast; `is_guess`: they hardly do."""

    sentences: list[str]
    doubt: str
    is_guess: bool
    facts: list[Fact]


def score_words(score: CustomerScore, run: ScoreRun | None, shop: Shop) -> Words:
    knows_dropout = run is not None and run.models_fitted.get("forecast_by") != "nbd"
    sentences = [_rhythm(score)]
    if score.p_alive is not None:
        sentences.append(_still_here(score.p_alive) if knows_dropout else _cannot_tell())
    if score.clv_minor is not None and score.recency_days is not None:
        # An estimate: more digits would lie.
        money = format_money(score.clv_minor, shop.currency, formats.language(), whole=True)
        sentences.append(gettext("Expected to bring %(amount)s in the next 12 months.") % {"amount": money})
    if (place := _place(score)) is not None:
        sentences.append(place)
    facts = _facts(score, shop, knows_dropout=knows_dropout)
    return Words(sentences, _doubt(score), score.confidence == "low", facts)


def stage_reason(score: CustomerScore) -> str:
    """Why the customer is at the stage: the codes of customers/domain/lifecycle.py with their numbers."""
    reasons = {
        "no_purchase": gettext("Has not bought yet."),
        "first_purchase": gettext("Bought for the first time, and it is too early to expect more."),
        "on_rhythm": gettext("Buys in the usual rhythm."),
        "many_on_rhythm": gettext("Has bought on five days or more, and keeps the rhythm."),
        "returned": gettext("Came back after a long silence."),
        "overdue": gettext("Has been silent for longer than this customer's rhythm explains."),
        "no_second_purchase": gettext("Bought once, and others have long come back by this time."),
    }
    return reasons.get(score.stage_reason, "")


def transition_reason(code: str) -> str:
    """The same for a move between stages in the past, whose numbers are not kept."""
    return stage_reason(CustomerScore(stage_reason=code))


def _rhythm(score: CustomerScore) -> str:
    if score.recency_days is None:
        return gettext("Has not bought yet.")
    # Recency counts to the day after the cut, so a purchase on the last day is 1.
    days = max(score.recency_days - 1, 0)
    since = _days(days)
    if score.frequency < 2 or score.typical_gap_days is None:
        once = gettext("Bought once, %(since)s before the last scoring.") % {"since": since}
        return once if days else gettext("Bought for the first time on the last day scored.")
    every = {"gap": _days(round(score.typical_gap_days))}
    late = round(score.overdue_days or 0)
    if late > 0:
        return gettext("Buys about every %(gap)s; %(late)s overdue.") % {**every, "late": _days(late)}
    if not days:
        return gettext("Buys about every %(gap)s; bought on the last day scored.") % every
    return gettext("Buys about every %(gap)s; last bought %(since)s before the last scoring.") % {
        **every,
        "since": since,
    }


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": formats.number(count)}


def _still_here(p_alive: float) -> str:
    return gettext("%(rate)s still a customer.") % {"rate": _rate(p_alive)}


def _rate(rate: float | None) -> str:
    """Never 0 % or 100 %: no history says that."""
    return NOTHING if rate is None else formats.percent(min(max(rate, 0.01), 0.99))


def _cannot_tell() -> str:
    return gettext("There is not enough history to tell who has left for good.")


def _place(score: CustomerScore) -> str | None:
    if score.value_percentile is None or score.value_percentile <= 50:
        return None
    best = max(101 - score.value_percentile, 1)
    return gettext("Among your best %(share)s.") % {"share": formats.percent(best / 100)}


def _doubt(score: CustomerScore) -> str:
    if score.confidence == "low":
        return gettext("A first guess: your shop has few repeat customers so far, so this leans on other shops.")
    if score.confidence == "medium":
        return gettext("Fairly sure: the history is still short, or silent on who has left.")
    return ""


def _facts(score: CustomerScore, shop: Shop, *, knows_dropout: bool) -> list[Fact]:
    facts = [
        Fact(gettext("Recency, frequency, money"), _rfm(score), gettext("Fifths of your shop; 5 is best.")),
        Fact(
            gettext("Typical gap"), _gap(score.typical_gap_days), gettext("Leans on your shop's where orders are few.")
        ),
        Fact(gettext("Overdue"), _gap(score.overdue_days)),
    ]
    if knows_dropout:
        hint = gettext("P(alive), by BG/NBD: the chance that this customer has not left for good.")
        facts.append(Fact(gettext("Still a customer"), _rate(score.p_alive), hint))
    return [*facts, *_future(score), *_worth(score, shop)]


def _future(score: CustomerScore) -> list[Fact]:
    risk = gettext("The chance that no order comes in the next 90 days.")
    by = formats.day(score.next_order_on) if score.next_order_on else NOTHING
    return [
        Fact(gettext("No order in 90 days"), _rate(score.churn_risk), risk),
        *_expected(score),
        Fact(gettext("Next order by"), by, gettext("The day by which an order is as likely as not.")),
    ]


def _worth(score: CustomerScore, shop: Shop) -> list[Fact]:
    realised = gettext("Realised value: orders less refunds, as of the last scoring.")
    potential = gettext("Potential value: what will probably come, discounted to today.")
    return [
        Fact(gettext("An order is worth"), _money(score.expected_order_minor, shop)),
        Fact(gettext("Spent so far"), _money(score.net_minor, shop), realised),
        Fact(gettext("Next 12 months"), _money(score.clv_minor, shop), potential),
        Fact(gettext("Together"), _money(score.net_minor + (score.clv_minor or 0), shop)),
    ]


def _expected(score: CustomerScore) -> list[Fact]:
    spans = ((30, score.expected_orders_30d), (90, score.expected_orders_90d), (365, score.expected_orders_365d))
    return [
        Fact(
            gettext("Orders in %(days)s days") % {"days": days}, NOTHING if value is None else formats.number(value, 2)
        )
        for days, value in spans
    ]


def _rfm(score: CustomerScore) -> str:
    return NOTHING if score.r is None else f"{score.r} · {score.f} · {score.m}"


def _gap(days: float | None) -> str:
    return NOTHING if days is None else _days(round(days))


def _money(minor: int | None, shop: Shop) -> str:
    return NOTHING if minor is None else format_money(minor, shop.currency, formats.language())
