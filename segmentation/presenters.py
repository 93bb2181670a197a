"""A customer's scores in words a shopkeeper understands, and the facts behind each sentence."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from crm.lib.money import average_order
from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Fact
from customers.presenters import money
from segmentation.domain.clv import LIKELY_LOST
from segmentation.models import CustomerScore, ScoreRun, Stage
from segmentation.queries import Coverage

NOTHING = "–"
OLD_DAYS = 14  # After that, "12 days ago" and "the next 90 days" would be understood as counted from today.
LATE = (Stage.AT_RISK, Stage.DORMANT, Stage.LOST)
LONG_SILENT = (Stage.DORMANT, Stage.LOST)
ON_TIME = (Stage.NEW, Stage.ACTIVE, Stage.LOYAL, Stage.WON_BACK)
SPANS: tuple[Literal[30, 90, 365], ...] = (30, 90, 365)


@dataclass(frozen=True)
class Words:
    """What the scores say, and the figures behind it.

    `doubt` is "" where the shop's own data carry the forecast; `is_guess`: they hardly do.
    """

    sentences: list[str]
    doubt: str
    is_guess: bool
    facts: list[Fact]


@dataclass(frozen=True)
class CoverageWords:
    """How many customers have scores or are left out of them; url: the list of those left out, "" where nobody is."""

    text: str
    url: str


def coverage_words(coverage: Coverage, shop: Shop) -> CoverageWords:
    scored = ngettext("%(count)s customer has scores.", "%(count)s customers have scores.", coverage.scored)
    sentences = [scored % {"count": formats.number(coverage.scored)}]
    if coverage.left_out:
        out = ngettext("%(count)s is left out of them.", "%(count)s are left out of them.", coverage.left_out)
        sentences.append(out % {"count": formats.number(coverage.left_out)})
    if coverage.waiting:
        new = ngettext(
            "%(count)s waits for the next scoring.", "%(count)s wait for the next scoring.", coverage.waiting
        )
        sentences.append(new % {"count": formats.number(coverage.waiting)})
    return CoverageWords(formats.between_sentences().join(sentences), left_out_url(shop) if coverage.left_out else "")


def left_out_words(count: int, shop: Shop) -> CoverageWords | None:
    """For a page that counts customers with scores; None where nobody is left out."""
    if not count:
        return None
    text = ngettext("%(count)s more is left out of scores.", "%(count)s more are left out of scores.", count)
    return CoverageWords(text % {"count": formats.number(count)}, left_out_url(shop))


def left_out_url(shop: Shop) -> str:
    return f"{reverse('customers:list', args=[shop.slug])}?scores=left_out"


def score_words(score: CustomerScore, run: ScoreRun | None, shop: Shop, *, today: date) -> Words:
    """today: the shop's."""
    knows_dropout = run is not None and run.tells_who_left
    sentences = [rhythm(score, as_of=run.as_of if run else None, today=today)]
    if doubt := disagreement(score):
        sentences.append(doubt)
    if score.p_alive is not None:
        sentences.append(_still_here(score.p_alive) if knows_dropout else _cannot_tell())
    if score.is_first_time:
        sentences.append(gettext("Too early to say what the next 12 months bring: that takes a second purchase."))
    elif score.clv_minor is not None and score.recency_days is not None:
        # An estimate: more digits would lie.
        amount = money(score.clv_minor, shop, whole=True)
        text = gettext("Expected to bring %(amount)s in the next 12 months.")
        if score.stage in LONG_SILENT and not knows_dropout:  # where pace alone forecasts, nobody leaves
            text = gettext("If they buy again at the old pace, the next 12 months bring %(amount)s.")
        sentences.append(text % {"amount": amount})
    if (place := _place(score)) is not None:
        sentences.append(place)
    facts = _facts(score, shop, knows_dropout=knows_dropout)
    return Words(sentences, _doubt(score, knows_dropout=knows_dropout), score.confidence == "low", facts)


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


def rhythm(score: CustomerScore, *, as_of: date | None, today: date) -> str:
    """How the customer buys, and how late they are: the same words on every page.

    as_of: the last day scored. Days count from today, or are named where the scoring lies long back.
    """
    if score.recency_days is None:
        return gettext("Has not bought yet.")
    # Recency counts to the day after the cut, so a purchase on the last day is 1.
    last = as_of - timedelta(days=max(score.recency_days - 1, 0)) if as_of else None
    if score.is_first_time or score.frequency < 2 or score.typical_gap_days is None:
        return _bought_once(score, _when(last, as_of, today))
    gap, late = {"gap": _days(round(score.typical_gap_days))}, round(score.overdue_days or 0)
    if late > 0:
        return gettext("Buys about every %(gap)s; %(late)s late.") % {**gap, "late": _days(late)}
    if when := _when(last, as_of, today):
        return gettext("Buys about every %(gap)s; last bought %(when)s.") % {**gap, "when": when}
    return gettext("Buys about every %(gap)s.") % gap


def _bought_once(score: CustomerScore, when: str) -> str:
    if score.frequency > 1:
        orders = ngettext("%(count)s order", "%(count)s orders", score.frequency)
        text = gettext("Bought on one day only (%(orders)s), %(when)s.")
        return text % {"orders": orders % {"count": formats.number(score.frequency)}, "when": when}
    return gettext("Bought once, %(when)s.") % {"when": when} if when else gettext("Bought once.")


def _when(last: date | None, as_of: date | None, today: date) -> str:
    if last is None or as_of is None:
        return ""
    if (today - as_of).days > OLD_DAYS:
        return gettext("on %(day)s") % {"day": formats.day(last)}
    return formats.days_from(last, today)


def disagreement(score: CustomerScore) -> str:
    """Where the stage, by the customer's own rhythm, and the forecast, by pace, see different things; else ""."""
    if score.churn_risk is None or score.is_first_time:
        return ""
    rate = {"rate": _rate(1 - score.churn_risk)}
    if score.stage in LATE and score.churn_risk < LIKELY_LOST:
        return (
            gettext(
                "Late by their own rhythm; yet by the pace so far, an order within 90 days is still likely: %(rate)s."
            )
            % rate
        )
    if score.stage in ON_TIME and score.churn_risk > 0.5:
        return (
            gettext("On time by their own rhythm, which is slow: the chance of an order within 90 days is %(rate)s.")
            % rate
        )
    return ""


def order_is_likely(score: CustomerScore) -> bool:
    """Late by their own rhythm, but not likely to stay away: a list says so beside the stage."""
    return score.churn_risk is not None and score.stage in LATE and score.churn_risk < LIKELY_LOST


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


def _doubt(score: CustomerScore, *, knows_dropout: bool) -> str:
    if score.confidence == "low":
        return gettext(
            "A first guess: your shop has few repeat customers so far, so this leans on what is usual elsewhere."
        )
    if score.confidence == "medium" and knows_dropout:
        return gettext("From your own orders; it gets sharper with every customer who buys again.")
    if score.confidence == "medium":
        return gettext("From your own orders, by the pace of each customer alone.")
    return ""


def _facts(score: CustomerScore, shop: Shop, *, knows_dropout: bool) -> list[Fact]:
    facts = [
        Fact(gettext("Recency, frequency, money"), _rfm(score), gettext("Fifths of your shop; 5 is best.")),
        Fact(
            gettext("Typical gap"), _gap(score.typical_gap_days), gettext("Leans on your shop's where orders are few.")
        ),
        Fact(gettext("Late"), _gap(score.overdue_days)),
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
    before = gettext("Revenue before refunds ÷ orders.")
    so_far = average_order(score.gross_minor, score.frequency)
    year = score.next_year_minor
    return [
        Fact(gettext("AOV so far"), money(so_far, shop), before),
        Fact(gettext("AOV expected"), _foreseen(score, money(score.expected_order_minor, shop)), before),
        Fact(gettext("Spent so far"), money(score.net_minor, shop), realised),
        Fact(gettext("Next 12 months"), _foreseen(score, money(year, shop)), potential),
        *([] if year is None else [Fact(gettext("Together"), money(score.net_minor + year, shop))]),
    ]


def _expected(score: CustomerScore) -> list[Fact]:
    per_day = gettext(
        "Each order counts, several of one day too: on a purchase day this customer places %(orders)s."
    ) % {"orders": formats.number(score.orders_per_purchase or 1, 2)}
    purchases = NOTHING if score.purchase_days is None else formats.number(score.purchase_days)
    counted = gettext("Days with an order; rhythm and forecast count these.")
    return [
        Fact(gettext("Orders"), formats.number(score.frequency)),
        Fact(gettext("Purchase days"), purchases, counted),
        *(
            Fact(
                gettext("Orders in %(days)s days") % {"days": days},
                _foreseen(score, NOTHING if value is None else formats.number(value, 2)),
                per_day,
            )
            for days in SPANS
            for value in [score.expected_orders(days)]
        ),
    ]


def _foreseen(score: CustomerScore, value: str) -> str:
    return gettext("Too early to say") if score.is_first_time else value


def _rfm(score: CustomerScore) -> str:
    return NOTHING if score.r is None else f"{score.r} · {score.f} · {score.m}"


def _gap(days: float | None) -> str:
    return NOTHING if days is None else _days(round(days))
