"""Everything that a shop counts ahead, counted once more from its orders; and all its rows, to compare them."""

from django.db import connections
from django.db.models import Count, F, Max, Min, Q, Sum

from crm.tenancy.scope import shop_scope
from customers.ingest import refresh_sales_days
from customers.ingest.search import write_search_documents
from customers.models import Customer, Order, Refund, SalesDay, SearchDocument

TABLES = (
    "customer",
    "identifier",
    "searchdocument",
    "product",
    "order",
    "orderline",
    "refund",
    "refundline",
    "tag",
    "customertag",
    "salesday",
)


def all_rows(shop):
    """Every row of the shop, by table, with all columns; of the days' sales without the id, which nobody refers to."""
    add_up(shop)
    with shop_scope(shop), connections["default"].cursor() as cursor:
        rows = {}
        for table in TABLES:
            cursor.execute(
                f"SELECT to_jsonb(t) - CASE WHEN %s THEN 'id' ELSE '' END FROM customers_{table} AS t"
                " ORDER BY to_jsonb(t)::text",
                [table == "salesday"],
            )
            rows[table] = sorted((row for (row,) in cursor.fetchall()), key=str)
        return rows


def add_up(shop):
    with shop_scope(shop):
        while refresh_sales_days():
            pass


def assert_counted_right(shop):
    """Figures, search documents and days of sales are what counting from scratch gives."""
    add_up(shop)
    with shop_scope(shop), connections["default"].cursor() as cursor:
        for customer in Customer.objects.all():
            bought = Order.objects.filter(customer=customer, is_purchase=True).aggregate(
                orders=Count("pk"), gross=Sum("revenue_minor"), first=Min("placed_at"), last=Max("placed_at")
            )
            back = Refund.objects.filter(Q(order=None) | Q(order__is_purchase=True), customer=customer)
            refunded = back.aggregate(sum=Sum("revenue_minor"))["sum"] or 0
            assert (
                customer.order_count, customer.gross_minor, customer.refunded_minor, customer.first_order_at,
                customer.last_order_at,
            ) == (bought["orders"], bought["gross"] or 0, refunded, bought["first"], bought["last"])  # fmt: skip
            assert customer.net_minor == customer.gross_minor - customer.refunded_minor
        documents = list(SearchDocument.objects.order_by("pk").values_list("pk", "terms"))
        ids = list(Customer.objects.values_list("pk", flat=True))
        assert [pk for pk, _ in documents] == sorted(ids)
        write_search_documents(cursor, ids, shop_id=shop.pk)
        assert list(SearchDocument.objects.order_by("pk").values_list("pk", "terms")) == documents
        days = list(SalesDay.objects.order_by("day").values())
        dated = {
            *Order.objects.values_list("placed_on", flat=True),
            *Refund.objects.values_list("refunded_on", flat=True),
        }
        assert {day["day"] for day in days} == dated
        SalesDay.objects.update(is_stale=True, new_orders=F("new_orders") + 7)
        while refresh_sales_days():
            pass
        assert list(SalesDay.objects.order_by("day").values()) == days
