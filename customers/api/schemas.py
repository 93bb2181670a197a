"""What the API reads and writes about customers, orders and products: the shapes, with every field written out.

Fields we do not know are refused: a misspelt `refund` would otherwise be lost without a word.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from customers.domain.addresses import LENGTHS, MAX_ADDRESSES
from customers.domain.profile import COMPANY_LENGTH
from customers.models import (
    BODY_LENGTH,
    BRAND_LENGTH,
    CATEGORY_LENGTH,
    EVIDENCE_LENGTH,
    EXTERNAL_ID_LENGTH,
    NAME_LENGTH,
    PURPOSE_LENGTH,
    SOURCE_LENGTH,
    TAG_LENGTH,
    VERSION_LENGTH,
)

ExternalId = Annotated[str, Meta(min_length=1, max_length=EXTERNAL_ID_LENGTH, description="The storefront's own id.")]
Text = Annotated[str, Meta(max_length=254)]
Name = Annotated[str, Meta(max_length=NAME_LENGTH)]
City = Annotated[str, Meta(max_length=120)]
Country = Annotated[str, Meta(max_length=80)]
TagName = Annotated[str, Meta(min_length=1, max_length=TAG_LENGTH)]
AddTags = Annotated[list[TagName], Meta(max_length=50, description="Tags to put on; made where the shop has none.")]
Attributes = Annotated[
    dict[str, Any],
    Meta(
        max_length=200,
        description="Attributes of the shop's own by their keys; null takes a value away. See /attributes.",
    ),
]
Birthday = Annotated[
    str,
    Meta(max_length=60, description="Such as 1990-05-17, or --05-17 where the year is not known; empty takes it away."),
]
Language = Annotated[
    str, Meta(max_length=60, description="A tag of BCP 47 such as zh-Hans, en or pt-BR; empty takes it away.")
]
TimeZone = Annotated[
    str, Meta(max_length=100, description="A name of the IANA database such as Asia/Shanghai; empty takes it away.")
]
Company = Annotated[str, Meta(max_length=COMPANY_LENGTH)]
KindOf = Annotated[
    str, Meta(max_length=200, description="The key of a kind of relation, see /customer-kinds; empty is customer.")
]
Minor = Annotated[bool, Meta(description="Minors are out of scores, and are sent no marketing.")]
DoNotProfile = Annotated[bool, Meta(description="Out of scores.")]
RemoveTags = Annotated[list[TagName], Meta(max_length=50, description="Tags to take off.")]
Phone = Annotated[
    str,
    Meta(
        max_length=60,
        description="With + and country code: +8613800138000. Without, it is read as a number of `country`.",
    ),
]
Amount = Annotated[str, Meta(max_length=40, description='Decimal text in the order\'s currency: "19.90".')]
Moment = Annotated[datetime, Meta(tz=True, description="With its zone: 2026-11-20T10:00:00+08:00.")]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]
Currency = Annotated[str, Meta(min_length=3, max_length=3, description="ISO 4217, such as CNY.")]


class IdentifierBody(Struct, forbid_unknown_fields=True):
    """One identifier. `source` is whose number it is, where the kind has sources; without it that of the key."""

    kind: Annotated[str, Meta(max_length=24)]
    value: Annotated[str, Meta(min_length=1, max_length=254)]
    source: Annotated[str, Meta(max_length=40)] | None = None


MoreIdentifiers = Annotated[
    list[IdentifierBody],
    Meta(max_length=100, description="More of what they are known by; of one source a person has one of a kind."),
]


class CustomerRef(Struct, forbid_unknown_fields=True):
    """How an order names its customer: at least one identifier of any kind. Name and place are those of the order."""

    external_id: ExternalId | None = None
    email: Text | None = None
    phone: Phone | None = None
    name: Name | None = None
    city: City | None = None
    country: Country | None = None
    identifiers: MoreIdentifiers = []


class ProductRef(Struct, forbid_unknown_fields=True):
    """A product, made when it is new."""

    external_id: ExternalId
    name: Annotated[str, Meta(max_length=400)] | None = None


class LineBody(Struct, forbid_unknown_fields=True):
    """`unit_price` may have more decimals than the currency; quantity × price is rounded once."""

    quantity: Quantity
    unit_price: Amount
    product: ProductRef | None = None
    discount: Amount = "0"


class RefundLineBody(Struct, forbid_unknown_fields=True):
    quantity: Quantity
    amount: Amount
    product: ProductRef | None = None


class RefundBody(Struct, forbid_unknown_fields=True):
    """Money given back, in the order's currency."""

    external_id: ExternalId
    amount: Amount
    refunded_at: Moment
    lines: Annotated[list[RefundLineBody], Meta(max_length=500)] = []


class OrderBody(Struct, forbid_unknown_fields=True):
    """One order as it stands now: what was sent before under this `external_id` is replaced.

    Refunds are added or changed, never taken away. `exchange_rate` is what one unit of `currency` is worth in the
    shop's; without it the shop's own rates are used, and where there is none the order has no revenue.

    `discount` is of the order as a whole, and is spread over its lines in proportion to the cent; those of the lines
    come off before. `total` is what the customer pays: what lines, shipping and tax do not explain is kept as the
    order's `adjustment`. Without it the total is their sum. An order with the status `refunded` that names no refund
    is taken as refunded whole.
    """

    external_id: ExternalId
    placed_at: Moment
    currency: Currency
    lines: Annotated[list[LineBody], Meta(min_length=1, max_length=500)]
    status: str = "paid"
    customer: CustomerRef | None = None
    shipping: Amount = "0"
    tax: Amount = "0"
    discount: Amount = "0"
    total: Amount | None = None
    exchange_rate: Amount | None = None
    refunds: Annotated[list[RefundBody], Meta(max_length=100)] = []


class OrderBatch(Struct, forbid_unknown_fields=True):
    """Up to 1,000 orders. Each is checked and answered for itself."""

    orders: Annotated[list[OrderBody], Meta(max_length=1000)]


class ConsentBody(Struct, forbid_unknown_fields=True):
    """What a customer said about being contacted. Without `at` it was said now.

    channel: email, sms, wechat, whatsapp, phone, post. purpose: marketing, reviews, surveys, or topic:<code>.
    state: granted, withdrawn, pending. text_version: what the shop calls the text that was agreed to.
    source, evidence, ip: where it was said, and what proves it.
    """

    channel: Annotated[str, Meta(max_length=PURPOSE_LENGTH)]
    purpose: Annotated[str, Meta(max_length=PURPOSE_LENGTH)]
    state: Annotated[str, Meta(max_length=PURPOSE_LENGTH)]
    at: Moment | None = None
    source: Annotated[str, Meta(max_length=SOURCE_LENGTH)] | None = None
    text_version: Annotated[str, Meta(max_length=VERSION_LENGTH)] | None = None
    evidence: Annotated[str, Meta(max_length=EVIDENCE_LENGTH)] | None = None
    ip: Annotated[str, Meta(max_length=45)] | None = None


Consents = Annotated[
    list[ConsentBody], Meta(max_length=50, description="What was said since; what is known already is no news.")
]


class AddressBody(Struct, forbid_unknown_fields=True):
    """One address. At least one of `line1`, `line2`, `city`, `region`, `postcode` and `country` is said.

    default: it comes first of its type. id: may be sent back as it was read; equal addresses keep theirs.
    """

    type: Literal["billing", "shipping", "home", "work", "other"] = "other"
    recipient: Annotated[str, Meta(max_length=LENGTHS["recipient"])] | None = None
    company: Annotated[str, Meta(max_length=LENGTHS["company"])] | None = None
    line1: Annotated[str, Meta(max_length=LENGTHS["line1"])] | None = None
    line2: Annotated[str, Meta(max_length=LENGTHS["line2"])] | None = None
    city: Annotated[str, Meta(max_length=LENGTHS["city"])] | None = None
    region: Annotated[str, Meta(max_length=LENGTHS["region"])] | None = None
    postcode: Annotated[str, Meta(max_length=LENGTHS["postcode"])] | None = None
    country: Annotated[str, Meta(max_length=LENGTHS["country"])] | None = None
    phone: Phone | None = None
    default: bool = False
    id: int | None = None


Addresses = Annotated[
    list[AddressBody],
    Meta(max_length=MAX_ADDRESSES, description="All that the customer has; those not sent are deleted."),
]


class CustomerBody(Struct, forbid_unknown_fields=True):
    """A customer by the storefront's number. Fields not sent stay as they are; identifiers and tags are added."""

    external_id: ExternalId
    email: Text | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    name: Name | UnsetType = UNSET
    city: City | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    tags: AddTags = []
    remove_tags: RemoveTags = []
    consents: Consents = []
    attributes: Attributes = {}
    birthday: Birthday | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType | None = UNSET
    company: Company | UnsetType | None = UNSET
    kind: KindOf | UnsetType | None = UNSET
    minor: Minor | UnsetType | None = UNSET
    do_not_profile: DoNotProfile | UnsetType | None = UNSET
    addresses: Addresses | UnsetType | None = UNSET
    identifiers: MoreIdentifiers = []


class CustomerPatch(Struct, forbid_unknown_fields=True):
    """What is to change. E-mail, phone, external id and tags are added to those the customer has."""

    external_id: ExternalId | UnsetType = UNSET
    email: Text | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    name: Name | UnsetType = UNSET
    city: City | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    tags: AddTags = []
    remove_tags: RemoveTags = []
    consents: Consents = []
    attributes: Attributes = {}
    birthday: Birthday | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType | None = UNSET
    company: Company | UnsetType | None = UNSET
    kind: KindOf | UnsetType | None = UNSET
    minor: Minor | UnsetType | None = UNSET
    do_not_profile: DoNotProfile | UnsetType | None = UNSET
    addresses: Addresses | UnsetType | None = UNSET


class IdentifiersBody(Struct, forbid_unknown_fields=True):
    """All identifiers of a customer, at least one."""

    identifiers: Annotated[list[IdentifierBody], Meta(min_length=1, max_length=100)]


class IdentifierOut(Struct):
    """`normalised` is what it is recognised by: unique in the shop by kind and source. `given` is how `value` was
    written when it first came; empty where that is the same."""

    kind: str
    source: str
    value: str
    given: str
    normalised: str
    created_at: datetime


class IdentifiersOut(Struct):
    customer: int
    identifiers: list[IdentifierOut]


class MergeBody(Struct, forbid_unknown_fields=True):
    """`into` is who remains. `take` names what is to be this customer's rather than theirs."""

    into: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    take: list[Literal["name", "city", "country", "birthday", "language", "time_zone", "company", "kind"]] = []


class MergeOut(Struct):
    """`moved` counts rows by what they are."""

    merge: int
    into: int
    moved: dict[str, int]


class NoteBody(Struct, forbid_unknown_fields=True):
    """A note on a customer, of one or many lines."""

    body: Annotated[str, Meta(min_length=1, max_length=BODY_LENGTH)]


class NoteOut(Struct):
    """`author` is who wrote it: a member of staff, or the name of an API key."""

    id: int
    body: str
    author: str
    by_staff: bool
    created_at: datetime


class NotePage(Struct):
    results: list[NoteOut]
    next: str | None
    previous: str | None


class NoteGone(Struct):
    """The id of the note that is no more."""

    deleted: int


class TimelineEntryOut(Struct):
    """One thing that happened. `id` is that of the thing itself among its kind; `facts` depend on the kind."""

    kind: str
    id: int
    at: datetime
    title: str
    facts: dict[str, str | int | bool | None]


class TimelinePage(Struct):
    """Read forwards only: from the latest on."""

    results: list[TimelineEntryOut]
    next: str | None


class ByOut(Struct):
    """Who wrote it: `user`, `key`, `system`, or `unknown` where it was before this was noted."""

    kind: str
    name: str


class ValueOriginOut(Struct, rename={"import_": "import"}):
    """Where a value comes from. `order`: the id of the order that was written with it."""

    field: str
    identifier: int | None
    at: datetime | None
    by: ByOut
    through: str
    import_: int | None
    order: int | None
    held: bool


class ProvenanceOut(Struct):
    values: list[ValueOriginOut]


class UndoneOut(Struct):
    merge: int
    customer: int


class CustomerBatch(Struct, forbid_unknown_fields=True):
    """Up to 1,000 customers."""

    customers: Annotated[list[CustomerBody], Meta(max_length=1000)]


class AttributeBody(Struct, forbid_unknown_fields=True):
    """An attribute of the shop's own. `key` is its name in the API and in files, for ever.

    `type`: text, number, date, yearly (a day of every year, "11-20"), boolean, choice or choices (a list).
    """

    key: Annotated[str, Meta(max_length=80)]
    label: Annotated[str, Meta(max_length=200)]
    type: str
    group: Annotated[str, Meta(max_length=200, description="What it stands under; empty for the first.")] = ""
    position: Annotated[int, Meta(description="Smaller ones come first; at the end if left out.")] | None = None
    choices: Annotated[list[str], Meta(description="At most 500.")] = []
    kind: Annotated[
        str, Meta(max_length=80, description="The kind of relation whose pages show it; empty for all.")
    ] = ""
    in_list: Annotated[bool, Meta(description="Whether the list of customers has a column of it.")] = False


class AttributePatch(Struct, forbid_unknown_fields=True):
    """What is to change. The type only while no customer has a value.

    `choices` are all there are to be: one that is missing is deleted, or archived where customers have it.
    """

    label: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    type: str | UnsetType = UNSET
    group: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    position: int | UnsetType = UNSET
    choices: list[str] | UnsetType = UNSET
    kind: Annotated[str, Meta(max_length=80)] | UnsetType = UNSET
    in_list: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class AttributeOut(Struct, kw_only=True):
    """An attribute. Archived choices stay with customers who have them, and cannot be chosen any more."""

    id: int
    key: str
    label: str
    type: str
    group: str
    position: int
    choices: list[str]
    archived_choices: list[str]
    kind: str
    in_list: bool
    archived: bool
    created_at: datetime
    updated_at: datetime


class CustomerKindBody(Struct, forbid_unknown_fields=True):
    """A kind of relation. `key` is its name in the API and in files, for ever. `scored`: else no scores are made."""

    key: Annotated[str, Meta(max_length=80)]
    label: Annotated[str, Meta(max_length=200)]
    position: Annotated[int, Meta(description="Smaller ones come first; at the end if left out.")] | None = None
    scored: bool = True


class CustomerKindPatch(Struct, forbid_unknown_fields=True):
    """What is to change. Who is of a kind that is not scored any more loses their scores at once."""

    label: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    position: int | UnsetType = UNSET
    scored: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class CustomerKindOut(Struct, kw_only=True):
    """A kind of relation. An archived one stays with customers who have it, and cannot be chosen any more."""

    key: str
    label: str
    position: int
    scored: bool
    archived: bool


class CustomerKindList(Struct):
    """All of them, in order."""

    results: list[CustomerKindOut]


class AttributePage(Struct):
    results: list[AttributeOut]
    next: str | None
    previous: str | None


class ProductBody(Struct, forbid_unknown_fields=True):
    """A product by the storefront's number. Fields not sent stay as they are; null takes brand, price or cost away.

    `categories` are all that it is in: paths such as "Tea/Green tea". Amounts are in the shop's currency.
    """

    external_id: ExternalId
    name: Annotated[str, Meta(max_length=400)] | UnsetType = UNSET
    brand: Annotated[str, Meta(max_length=BRAND_LENGTH)] | UnsetType | None = UNSET
    price: Amount | UnsetType | None = UNSET
    cost: Amount | UnsetType | None = UNSET
    categories: (
        Annotated[list[Annotated[str, Meta(min_length=1, max_length=CATEGORY_LENGTH)]], Meta(max_length=50)] | UnsetType
    ) = UNSET


class ProductBatch(Struct, forbid_unknown_fields=True):
    """Up to 1,000 products."""

    products: Annotated[list[ProductBody], Meta(max_length=1000)]


class ConsentOut(Struct):
    """What counts for one channel and purpose, and what proves it."""

    channel: str
    purpose: str
    state: str
    at: datetime
    source: str
    text_version: str
    evidence: str


class ConsentEventOut(Struct):
    """One thing a customer said. `text` is the text agreed to, word by word; null where the shop does not keep it."""

    id: int
    channel: str
    purpose: str
    state: str
    at: datetime
    recorded_at: datetime
    source: str
    text_version: str
    text: str | None
    evidence: str
    ip: str | None


class ConsentEventPage(Struct):
    results: list[ConsentEventOut]
    next: str | None
    previous: str | None


class MayContactOut(Struct):
    """Whether a customer may be contacted. reason: why not, null where they may: erased, suppressed, minor, withdrawn,
    pending, no_consent or no_address.
    """

    allowed: bool
    reason: str | None


class SuppressionBody(Struct, forbid_unknown_fields=True):
    """One address, by either field. reason: block_list, complaint, hard_bounce, erased."""

    email: Text | None = None
    phone: Annotated[str, Meta(max_length=60, description="With + and country code: +8613800138000.")] | None = None
    reason: str = "block_list"


class SuppressionOut(Struct):
    """A suppressed address, of which only a keyed hash is kept."""

    id: int
    kind: str
    reason: str
    created_at: datetime


class SuppressionPage(Struct):
    results: list[SuppressionOut]
    next: str | None
    previous: str | None


class LiftedOut(Struct):
    """How many suppressions were lifted."""

    lifted: int


class AddressOut(Struct):
    """An address, the first of its type before the others. `default`: it is the first. `phone` is in E.164."""

    id: int
    type: str
    recipient: str
    company: str
    line1: str
    line2: str
    city: str
    region: str
    postcode: str
    country: str
    phone: str
    default: bool


class CustomerOut(Struct, kw_only=True):
    """A customer. Amounts are decimal text in the shop's currency. `consents` for keys that may read them.

    `birthday`, `language`, `time_zone` and `company` are empty where nothing is known. `kind` is the key of a kind of
    relation, `customer` where no other is said.
    """

    id: int
    external_id: str | None
    external_ids: list[str]
    name: str
    emails: list[str]
    phones: list[str]
    city: str
    country: str
    birthday: str
    language: str
    time_zone: str
    company: str
    kind: str
    minor: bool
    do_not_profile: bool
    tags: list[str]
    attributes: dict[str, Any]
    addresses: list[AddressOut]
    consents: list[ConsentOut] | UnsetType = UNSET
    currency: str
    order_count: int
    gross: str
    refunded: str
    net: str
    first_order_at: datetime | None
    last_order_at: datetime | None
    created_at: datetime
    updated_at: datetime


class LineOut(Struct):
    """One line, in the order's currency. A line that is no revenue (a gift) is not part of the order's total."""

    product_id: int | None
    product_external_id: str | None
    product_name: str
    quantity: int
    unit_price: str
    discount: str
    total: str
    is_revenue: bool


class RefundOut(Struct):
    """Money given back. `assumed`: only the order's status says so; then it is the whole order, and has no number."""

    id: int
    external_id: str
    amount: str
    refunded_at: datetime
    assumed: bool


class OrderOut(Struct, kw_only=True):
    """An order in its own currency; `revenue` is its worth in the shop's, null where no rate is known.

    `total` is lines, shipping, tax and adjustment. `lines` and `refunds` are there for a single order, and in lists
    with expand=lines,refunds.
    """

    id: int
    external_id: str
    customer_id: int | None
    placed_at: datetime
    status: str
    currency: str
    shipping: str
    tax: str
    adjustment: str
    total: str
    revenue: str | None
    revenue_currency: str
    created_at: datetime
    updated_at: datetime
    lines: list[LineOut] | UnsetType = UNSET
    refunds: list[RefundOut] | UnsetType = UNSET


class ProductOut(Struct):
    """A product. Amounts are decimal text in the shop's currency, null where not known."""

    id: int
    external_id: str
    name: str
    brand: str
    categories: list[str]
    price: str | None
    cost: str | None
    currency: str
    created_at: datetime
    updated_at: datetime


class OrderPage(Struct):
    results: list[OrderOut]
    next: str | None
    previous: str | None


class ProductPage(Struct):
    results: list[ProductOut]
    next: str | None
    previous: str | None


ORDER_DECODER = msgspec.json.Decoder(OrderBody)
CUSTOMER_DECODER = msgspec.json.Decoder(CustomerBody)
CUSTOMER_PATCH_DECODER = msgspec.json.Decoder(CustomerPatch)
IDENTIFIERS_DECODER = msgspec.json.Decoder(IdentifiersBody)
MERGE_DECODER = msgspec.json.Decoder(MergeBody)
NOTE_DECODER = msgspec.json.Decoder(NoteBody)
SUPPRESSION_DECODER = msgspec.json.Decoder(SuppressionBody)
CUSTOMER_KIND_DECODER = msgspec.json.Decoder(CustomerKindBody)
CUSTOMER_KIND_PATCH_DECODER = msgspec.json.Decoder(CustomerKindPatch)
ATTRIBUTE_DECODER = msgspec.json.Decoder(AttributeBody)
ATTRIBUTE_PATCH_DECODER = msgspec.json.Decoder(AttributePatch)
PRODUCT_DECODER = msgspec.json.Decoder(ProductBody)

ORDER_EXAMPLE = {
    "external_id": "1001",
    "placed_at": "2026-11-20T10:00:00+08:00",
    "currency": "CNY",
    "status": "paid",
    "customer": {"external_id": "c1", "email": "a@example.cn", "phone": "+8613800138000", "name": "王小明"},
    "lines": [
        {
            "product": {"external_id": "p1", "name": "茶"},
            "quantity": 2,
            "unit_price": "19.90",
            "discount": "0.00",
        }
    ],
    "shipping": "0.00",
    "tax": "0.00",
    "refunds": [{"external_id": "r1", "amount": "19.90", "refunded_at": "2026-11-21T09:00:00+08:00"}],
}
CUSTOMER_EXAMPLE = {
    "external_id": "c1",
    "email": "a@example.cn",
    "phone": "+8613800138000",
    "identifiers": [{"kind": "wechat_openid", "source": "wx1a2b", "value": "oGZUI0egBJY1zhBYw2KhdUfwVJJA"}],
    "name": "王小明",
    "tags": ["VIP"],
    "consents": [
        {
            "channel": "email",
            "purpose": "marketing",
            "state": "granted",
            "at": "2026-11-20T10:00:00+08:00",
            "source": "Newsletter form",
            "text_version": "footer-2026-05",
        }
    ],
    "attributes": {"favourite_tea": "茉莉花茶"},
    "birthday": "1990-05-17",
    "language": "zh-Hans",
    "kind": "wholesale",
    "addresses": [
        {
            "type": "shipping",
            "recipient": "王小明",
            "line1": "花园路 1 号",
            "city": "上海",
            "country": "CN",
            "default": True,
        }
    ],
}
IDENTIFIERS_EXAMPLE = {
    "identifiers": [
        {"kind": "external", "value": "c7"},
        {"kind": "email", "value": "b@example.cn"},
        {"kind": "wechat_openid", "source": "wx1a2b", "value": "oGZUI0egBJY1zhBYw2KhdUfwVJJE"},
    ]
}
ATTRIBUTE_EXAMPLE = {
    "key": "favourite_tea",
    "label": "喜欢的茶",
    "type": "choice",
    "choices": ["茉莉花茶", "龙井", "普洱"],
}
PRODUCT_EXAMPLE = {
    "external_id": "p1",
    "name": "茶",
    "brand": "回头",
    "price": "19.90",
    "cost": "8.00",
    "categories": ["茶/绿茶", "礼物"],
}

# What can be wrong with one of them, beside what can be wrong with any body.
_PRODUCT_PROBLEMS = ("too_short", "too_long", "control_character", "scientific_id")
PRODUCT_PROBLEMS = (*_PRODUCT_PROBLEMS, "not_a_number", "negative_amount", "amount_too_large", "invalid_value")
BUYER_PROBLEMS = (
    *_PRODUCT_PROBLEMS, "invalid_email", "invalid_phone", "invalid_value", "customer_unidentified",
    "too_many_identifiers", "unknown_identifier_kind",
)  # fmt: skip
CONSENT_PROBLEMS = (
    "unknown_channel",
    "unknown_purpose",
    "invalid_date",
    "no_time_zone",
    "date_out_of_range",
    "date_in_future",
)
ATTRIBUTE_VALUE_PROBLEMS = (
    "unknown_attribute",
    "unknown_choice",
    "wrong_type",
    "not_a_number",
    "out_of_range",
    "invalid_date",
)
PERSON_PROBLEMS = (
    "invalid_date",
    "date_in_future",
    "date_out_of_range",
    "unknown_language",
    "unknown_time_zone",
    "unknown_kind",
)
CUSTOMER_PROBLEMS = tuple(
    dict.fromkeys((*BUYER_PROBLEMS, "too_many_tags", *CONSENT_PROBLEMS, *ATTRIBUTE_VALUE_PROBLEMS, *PERSON_PROBLEMS))
)
ORDER_PROBLEMS = (
    *BUYER_PROBLEMS,
    "out_of_range",
    "not_a_number",
    "negative_amount",
    "amount_too_large",
    "invalid_date",
    "no_time_zone",
    "date_out_of_range",
    "date_in_future",
    "unknown_currency",
    "unknown_status",
    "discount_too_large",
    "duplicate_refund",
    "refund_too_large",
)
