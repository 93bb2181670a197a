"""What the RFM page says of each group and of the movement between them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Cell, Chart, Column, SankeyNode
from customers.presenters import money
from segmentation.charts import BUYERS, average_of, customers_url, together
from segmentation.columns import NOT_YET
from segmentation.models import RFMGroup
from segmentation.queries import Move, RFMMatrix

ADVICE: dict[RFMGroup, Promise] = {
    RFMGroup.CHAMPIONS: gettext_lazy("Thank them, show them new things first, and ask them to tell others."),
    RFMGroup.LOYAL: gettext_lazy("Keep them close: ask what they miss, and offer what goes with what they buy."),
    RFMGroup.POTENTIAL_LOYALIST: gettext_lazy("Make the next order easy: suggest what others bought next."),
    RFMGroup.NEW: gettext_lazy("Welcome them, and see that the first order went well; the second decides."),
    RFMGroup.PROMISING: gettext_lazy("Remind them soon, with something small that fits the first order."),
    RFMGroup.NEEDS_ATTENTION: gettext_lazy("Write now, with a reason to come back this month."),
    RFMGroup.ABOUT_TO_SLEEP: gettext_lazy("Show what is new since their last order; do not spend a discount yet."),
    RFMGroup.AT_RISK: gettext_lazy("Write in person with a good offer: they used to buy well, and have stopped."),
    RFMGroup.CANNOT_LOSE: gettext_lazy("Call them. They were among the best; find out what went wrong."),
    RFMGroup.HIBERNATING: gettext_lazy("A seasonal letter is enough; take them off frequent mail."),
    RFMGroup.LOST: gettext_lazy("Let them go, or try once more with your strongest offer."),
}
_RANK = {group: rank for rank, group in enumerate(ADVICE)}


@dataclass(frozen=True)
class GroupRow:
    """One group as the table shows it."""

    group: RFMGroup
    customers: int
    customer_rate: float
    net_minor: int
    orders: int | None
    aov_minor: int | None
    revenue_rate: float
    advice: str
    url: str


def group_rows(matrix: RFMMatrix, shop: Shop) -> list[GroupRow]:
    """All eleven, best to worst."""
    customers = sum(share.customers for share in matrix.groups) or 1
    net = sum(share.net_minor for share in matrix.groups) or 1
    return [
        GroupRow(
            RFMGroup(share.name),
            share.customers,
            share.customers / customers,
            share.net_minor,
            share.orders,
            average_of(share),
            share.net_minor / net,
            str(ADVICE[RFMGroup(share.name)]),
            customers_url(shop, group=share.name),
        )
        for share in matrix.groups
    ]


def groups_sentence(rows: list[GroupRow], shop: Shop) -> SafeString:
    best = rows[0]
    if not best.customers:
        return SafeString(_("No customer is yet among the best in recency, frequency and money at once."))
    text = ngettext(
        "{count} champion, {share} of your customers, brought {rate} of all revenue.",
        "{count} champions, {share} of your customers, brought {rate} of all revenue.",
        best.customers,
    )
    strong = "<strong>{}</strong>"
    return format_html(
        text,
        count=format_html(strong, formats.number(best.customers)),
        share=formats.share(best.customer_rate),
        rate=format_html(strong, formats.share(best.revenue_rate)),
    )


def movement_chart(matrix: RFMMatrix, shop: Shop) -> Chart | None:
    """Who went from which group to which since the end of last month; None where nothing is known of then."""
    moves = [move for move in matrix.moves if move.to_group is not None]
    if not any(move.from_group for move in moves):
        return None
    return Chart(
        id="movement",
        kind="sankey",
        size="l",
        title=_("Movement since %(day)s") % {"day": formats.day(matrix.since)},
        hint=_("On the left the group at the end of last month, on the right the group now."),
        summary=_movement_summary(moves),
        data={
            "name": _("Customers"),
            "format": {"kind": "number"},
            "nodes": [*_nodes(moves, shop, is_now=False), *_nodes(moves, shop, is_now=True)],
            "links": [
                {
                    "source": f"then-{move.from_group or NOT_YET}",
                    "target": f"now-{move.to_group}",
                    "value": move.customers,
                    "url": _moved_url(shop, move),
                }
                for move in moves
            ],
        },
        columns=[Column(_("Then")), Column(_("Now")), Column(_("Customers"), numeric=True)],
        rows=[
            [
                _label(move.from_group),
                _label(move.to_group),
                Cell(formats.number(move.customers), _moved_url(shop, move)),
            ]
            for move in sorted(moves, key=lambda move: (move.from_group == move.to_group, -move.customers))
        ],
    )


def _moved_url(shop: Shop, move: Move) -> str:
    return customers_url(shop, group_then=str(move.from_group or NOT_YET), group=str(move.to_group))


def _nodes(moves: list[Move], shop: Shop, *, is_now: bool) -> list[SankeyNode]:
    there = {move.to_group if is_now else move.from_group for move in moves}
    ordered = sorted(there, key=lambda group: len(_RANK) if group is None else _RANK[group])
    return [
        {
            "key": f"{'now' if is_now else 'then'}-{group or NOT_YET}",
            "name": _label(group),
            "color": f"group-{group}" if group else "stage-prospect",
            "depth": int(is_now),
            "url": _node_url(shop, group, is_now=is_now),
        }
        for group in ordered
    ]


def _node_url(shop: Shop, group: RFMGroup | None, *, is_now: bool) -> str:
    if is_now:
        return customers_url(shop, group=str(group))
    if group:
        return customers_url(shop, group_then=str(group))
    # Who has not bought by now either is no part of the movement.
    return customers_url(shop, group_then=NOT_YET, bought=BUYERS)


def _label(group: RFMGroup | None) -> str:
    return str(group.label) if group else _("Had not bought yet")


def _movement_summary(moves: list[Move]) -> str:
    up = down = new = 0
    for move in moves:
        if move.from_group is None:
            new += move.customers
        elif move.to_group is not None:
            step = _RANK[move.from_group] - _RANK[move.to_group]
            up, down = up + move.customers * (step > 0), down + move.customers * (step < 0)
    return _("%(up)s customers moved up, %(down)s down, and %(new)s bought for the first time.") % {
        "up": formats.number(up),
        "down": formats.number(down),
        "new": formats.number(new),
    }


@dataclass(frozen=True)
class Total:
    """All groups together; "–" where the run did not count it."""

    customers: str
    orders: str
    aov: str
    net: str


def total_row(matrix: RFMMatrix, shop: Shop) -> Total:
    everybody = together(matrix.groups)
    return Total(
        formats.number(everybody.customers),
        "–" if everybody.orders is None else formats.number(everybody.orders),
        money(average_of(everybody), shop),
        money(everybody.net_minor, shop, whole=True),
    )
