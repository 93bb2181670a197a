"""Which column of a file is which of our fields: recognised from its heading, or said by the shop in JSON."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import available_timezones

from crm.lib.money import BadAmount, exponent
from customers.domain.consent import GRANTED, PENDING, REASONS, WITHDRAWN, reason_of
from customers.domain.identity import is_unsaid

from .characters import joined_name
from .consent_headings import OPT_OUT, STATE_HEADINGS, WITHDRAWN_AT, opt_outs_in, says_consent
from .currencies import currencies_of
from .dates import ORDERS
from .fields import (
    ADDRESSES,
    AMOUNTS,
    ATTRIBUTE,
    CONSENT,
    CUSTOMERS,
    FIELDS,
    FILE_KINDS,
    IDENTIFYING,
    KINDS,
    MORE_ADDRESSES,
    POSTAL_FIELDS,
    PRODUCTS,
    REQUIRED,
    SUPPRESSIONS,
    FileKind,
    is_attribute,
    is_postal,
    kind_of,
    likely_kind,
    postal_field,
)
from .fields import ORDERS as LIST_OF_ORDERS
from .problems import SourceError, shown_text
from .stream import DELIMITERS, ENCODINGS

LINE_FIELDS = FIELDS[:15]
# What is said of an order as a whole, in the order of lines.FACT_COLUMNS.
ORDER_AMOUNTS = ("order_discount", "subtotal", "shipping", "tax", "order_total", "refunded")
SPREAD = ("order_discount", "shipping", "tax", "refunded")  # may stand on each row with that row's part
_NO_TEXTS = frozenset((*AMOUNTS, *ORDER_AMOUNTS, "quantity", "discount", "ordered_at", "refunded_at"))
LEVELLED = (*SPREAD, "order_total", "status")  # of which `per` says whether a row speaks of its order or of itself
STAND_INS = ("", "1", "0")  # behind each row: for texts, quantity and price of which the file has no column
FALLING_BACK = ("email", "phone", "name", "city", "country")  # a second column of these counts where the first is empty
_OBJECTS = (
    "columns", "statuses", "per", "ids", "policies", "consents", "consent_words", "addresses", "row_types", "zones",
)  # fmt: skip
_LISTS = ("also", "plus", "minus")
STATUSES = ("pending", "paid", "fulfilled", "cancelled", "refunded")
AS_WRITTEN, SWAPPED = "as_written", "swapped"
ON_TOP, WITHIN = "on_top", "within"
SALE, REFUND_ROW, NO_SALE = ROW_TYPES = ("sale", "refund", "none")
CONSENT_READINGS = (GRANTED, WITHDRAWN, PENDING, "none")
_CHOICES = {
    "date_order": ORDERS, "decimal": ("auto", ".", ","), "amounts": ("auto", "none"), "customers": ("auto", "none"),
    "line_totals": ("auto", "gross"), "order_rows": ("auto", "no_product"), "kind": ("auto", *KINDS),
    "repeats": ("auto", "once", "each"), "consent_grants": ("auto", PENDING),
    "tax": ("auto", ON_TOP, WITHIN), "converted": ("auto", AS_WRITTEN, SWAPPED),
}  # fmt: skip

# Headings as shops' own exports write them, the surest first; compared by heading_key().
SYNONYMS: dict[str, tuple[str, ...]] = {
    "order_id": (
        "order_id", "order number", "order no", "order", "invoice", "invoice no", "invoice number", "order name",
        "payment number", "payment no", "receipt number", "receipt no", "transaction number",
        "订单号", "订单编号", "订单ID", "订单", "主订单编号", "交易号", "订单序号",
    ),
    "ordered_at": (
        "ordered_at", "order date", "ordered on", "order time", "placed at", "purchase date", "invoice date",
        "created at", "date",
        "下单时间", "订单时间", "订单创建时间", "下单日期", "订单日期", "付款时间", "支付时间", "创建时间", "日期",
    ),
    "customer_id": (
        "customer_id", "customer number", "customer no", "customer", "client id", "user id", "buyer id", "member id",
        "客户编号", "客户ID", "会员号", "会员ID", "会员编号", "用户ID", "买家ID", "买家会员名", "买家昵称", "客户号",
    ),
    "email": (
        "email", "e-mail", "email address", "customer email", "mail", "buyer email", "billing email",
        "邮箱", "电子邮箱", "邮件", "电子邮件", "买家邮箱", "客户邮箱",
    ),
    "phone": (
        "phone", "phone number", "mobile", "mobile phone", "telephone", "tel", "customer phone", "billing phone",
        "手机", "手机号", "手机号码", "电话", "联系电话", "联系手机", "收货人手机", "买家手机", "电话号码",
    ),
    "name": (
        "name", "customer name", "full name", "buyer name", "billing name", "recipient",
        "姓名", "客户姓名", "客户名称", "客户", "收货人", "收货人姓名", "买家姓名", "联系人",
    ),
    "city": ("city", "town", "billing city", "shipping city", "城市", "市", "收货城市", "所在城市"),
    "country": ("country", "country code", "billing country", "shipping country", "国家", "国家/地区", "国家地区"),
    "product_id": (
        "product_id", "sku", "product code", "stock code", "item id", "item code", "lineitem sku", "product",
        "商品编号", "商品ID", "商品编码", "货号", "商家编码", "产品编号", "SKU编码",
    ),
    "product_name": (
        "product_name", "product title", "item name", "item", "description", "title", "lineitem name",
        "商品名称", "商品标题", "宝贝标题", "商品", "产品名称", "品名", "产品",
    ),
    "quantity": (
        "quantity", "qty", "units", "lineitem quantity", "pieces", "数量", "商品数量", "购买数量", "件数", "宝贝总数量",
    ),
    "unit_price": (
        "unit_price", "price", "item price", "price per unit", "lineitem price", "单价", "商品单价", "价格", "商品价格",
    ),
    "currency": ("currency", "currency code", "order currency", "币种", "货币"),
    "discount": ("discount", "line discount", "lineitem discount", "item discount", "折扣", "商品优惠"),
    "line_total": (
        "line_total", "line amount", "item total", "row total", "item subtotal", "line item total",
        "商品金额", "商品小计", "小计", "商品实际成交金额", "商品总价",
    ),
    "order_discount": (
        "order_discount", "discount amount", "discount total", "total discount", "discounts", "cart discount",
        "优惠金额", "折扣金额", "优惠", "订单优惠", "总优惠",
    ),
    "subtotal": ("subtotal", "order subtotal", "sub total"),
    "shipping": (
        "shipping", "shipping total", "shipping cost", "order shipping", "shipping amount", "postage", "delivery fee",
        "运费", "邮费", "快递费", "配送费", "买家应付邮费",
    ),
    "tax": ("tax", "taxes", "tax total", "order tax", "vat", "order sales tax", "税费", "税额", "税金"),
    "order_total": (
        "order_total", "total", "grand total", "total price", "order amount", "order value", "amount paid",
        "total paid",
        "total amount", "order total amount", "transaction amount", "amount",
        "买家实际支付金额", "订单实付金额", "用户实付金额", "实际支付金额", "实付金额", "实付款", "实付",
        "支付金额", "付款金额", "成交金额", "交易金额", "订单金额",
        "订单总额", "订单总价", "应付金额", "总金额", "总价", "合计", "金额",
    ),
    "refunded": ("refunded", "refunded amount", "refund amount", "refund total", "退款金额", "已退款金额"),
    "refunded_at": ("refunded_at", "refunded on", "refund date", "退款时间", "退款日期"),
    "refund_of": (
        "refund_of", "refund of", "refunded order", "original order", "original order number", "original order id",
        "parent order", "parent order id", "parent order number", "reference txn id",
        "原订单号", "原订单编号", "退款订单号", "关联订单号",
    ),
    "status": (
        "status", "order status", "financial status", "payment status", "订单状态", "状态", "支付状态", "交易状态",
    ),
    "birthday": ("birthday", "birth date", "birthdate", "date of birth", "dob", "生日", "出生日期"),
    "language": ("language", "preferred language", "语言"),
    "time_zone": ("time_zone", "timezone", "时区"),
    "company": ("company", "company name", "organisation", "organization", "公司", "公司名称", "单位"),
    "kind": ("kind", "relation", "关系", "客户关系"),
    "minor": ("minor", "未成年", "未成年人"),
    "do_not_profile": ("do_not_profile", "不做画像"),
    "tags": ("tags", "tag", "customer tags", "labels", "标签", "客户标签", "会员标签"),
    "brand": ("brand", "vendor", "manufacturer", "品牌", "厂商"),
    "price": ("price", "unit price", "retail price", "regular price", "sale price", "价格", "售价", "单价", "商品价格"),
    "cost": ("cost", "cost price", "unit cost", "cost per item", "purchase price", "成本", "成本价", "进价"),
    "categories": ("categories", "category", "product category", "product categories", "分类", "商品分类", "类目"),
    "reason": (
        "reason", "suppression reason", "unsubscribe reason", "bounce reason",
        "原因", "拉黑原因", "退订原因", "屏蔽原因",
    ),
    "suppressed_at": (
        "suppressed_at", "suppressed on", "suppression date", "suppression timestamp", "blocked at", "blocked on",
        "unsubscribed at", "unsubscribe date", "bounced at",
        "拉黑时间", "加入黑名单时间", "屏蔽时间", "退订时间", "退订日期",
    ),
}  # fmt: skip
# Headings that say enough only where it is known what the file is a list of.
_IN_LISTS_OF: dict[str, dict[str, tuple[str, ...]]] = {
    CUSTOMERS: {
        "customer_id": ("id", "number", "no", "编号"),
        "name": ("display name", "昵称", "会员名称", "会员姓名", "会员名"),
        "phone": ("mobile number", "cell phone", "会员手机", "会员手机号"),
    },
    PRODUCTS: {
        "product_id": ("id", "number", "no", "code", "编号"),
        "product_name": ("name", "名称", "标题"),
    },
    SUPPRESSIONS: {
        "email": ("address", "地址"),
        "phone": ("mobile number", "cell phone"),
        "suppressed_at": ("timestamp", "date", "time", "created at", "日期", "时间"),
    },
}
# What surely holds a consent to be written to; the first that a file has.
CONSENT_SYNONYMS: dict[str, tuple[str, ...]] = {
    "consent.email.marketing": (
        "accepts email marketing", "accepts marketing", "email marketing consent", "email consent", "email opt in",
        "接受邮件营销", "邮件营销", "同意邮件营销", "邮件订阅",
    ),
    "consent.email.marketing.at": (
        "email marketing consent timestamp", "email marketing consent updated at", "email consent date", "邮件订阅时间",
        "email status date", "email marketing status date", "subscription status date",
    ),
    "consent.sms.marketing": (
        "accepts sms marketing", "sms marketing consent", "sms consent", "sms opt in",
        "接受短信营销", "短信营销", "同意短信营销", "短信订阅",
    ),
    "consent.sms.marketing.at": (
        "sms marketing consent timestamp", "sms marketing consent updated at", "sms consent date", "短信订阅时间",
        "sms status date", "sms marketing status date",
    ),
}  # fmt: skip
# Parts of postal addresses, each behind the words for their type; "" is that of an address of which no word says it.
_ADDRESS_TYPES = {
    "shipping": ("shipping ", "shipping address ", "ship ", "ship to ", "delivery ", "delivery address ", "recipient "),
    "billing": ("billing ", "billing address ", "bill to ", "invoice "),
    "home": ("home ", "home address "),
    "work": ("work ", "office "),
}
_ADDRESS_PARTS = {
    "recipient": ("name", "recipient", "full name", "first name+last name"),
    "company": ("company",),
    "line1": ("address1", "address line1", "line1", "street1", "street address", "street", "address"),
    "line2": ("address2", "address line2", "line2", "street2", "apartment"),
    "city": ("city", "town"),
    "region": ("province", "state", "region", "state province", "province code", "state code", "county"),
    "postcode": ("zip", "zip code", "zipcode", "postcode", "postal code", "postalcode", "post code"),
    "country": ("country", "country code"),
    "phone": ("phone", "telephone", "phone number", "mobile"),
}
_UNTYPED_PARTS = ("line1", "line2", "city", "region", "postcode", "country")
_CHINESE_ADDRESS_PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "shipping": {
        "recipient": ("收货人", "收货人姓名", "收件人", "收件人姓名"),
        "line1": ("收货地址", "收货人地址", "收件地址", "收件人地址", "详细收货地址", "收货详细地址"),
        "city": ("收货城市", "收货人城市", "收件城市"),
        "region": ("收货省份", "收货人省份", "收货省", "收件省份"),
        "postcode": ("收货邮编", "收货人邮编", "收件邮编"),
        "country": ("收货国家", "收货人国家"),
        "phone": ("收货人手机", "收货人手机号", "收货人电话", "收件人手机", "收件人电话"),
    },
    "billing": {"line1": ("账单地址", "发票地址")},
    "home": {"line1": ("家庭地址", "家庭住址", "住址")},
    "work": {"line1": ("公司地址", "单位地址")},
    "": {
        "line1": ("地址", "详细地址", "联系地址", "通讯地址", "街道地址", "街道"),
        "city": ("城市", "市"),
        "region": ("省份", "省", "州", "省/州"),
        "postcode": ("邮编", "邮政编码"),
        "country": ("国家", "国家/地区"),
    },
}
# Of what type an address is of which no heading says it: a parcel goes to that of an order.
_UNTYPED = {LIST_OF_ORDERS: "shipping", CUSTOMERS: "home"}
# Where no column holds the whole name.
_NAME_PARTS = (
    ("first name", "given name", "forename", "fname", "vorname", "prénom", "nombre", "名", "名字"),
    ("last name", "family name", "surname", "lname", "nachname", "apellidos", "姓", "姓氏"),
)
_BETWEEN_WORDS = re.compile(r"[\s_\-.:：*#]+")


def heading_key(heading: str) -> str:
    """The heading without case, width, spaces and signs: "Order ID", "order_id" and "ＯrderId" are one."""
    return _BETWEEN_WORDS.sub("", unicodedata.normalize("NFKC", heading).casefold()).strip("\ufeff\u200b")


# Headings of which each row that fills them is not to be written to. "Unsubscribed at" may stand in any list.
_SURELY_SUPPRESSED = frozenset(
    map(
        heading_key,
        (
            "suppressed_at", "suppressed on", "suppression date", "suppression timestamp", "suppression reason",
            "拉黑时间", "拉黑原因", "加入黑名单时间",
        ),
    )
)  # fmt: skip


def with_one_break(heading: str) -> str:
    """The heading with its line breaks as `\\n`: a form that names it has them otherwise than the file may."""
    return heading.replace("\r\n", "\n").replace("\r", "\n")


def _known_headings(fields: Sequence[str], more: dict[str, tuple[str, ...]]) -> dict[str, tuple[int, str]]:
    """Heading → how sure it is (0 is the surest), and which of these fields it names."""
    found: dict[str, tuple[int, str]] = {}
    for name in fields:
        for rank, heading in enumerate((*SYNONYMS[name], *more.get(name, ()))):
            found.setdefault(heading_key(heading), (rank, name))
    return found


# What may stand behind a heading: in what its cells are, or that tax is in them: "金额(元)", "Total (inc tax)".
_UNIT = re.compile(r"\s*[(（\[](?P<unit>[^()（）\[\]]{1,24})[)）\]]\s*\Z")
_PIECES = frozenset(map(heading_key, ("件", "个", "pcs", "pieces", "units", "qty")))
_WITH_TAX = frozenset(
    map(heading_key, ("inc tax", "incl tax", "including tax", "inc vat", "incl vat", "inc gst", "incl gst", "含税"))
)


def unit_of(heading: str) -> str:
    """What stands in brackets behind the heading, "" where nothing does."""
    found = _UNIT.search(heading)
    return found["unit"].strip() if found else ""


def _known_as(kind: str, heading: str) -> tuple[int, str] | None:
    """How sure it is that the heading names a field, and which; one with a unit behind it is less sure."""
    if known := _FIELD_OF[kind].get(heading_key(heading)):
        return known
    unit = unit_of(heading)
    if not unit or not (heading_key(unit) in _PIECES | _WITH_TAX or currencies_of(unit)):
        return None
    rank, name = _FIELD_OF[kind].get(heading_key(_UNIT.sub("", heading)), (0, ""))
    is_amount = name in (*AMOUNTS, *ORDER_AMOUNTS, "discount", "price", "cost")
    return (rank + _LESS_SURE, name) if is_amount or (name == "quantity" and heading_key(unit) in _PIECES) else None


_LESS_SURE = 100
# A list of products may describe them, and name them in another column.
_LAST = {PRODUCTS: frozenset(map(heading_key, ("description", "title")))}
_FIELD_OF = {
    kind: {
        key: (rank + _LESS_SURE * (key in _LAST.get(kind, ())), name)
        for key, (rank, name) in _known_headings(FILE_KINDS[kind].fields, _IN_LISTS_OF.get(kind, {})).items()
    }
    for kind in KINDS
}
# The customer's or product's day as well as the order's.
_DATES_OF_ANYTHING = frozenset(map(heading_key, ("created at", "date", "创建时间", "日期")))
KNOWN_HEADINGS = frozenset(heading for known in _FIELD_OF.values() for heading in known)


@dataclass(frozen=True)
class Columns:
    """Where a file has each field.

    at: field → its cell in the row that `filled` makes. headings: field → the heading to name in a message. sources:
    field → the real columns that it may come from. added: field → other columns to add to it (1) or to take off (-1).
    """

    width: int
    at: dict[str, int]
    headings: dict[str, str]
    sources: dict[str, tuple[int, ...]]
    added: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    _made: tuple[tuple[tuple[int, ...], ...], ...] = ()
    _given_first: frozenset[tuple[int, ...]] = frozenset()  # the name a person was given, then that of the family

    @property
    def texts(self) -> tuple[int, ...]:
        """The real columns of fields that are neither numbers nor dates."""
        names = (name for name in self.sources if name not in _NO_TEXTS and not is_attribute(name))
        return tuple({at: True for name in names for at in self.sources[name]})

    def filled(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The cells, what stands in for fields without a column, and the cells made of several columns."""
        row = (*cells, *STAND_INS)
        if not self._made:
            return row
        return (*row, *(_first_filled(cells, choices, self._given_first) for choices in self._made))


def _first_filled(
    cells: Sequence[str], choices: tuple[tuple[int, ...], ...], given_first: Collection[tuple[int, ...]]
) -> str:
    """The first that is filled; one that only says that there is nothing, such as NULL, where no other is."""
    first = ""
    for positions in choices:
        parts = [text for position in positions if (text := cells[position].strip())]
        if parts and not is_unsaid(found := joined_name(parts, is_given_first=positions in given_first)):
            return found
        first = first or " ".join(parts)
    return first


def positions_of(header: Sequence[str], keys: Sequence[str], heading: str) -> tuple[int, ...]:
    """The columns of "First name+Last name"; a heading that has a "+" of its own is one column."""
    if "+" not in heading or heading in header:
        return (_position(header, keys, heading),)
    return tuple(_position(header, keys, part) for part in heading.split("+"))


def _position(header: Sequence[str], keys: Sequence[str], heading: str) -> int:
    """The column of that exact heading, also cut for display; else of one that differs in case or signs only."""
    named = with_one_break(heading)
    exact = [position for position, other in enumerate(header) if with_one_break(other) == named]
    exact = exact or [position for position, other in enumerate(header) if shown_text(other) == heading]
    same = exact or [position for position, key in enumerate(keys) if key == heading_key(heading)]
    if not same:
        raise SourceError("missing_column", row=1, column=heading, name=heading)
    if len(same) > 1:
        raise SourceError("duplicate_column", row=1, column=heading, name=heading)
    return same[0]


@dataclass(frozen=True)
class Mapping:
    """How to read a table. Whatever is not said ("auto", None) is found from the file itself."""

    kind: str = "auto"  # one of KINDS: what the file is a list of
    columns: dict[str, str] = field(default_factory=dict)  # our field → the file's heading
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)  # field → headings to take where its own is empty
    date_order: str = "auto"  # one of ORDERS: dmy, mdy, ymd, unix, excel
    decimal: str = "auto"  # the sign before decimals: "." or ","
    amounts: str = "auto"  # "none": the file is known to say nothing of money
    per: dict[str, str] = field(default_factory=dict)  # one of LEVELLED → "order" (said once) or "row" (parts of it)
    plus: dict[str, tuple[str, ...]] = field(default_factory=dict)  # an amount of orders → headings to add to it
    minus: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the same, to take off it
    line_totals: str = "auto"  # "gross": the discount of the line is still in its total
    order_key: str = ""  # the heading of a column that tells orders apart that have the same number
    row_type: str = ""  # the heading of a column that says whether a row is a sale, a refund or neither
    row_types: dict[str, str] = field(default_factory=dict)  # the file's word → one of ROW_TYPES
    order_rows: str = "auto"  # "no_product": a row that names no product speaks of its order as a whole
    repeats: str = "auto"  # rows that stand in the file again, apart from each other: "once", or "each" is a line
    category_sign: str = ""  # "," where it stands between categories
    customers: str = "auto"  # "none": the file is known not to say who bought
    pending_without: str = ""  # the heading of a column that is empty until the order is paid
    tax: str = "auto"  # of orders without a total: "on_top" of the prices, or "within" them
    taxed: tuple[str, ...] = ()  # the currencies in which tax is on top of the prices; () leaves it to the totals
    match: str = "auto"  # of customers and products: by which field a row is that of somebody or something known
    policies: dict[str, str] = field(default_factory=dict)  # field → "fill", "overwrite" or "keep"
    ids: dict[str, str] = field(default_factory=dict)  # heading → "number" or "name", where its cells do not say
    statuses: dict[str, str] = field(default_factory=dict)  # the file's word → one of STATUSES
    converted: str = "auto"  # "swapped": a spreadsheet took day for month in the dates that it made out
    zones: dict[str, str] = field(default_factory=dict)  # letters such as "CST" behind times → the zone they stand for
    zone: str = ""  # of times without an offset, where it is not the shop's
    region: str = ""  # the country of phone numbers without a country code, where it is not the shop's
    currency: str = ""  # of rows that name none, where it is not the shop's
    consents: dict[str, str] = field(default_factory=dict)  # "consent.email.marketing", or a part of it → heading
    addresses: dict[str, str] = field(default_factory=dict)  # "address.shipping.city" → heading, read as more, too
    consent_words: dict[str, str] = field(default_factory=dict)  # the file's word → a state of consents, or "none"
    consent_grants: str = "auto"  # "pending": who is only said to have agreed, without any proof, is to confirm it
    reason: str = ""  # one of REASONS: why addresses are not to be written to, of rows that do not say
    time_in_id: str = ""  # "yes": the order's number holds its time, for rows that have no other
    encoding: str | None = None
    delimiter: str | None = None
    heading_row: int | None = None  # as a spreadsheet counts

    def __post_init__(self) -> None:
        """SourceError mapping_invalid with the reason, for people who write the JSON by hand."""
        for key, choices in _CHOICES.items():
            _require(getattr(self, key) in choices, f"{key} must be one of {', '.join(choices)}")
        kind = self.file_kind
        fields = (*kind.fields, f"{ATTRIBUTE}<key>") if kind.has_attributes else kind.fields
        for name in self.columns:
            _require(kind.has(name), f"“{name}” is not one of {', '.join(fields)}")
        self._require_match_and_policies()
        # A product without a number is known by its name.
        read = [heading for name, heading in self.columns.items() if name != "product_name"]
        read += [name for name in [self.columns.get("product_name")] if name and name != self.columns.get("product_id")]
        twice = {heading for heading in read if read.count(heading) > 1}
        _require(not twice, f"two fields are read from the column “{min(twice, default='')}”")
        for heading, reading in self.ids.items():
            _require(reading in ("number", "name"), f"“{heading}” holds number or name")
        for name, level in self.per.items():
            is_right = name in LEVELLED and level in ("order", "row")
            _require(is_right, f"per says of {', '.join(LEVELLED)}: order or row")
        for name in (*self.plus, *self.minus):
            _require(name in ORDER_AMOUNTS, f"only {', '.join(ORDER_AMOUNTS)} can be made of several columns")
        for word, status in self.statuses.items():
            _require(status in STATUSES, f"“{status}” (for “{word}”) is not one of {', '.join(STATUSES)}")
        for word, meaning in self.row_types.items():
            _require(meaning in ROW_TYPES, f"“{meaning}” (for “{word}”) is not one of {', '.join(ROW_TYPES)}")
        for word, zone in self.zones.items():
            _require(zone in available_timezones(), f"“{zone}” (for “{word}”) is not a time zone such as Asia/Shanghai")
        for word, state in self.consent_words.items():
            _require(state in CONSENT_READINGS, f"“{state}” (for “{word}”) is not one of {', '.join(CONSENT_READINGS)}")
        for name in self.addresses:
            _require(bool(kind.addresses), f"{self.list_of} have no postal addresses")
            named = f"{POSTAL_FIELDS[0]}, … {POSTAL_FIELDS[-1]} or {MORE_ADDRESSES}"
            _require(is_postal(name), f"“{name}” is not one of {named}")
        for name in self.consents:
            _require(self.list_of == CUSTOMERS, f"{self.list_of} have no consents")
            _require(name.startswith(CONSENT), f"“{name}” does not begin with {CONSENT}")
        _require(self.reason in ("", *REASONS), f"reason must be one of {', '.join(REASONS)}")
        _require(self.category_sign in ("", ","), "category_sign must be a comma")
        _require(self.time_in_id in ("", "yes"), "time_in_id must be yes")
        _require(not self.currency or _is_currency(self.currency), f"“{self.currency}” is not a currency code")
        _require(self.encoding in (None, *ENCODINGS), f"encoding must be one of {', '.join(ENCODINGS)}")
        _require(self.delimiter in (None, *DELIMITERS), "delimiter must be a comma, a semicolon, a tab or a space")
        is_row = self.heading_row is None or (type(self.heading_row) is int and 1 <= self.heading_row <= 10_000)
        _require(is_row, "heading_row must be a number from 1 to 10000")

    def _require_match_and_policies(self) -> None:
        if self.kind == "auto" and not self.columns:
            return  # it is looked at again when the headings have told the kind
        matches, policies = self.file_kind.matches, self.file_kind.policies
        is_right = self.match in ("auto", *matches)
        _require(
            is_right, f"{self.list_of} are not matched by {self.match}" + (f": {', '.join(matches)}" * bool(matches))
        )
        for name, policy in self.policies.items():
            choices = self.file_kind.policies_of(name)
            named = ", ".join(each for each, _ in policies) or "no field"
            _require(bool(choices), f"{named} of {self.list_of} can have a policy, not “{name}”")
            _require(policy in choices, f"the policy of {name} must be one of {', '.join(choices)}")

    @property
    def list_of(self) -> str:
        """One of KINDS: as said, else as the columns show."""
        return kind_of(self.columns) if self.kind == "auto" else self.kind

    @property
    def file_kind(self) -> FileKind:
        return FILE_KINDS[self.list_of]

    @property
    def matched_by(self) -> str:
        """The field by which rows are recognised; "auto" for customers: by number, else e-mail, else phone."""
        return self.file_kind.matches[0] if self.match == "auto" and self.file_kind.matches else self.match

    def policy(self, name: str) -> str:
        """What becomes of the field where somebody is known already."""
        return self.policies.get(name) or self.file_kind.policies_of(name)[0]

    @classmethod
    def from_json(cls, text: str | bytes) -> "Mapping":
        """The mapping in a JSON text. SourceError mapping_invalid, also for JSON that cannot be read."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SourceError("mapping_invalid", reason=f"not JSON ({error})") from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: Any) -> "Mapping":
        """The mapping in a decoded JSON object, such as to_dict() gave."""
        _require(isinstance(data, dict), "it must be an object")
        unknown = set(data) - set(cls.__dataclass_fields__)
        _require(not unknown, f"“{min(unknown, default='')}” is not a setting")
        for key, value in data.items():
            if key in _LISTS:
                is_right = isinstance(value, dict) and all(map(_are_texts, value.values()))
                _require(is_right, f"{key} must be an object of lists of texts")
            elif key == "taxed":
                _require(_are_texts(value), "taxed must be a list of texts")
            elif key in _OBJECTS:
                is_right = isinstance(value, dict) and all(isinstance(text, str) and text for text in value.values())
                _require(is_right, f"{key} must be an object of texts")
            elif key != "heading_row":
                _require(isinstance(value, str) or value is None, f"{key} must be a text")
        said = {key: value for key, value in data.items() if value is not None}
        for key in said.keys() & set(_LISTS):
            said[key] = {name: tuple(headings) for name, headings in said[key].items()}
        if "taxed" in said:
            said["taxed"] = tuple(said["taxed"])
        return cls(**said)

    def completed(self, known: "Mapping") -> "Mapping":
        """This mapping, with what it does not say as `known` has it."""
        return replace(
            known,
            **{key: getattr(self, key) for key in self.to_dict() if key not in ("statuses", "per")},
            statuses={**known.statuses, **self.statuses},
            per={**known.per, **self.per},
        )

    def to_dict(self) -> dict[str, Any]:
        """What it says, as JSON has it; what is left to be found out is not said."""
        said = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return {key: value for key, value in said.items() if value and value != "auto"}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def recognised(cls, header: Sequence[str], kind: str = "auto", rows: Sequence[Sequence[str]] = ()) -> "Mapping":
        """The mapping guessed from the headings; the surer heading wins where two fit one field.

        rows: the first ones, which show a column of order numbers that is empty: then it is no list of orders. Of
        several columns for a name, an e-mail and the like one that is mostly empty stands behind a fuller one.
        """
        asked = _kind_by_headings(header, rows) if kind == "auto" else kind
        found: dict[str, list[tuple[int, str]]] = {}
        for heading in header:
            if known := _known_as(asked, heading):
                rank, name = known
                if heading not in [other for _, other in found.get(name, [])]:
                    found.setdefault(name, []).append((rank, heading))
        fields = FILE_KINDS[asked].fields
        ranked = {name: [heading for _, heading in sorted(found[name], key=_rank)] for name in fields if name in found}
        if asked != PRODUCTS and (joined := _joined_name(header)) and (asked == CUSTOMERS or "name" in ranked):
            ranked["name"] = [*ranked.get("name", ()), joined]
        for name in FALLING_BACK:
            if len(ranked.get(name, ())) > 1:
                ranked[name] = _fuller_first(ranked[name], header, rows)
        columns = {name: headings[0] for name, headings in ranked.items()}
        consents = consents_in(header, rows) if asked == CUSTOMERS else {}
        is_told = kind == "auto" and asked == kind_of(columns) == LIST_OF_ORDERS
        found_in_headings = cls(
            kind="auto" if is_told else asked,
            columns=columns,
            also={name: tuple(ranked[name][1:]) for name in FALLING_BACK if len(ranked.get(name, ())) > 1},
            consents=consents,
            addresses=_addresses_in(header, asked),
        )
        return found_in_headings.with_attributes(header)

    def with_attributes(self, header: Sequence[str]) -> "Mapping":
        """This mapping, of a list of customers with the columns that are called as attributes are: "attribute.size".

        One that is read as something else, or called so twice, is left out.
        """
        if not self.file_kind.has_attributes:
            return self
        taken = {part for heading in self.columns.values() for part in (heading, *heading.split("+"))}
        columns: dict[str, str] = {}
        for heading in header:
            name = heading.strip().casefold()
            if is_attribute(name) and heading not in taken and header.count(heading) == 1:
                columns.setdefault(name, heading)
        return replace(self, columns={**columns, **self.columns}) if columns.keys() - self.columns.keys() else self

    def found(self, header: Sequence[str]) -> Columns:
        """Where each mapped field is. SourceError missing_column, duplicate_column, missing_customer_column."""
        keys = [heading_key(heading) for heading in header]
        at: dict[str, int] = {}
        sources: dict[str, tuple[int, ...]] = {}
        made: list[tuple[tuple[int, ...], ...]] = []
        for name, heading in self.columns.items():
            choices = tuple(positions_of(header, keys, each) for each in (heading, *self.also.get(name, ())))
            sources[name] = tuple(position for positions in choices for position in positions)
            if len(sources[name]) == 1:
                at[name] = sources[name][0]
            else:
                at[name] = len(header) + len(STAND_INS) + len(made)
                made.append(choices)
        self._require_columns(at)
        headings = {name: header[positions[0]] for name, positions in sources.items()}
        added = {
            name: tuple(
                (_position(header, keys, heading), sign)
                for sign, more in ((1, self.plus), (-1, self.minus))
                for heading in more.get(name, ())
            )
            for name in (*self.plus, *self.minus)
        }
        given_first = frozenset(
            each for choices in made for each in choices if is_given_first([header[place] for place in each])
        )
        return Columns(len(header), at, headings, sources, added, tuple(made), given_first)

    def _require_columns(self, at: Collection[str]) -> None:
        list_of = self.list_of
        if list_of == LIST_OF_ORDERS:
            required: tuple[str, ...] = REQUIRED
        else:
            required = () if self.matched_by == "auto" else (self.matched_by,)
        for name in required:
            if name not in at:
                raise SourceError("missing_column", row=1, column=name, name=name)
        if list_of == SUPPRESSIONS:
            if not any(name in at for name in ADDRESSES):
                raise SourceError("missing_address_column", row=1)
        elif list_of != PRODUCTS and self.customers != "none" and not any(name in at for name in IDENTIFYING):
            raise SourceError("missing_customer_column", row=1)


def _kind_by_headings(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """What the file is a list of. rows: the first ones; a column of order numbers that is empty in them is none."""
    known = _FIELD_OF[LIST_OF_ORDERS] | {heading_key(name): (0, "tags") for name in SYNONYMS["tags"]}
    keys = [heading_key(heading) for heading in header]
    if _is_block_list(keys, rows):
        return SUPPRESSIONS
    at = {known[key][1]: position for position, key in enumerate(keys) if key in known}
    number_at, date_at = at.get("order_id"), at.get("ordered_at")
    if number_at is not None and rows and not any(number_at < len(row) and row[number_at].strip() for row in rows):
        del at["order_id"]
    is_of_anything = date_at is not None and keys[date_at] in _DATES_OF_ANYTHING
    if is_of_anything and "order_id" not in at and not at.keys() & {*AMOUNTS, "quantity"}:
        del at["ordered_at"]
    if _joined_name(header):
        at.setdefault("name", 0)
    names = [heading.strip().casefold() for heading in header]
    if _consents_in(header) or any(name.startswith(CONSENT) or is_attribute(name) or is_postal(name) for name in names):
        at.setdefault("tags", 0)  # as sure a sign of a list of customers: only they have such
    return likely_kind(at, len(header))


def _is_block_list(keys: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether it says nothing else, or each first row that it was suppressed, or a reason that only such have."""
    known = _FIELD_OF[SUPPRESSIONS]
    at = {known[key][1]: position for position, key in enumerate(keys) if key in known}
    if not at.keys() & set(ADDRESSES) or any(
        _FIELD_OF[LIST_OF_ORDERS].get(key, (0, ""))[1] in ("order_id", *AMOUNTS) for key in keys
    ):
        return False
    sure = [position for position, key in enumerate(keys) if key in _SURELY_SUPPRESSED]
    if sure and all(key in known for key in keys):
        return True
    if sure:
        return all(any(place < len(row) and row[place].strip() for place in sure) for row in rows)
    if "reason" not in at or not rows:
        return False
    place = at["reason"]
    return all(place < len(row) and reason_of(row[place], surely=True) for row in rows)


_GIVEN = re.compile(r"first|given|forename|fname|vorname|prénom|nombre|^名$|名字")
_FAMILY = re.compile(r"last|family|surname|lname|nachname|apellidos|^姓$|姓氏")


def is_given_first(headings: Sequence[str]) -> bool:
    """Whether these are the two columns of a name, what the person was given before that of the family."""
    keys = [heading_key(heading) for heading in headings]
    return len(keys) == 2 and bool(_GIVEN.search(keys[0]) and _FAMILY.search(keys[1]))


def _joined_name(header: Sequence[str]) -> str:
    """ "First name+Last name" as the file writes them, or the one of them that it has; "" where it has neither."""
    keys = {heading_key(heading): heading for heading in reversed(header)}
    parts = ([keys[key] for name in names if (key := heading_key(name)) in keys] for names in _NAME_PARTS)
    return "+".join(found[0] for found in parts if found)


def _fuller_first(headings: list[str], header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The headings, surest first, but those whose columns are mostly empty behind those that are not."""
    filled = dict.fromkeys(headings, 0)
    for row in rows:
        for heading in headings:
            places = [header.index(part) for part in ([heading] if heading in header else heading.split("+"))]
            filled[heading] += any(at < len(row) and _is_filled(row[at]) for at in places)
    return sorted(headings, key=lambda heading: filled[heading] * 2 < max(filled.values()))


def _is_filled(text: str) -> bool:
    return bool(text.strip()) and not is_unsaid(text)


def _consents_in(header: Sequence[str], states: Collection[tuple[str, str]] = ()) -> dict[str, str]:
    """Columns of consents by what they are; of headings that are there twice none. states: others to look for first."""
    keys = [heading_key(heading) for heading in header]
    found: dict[str, str] = dict(states)
    for name, synonyms in CONSENT_SYNONYMS.items():
        key = next((key for synonym in synonyms if keys.count(key := heading_key(synonym)) == 1), None)
        if key is not None and name not in found and (not name.endswith(".at") or name.removesuffix(".at") in found):
            found[name] = header[keys.index(key)]
    return found


def consents_in(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """All columns of consents that can be told from their headings, and of states from what the first rows say."""
    keys = [heading_key(heading) for heading in header]
    states = [
        (name, header[at]) for name, synonyms in STATE_HEADINGS.items() for at in _states_at(synonyms, keys, rows)
    ]
    return with_opt_outs(_consents_in(header, states[::-1]), header)


def _states_at(synonyms: Sequence[str], keys: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[int]:
    """The places of those of these headings whose cells are surely states of consents, the surest first."""
    for synonym in synonyms:
        key = heading_key(synonym)
        if keys.count(key) == 1:
            place = keys.index(key)
            if says_consent(heading_key(row[place]) for row in rows if place < len(row)):
                yield place


def with_opt_outs(consents: dict[str, str], header: Sequence[str]) -> dict[str, str]:
    """These and the columns of who has opted out, without what a column called as ours says instead."""
    opt_outs = opt_outs_in(header, [heading_key(heading) for heading in header])
    return without_own({**opt_outs, **consents}, header)


def without_own(consents: dict[str, str], header: Sequence[str]) -> dict[str, str]:
    """Columns of consents as others call them, but for those of what a column called as ours says.

    Who calls one "consent.email.marketing" does it on purpose. "Accepts Email Marketing" beside it is not read then,
    nor are its date and evidence, which would prove another word. Who has opted out by a column of their own has.
    """
    own = {heading.strip().casefold() for heading in header}
    is_said = {name: any(f"{name}{part}" in own for part in _SAYS) for name in map(_without_part, consents)}
    return {
        name: heading
        for name, heading in consents.items()
        if name not in own and (not is_said[_without_part(name)] or name.endswith(_OPT_OUTS))
    }


_OPT_OUTS = (f".{OPT_OUT}", f".{WITHDRAWN_AT}")
_SAYS = ("", ".granted_at", *_OPT_OUTS)  # columns that say something of a consent; others say more of what is said


def _without_part(name: str) -> str:
    """ "consent.email.marketing" of "consent.email.marketing.at"."""
    return ".".join(name.split(".")[:3])


def _addresses_in(header: Sequence[str], kind: str) -> dict[str, str]:
    """Columns of postal addresses by what they are: of each type that has a column of streets, those that belong to it.

    Those called as ours are all taken. Of headings that are there twice none.
    """
    if not FILE_KINDS[kind].addresses:
        return {}
    at = {key: heading for heading in header if (key := heading_key(heading))}
    keys = [heading_key(heading) for heading in header]
    at = {key: heading for key, heading in at.items() if keys.count(key) == 1}
    found = {name: heading for heading in header if is_postal(name := heading.strip().casefold())}
    for type_, parts in _ADDRESS_HEADINGS.items():
        there = {part: text for part, names in parts.items() if (text := _first_of(names, at))}
        if "line1" in there:
            name = type_ or _UNTYPED[kind]
            for part, text in there.items():
                found.setdefault(postal_field(name, part), text)
    return found


def _first_of(names: Sequence[str], at: dict[str, str]) -> str:
    """The first of the headings that is there, as the file writes it; one of several parts only where all are."""
    for name in names:
        parts = [at.get(heading_key(part), "") for part in name.split("+")]
        if all(parts):
            return "+".join(parts)
    return ""


def _address_headings() -> dict[str, dict[str, list[str]]]:
    """Type, "" where none is said → part → its headings."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, words in _ADDRESS_TYPES.items():
        found[kind] = {
            part: ["+".join(word + each for each in name.split("+")) for name in names for word in words]
            for part, names in _ADDRESS_PARTS.items()
        }
    found[""] = {part: list(_ADDRESS_PARTS[part]) for part in _UNTYPED_PARTS}
    for kind, parts in _CHINESE_ADDRESS_PARTS.items():
        for part, chinese in parts.items():
            found[kind].setdefault(part, []).extend(chinese)
    return found


_ADDRESS_HEADINGS = _address_headings()


def _rank(pair: tuple[int, str]) -> int:
    return pair[0]


def _is_currency(code: str) -> bool:
    try:
        exponent(code)
    except BadAmount:
        return False
    return True


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(text, str) and text for text in value)


def _require(is_right: bool, reason: str) -> None:
    if not is_right:
        raise SourceError("mapping_invalid", reason=reason)
