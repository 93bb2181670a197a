"""淘宝 and 天猫: ExportOrderList (one row an order) and ExportOrderDetailList (one row a product of an order)."""

from .base import Platform

# Words of the pages and, in older files, the longer ones of the interface for programs.
_STATES = {
    "等待买家付款": "pending",
    "没有创建支付宝交易": "pending",
    "国际信用卡支付付款确认中": "pending",
    "买家已付款,等待卖家发货": "paid",
    "等待卖家发货": "paid",
    "卖家部分发货": "paid",
    "卖家已发货,等待买家确认": "fulfilled",
    "等待买家确认收货": "fulfilled",
    "买家已签收": "fulfilled",
    "交易成功": "fulfilled",
    # Not paid in time, or paid and given back whole: either way nothing is left of the sale.
    "交易关闭": "cancelled",
    "付款以前,卖家或买家主动关闭交易": "cancelled",
    "付款以后用户退款成功,交易自动关闭": "cancelled",
}

TAOBAO = Platform(
    name="taobao",
    title="淘宝/天猫",
    signature=(("订单编号",), ("买家会员名",), ("买家实际支付金额",), ("宝贝标题", "宝贝种类", "宝贝总数量")),
    columns={
        "order_id": ("订单编号",),
        "ordered_at": ("订单创建时间", "订单付款时间"),
        "customer_id": ("买家会员名",),
        "phone": ("联系手机", "联系电话"),
        "name": ("收货人姓名",),
        "product_name": ("宝贝标题",),
        "quantity": ("宝贝总数量",),
        "status": ("订单状态",),
        # What the buyer paid, with postage. 总金额 is before vouchers.
        "order_total": ("买家实际支付金额",),
        "shipping": ("买家应付邮费",),
        "refunded": ("退款金额",),
    },
    addresses={
        "address.shipping.recipient": ("收货人姓名",),
        "address.shipping.line1": ("收货地址",),
        "address.shipping.phone": ("联系手机", "联系电话"),
    },
    statuses=_STATES,
    per={"shipping": "order", "refunded": "order"},
    decimal=".",
    zone="Asia/Shanghai",
    region="CN",
    currency="CNY",
    notes="宝贝标题 holds the titles of all products: what each cost is in ExportOrderDetailList only.",
)

TAOBAO_ITEMS = Platform(
    name="taobao-items",
    title="淘宝/天猫（宝贝）",
    signature=(
        ("主订单编号", "订单编号"),
        ("标题", "商品标题"),
        ("购买数量",),
        ("外部系统编号", "商家编码"),
        ("价格",),
    ),
    columns={
        # The number of the whole order; 子订单编号 numbers its lines.
        "order_id": ("主订单编号", "订单编号"),
        "ordered_at": ("订单创建时间", "订单付款时间"),
        "product_id": ("商家编码", "外部系统编号"),
        "product_name": ("标题", "商品标题"),
        "quantity": ("购买数量",),
        "unit_price": ("价格",),
        # What was paid for the line. 买家应付货款 is the same before it is paid.
        "line_total": ("买家实际支付金额", "买家应付货款"),
        "status": ("订单状态",),
        "refunded": ("退款金额",),
    },
    # Here 交易关闭 closes one line of an order; the others of it go on.
    statuses=_STATES,
    per={"refunded": "row", "status": "row"},
    decimal=".",
    zone="Asia/Shanghai",
    region="CN",
    currency="CNY",
    customers="none",
    notes="Says nothing of the buyer: its orders are of nobody known. Files of before 2019 have no time either.",
)
