"""有赞: the export of orders (one row an order) and that of goods (one row a product of an order)."""

from .base import Platform

# 待成团: paid, but the group is not full, and the money goes back if it never is.
# 已维权: a complaint was settled; how much went back only 商品已退款金额 says.
_STATES = {
    "待付款": "pending",
    "待成团": "pending",
    "待接单": "paid",
    "待发货": "paid",
    "已维权": "paid",
    "部分发货": "paid",
    "已发货": "fulfilled",
    "待收货": "fulfilled",
    "交易完成": "fulfilled",
    "交易成功": "fulfilled",
    "已完成": "fulfilled",
    "交易关闭": "cancelled",
    "已关闭": "cancelled",
}
_WHO = {
    # The buyer's own number before the one that the parcel goes to.
    "phone": ("买家手机号", "收货人手机号/提货人手机号", "收货人手机号"),
    # The nickname of WeChat is not unique: a name, never a number.
    "name": ("收货人/提货人", "收货人", "买家姓名", "买家昵称"),
    "city": ("收货人城市",),
}
_WHERE = {
    "address.shipping.recipient": ("收货人/提货人", "收货人"),
    "address.shipping.line1": ("收货人地区+详细收货地址/提货地址", "收货人地区+详细收货地址"),
    "address.shipping.city": ("收货人城市",),
    "address.shipping.region": ("收货人省份",),
    "address.shipping.phone": ("收货人手机号/提货人手机号", "收货人手机号"),
}

YOUZAN_ITEMS = Platform(
    name="youzan-items",
    title="有赞（商品）",
    signature=(("订单号",), ("商品名称",), ("商品实际成交金额",)),
    columns={
        "order_id": ("订单号",),
        "ordered_at": ("订单创建时间", "买家付款时间", "交易成功时间"),
        **_WHO,
        "product_id": ("规格编码", "商品编码", "商品ID"),
        "product_name": ("商品名称",),
        "quantity": ("商品数量",),
        "unit_price": ("商品单价",),
        # What was paid for the line, after every discount.
        "line_total": ("商品实际成交金额",),
        "status": ("订单状态", "订单商品状态"),
        "shipping": ("运费",),
        "order_total": ("订单实付金额",),
        "refunded": ("商品已退款金额",),
    },
    addresses=_WHERE,
    statuses=_STATES,
    per={"shipping": "order", "refunded": "row", "status": "row"},
    decimal=".",
    zone="Asia/Shanghai",
    region="CN",
    currency="CNY",
    time_in_id="yes",
)

YOUZAN = Platform(
    name="youzan",
    title="有赞",
    signature=(("订单号",), ("全部商品名称",), ("订单实付金额",)),
    columns={
        "order_id": ("订单号",),
        "ordered_at": ("订单创建时间", "买家付款时间"),
        **_WHO,
        "product_name": ("全部商品名称",),
        "status": ("订单状态",),
        "shipping": ("运费",),
        "order_total": ("订单实付金额",),
        "refunded": ("订单已退款金额",),
    },
    addresses=_WHERE,
    statuses=_STATES,
    per={"shipping": "order", "refunded": "order"},
    decimal=".",
    zone="Asia/Shanghai",
    region="CN",
    currency="CNY",
    time_in_id="yes",
    notes="An order that was never paid has no time but that in its number.",
)
