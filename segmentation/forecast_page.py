"""The forecast page: how good the forecast was, in words a shopkeeper understands, and what it is made of."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Chart, Column, Fact
from segmentation.models import ScoreRun
from segmentation.queries import BacktestView, Came, LastQuarter, NextQuarter
from segmentation.tasks import STEPS

CONFIDENCE: dict[str, Promise] = {
    "high": gettext_lazy("High: your own history carries the forecast."),
    "medium": gettext_lazy("Medium: your own history carries it, but does not yet tell everything."),
    "low": gettext_lazy("Low: a first guess that leans on what is usual elsewhere."),
}

# Until then, that leaving cannot be told from slowness is what one expects of the data.
_SHORT_HISTORY_DAYS = 550
_NEARLY_A_TENTH = 0.15
_CLOSE = 0.05


@dataclass(frozen=True)
class Ahead:
    """What some customers will probably bring in the next 90 days."""

    customers: int
    orders: int
    revenue_minor: int


@dataclass(frozen=True)
class QuarterRow:
    """One line of the table that sets the next 90 days beside the last; None is not foreseen. `key`: for data-figure.

    url: the orders of the last 90 days.
    """

    key: str
    label: str
    past: Came
    ahead: Ahead | None = None
    url: str = ""
    is_sum: bool = False


@dataclass(frozen=True)
class Progress:
    """An open run as templates/segmentation/_progress.html shows it. percent: 0 to 100."""

    run: ScoreRun
    label: Promise
    percent: int


def progress_of(run: ScoreRun) -> Progress:
    step = run.step if run.state == ScoreRun.State.RUNNING else ""
    return Progress(run, STEPS.get(step, STEPS[""]), round(100 * run.progress))


def backtest_sentence(view: BacktestView, *, shop: Shop) -> SafeString:
    """Forecast against fact, which opens its orders; or why there is none."""
    figures = view.figures
    if view.skipped == "history_too_short":
        text = _("The forecast cannot be tested yet: {days} days of history are there, {needed} are needed.")
        return format_html(
            text, days=formats.number(figures["history_days"]), needed=formats.number(figures["needed_days"])
        )
    if view.skipped:
        text = _("The forecast cannot be tested yet: a quarter ago {count} customers had bought, {needed} are needed.")
        return format_html(
            text, count=formats.number(figures["customers"]), needed=formats.number(figures["needed_customers"])
        )
    strong = "<strong>{}</strong>"
    text = _(
        "In the {weeks} weeks up to {day} we forecast {forecast} orders from customers known before; "
        "{fact} came. {verdict}"
    )
    last = view.cut + timedelta(days=view.days)
    return format_html(
        text,
        weeks=formats.number(view.days // 7),
        day=formats.day(last),
        forecast=format_html(strong, formats.number(round(figures["expected_orders"]))),
        fact=format_html(
            '<strong><a href="{}">{}</a></strong>',
            _came_url(view, last, shop),
            formats.number(figures["actual_orders"]),
        ),
        verdict=_verdict(figures["order_error"]),
    )


def _came_url(view: BacktestView, last: date, shop: Shop) -> str:
    query = {"placed_from": view.cut + timedelta(days=1), "placed_to": last, "first_to": view.cut}
    return f"{reverse('orders', args=[shop.slug])}?{urlencode({name: day.isoformat() for name, day in query.items()})}"


def forecast_miss(run: ScoreRun) -> str:
    """How far off the last forecast was, to stand beside the next one; "" without a back-test."""
    in_orders = run.backtest.get("in_orders")
    if not in_orders or in_orders["error"] is None:
        return ""
    if abs(in_orders["error"]) < _CLOSE:
        return _("The last forecast was close.")
    rate = {"rate": formats.percent(abs(in_orders["error"]))}
    if in_orders["error"] > 0:
        return _("The last forecast was %(rate)s too high.") % rate
    return _("The last forecast was %(rate)s too low.") % rate


def _verdict(error: float | None) -> str:
    if error is None:
        return ""
    if abs(error) < _CLOSE:
        return _("That is close.")
    rate = {"rate": formats.percent(abs(error))}
    return _("That was %(rate)s too many.") % rate if error > 0 else _("That was %(rate)s too few.") % rate


def quarter_rows(
    last: LastQuarter | None, ahead: NextQuarter, guests: Came, shop: Shop, *, as_of: date
) -> list[QuarterRow]:
    """The next 90 days beside the last, on one footing, down to all orders of these; [] where the run did not count."""
    if last is None:
        return []
    before = (last.first - timedelta(days=1)).isoformat()
    days = {"placed_from": last.first.isoformat(), "placed_to": as_of.isoformat()}

    def url(**query: str) -> str:
        return f"{reverse('orders', args=[shop.slug])}?{urlencode(days | query)}"

    first = Ahead(ahead.first_time_customers, round(ahead.first_time_orders), ahead.first_time_revenue_minor)
    known = Ahead(ahead.customers, round(ahead.orders), ahead.revenue_minor)
    again = Ahead(
        known.customers - first.customers, known.orders - first.orders, known.revenue_minor - first.revenue_minor
    )
    everybody = _came(last.known, last.new, guests)
    return [
        QuarterRow("again", _("Had bought again before"), _less(last.known, last.first_time), again),
        QuarterRow("first_time", _("Had bought on one day before"), last.first_time, first),
        QuarterRow("known", _("Known customers"), last.known, known, url(first_to=before), is_sum=True),
        QuarterRow("new", _("First bought in these 90 days"), last.new, url=url(first_from=days["placed_from"])),
        QuarterRow("guests", _("Guests, no account"), guests, url=url(kind="unknown")),
        QuarterRow("all", _("All orders"), everybody, url=url(), is_sum=True),
    ]


def _came(*parts: Came) -> Came:
    return Came(*(sum(getattr(part, name) for part in parts) for name in ("customers", "orders", "revenue_minor")))


def _less(whole: Came, part: Came) -> Came:
    return Came(whole.customers - part.customers, whole.orders - part.orders, whole.revenue_minor - part.revenue_minor)


def decile_chart(view: BacktestView) -> Chart | None:
    """Tenths of the customers by forecast: were those we expected most of also those who bought most?"""
    if view.skipped:
        return None
    rows = view.deciles[::-1]
    return Chart(
        id="deciles",
        kind="decile",
        size="m",
        title=_("Forecast and fact"),
        hint=_(
            "All customers known on %(day)s, in tenths: on the left those of whom we expected most orders in the "
            "%(weeks)s weeks after it. The bars are what came."
        )
        % {"day": formats.day(view.cut), "weeks": formats.number(view.days // 7)},
        summary=_decile_summary(view),
        data={
            "categories": [formats.number(11 - row["decile"]) for row in rows],
            "forecast": [round(row["expected_orders"], 1) for row in rows],
            "actual": [row["actual_orders"] for row in rows],
            "forecastName": _("Forecast"),
            "actualName": _("Came"),
            "xName": _("Tenths of the customers, most expected first"),
            "format": {"kind": "number", "digits": 0},
        },
        columns=[
            Column(_("Tenth")),
            Column(_("Customers"), numeric=True),
            Column(_("Orders forecast"), numeric=True),
            Column(_("Orders that came"), numeric=True),
            Column(_("Buyers forecast"), numeric=True),
            Column(_("Buyers who came"), numeric=True),
        ],
        rows=[
            [
                formats.number(11 - row["decile"]),
                formats.number(row["customers"]),
                formats.number(row["expected_orders"], 1),
                formats.number(row["actual_orders"]),
                formats.number(row["expected_buyers"], 1),
                formats.number(row["actual_buyers"]),
            ]
            for row in rows
        ],
    )


def _decile_summary(view: BacktestView) -> str:
    best, everything = view.deciles[-1], view.figures["actual_orders"]
    if not everything:
        return _("No customer bought in this time.")
    share = {"share": formats.share(best["actual_orders"] / everything)}
    part = best["customers"] / view.figures["customers"]
    if part < _NEARLY_A_TENTH:
        return _("The tenth we expected most of placed %(share)s of all orders that came.") % share
    # Customers with the same history share a tenth, which is then none.
    share["part"] = formats.share(part)
    return _("The %(part)s of the customers we expected most of placed %(share)s of all orders that came.") % share


def ranking_sentences(view: BacktestView) -> list[str]:
    """The AUC beside the plain rules, in words; also where a plain rule is the better one."""
    figures = view.figures
    if view.skipped or figures["auc"] is None:
        return []
    ours = _of_100(figures["auc"])
    sentences = [
        _(
            "Take one customer who bought and one who did not: in %(ours)s of 100 such pairs the forecast had the "
            "buyer above the other. Tossing a coin gets 50."
        )
        % {"ours": formats.number(ours)}
    ]
    rules = _plain_rules(figures)
    better = [(name, hits) for name, hits in rules if hits > ours]
    plain = formats.listed(f"{name} {formats.number(hits)}" for name, hits in rules)
    sentences.append(_("For comparison: %(rules)s.") % {"rules": plain})
    if better:
        name, _hits = max(better, key=lambda rule: rule[1])
        text = _(
            "So in this shop the plain rule “%(rule)s” sorts customers better than the forecast. "
            "Use it to choose whom to write to; the forecast still says how many orders to expect."
        )
        sentences.append(text % {"rule": name})
    elif max((hits for _name, hits in rules), default=0) == ours:
        sentences.append(_("A plain rule sorts customers as well as the forecast does here."))
    else:
        sentences.append(_("The forecast sorts customers better than either plain rule."))
    return sentences


def _plain_rules(figures: dict[str, Any]) -> list[tuple[str, int]]:
    rules = (
        (_("by the last order alone"), figures["auc_recency"]),
        (_("by the number of orders alone"), figures["auc_frequency"]),
    )
    return [(name, _of_100(rate)) for name, rate in rules if rate is not None]


def _of_100(rate: float) -> int:
    return round(100 * rate)


def calibration_sentence(view: BacktestView) -> str:
    error = view.figures.get("calibration_error")
    if view.skipped or error is None:
        return ""
    points = round(100 * error)
    text = ngettext(
        "The chance to buy that we gave was off by %(points)s point in 100, on average over tenths of the customers.",
        "The chance to buy that we gave was off by %(points)s points in 100, on average over tenths of the customers.",
        points,
    )
    return text % {"points": formats.number(points)}


def model_facts(run: ScoreRun, *, first_day: date | None) -> list[Fact]:
    """What the forecast is made of: who has left, its confidence, its history."""
    fitted = run.models_fitted
    days = (run.as_of - first_day).days + 1 if first_day and run.as_of else 0
    facts = [
        Fact(
            _("Who has left"),
            _dropout(fitted, days),
            _("Whether the data tell customers who have left from slow ones."),
        ),
        Fact(_("Confidence"), str(CONFIDENCE.get(fitted.get("confidence", ""), "–"))),
        Fact(
            _("Customers"),
            _("%(all)s, of whom %(again)s bought on two days or more")
            % {"all": formats.number(run.customers), "again": formats.number(run.repeat_customers)},
        ),
    ]
    if first_day and run.as_of:
        facts.append(Fact(pgettext("of orders", "History"), _history(days, first_day, run.as_of)))
    return facts


def analyst_facts(run: ScoreRun) -> list[Fact]:
    """Which model forecast and what it found, in the words of the literature."""
    name = "BG/NBD" if run.tells_who_left else "NBD"
    return [Fact(_("Model of purchase days"), name, _model_hint(run)), *_parameters(run.models_fitted)]


def _history(days: int, first: date, last: date) -> str:
    return ngettext("%(days)s day, %(first)s to %(last)s", "%(days)s days, %(first)s to %(last)s", days) % {
        "days": formats.number(days),
        "first": formats.day(first),
        "last": formats.day(last),
    }


def _model_hint(run: ScoreRun) -> str:
    if not run.tells_who_left:
        return _("Every customer orders at a pace of their own and does not leave for good (Ehrenberg 1959).")
    return _(
        "Every customer orders at a pace of their own, and may leave for good after any order "
        "(Fader, Hardie and Lee 2005)."
    )


def _dropout(fitted: dict[str, Any], days: int) -> str:
    if fitted.get("bg_nbd", {}).get("dropout_identified"):
        return _("The data tell who has left from who is only slow, so “Still here” has a meaning.")
    if fitted.get("reason") == "too_few_repeaters":
        return _(
            "Too few customers have bought again to tell who has left from who is only slow. "
            "So nobody is called gone; forecasts go by pace alone, and “Still here” is not shown."
        )
    if days <= _SHORT_HISTORY_DAYS:
        return _(
            "The data do not tell who has left from who is only slow: usual with a year of history or less. "
            "So nobody is called gone; forecasts go by pace alone, and “Still here” is not shown."
        )
    return _(
        "The data do not tell who has left from who is only slow: customers seem to stay. "
        "So nobody is called gone; forecasts go by pace alone, and “Still here” is not shown."
    )


def _parameters(fitted: dict[str, Any]) -> list[Fact]:
    models = (
        ("BG/NBD", "bg_nbd", ("r", "alpha", "a", "b")),
        ("NBD", "nbd", ("r", "alpha")),
        ("Gamma-Gamma", "gamma_gamma", ("p", "q", "gamma")),
    )
    return [
        Fact(_("Parameters of %(model)s") % {"model": label}, _numbers(fitted[key], names))
        for label, key, names in models
        if key in fitted
    ]


def _numbers(fitted: dict[str, Any], names: tuple[str, ...]) -> str:
    parts = [f"{name} {formats.number(fitted[name], 3)}" for name in names if fitted.get(name) is not None]
    if fitted.get("log_likelihood") is not None:
        parts.append(_("log-likelihood %(value)s") % {"value": formats.number(fitted["log_likelihood"], 1)})
    return " · ".join(parts) or "–"


def failure_text(run: ScoreRun) -> str:
    """Why a run did not finish, and what to do."""
    if (run.error or {}).get("code") == "too_many_attempts":
        return _(
            "The worker stopped in the middle three times, as it does when memory runs out. The scores are still those "
            "of the last good run. Tell the people who run this installation, and name run %(run)s."
        ) % {"run": run.pk}
    return _(
        "Something went wrong on our side, three times in a row. The scores are still those of the last good run. "
        "Try again; if it fails again, tell the people who run this installation, and name run %(run)s."
    ) % {"run": run.pk}
