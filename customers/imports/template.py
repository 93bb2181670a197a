"""The templates of ours: lists to fill in, with headings that are recognised in either language."""

import io

from crm.lib.spreadsheets import SafeWriter
from customers.sources import CUSTOMERS, ORDERS, PRODUCTS, SUPPRESSIONS

# Our field, its heading in English and in Chinese, and two lines of one order and one of another.
COLUMNS = (
    ("order_id", "Order number", "订单编号", ("1001", "1001", "1002")),
    ("ordered_at", "Order date", "下单时间", ("2026-11-20 10:00", "2026-11-20 10:00", "2026-11-21 09:30")),
    ("customer_id", "Customer number", "客户编号", ("C-1", "C-1", "C-2")),
    ("email", "Email", "邮箱", ("ana@example.com", "", "bo@example.com")),
    ("phone", "Phone", "手机号", ("+8613800138000", "", "")),
    ("name", "Customer name", "客户姓名", ("Ana Lee", "", "王小明")),
    ("product_id", "SKU", "商品编码", ("TEA-1", "POT-1", "TEA-1")),
    ("product_name", "Product title", "商品名称", ("Green tea", "Teapot", "Green tea")),
    ("quantity", "Quantity", "数量", ("2", "1", "1")),
    ("unit_price", "Price", "单价", ("19.90", "88.00", "19.90")),
    ("discount", "Line discount", "商品优惠", ("", "8.00", "")),
    ("order_discount", "Order discount", "订单优惠", ("5.00", "", "")),
    ("shipping", "Shipping", "运费", ("6.00", "", "0.00")),
    ("tax", "Tax", "税费", ("0.00", "", "0.00")),
    ("currency", "Currency", "币种", ("{currency}", "", "{currency}")),
    ("status", "Status", "订单状态", ("paid", "", "paid")),
)


# The same for a list of customers, and one of products.
CUSTOMER_COLUMNS = (
    ("customer_id", "Customer number", "客户编号", ("C-1", "C-2")),
    ("email", "Email", "邮箱", ("ana@example.com", "bo@example.com")),
    ("phone", "Phone", "手机号", ("+8613800138000", "")),
    ("name", "Customer name", "客户姓名", ("Ana Lee", "王小明")),
    ("city", "City", "城市", ("Paris", "上海")),
    ("country", "Country", "国家", ("FR", "CN")),
    ("tags", "Tags", "标签", ("VIP, newsletter", "VIP")),
    ("birthday", "Birthday", "生日", ("1990-05-17", "")),
    ("language", "Language", "语言", ("fr", "zh-Hans")),
    ("company", "Company", "公司", ("", "明记茶行")),
    ("kind", "Relation", "客户关系", ("", "wholesale")),
    ("address.shipping.line1", "Shipping address", "收货地址", ("Rue du Bac 1", "南京东路 1 号")),
    ("address.shipping.postcode", "Shipping postcode", "收货邮编", ("75007", "200001")),
    ("address.shipping.city", "Shipping city", "收货城市", ("Paris", "上海")),
    ("address.shipping.country", "Shipping country", "收货国家", ("FR", "CN")),
)
PRODUCT_COLUMNS = (
    ("product_id", "SKU", "商品编码", ("TEA-1", "POT-1")),
    ("product_name", "Product title", "商品名称", ("Green tea", "Teapot")),
    ("brand", "Brand", "品牌", ("Huitou", "")),
    ("price", "Price", "价格", ("19.90", "88.00")),
    ("cost", "Cost", "成本", ("8.50", "")),
    ("categories", "Categories", "分类", ("Tea/Green; Gifts", "Pots")),
)
SUPPRESSION_COLUMNS = (
    ("email", "Email", "邮箱", ("ana@example.com", "")),
    ("phone", "Phone", "手机号", ("", "+8613800138000")),
    ("reason", "Suppression reason", "拉黑原因", ("unsubscribed", "complaint")),
    ("suppressed_at", "Suppressed on", "拉黑时间", ("2026-11-20", "2026-11-21 09:30")),
)
TEMPLATES = {
    ORDERS: COLUMNS,
    CUSTOMERS: CUSTOMER_COLUMNS,
    PRODUCTS: PRODUCT_COLUMNS,
    SUPPRESSIONS: SUPPRESSION_COLUMNS,
}


def template_csv(language: str, currency: str, kind: str = ORDERS) -> str:
    """The template as a CSV with a byte-order mark, its headings in Chinese for a language of that kind."""
    is_chinese = language.startswith("zh")
    text = io.StringIO()
    writer = SafeWriter(text)
    columns = TEMPLATES[kind]
    writer.writerow([chinese if is_chinese else english for _, english, chinese, _ in columns])
    for line in range(len(columns[0][3])):
        writer.writerow([cells[line].format(currency=currency) for *_, cells in columns])
    return text.getvalue()
