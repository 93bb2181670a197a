"""What an import left in a shop, for tests of whole files."""

from decimal import Decimal
from pathlib import Path

from crm.lib.money import from_minor
from crm.tenancy.scope import shop_scope
from customers.imports.actions import error_from_json
from customers.models import Customer, Order, Refund, RejectedRow

CASES = Path(__file__).parents[1] / "data/cases"


class Made:
    """What an import left in the shop, as a shop would tell it."""

    def __init__(self, shop, job):
        self.shop, self.job, self.counts = shop, job, job.counts
        self.questions = getattr(error_from_json(job.error), "questions", []) if job.error else []
        with shop_scope(shop):
            self.orders = {
                order.external_id: (str(from_minor(order.total_minor, order.currency)), order.status)
                for order in Order.objects.all()
            }
            self.currencies = {order.external_id: order.currency for order in Order.objects.all()}
            self.purchases = {order.external_id for order in Order.objects.filter(is_purchase=True)}
            self.refunds = {
                (
                    refund.order.external_id if refund.order else "",
                    str(from_minor(refund.amount_minor, refund.currency)),
                )
                for refund in Refund.objects.select_related("order")
            }
            self.people = Customer.objects.count()
            self.names = set(Customer.objects.values_list("name", flat=True))
            self.rejected = [
                (row.row_no, row.code) for row in RejectedRow.objects.filter(job=job, is_kept=False).order_by("row_no")
            ]
            self.told = {(row.row_no, row.code) for row in RejectedRow.objects.filter(job=job, is_kept=True)}

    @property
    def totals(self):
        return {number: total for number, (total, _) in self.orders.items()}

    @property
    def net(self):
        return sum(Decimal(total) for number, total in self.totals.items() if number in self.purchases) - sum(
            Decimal(amount) for _, amount in self.refunds
        )
