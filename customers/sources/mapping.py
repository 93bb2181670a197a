"""Which column of a file is which of our fields: recognised from its heading, or said by the shop in JSON."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .problems import SourceError
from .stream import DELIMITERS, ENCODINGS

FIELDS = (
    "order_id", "ordered_at", "customer_id", "email", "phone", "name", "city", "country", "product_id", "product_name",
    "quantity", "unit_price", "currency", "discount", "status",
)  # fmt: skip
REQUIRED = ("order_id", "ordered_at")
IDENTIFYING = ("customer_id", "email", "phone")
STATUSES = ("pending", "paid", "fulfilled", "cancelled", "refunded")
_CHOICES = {"date_order": ("auto", "dmy", "mdy"), "decimal": ("auto", ".", ",")}

# Headings as shops' own exports write them, the surest first; compared by heading_key().
SYNONYMS: dict[str, tuple[str, ...]] = {
    "order_id": (
        "order_id", "order number", "order no", "order", "invoice", "invoice no", "invoice number", "order name",
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
    "currency": ("currency", "currency code", "币种", "货币"),
    "discount": ("discount", "line discount", "discount amount", "优惠", "折扣", "优惠金额", "折扣金额"),
    "status": (
        "status", "order status", "financial status", "payment status", "订单状态", "状态", "支付状态", "交易状态",
    ),
}  # fmt: skip
_BETWEEN_WORDS = re.compile(r"[\s_\-.:：*#]+")


def heading_key(heading: str) -> str:
    """The heading without case, width, spaces and signs: "Order ID", "order_id" and "ＯrderId" are one."""
    return _BETWEEN_WORDS.sub("", unicodedata.normalize("NFKC", heading).casefold()).strip("\ufeff\u200b")


_FIELD_OF = {heading_key(name): (rank, field_) for field_, names in SYNONYMS.items() for rank, name in enumerate(names)}


@dataclass(frozen=True)
class Mapping:
    """How to read a CSV of orders. Whatever is not said ("auto", None) is found from the file itself."""

    columns: dict[str, str] = field(default_factory=dict)  # our field → the file's heading
    date_order: str = "auto"  # dmy, mdy
    decimal: str = "auto"  # the sign before decimals: "." or ","
    statuses: dict[str, str] = field(default_factory=dict)  # the file's word → one of STATUSES
    encoding: str | None = None
    delimiter: str | None = None

    def __post_init__(self) -> None:
        """SourceError mapping_invalid with the reason, for people who write the JSON by hand."""
        for name in self.columns:
            _require(name in FIELDS, f"“{name}” is not one of {', '.join(FIELDS)}")
        twice = {heading for heading in self.columns.values() if list(self.columns.values()).count(heading) > 1}
        _require(not twice, f"two fields are read from the column “{min(twice, default='')}”")
        for key, choices in _CHOICES.items():
            _require(getattr(self, key) in choices, f"{key} must be one of {', '.join(choices)}")
        for word, status in self.statuses.items():
            _require(status in STATUSES, f"“{status}” (for “{word}”) is not one of {', '.join(STATUSES)}")
        _require(self.encoding in (None, *ENCODINGS), f"encoding must be one of {', '.join(ENCODINGS)}")
        _require(self.delimiter in (None, *DELIMITERS), "delimiter must be a comma, a semicolon, a tab or a space")

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
            if key in ("columns", "statuses"):
                is_right = isinstance(value, dict) and all(isinstance(text, str) and text for text in value.values())
                _require(is_right, f"{key} must be an object of texts")
            else:
                _require(isinstance(value, str) or value is None, f"{key} must be a text")
        return cls(**{key: value for key, value in data.items() if value is not None})

    def to_dict(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self.__dataclass_fields__ if getattr(self, key)}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def recognised(cls, header: Sequence[str]) -> "Mapping":
        """The mapping guessed from the headings; the surer heading wins where two fit one field."""
        best: dict[str, tuple[int, str]] = {}
        for heading in header:
            if found := _FIELD_OF.get(heading_key(heading)):
                rank, name = found
                best[name] = min(best.get(name, (rank, heading)), (rank, heading), key=lambda pair: pair[0])
        return cls(columns={name: best[name][1] for name in FIELDS if name in best})

    def positions(self, header: Sequence[str]) -> dict[str, int]:
        """Where each mapped field is. SourceError missing_column, duplicate_column, missing_customer_column."""
        keys = [heading_key(heading) for heading in header]
        positions = {}
        for name, heading in self.columns.items():
            positions[name] = _position(header, keys, heading)
        for name in REQUIRED:
            if name not in positions:
                raise SourceError("missing_column", row=1, column=name, name=name)
        if not any(name in positions for name in IDENTIFYING):
            raise SourceError("missing_customer_column", row=1)
        return positions


def _position(header: Sequence[str], keys: Sequence[str], heading: str) -> int:
    """The column of that exact heading, else of one that differs in case or signs only."""
    exact = [position for position, other in enumerate(header) if other == heading]
    same = exact or [position for position, key in enumerate(keys) if key == heading_key(heading)]
    if not same:
        raise SourceError("missing_column", row=1, column=heading, name=heading)
    if len(same) > 1:
        raise SourceError("duplicate_column", row=1, column=heading, name=heading)
    return same[0]


def _require(is_right: bool, reason: str) -> None:
    if not is_right:
        raise SourceError("mapping_invalid", reason=reason)
