"""What the orders of a file come to: the strip that a shop compares with its storefront."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.lib.money import BadAmount, average_order, format_money, from_minor, to_minor
from crm.shops.exchange_rates import minor_rates
from crm.shops.models import Shop
from crm.tenancy.hiding import seen
from crm.ui import formats
from crm.ui.parts import Stat

Report = Mapping[str, Any]
Sums = Mapping[str, str]  # currency → amount as a decimal text


def money_text(amount: str, currency: str) -> str:
    """The amount as people write it; as it stands in a currency we do not know: reports live longer than lists."""
    try:
        return format_money(to_minor(amount, currency), currency, formats.language())
    except BadAmount:
        return f"{amount} {currency}"


def sums_strip(report: Report, currency: str) -> list[Stat]:
    """Money and time of a report, the shop's `currency` first; [] for one that was made before they were counted."""
    if "sums" not in report:
        return []
    # Where there is nothing of something, it is nothing in the money that the file is in.
    known = report["sums"] or report["other_sums"]
    if currency not in known:
        currency = min(known, default=currency)
    counted = [
        Stat(_("Orders that count"), formats.number(report["purchases"]), _average(report)),
        _money(_("Revenue"), report["sums"], currency, _("their totals, before refunds")),
    ]
    parts = [
        _money(_("Refunded"), report["refund_sums"], currency, _("of orders that count")),
        _money(_("Shipping"), report["shipping_sums"], currency, _("part of the revenue")),
        _money(_("Tax"), report["tax_sums"], currency, _("part of the revenue")),
        _money(_("Not explained by lines"), report["adjustment_sums"], currency, _adjusted(report["orders_adjusted"])),
    ]
    shown = [stat for stat, sums in zip(parts, _PARTS, strict=True) if report[sums] or sums == "refund_sums"]
    return [*counted, *shown, *_others(report, currency), *_days(report), *_largest(report, currency), *_people(report)]


_PARTS = ("refund_sums", "shipping_sums", "tax_sums", "adjustment_sums")


def has_no_money(report: Report) -> bool:
    """Whether it has orders, and none of them is worth anything."""
    if "sums" not in report or not report["orders"]:
        return False
    amounts = [*report["sums"].values(), *report["other_sums"].values()]
    return not any(amount.strip("-0.") for amount in amounts)


def without_rate(report: Report, shop: Shop) -> str:
    """The currencies in which the file has revenue that the shop has no exchange rate of, listed; "" if none."""
    return formats.listed(sorted(set(report.get("sums", ())) - set(minor_rates(shop))))


def to_know(report: Report) -> list[str]:
    """Sentences about what was not taken as it stood in the file."""
    ignored, incomplete = report.get("ignored_identifiers", 0), report.get("orders_incomplete", 0)
    surplus = report.get("surplus_values", 0)
    sentences = []
    if ignored:
        sentences.append(
            ngettext(
                "%(number)s word that stands for nobody (such as “Guest” or 0) was not taken for a customer number, "
                "e-mail or phone.",
                "%(number)s words that stand for nobody (such as “Guest” or 0) were not taken for customer numbers, "
                "e-mails or phones.",
                ignored,
            )
            % {"number": formats.number(ignored)}
        )
    if surplus:
        sentences.append(
            ngettext(
                "%(number)s e-mail, phone or tag was not taken: its customer has as many as one can have.",
                "%(number)s e-mails, phones or tags were not taken: their customers have as many as one can have.",
                surplus,
            )
            % {"number": formats.number(surplus)}
        )
    if incomplete:
        sentences.append(
            ngettext(
                "%(number)s order that is here already is in the file only in part: its lines and amounts are kept.",
                "%(number)s orders that are here already are in the file only in part: their lines and amounts are "
                "kept.",
                incomplete,
            )
            % {"number": formats.number(incomplete)}
        )
    return sentences


def _money(label: str, sums: Sums, currency: str, note: str = "") -> Stat:
    first, *more = _texts(sums, currency) or [money_text("0", currency)]
    return Stat(label, first, note, more)


def _texts(sums: Sums, currency: str) -> list[str]:
    return [money_text(sums[code], code) for code in sorted(sums, key=lambda code: (code != currency, code))]


def _average(report: Report) -> str:
    """What one order comes to. Of several currencies it is not said: the report counts their orders together."""
    if len(report["sums"]) != 1 or not report["purchases"]:
        return ""
    ((currency, amount),) = report["sums"].items()
    try:
        whole, orders = to_minor(amount, currency), report["purchases"]
    except BadAmount:
        return ""
    average = average_order(whole, orders) or 0
    shown = {"average": money_text(str(from_minor(average, currency)), currency)}
    if average * orders == whole:
        return _("%(average)s on average") % shown
    return _("about %(average)s on average") % shown


def _adjusted(orders: int) -> str:
    return ngettext("in %(number)s order", "in %(number)s orders", orders) % {"number": formats.number(orders)}


def _others(report: Report, currency: str) -> list[Stat]:
    if not (number := report["orders"] - report["purchases"]):
        return []
    amounts = _texts(report["other_sums"], currency)
    words = _("cancelled, not paid yet, or without revenue")
    return [Stat(_("Orders that do not count"), formats.number(number), formats.listed(amounts), [words])]


def _days(report: Report) -> list[Stat]:
    if not report["first_day"]:
        return []
    first, last = (date.fromisoformat(report[name]) for name in ("first_day", "last_day"))
    number = (last - first).days + 1
    days = ngettext("%(number)s day", "%(number)s days", number) % {"number": formats.number(number)}
    span = {"first": formats.day(first), "last": formats.day(last)}
    words = formats.day(first) if first == last else _("%(first)s – %(last)s") % span
    return [Stat(_("From the first order to the last"), days, words)]


def _largest(report: Report, currency: str) -> list[Stat]:
    tops = report["largest"]
    codes = sorted(tops, key=lambda code: (code != currency, code))
    shown = [(money_text(tops[code]["total"], code), seen(tops[code]["order"])) for code in codes]
    if not shown:
        return []
    (amount, order), *more = shown
    rest = [f"{amount} ({order})" for amount, order in more]
    return [Stat(_("Biggest order"), amount, order, rest)]


def _people(report: Report) -> list[Stat]:
    new, known = report.get("people_new", 0), report.get("people_known", 0)
    if not (people := new + known):
        return []
    note = _("%(new)s new, %(known)s known") % {"new": formats.number(new), "known": formats.number(known)}
    each = formats.number(round(report["purchases"] / people, 1), 1)
    return [Stat(_("Customers"), formats.number(people), note, [_("%(number)s orders each") % {"number": each}])]
