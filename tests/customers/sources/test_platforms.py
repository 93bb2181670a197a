"""Exports of storefronts and marketplaces: recognised by their heading, and right to the cent without a question.

A new platform: its case in CASES below, and a writer in WRITERS, which makes a file of it from known orders.
"""

import csv
import io
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.lib.money import from_minor
from crm.tenancy.scope import shop_scope
from customers.models import Customer, Identifier, Order
from customers.sources import Mapping, SourceError, sniff
from customers.sources.csv import CsvSource
from customers.sources.lines import Context
from customers.sources.platforms import ORDER_PLATFORMS as PLATFORMS
from tests.customers.bringing import CASES as FOLDER

NAMED = {platform.name: platform for platform in PLATFORMS}


# (a) Each case, as it comes


@dataclass(frozen=True)
class Case:
    """What comes out of a file: order → total and state, what was refunded, how many people, rows left out."""

    orders: dict
    people: int
    refunds: set = field(default_factory=set)
    rejected: list = field(default_factory=list)
    currency: str = "USD"
    currencies: set = field(default_factory=set)


CASES = {
    "01-shopify-orders.csv": Case(
        orders={
            "#1001": ("63.40", "paid"),
            "#1002": ("100.00", "paid"),
            "#1003": ("40.00", "refunded"),
            "#1004": ("10.00", "paid"),
            "#1005": ("10.00", "cancelled"),
            "#1006": ("37.10", "paid"),
        },
        people=4,
        refunds={("#1002", "50.00"), ("#1003", "40.00")},
    ),
    "02b-amazon-with-buyer.txt": Case(
        orders={
            "111-1111111-1111111": ("42.00", "fulfilled"),
            "111-1111111-1111112": ("16.00", "fulfilled"),
            "111-1111111-1111113": ("0.00", "cancelled"),
            "111-1111111-1111114": ("36.00", "paid"),
        },
        people=3,
    ),
    "03-etsy-sold-order-items.csv": Case(orders={"3001": ("18.12", "paid"), "3002": ("22.50", "paid")}, people=2),
    "04-ebay-orders-report.csv": Case(
        orders={"24-14934-00001": ("1805.97", "paid"), "24-14934-00002": ("1330.97", "paid")}, people=2
    ),
    "05-woocommerce-guests.csv": Case(
        orders={
            "7001": ("35.00", "fulfilled"),
            "7002": ("25.00", "paid"),
            "7003": ("10.00", "fulfilled"),
            "7004": ("10.00", "pending"),
        },
        people=4,
        rejected=[(6, "no_order")],
    ),
    "06-taobao-ExportOrderList.csv": Case(
        orders={
            "2026051100000001": ("187.00", "fulfilled"),
            "2026051100000002": ("99.00", "fulfilled"),
            "2026051100000003": ("0.00", "cancelled"),
            "2026051100000004": ("66.00", "paid"),
        },
        people=3,
        currency="CNY",
    ),
    "07-youzan-orders.csv": Case(
        orders={
            "E20260527100500000001": ("199.00", "paid"),
            "E20260527100500000002": ("88.00", "fulfilled"),
            "E20260527100500000003": ("0.00", "cancelled"),
        },
        people=3,
        currency="CNY",
    ),
    "07b-youzan-items.csv": Case(
        orders={
            "E20260527100500000001": ("189.00", "fulfilled"),
            "E20260527100500000002": ("88.00", "pending"),
            "E20260527100500000003": ("88.00", "paid"),
        },
        people=3,
        currency="CNY",
    ),
    "47-squarespace-day-on-first-row.csv": Case(
        orders={"00012": ("70.88", "paid"), "00013": ("50.00", "paid")}, people=2, refunds={("00013", "20.00")}
    ),
    "48-paypal-activity.csv": Case(
        orders={"TX1": ("40.00", "paid"), "TX2": ("50.00", "paid")},
        people=2,
        refunds={("TX1", "40.00")},
        rejected=[(4, "no_sale"), (5, "no_sale"), (7, "no_sale")],
        currencies={"USD", "EUR"},
    ),
    "24-woocommerce-analytics-customer-is-a-name.csv": Case(
        orders={"901": ("30.00", "fulfilled"), "902": ("45.00", "fulfilled"), "903": ("45.00", "fulfilled")}, people=3
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", CASES)
def test_a_case_comes_out_right_without_a_question(bring, name):
    made, case = bring(name), CASES[name]
    assert made.job.error is None
    assert (made.orders, made.refunds, made.rejected) == (case.orders, case.refunds, case.rejected)
    assert (made.people, set(made.currencies.values())) == (case.people, case.currencies or {case.currency})


# (b) Files made from known orders


LATE = datetime(2026, 3, 1, 23, 30)  # noqa: DTZ001  # wall clocks of exports have no zone


@dataclass(frozen=True)
class Item:
    """`off` comes off each piece."""

    sku: str
    quantity: int
    price: int
    off: int

    @property
    def gross(self):
        return self.quantity * self.price

    @property
    def discount(self):
        return self.quantity * self.off

    @property
    def net(self):
        return self.gross - self.discount


@dataclass(frozen=True)
class Sale:
    """An order in minor units; the refund is of its first item. State: paid, shipped, unpaid, cancelled."""

    number: int
    at: datetime
    buyer: int
    items: tuple
    shipping: int
    tax: int
    refunded: int
    state: str

    @property
    def net(self):
        return sum(item.net for item in self.items)

    @property
    def discount(self):
        return sum(item.discount for item in self.items)

    @property
    def total(self):
        return self.net + self.shipping + self.tax

    @property
    def email(self):
        return f"buyer{self.buyer}@example.com"

    @property
    def phone(self):
        return f"1380013800{self.buyer}"

    def state_in(self, **words):
        return words[self.state]


def money(minor):
    return str(from_minor(minor, "USD"))


def once(position, text, otherwise=""):
    """What stands on the first row of an order only."""
    return otherwise if position else text


def shopify(sale):
    words = {"paid": "paid", "shipped": "paid", "unpaid": "pending", "cancelled": "voided"}
    state = "partially_refunded" if sale.refunded and sale.state in ("paid", "shipped") else words[sale.state]
    for position, item in enumerate(sale.items):
        of_order = {
            "Financial Status": state,
            "Currency": "USD",
            "Subtotal": money(sale.net),
            "Shipping": money(sale.shipping),
            "Taxes": money(sale.tax),
            "Total": money(sale.total),
            "Discount Amount": money(sale.discount),
            "Refunded Amount": money(sale.refunded),
            "Billing Name": f"Buyer {sale.buyer}",
        }
        yield {
            "Name": f"#{sale.number}",
            "Email": sale.email,
            **(dict.fromkeys(of_order, "") if position else of_order),
            "Created at": f"{sale.at:%Y-%m-%d %H:%M:%S} -0500",
            "Lineitem quantity": str(item.quantity),
            "Lineitem name": f"Item {item.sku}",
            "Lineitem price": money(item.price),
            "Lineitem sku": item.sku,
            "Lineitem discount": "0.00",
            "Phone": once(position, f"'+1617555012{sale.buyer}"),
        }


def squarespace(sale):
    words = {"paid": "PAID", "shipped": "PAID", "unpaid": "PENDING", "cancelled": "CANCELED"}
    state = "PARTIALLY_REFUNDED" if sale.refunded and sale.state in ("paid", "shipped") else words[sale.state]
    for position, item in enumerate(sale.items):
        of_order = {
            "Email": sale.email,
            "Financial Status": state,
            "Currency": "USD",
            "Subtotal": money(sale.net),
            "Shipping": money(sale.shipping),
            "Taxes": money(sale.tax),
            "Amount Refunded": money(sale.refunded),
            "Total": money(sale.total),
            "Discount Amount": money(sale.discount),
            "Created at": f"{sale.at:%Y-%m-%d %H:%M:%S} -0500",
            "Billing Name": f"Buyer {sale.buyer}",
            "Billing Phone": f"617555012{sale.buyer}",
            "Channel Type": "web",
        }
        yield {
            "Order ID": f"{sale.number:05}",
            **(dict.fromkeys(of_order, "") if position else of_order),
            "Lineitem quantity": str(item.quantity),
            "Lineitem name": f"Item {item.sku}",
            "Lineitem price": money(item.price),
            "Lineitem sku": item.sku,
        }


def woocommerce(sale):
    for item in sale.items:
        yield {
            "order_id": str(sale.number),
            "order_number": str(sale.number),
            "order_date": f"{sale.at:%Y-%m-%d %H:%M:%S}",
            "status": sale.state_in(paid="wc-processing", shipped="completed", unpaid="on-hold", cancelled="cancelled"),
            "shipping_total": money(sale.shipping),
            "discount_total": money(sale.discount),
            "tax_total": money(sale.tax),
            "order_total": money(sale.total),
            "refunded_total": money(sale.refunded),
            "order_currency": "USD",
            "customer_id": "0",
            "billing_email": sale.email,
            "billing_first_name": "Buyer",
            "billing_last_name": str(sale.buyer),
            "item_name": f"Item {item.sku}",
            "item_sku": item.sku,
            "item_quantity": str(item.quantity),
            "item_subtotal": money(item.gross),
            "item_total": money(item.net),
        }


def woocommerce_advanced(sale):
    for item in sale.items:
        yield {
            "Order Number": str(sale.number),
            "Order Status": sale.state_in(paid="Processing", shipped="Completed", unpaid="On hold", cancelled="Failed"),
            "Order Date": f"{sale.at:%Y-%m-%d %H:%M}",
            "First Name (Billing)": "Buyer",
            "Last Name (Billing)": str(sale.buyer),
            "Email (Billing)": sale.email,
            "Cart Discount Amount": money(sale.discount),
            "Order Subtotal Amount": money(sum(each.gross for each in sale.items)),
            "Order Shipping Amount": money(sale.shipping),
            "Order Refund Amount": money(sale.refunded),
            "Order Total Amount": money(sale.total),
            "Order Total Tax Amount": money(sale.tax),
            "SKU": item.sku,
            "Item Name": f"Item {item.sku}",
            "Quantity": str(item.quantity),
            "Item Cost": money(item.price - item.off),
        }


def woocommerce_analytics(sale):
    yield {
        "Date": f"{sale.at:%Y-%m-%d %H:%M:%S}",
        "Order #": str(sale.number),
        "N. Revenue": money(sale.net),
        "Status": sale.state_in(paid="processing", shipped="completed", unpaid="on-hold", cancelled="cancelled"),
        "Customer": "John Smith",
        "Customer type": "new",
        "Email": sale.email,
        "Product(s)": " ".join(f"{item.quantity}× {item.sku}" for item in sale.items),
        "Items sold": str(sum(item.quantity for item in sale.items)),
    }


def youzan(sale):
    yield {
        "订单号": f"E{sale.at:%Y%m%d%H%M%S}{sale.number:06}",
        "订单状态": sale.state_in(paid="待发货", shipped="交易完成", unpaid="待付款", cancelled="交易关闭"),
        "买家付款时间": f"{sale.at:%Y-%m-%d %H:%M:%S}" if sale.state in ("paid", "shipped") else "",
        "订单实付金额": money(sale.net + sale.shipping),
        "运费": money(sale.shipping),
        "订单已退款金额": money(sale.refunded),
        "全部商品名称": " ".join(f"{item.sku}*{item.quantity}" for item in sale.items),
        "收货人/提货人": f"客{sale.buyer}",
        "收货人手机号/提货人手机号": sale.phone,
    }


def youzan_items(sale):
    for position, item in enumerate(sale.items):
        yield {
            "订单号": f"E{sale.at:%Y%m%d%H%M%S}{sale.number:06}",
            "订单状态": sale.state_in(paid="待发货", shipped="交易完成", unpaid="待成团", cancelled="交易关闭"),
            "订单创建时间": f"{sale.at:%Y-%m-%d %H:%M:%S}",
            "买家昵称": "微信用户",
            "商品名称": f"茶 {item.sku}",
            "规格编码": item.sku,
            "商品单价": money(item.price),
            "商品数量": str(item.quantity),
            "商品实际成交金额": money(item.net),
            "商品已退款金额": once(position, money(sale.refunded), "0.00"),
            "运费": money(sale.shipping),
            "订单实付金额": money(sale.net + sale.shipping),
            "收货人手机号": sale.phone,
        }


def taobao(sale):
    is_paid = sale.state in ("paid", "shipped")
    yield {
        "订单编号": str(20260000 + sale.number),
        "买家会员名": f"茶友{sale.buyer}",
        "买家应付货款": money(sum(item.gross for item in sale.items)),
        "买家应付邮费": money(sale.shipping),
        "总金额": money(sum(item.gross for item in sale.items) + sale.shipping),
        "买家实际支付金额": money((sale.net + sale.shipping) * is_paid),
        "订单状态": sale.state_in(
            paid="买家已付款，等待卖家发货", shipped="交易成功", unpaid="等待买家付款", cancelled="交易关闭"
        ),
        "收货人姓名": f"客{sale.buyer}",
        "联系手机": f"'{sale.phone}",
        "订单创建时间": f"{sale.at:%Y-%m-%d %H:%M:%S}",
        "宝贝标题 ": ",".join(item.sku for item in sale.items),
        "宝贝总数量": str(sum(item.quantity for item in sale.items)),
        "退款金额": money(sale.refunded),
    }


def taobao_items(sale):
    for position, item in enumerate(sale.items):
        yield {
            "子订单编号": f"{sale.number}{position}",
            "主订单编号": str(20260000 + sale.number),
            "标题": f"茶 {item.sku}",
            "价格": money(item.price),
            "购买数量": str(item.quantity),
            "外部系统编号": "",
            "订单状态": sale.state_in(
                paid="买家已付款，等待卖家发货", shipped="交易成功", unpaid="等待买家付款", cancelled="交易关闭"
            ),
            "商家编码": item.sku,
            "买家实际支付金额": money(item.net),
            "退款金额": once(position, money(sale.refunded), "0.00"),
            "订单创建时间": f"{sale.at:%Y-%m-%d %H:%M:%S}",
        }


def jd(sale):
    balance = min(100, sale.net)
    for item in sale.items:
        yield {
            "订单号": str(20260000 + sale.number),
            "商品ID": item.sku,
            "商品名称": f"茶 {item.sku}",
            "订购数量": str(item.quantity),
            "下单时间": f"{sale.at:%Y-%m-%d %H:%M:%S}",
            "京东价": money(item.price),
            "订单金额": money(sum(each.gross for each in sale.items)),
            "结算金额": money(sale.net),
            "余额支付": money(balance),
            "应付金额": money(sale.net + sale.shipping - balance),
            "订单状态": sale.state_in(paid="等待出库", shipped="完成", unpaid="等待付款", cancelled="(删除)等待出库"),
            "下单帐号": f"jd_{sale.buyer}",
            "客户姓名": f"客{sale.buyer}",
            "联系电话": sale.phone,
            "运费金额": money(sale.shipping),
        }


def amazon(sale):
    state = sale.state_in(paid="Unshipped", shipped="Shipped", unpaid="Pending", cancelled="Cancelled")
    for position, item in enumerate(sale.items):
        yield {
            "amazon-order-id": f"111-0000000-{sale.number:07}",
            "purchase-date": f"{sale.at:%Y-%m-%dT%H:%M:%S}+00:00",
            "order-status": state,
            "product-name": f"Item {item.sku}",
            "sku": item.sku,
            "item-status": state,
            "quantity": str(item.quantity),
            "currency": "USD",
            "item-price": money(item.gross),
            "item-tax": once(position, money(sale.tax)),
            "shipping-price": once(position, money(sale.shipping)),
            "gift-wrap-price": once(position, "3.00"),
            "item-promotion-discount": money(item.discount) if item.discount else "",
            "ship-promotion-discount": once(position, "3.00"),
            "buyer-email": sale.email,
        }


def etsy(sale):
    yield {
        "Sale Date": f"{sale.at:%m/%d/%y}",
        "Order ID": str(sale.number),
        "Buyer User ID": f"buyer{sale.buyer}",
        "Full Name": f"Buyer {sale.buyer}",
        "Number of Items": str(sum(item.quantity for item in sale.items)),
        "Currency": "USD",
        "Order Value": money(sum(item.gross for item in sale.items)),
        "Discount Amount": money(sale.discount),
        "Shipping": money(sale.shipping),
        "Sales Tax": money(sale.tax),
        "Order Total": money(sale.total),
        "Date Paid": "" if sale.state == "unpaid" else f"{sale.at:%m/%d/%y}",
    }


def etsy_items(sale):
    for position, item in enumerate(sale.items):
        yield {
            "Sale Date": f"{sale.at:%m/%d/%y}",
            "Item Name": f"Item {item.sku}",
            "Buyer": f"buyer{sale.buyer}",
            "Quantity": str(item.quantity),
            "Price": money(item.price),
            "Discount Amount": money(item.discount),
            "Shipping Discount": "0",
            "Order Shipping": once(position, money(sale.shipping), "0.00"),
            "Order Sales Tax": once(position, money(sale.tax), "0.00"),
            "Item Total": money(item.gross),
            "Currency": "USD",
            "Transaction ID": f"{sale.number}{position}",
            "Listing ID": f"9{item.sku[1:]}",
            "Date Paid": "" if sale.state == "unpaid" else f"{sale.at:%m/%d/%y}",
            "Ship City": "Austin",
            "Order ID": str(sale.number),
            "SKU": item.sku,
        }


def ebay(sale):
    """A row of its own for the order where it has several products."""
    day = f"{sale.at:%b-%d-%y}"
    paid = "" if sale.state == "unpaid" else day
    of_order = {
        "Sales Record Number": str(sale.number),
        "Order Number": f"24-14934-{sale.number:05}",
        "Buyer Username": f"buyer_{sale.buyer}",
        "Buyer Name": f"Buyer {sale.buyer}",
        "Buyer Email": sale.email,
        "Shipping And Handling": f"${money(sale.shipping)}",
        "Seller Collected Tax": f"${money(sale.tax)}",
        "Total Price": f"${money(sale.total)}",
        "Sale Date": day,
        "Paid On Date": paid,
    }
    several = len(sale.items) > 1
    if several:
        pieces = sum(item.quantity for item in sale.items)
        yield of_order | {"Quantity": str(pieces), "Sold For": f"${money(sale.net)}"}
    for item in sale.items:
        blank = dict.fromkeys(
            ("Buyer Name", "Buyer Email", "Shipping And Handling", "Seller Collected Tax", "Total Price"), ""
        )
        yield of_order | (blank if several else {}) | {
            "Item Number": f"31850{item.sku[1:]}",
            "Item Title": f"Item {item.sku}",
            "Custom Label": item.sku,
            "Quantity": str(item.quantity),
            "Sold For": f"${money(item.price - item.off)}",
        }  # fmt: skip


def paypal(sale):
    """A movement the payment, another the refund, and one that is neither."""
    day, time = f"{sale.at:%d.%m.%Y}", f"{sale.at:%H:%M:%S}"
    state = sale.state_in(paid="Completed", shipped="Completed", unpaid="Pending", cancelled="Denied")
    row = {
        "Date": day,
        "Time": time,
        "TimeZone": "PST",
        "Name": f"Buyer {sale.buyer}",
        "Type": "Website Payment",
        "Status": state,
        "Currency": "USD",
        "Gross": money(sale.total),
        "Fee": "-1.00",
        "Net": money(sale.total - 100),
        "From Email Address": sale.email,
        "To Email Address": "shop@example.com",
        "Transaction ID": f"T{sale.number}",
        "Item Title": f"Item {sale.items[0].sku}",
        "Shipping and Handling Amount": money(sale.shipping),
        "Sales Tax": money(sale.tax),
        "Reference Txn ID": "",
        "Balance Impact": "Credit",
    }
    yield row
    away = row | {"Name": "", "From Email Address": "shop@example.com", "Status": "Completed"}
    away |= {"Shipping and Handling Amount": "0.00", "Sales Tax": "0.00", "Reference Txn ID": f"T{sale.number}"}
    if sale.refunded and sale.state in ("paid", "shipped"):
        back = {"Type": "Payment Refund", "Gross": money(-sale.refunded), "Transaction ID": f"R{sale.number}"}
        yield away | back | {"To Email Address": sale.email}


@dataclass(frozen=True)
class Writer:
    """How a platform writes orders, and what of an order its file can say.

    renamed: headings of another version or language. counts: what its totals hold beside the goods. states: those it
    can tell. ordered: whether the rows of an order must stand together, its first one first.
    """

    rows: object
    counts: tuple = ("shipping", "tax")
    refunds: bool = False
    states: tuple = ("paid", "shipped", "unpaid", "cancelled")
    renamed: dict = field(default_factory=dict)
    encodings: tuple = ("utf-8", "utf-8-sig")
    delimiter: str = ","
    ordered: bool = False
    above: str = ""
    below: str = ""


CHINESE = ("utf-8", "utf-8-sig", "gb18030")
WRITERS = {
    "shopify": Writer(shopify, refunds=True, ordered=True, renamed={"Lineitem sku": "Lineitem SKU"}),
    "squarespace": Writer(squarespace, refunds=True, ordered=True, renamed={"Channel Type": "Channel type"}),
    "woocommerce": Writer(
        woocommerce, refunds=True, renamed={"billing_email": "customer_email", "item_sku": "item_product_id"}
    ),
    "woocommerce-advanced": Writer(woocommerce_advanced, refunds=True, renamed={"Quantity": "Quantity (- Refund)"}),
    "woocommerce-analytics": Writer(
        woocommerce_analytics, counts=(), renamed={"N. Revenue": "Net Sales", "Items sold": "Quantity"}
    ),
    "youzan": Writer(youzan, counts=("shipping",), refunds=True, encodings=CHINESE),
    "youzan-items": Writer(
        youzan_items, counts=("shipping",), refunds=True, encodings=CHINESE, renamed={"订单状态": "订单商品状态"}
    ),
    "taobao": Writer(taobao, counts=("shipping",), refunds=True, encodings=CHINESE, renamed={"联系手机": "联系电话 "}),
    "taobao-items": Writer(
        taobao_items,
        counts=(),
        refunds=True,
        encodings=CHINESE,
        renamed={"主订单编号": "订单编号", "标题": "商品标题", "买家实际支付金额": "买家应付货款"},
    ),
    "jd": Writer(jd, counts=("shipping",), encodings=CHINESE, renamed={"下单帐号": "下单账号", "商品ID": "商品编号"}),
    "amazon": Writer(amazon, delimiter="\t", renamed={"amazon-order-id": "order-id", "quantity": "quantity-purchased"}),
    "etsy": Writer(etsy, states=("paid", "unpaid"), renamed={"Shipping": "Delivery"}),
    "etsy-items": Writer(
        etsy_items,
        states=("paid", "unpaid"),
        renamed={
            "Order Shipping": "Order Delivery",
            "Shipping Discount": "Delivery Discount",
            "Ship City": "Delivery City",
        },
    ),
    "ebay": Writer(
        ebay,
        states=("paid", "unpaid"),
        ordered=True,
        above=",,,,\n",
        below="2,record(s) downloaded,from Mar-01-26 to Oct-02-26\nSeller ID : someshop\n",
        renamed={
            "Sales Record Number": "Verkaufsprotokollnummer",
            "Order Number": "Bestellnummer",
            "Buyer Username": "Nutzername des Käufers",
            "Buyer Name": "Name des Käufers",
            "Item Title": "Angebotstitel",
            "Custom Label": "Bestandseinheit",
            "Quantity": "Anzahl",
            "Sold For": "Verkauft für",
            "Shipping And Handling": "Verpackung und Versand",
            "Total Price": "Gesamtbetrag",
            "Sale Date": "Verkauft am",
            "Paid On Date": "Zahlungsdatum",
        },
    ),
    "paypal": Writer(paypal, refunds=True, renamed={"TimeZone": "Time Zone"}, below=""),
}
items = st.builds(
    lambda sku, quantity, price, share: Item(f"P{sku}", quantity, price, price * share // 4),
    st.integers(100, 105),
    st.integers(1, 5),
    st.integers(1, 5_000),
    st.sampled_from([0, 0, 1, 3]),
)


@st.composite
def sales(draw, states):
    made = []
    for number in range(1001, 1001 + draw(st.integers(1, 4))):
        sale = Sale(
            number=number,
            at=draw(st.datetimes(datetime(2026, 3, 1), datetime(2026, 9, 30))).replace(microsecond=0),  # noqa: DTZ001  # a wall clock
            buyer=draw(st.integers(1, 3)),
            items=tuple(draw(st.lists(items, min_size=1, max_size=3, unique_by=lambda item: item.sku))),
            shipping=draw(st.sampled_from([0, 490, 1_200])),
            tax=draw(st.sampled_from([0, 62, 1_999])),
            refunded=0,
            state=draw(st.sampled_from(states)),
        )
        made.append(replace(sale, refunded=draw(st.sampled_from([0, sale.items[0].net, sale.items[0].net // 2]))))
    return made


@st.composite
def files(draw, writer):
    """Orders, and the bytes of a file of them, in one of the shapes that such files have."""
    orders = draw(sales(writer.states))
    groups = [list(writer.rows(order)) for order in orders]
    if writer.ordered:
        rows = [row for group in draw(st.permutations(groups)) for row in group]
    else:
        rows = draw(st.permutations([row for group in groups for row in group]))
    header = list(dict.fromkeys(heading for row in rows for heading in row))
    header = draw(st.permutations([*header, *draw(st.sampled_from([[], ["Memo A"], ["Memo A", "Memo B"]]))]))
    renamed = writer.renamed if draw(st.booleans()) else {}
    ids = next(name for name in NAMED_ID if name in header)
    wrap = draw(st.sampled_from(["{}", '="{}"', "'{}"]))
    text = io.StringIO()
    write = csv.writer(text, delimiter=writer.delimiter, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    text.write(writer.above)
    write.writerow([renamed.get(heading, heading) for heading in header])
    for row in rows:
        write.writerow([(wrap.format(row[name]) if name == ids else row.get(name, "")) for name in header])
    text.write(writer.below)
    return orders, text.getvalue().encode(draw(st.sampled_from(writer.encodings)))


NAMED_ID = (
    "Name", "order_number", "Order #", "Order Number", "主订单编号", "订单号", "订单编号", "amazon-order-id",
    "Order ID", "Transaction ID",
)  # fmt: skip


def expected(writer, orders):
    """The totals of those who paid, and what was refunded of them, by position in `orders`."""
    bought = [order for order in orders if order.state in ("paid", "shipped")]
    totals = [money(order.net + sum(getattr(order, name) for name in writer.counts)) for order in bought]
    refunds = [money(order.refunded) for order in bought if writer.refunds and order.refunded]
    return sorted(totals), sorted(refunds)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("name", WRITERS)
def test_made_files_give_exact_sums(bring, name):
    writer, runs = WRITERS[name], iter(range(10_000))

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(files(writer))
    def check(made_file):
        orders, content = made_file
        made = bring(content, slug=f"made-{next(runs)}")
        assert (made.job.preset, made.job.error, made.rejected) == (name, None, [])
        totals = sorted(total for number, (total, _) in made.orders.items() if number in made.purchases)
        assert (totals, sorted(amount for _, amount in made.refunds)) == expected(writer, orders)
        assert len(made.orders) == len(orders)

    check()


# (c) Each signature fits its own files only


def headings(name, *, is_renamed=False):
    """A heading as this platform's writer makes it."""
    writer = WRITERS[name]
    item = Item("P100", 1, 100, 0)
    sale = Sale(1, LATE, 1, (item, replace(item, sku="P101")), 0, 0, 0, "paid")
    header = dict.fromkeys(heading for row in writer.rows(sale) for heading in row)
    return [writer.renamed.get(heading, heading) if is_renamed else heading for heading in header]


@pytest.mark.parametrize("is_renamed", [False, True])
@pytest.mark.parametrize("name", WRITERS)
def test_a_heading_fits_one_platform(name, is_renamed):
    header = headings(name, is_renamed=is_renamed)
    assert [platform.name for platform in PLATFORMS if platform.fits(header)] == [name]


def test_every_platform_is_tried():
    assert list(WRITERS) == sorted(NAMED, key=list(WRITERS).index)


RECOGNISED = {
    "01-shopify-orders.csv": "shopify",
    "02b-amazon-with-buyer.txt": "amazon",
    "03-etsy-sold-order-items.csv": "etsy-items",
    "04-ebay-orders-report.csv": "ebay",
    "05-woocommerce-guests.csv": "woocommerce",
    "06-taobao-ExportOrderList.csv": "taobao",
    "07-youzan-orders.csv": "youzan",
    "07b-youzan-items.csv": "youzan-items",
    "24-woocommerce-analytics-customer-is-a-name.csv": "woocommerce-analytics",
    "47-squarespace-day-on-first-row.csv": "squarespace",
    "48-paypal-activity.csv": "paypal",
}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("[0-9]*")), ids=lambda path: path.name)
def test_a_file_is_recognised_as_what_it_is(path):
    assert sniff(path).preset == RECOGNISED.get(path.name, "generic")


# (d) What is missing is named

CONTEXT = Context(currency="USD", timezone="UTC")


@pytest.mark.parametrize("name", WRITERS)
def test_a_column_that_is_needed_and_missing_is_named(name):
    platform = NAMED[name]
    for group in platform.signature:
        header = [heading for heading in headings(name) if heading.strip() not in group]
        with pytest.raises(SourceError) as caught:
            CsvSource(platform=platform).converter(header, CONTEXT, lambda: iter(()))
        assert (caught.value.code, caught.value.params["name"]) == ("missing_column", group[0])


# Words of states


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "amazon",
            {
                "Pending": "pending",
                "Unshipped": "paid",
                "PartiallyShipped": "paid",
                "Shipped": "fulfilled",
                "Shipped - Delivered to Buyer": "fulfilled",
                "Shipped - Returned to Seller": "fulfilled",
                "Cancelled": "cancelled",
            },
        ),
        (
            "jd",
            {
                "等待付款": "pending",
                "等待出库": "paid",
                "(锁定)等待出库": "paid",
                "（锁定）等待出库": "paid",
                "等待确认收货": "fulfilled",
                "完成": "fulfilled",
                "已取消": "cancelled",
                "(删除)等待出库": "cancelled",
            },
        ),
        (
            "taobao",
            {
                "等待买家付款": "pending",
                "买家已付款,等待卖家发货": "paid",
                "买家已付款，等待卖家发货": "paid",
                "卖家部分发货": "paid",
                "卖家已发货，等待买家确认": "fulfilled",
                "交易成功": "fulfilled",
                "交易关闭": "cancelled",
            },
        ),
    ],
)
@pytest.mark.django_db
def test_words_of_states(bring, name, words):
    item = Item("P100", 1, 1_000, 0)
    column = {"amazon": "item-status", "jd": "订单状态", "taobao": "订单状态"}[name]
    rows = []
    for number, word in enumerate(words, 1001):
        sale = Sale(number, LATE, 1, (item,), 0, 0, 0, "paid")
        rows += [row | {column: word} for row in WRITERS[name].rows(sale)]
    made = bring(text_of(rows, WRITERS[name].delimiter))
    assert [made.orders[number][1] for number in sorted(made.orders)] == list(words.values())
    assert made.rejected == []


def text_of(rows, delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# Rules of single platforms


GIFTS = {
    "shopify": (shopify, ("Shipping Phone",), ("Phone", "Billing Phone")),
    "squarespace": (squarespace, ("Shipping Phone",), ("Billing Phone",)),
    "woocommerce": (woocommerce, ("shipping_phone",), ("billing_phone",)),
    "amazon": (amazon, ("ship-phone-number",), ("buyer-phone-number",)),
    "ebay": (ebay, ("Ship To Phone", "Post To Phone"), ()),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", GIFTS)
def test_the_phone_of_who_gets_it_is_not_the_buyers(bring, name):
    rows_of, theirs, own = GIFTS[name]
    sales = [Sale(1001 + buyer, LATE, buyer, (Item("P100", 1, 1_000, 0),), 0, 0, 0, "paid") for buyer in (1, 2)]
    rows = [
        row | dict.fromkeys(own, "") | dict.fromkeys(theirs, "+16175550199") for each in sales for row in rows_of(each)
    ]
    made = bring(text_of(rows, WRITERS[name].delimiter))
    assert (made.people, made.rejected) == (2, [])
    with shop_scope(made.shop):
        assert not Identifier.objects.filter(kind="phone").exists()


SALE = Sale(1001, LATE, 1, (Item("P100", 2, 1_000, 0), Item("P101", 1, 500, 0)), 0, 0, 0, "paid")


@pytest.mark.django_db
def test_one_closed_line_takes_only_itself_off_its_order(bring):
    first, second = taobao_items(SALE)
    made = bring(text_of([first | {"订单状态": "交易关闭"}, second]))
    assert made.orders == {"20261001": ("5.00", "paid")}


@pytest.mark.django_db
def test_a_cancelled_item_takes_only_itself_off_its_order(bring):
    first, second = amazon(SALE)
    made = bring(text_of([first, second | {"item-status": "Cancelled"}], "\t"))
    assert made.orders == {"111-0000000-0001001": ("20.00", "paid")}


@pytest.mark.django_db
def test_tax_is_on_top_of_american_prices_and_within_european_ones(bring):
    sale = replace(SALE, tax=300)
    rows = list(amazon(sale))
    assert bring(text_of(rows, "\t")).totals == {"111-0000000-0001001": "28.00"}
    rows = [row | {"currency": "EUR"} for row in rows]
    assert bring(text_of(rows, "\t"), slug="europe").totals == {"111-0000000-0001001": "25.00"}


@pytest.mark.django_db
def test_a_shop_elsewhere_reads_chinese_files_as_chinese(bring):
    made = bring(text_of(list(taobao(SALE))), currency="USD", zone="America/New_York")
    assert made.currencies == {"20261001": "CNY"}
    with shop_scope(made.shop):
        order = Order.objects.get()
        assert order.placed_at.isoformat() == "2026-03-01T15:30:00+00:00"
        assert order.customer.identifiers.get(kind="phone").value == "+8613800138001"


@pytest.mark.django_db
def test_the_row_of_an_order_is_no_line_of_it(bring):
    made = bring(text_of(list(ebay(SALE))))
    assert made.totals == {"24-14934-01001": "25.00"}
    with shop_scope(made.shop):
        assert sorted(Order.objects.get().lines.values_list("product__external_id", "total_minor")) == [
            ("P100", 2_000), ("P101", 500),
        ]  # fmt: skip
        assert Customer.objects.get().name == "Buyer 1"


@pytest.mark.django_db
def test_what_was_cancelled_is_not_refunded_once_more(bring):
    sale = replace(SALE, state="cancelled", refunded=2_000)
    made = bring(text_of(list(woocommerce(sale))))
    assert (made.purchases, made.refunds) == (set(), set())


@pytest.mark.django_db
@pytest.mark.parametrize("names", [("orders", "items"), ("items", "orders")])
def test_orders_and_their_products_meet(bring, names):
    """What the buyer is known by comes from the one file, the products from the other."""
    texts = {"orders": text_of(list(taobao(SALE))), "items": text_of(list(taobao_items(SALE)))}
    for name in names:
        made = bring(texts[name])
        assert made.job.error is None
    assert made.orders == {"20261001": ("25.00", "paid")}
    with shop_scope(made.shop):
        assert Order.objects.get().customer.name == "客1"


def test_a_mapping_says_all_that_a_platform_says():
    for platform in PLATFORMS:
        mapping = platform.mapping(headings(platform.name))
        assert Mapping.from_json(mapping.to_json()) == mapping
