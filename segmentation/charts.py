"""Charts of scores that several pages show, as components/chart.html takes them; each with its table and a sentence."""

from typing import Literal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.lib.money import average_order
from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Cell, Chart, Column, HeatMark
from customers.presenters import money
from segmentation.models import Stage
from segmentation.queries import RFMMatrix, Share

BUYERS = ["once", "again"]  # All but those who never bought, as the list of customers asks it.
# Best to worst, the order of their colours; who has not bought yet is beside the row.
STAGES_IN_ORDER = (
    Stage.LOYAL,
    Stage.ACTIVE,
    Stage.WON_BACK,
    Stage.NEW,
    Stage.AT_RISK,
    Stage.DORMANT,
    Stage.LOST,
    Stage.PROSPECT,
)


def customers_url(shop: Shop, **query: str | int | list[str]) -> str:
    """The list of the customers behind a number."""
    return f"{reverse('customers:list', args=[shop.slug])}?{urlencode(query, doseq=True)}"


def together(shares: tuple[Share, ...]) -> Share:
    """The sum of all; orders and gross are None where one part does not know them."""
    known = all(share.orders is not None for share in shares)
    return Share(
        "",
        sum(share.customers for share in shares),
        sum(share.net_minor for share in shares),
        sum(share.orders or 0 for share in shares) if known else None,
        sum(share.gross_minor or 0 for share in shares) if known else None,
    )


def average_of(share: Share) -> int | None:
    """The AOV of these customers."""
    if share.orders is None or share.gross_minor is None:
        return None
    return average_order(share.gross_minor, share.orders)


def stage_chart(stages: tuple[Share, ...], shop: Shop) -> Chart:
    """Customers by lifecycle stage; each bar opens its customers."""
    shares = {share.name: share for share in stages}
    shown = [(stage, shares[stage]) for stage in STAGES_IN_ORDER if stage in shares]
    urls = {stage: customers_url(shop, stage=stage.value) for stage, _share in shown}
    return Chart(
        id="stages",
        kind="funnel",
        title=_("Customers by stage"),
        hint=_(
            "Judged by each customer's own rhythm: who buys weekly is late after a month, who buys yearly is not. "
            "Spent is after refunds; AOV, the average order value, before them."
        ),
        summary=_stage_summary(shares),
        data={
            "name": _("Customers"),
            "format": {"kind": "number"},
            "steps": [
                {
                    "name": str(stage.label),
                    "value": share.customers,
                    "color": f"stage-{stage.value}",
                    "url": urls[stage],
                    "detail": [[_("Spent so far"), money(share.net_minor, shop)]],
                }
                for stage, share in shown
            ],
        },
        columns=[
            Column(_("Stage")),
            Column(_("Customers"), numeric=True),
            Column(_("Orders"), numeric=True),
            Column(_("AOV"), numeric=True),
            Column(_("Spent so far"), numeric=True),
        ],
        rows=[
            [
                str(stage.label),
                Cell(formats.number(share.customers), urls[stage]),
                "–" if share.orders is None else formats.number(share.orders),
                money(average_of(share), shop),
                money(share.net_minor, shop),
            ]
            for stage, share in shown
        ],
    )


def _stage_summary(shares: dict[str, Share]) -> str:
    buying = sum(shares[stage].customers for stage in (Stage.LOYAL, Stage.ACTIVE, Stage.WON_BACK, Stage.NEW))
    fading = sum(shares[stage].customers for stage in (Stage.AT_RISK, Stage.DORMANT, Stage.LOST))
    return _("Customers in their rhythm: %(buying)s. Late or gone: %(fading)s.") % {
        "buying": formats.number(buying),
        "fading": formats.number(fading),
    }


def rfm_map(
    matrix: RFMMatrix, shop: Shop, *, title: str, size: Literal["s", "m", "l", ""] = "", with_money: bool = False
) -> Chart:
    """The 5×5 map of recency against frequency; each cell opens its customers."""
    cells = [(r, f, matrix.cells[r - 1][f - 1]) for r in range(5, 0, -1) for f in range(1, 6)]
    fifths = [str(number) for number in range(1, 6)]
    return Chart(
        id="rfm-map",
        kind="heat",
        size=size,
        title=title,
        hint=_(
            "Fifths of your customers: further up bought more recently, further right bought more often. "
            "A row or column may be empty where many customers are alike."
        ),
        summary=_best_corner(matrix, shop),
        data={
            "name": _("Customers"),
            "format": {"kind": "number"},
            "x": fifths,
            "y": fifths,
            "xName": _("How often →"),
            "yName": _("How recently →"),
            "cells": [_cell(r, f, share, shop, with_money=with_money) for r, f, share in cells],
        },
        columns=[
            Column(_("How recently")),
            Column(_("How often")),
            Column(_("Customers"), numeric=True),
            Column(_("Spent so far"), numeric=True),
        ],
        rows=[
            [
                _("%(fifth)s of 5") % {"fifth": r},
                _("%(fifth)s of 5") % {"fifth": f},
                Cell(formats.number(share.customers), customers_url(shop, r=r, f=f)),
                money(share.net_minor, shop),
            ]
            for r, f, share in cells
        ],
    )


def _cell(r: int, f: int, share: Share, shop: Shop, *, with_money: bool) -> HeatMark:
    if not share.customers:
        return {"x": f - 1, "y": r - 1, "value": 0, "label": "", "title": _("Nobody is here")}
    label = formats.number(share.customers)
    if with_money:
        label += "\n" + money(share.net_minor, shop, compact=True)
    return {
        "x": f - 1,
        "y": r - 1,
        "value": share.customers,
        "label": label,
        "title": _("Recency %(r)s of 5, frequency %(f)s of 5") % {"r": r, "f": f},
        "detail": [
            [_("Customers"), formats.number(share.customers)],
            [_("Spent so far"), money(share.net_minor, shop)],
        ],
        "url": customers_url(shop, r=r, f=f),
    }


def _best_corner(matrix: RFMMatrix, shop: Shop) -> str:
    best = [matrix.cells[r - 1][f - 1] for r in (4, 5) for f in (4, 5)]
    customers, net = sum(share.customers for share in best), sum(share.net_minor for share in best)
    everything = sum(share.net_minor for row in matrix.cells for share in row)
    if everything <= 0 or not customers:
        return _("Nobody buys both often and lately.")
    text = ngettext(
        "The %(customers)s customer who buys often and bought lately brought %(share)s of all revenue.",
        "The %(customers)s customers who buy often and bought lately brought %(share)s of all revenue.",
        customers,
    )
    return text % {"customers": formats.number(customers), "share": formats.share(net / everything)}
