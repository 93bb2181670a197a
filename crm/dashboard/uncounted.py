"""Which orders a number leaves out, and why: it stands under the number, so that it can be reckoned with the file."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.ui import formats
from customers.models import Order


@dataclass(frozen=True)
class Uncounted:
    """Orders that count, with their revenue before refunds, and beside them those that do not.

    Cancelled and pending ones do not count, nor do those without a line of revenue (a gift, a return). Of those that
    count, guests belong to no customer, and those without an exchange rate bring no money.
    """

    orders: int
    revenue_minor: int
    cancelled: int
    pending: int
    without_revenue: int
    guests: int
    without_rate: int

    @property
    def total(self) -> int:
        return self.cancelled + self.pending + self.without_revenue


def uncounted(orders: QuerySet[Order]) -> Uncounted:
    """orders: all that are asked about, those that do not count among them. One query, one pass."""
    counts, left_out = Q(is_purchase=True), Q(is_purchase=False)
    not_paid = Q(status__in=(Order.Status.CANCELLED, Order.Status.PENDING))
    figures = orders.aggregate(
        orders=Count("pk", filter=counts),
        revenue=Sum("revenue_minor", filter=counts, default=0),
        cancelled=Count("pk", filter=left_out & Q(status=Order.Status.CANCELLED)),
        pending=Count("pk", filter=left_out & Q(status=Order.Status.PENDING)),
        without_revenue=Count("pk", filter=left_out & ~not_paid),
        guests=Count("pk", filter=counts & Q(customer_id__isnull=True)),
        without_rate=Count("pk", filter=counts & Q(revenue_minor__isnull=True)),
    )
    # Named otherwise in the query: there a column of that name is asked for, too.
    figures["revenue_minor"] = figures.pop("revenue")
    return Uncounted(**{name: int(value) for name, value in figures.items()})


def uncounted_text(left_out: Uncounted) -> str:
    """“3 not counted: 2 cancelled, 1 pending”, “2 cancelled: not counted”; "" where all count and bring money."""
    reasons = [
        ngettext("%(count)s cancelled", "%(count)s cancelled", left_out.cancelled) % _count(left_out.cancelled),
        ngettext("%(count)s pending", "%(count)s pending", left_out.pending) % _count(left_out.pending),
        ngettext("%(count)s without anything sold", "%(count)s without anything sold", left_out.without_revenue)
        % _count(left_out.without_revenue),
    ]
    counts = (left_out.cancelled, left_out.pending, left_out.without_revenue)
    said = [reason for reason, count in zip(reasons, counts, strict=True) if count]
    parts = []
    if len(said) == 1:
        parts = [_("%(reason)s: not counted") % {"reason": said[0]}]
    elif said:
        parts = [_("%(count)s not counted: %(reasons)s") % {**_count(left_out.total), "reasons": formats.listed(said)}]
    if left_out.without_rate:
        parts.append(_("%(count)s without an exchange rate, so without revenue") % _count(left_out.without_rate))
    return " · ".join(parts)


def _count(count: int) -> dict[str, str]:
    return {"count": formats.number(count)}
