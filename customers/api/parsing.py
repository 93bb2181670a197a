"""From a shape to checked values: money in minor units, identifiers in their normal form. Plain code: 1,000 orders a
request leave 200 µs for each."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from crm.lib.moments import as_utc
from crm.lib.money import MAX_MINOR, BadAmount, exponent, shares, to_minor
from crm.rest.problems import Problem
from crm.shops.exchange_rates import is_usable, minor_rate, minor_rates
from crm.shops.models import Shop
from customers.api.schemas import (
    CustomerRef,
    IdentifierBody,
    LineBody,
    OrderBody,
    ProductRef,
    RefundBody,
    RefundLineBody,
)
from customers.domain.attributes import TEXT_LENGTH, BadValue
from customers.domain.countries import phone_region
from customers.domain.identity import (
    PLACEHOLDER,
    Checked,
    is_placeholder,
    normalise_email,
    normalise_external_id,
    normalise_phone,
)
from customers.domain.limits import MAX_IDENTIFIERS, MAX_TAGS
from customers.ingest import CustomerIn, IdentifierIn, LineIn, OrderIn, RefundIn, RefundLineIn, total_of
from customers.models import BELOW, Order
from customers.models.identifier_kinds import IDENTIFIER_KINDS

CLOCK_SKEW = timedelta(minutes=10)  # a storefront's clock may be a little ahead of ours
MAX_TOTAL = 10**13  # so that the sum of a customer's or a day's orders stays far from the end of bigint
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
STATUSES = frozenset(Order.Status.values)
NOBODY = CustomerIn()

_SAY = {
    "not_a_number": "Write amounts as decimal text with a point: “1234.50”.",
    "amount_too_large": "The amount is too large to be true.",
    "unknown_currency": "Write its three letters as in ISO 4217, such as CNY.",
    "invalid_email": "Send an address like name@example.com, or leave it out.",
    "reserved_email": "Its domain is reserved and receives no mail. Send another address, or leave it out.",
    "invalid_phone": "Send the number with + and country code, such as +8613800138000, or leave it out.",
    "unassigned_phone": "No country has given this number out. Check its digits, or leave it out.",
    "masked_email": "It is masked. Send the whole address, or leave it out.",
    "masked_phone": "It is masked. Send the whole number, or leave it out.",
    "virtual_phone": "A marketplace lends it to many buyers. Leave it out.",
    "control_character": "Take out NUL and other control characters.",
    "masked_id": "It is masked. Send the whole id, or leave it out.",
    "scientific_id": "A spreadsheet has shortened the id; send it as it was.",
    "too_long": "The value is too long.",
}


TOO_MANY_IDENTIFIERS = (
    f"Its customer has {MAX_IDENTIFIERS} ids, e-mails and phones already, as many as one can have."
    " Leave the new one out."
)
TOO_MANY_TAGS = f"A customer can wear at most {MAX_TAGS} tags. Take some off first."
_CODES = {
    "reserved_email": "invalid_email",
    "masked_email": "invalid_email",
    "masked_id": "invalid_value",
    "masked_phone": "invalid_phone",
    "unassigned_phone": "invalid_phone",
    "virtual_phone": "invalid_phone",
}


@dataclass
class Context:
    """What every item of one request is read with. source: of which storefront the numbers are."""

    shop: Shop
    now: datetime
    source: str = ""
    digits: dict[str, int] = field(default_factory=dict)
    products: dict[tuple[str, str | None], tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.shop.zone

    @cached_property
    def rates(self) -> dict[str, Decimal]:
        return minor_rates(self.shop)

    @cached_property
    def latest(self) -> datetime:
        return self.now + CLOCK_SKEW


def checked_order(body: OrderBody, context: Context) -> OrderIn:
    currency = body.currency
    if currency not in context.digits:
        context.digits[currency] = _exponent(currency)
    if body.status not in STATUSES:
        raise Problem("unknown_status", f"One of: {', '.join(sorted(STATUSES))}.", field="status")
    placed_at = checked_moment(body.placed_at, context, "placed_at")
    lines = [_line(line, currency, context, f"lines[{n}]") for n, line in enumerate(body.lines)]
    shipping, tax = _amount(body.shipping, currency, "shipping"), _amount(body.tax, currency, "tax")
    if body.discount != "0":
        lines = _discounted(lines, _amount(body.discount, currency, "discount"))
    explained = total_of(lines, shipping, tax)
    total = explained if body.total is None else _amount(body.total, currency, "total")
    rate = _rate(body, context)
    if total > MAX_TOTAL or (rate is not None and total * rate > MAX_TOTAL):
        raise Problem("amount_too_large", "The order's total is too large to be true.", field="lines")
    return OrderIn(
        external_id=external_id(body.external_id, "external_id"),
        placed_at=placed_at,
        placed_on=placed_at.astimezone(context.zone).date(),
        currency=currency,
        status=body.status,
        rate=rate,
        customer=_customer(body.customer, context.source),
        shipping_minor=shipping,
        tax_minor=tax,
        adjustment_minor=total - explained,
        lines=lines,
        refunds=_refunds(body, rate, total, context) if body.refunds else [],
    )


def _discounted(lines: list[LineIn], discount: int) -> list[LineIn]:
    """The lines with the order's discount spread over those that are revenue."""
    if not discount:
        return lines
    totals = [line.total_minor if line.is_revenue else 0 for line in lines]
    if discount > sum(totals):
        raise Problem("discount_too_large", "The discount may be at most what the lines come to.", field="discount")
    return [
        line._replace(discount_minor=line.discount_minor + share, total_minor=line.total_minor - share)
        for line, share in zip(lines, shares(discount, totals), strict=True)
    ]


def _line(line: LineBody, currency: str, context: Context, path: str) -> LineIn:
    product_id, product_name = _product(line.product, context, path)
    price = _amount(line.unit_price, currency, path, ".unit_price")
    discount = _amount(line.discount, currency, path, ".discount") if line.discount != "0" else 0
    if len(line.unit_price.partition(".")[2]) <= context.digits[currency]:
        exact = line.quantity * price
    else:
        exact = _minor(Decimal(line.unit_price) * line.quantity, currency, path, ".unit_price")
    if exact > MAX_MINOR:
        raise Problem("amount_too_large", _SAY["amount_too_large"], field=f"{path}.unit_price")
    if discount > exact:
        raise Problem(
            "discount_too_large", "The discount may be at most quantity × unit_price.", field=f"{path}.discount"
        )
    return LineIn(product_id, product_name, line.quantity, price, discount, exact - discount, exact > 0)


def _refunds(body: OrderBody, rate: Decimal | None, total: int, context: Context) -> list[RefundIn]:
    refunds = [_refund(refund, body, rate, context, f"refunds[{n}]") for n, refund in enumerate(body.refunds)]
    if len({refund.external_id for refund in refunds}) < len(refunds):
        raise Problem("duplicate_refund", "Send each refund of the order once.", field="refunds")
    if sum(refund.amount_minor for refund in refunds) > total:
        raise Problem("refund_too_large", "The refunds add up to more than the order's total.", field="refunds")
    return refunds


def _refund(refund: RefundBody, body: OrderBody, rate: Decimal | None, context: Context, path: str) -> RefundIn:
    refunded_at = checked_moment(refund.refunded_at, context, path, ".refunded_at")
    return RefundIn(
        external_id=external_id(refund.external_id, f"{path}.external_id"),
        refunded_at=refunded_at,
        refunded_on=refunded_at.astimezone(context.zone).date(),
        currency=body.currency,
        amount_minor=_amount(refund.amount, body.currency, path, ".amount"),
        order_external_id=external_id(body.external_id, "external_id"),
        rate=rate,
        lines=[_refund_line(line, body.currency, context, f"{path}.lines[{n}]") for n, line in enumerate(refund.lines)],
    )


def _refund_line(line: RefundLineBody, currency: str, context: Context, path: str) -> RefundLineIn:
    product_id, product_name = _product(line.product, context, path)
    return RefundLineIn(product_id, product_name, line.quantity, _amount(line.amount, currency, path, ".amount"))


def _product(product: ProductRef | None, context: Context, path: str) -> tuple[str, str]:
    if product is None:
        return "", ""
    said = (product.external_id, product.name)
    if (known := context.products.get(said)) is None:  # the same few products come again and again
        name = clean_text(product.name, f"{path}.product.name") if product.name else ""
        known = context.products[said] = external_id(product.external_id, f"{path}.product.external_id"), name
    return known


def _customer(customer: CustomerRef | None, source: str) -> CustomerIn:
    if customer is None:
        return NOBODY
    known = CustomerIn(
        customer_id(customer.external_id, "customer.external_id") if customer.external_id else "",
        email_of(customer.email, "customer.email") if customer.email else "",
        phone_of(customer.phone, "customer.phone", customer.country or "") if customer.phone else "",
        clean_text(customer.name, "customer.name") if customer.name else "",
        clean_text(customer.city, "customer.city") if customer.city else "",
        clean_text(customer.country, "customer.country") if customer.country else "",
    )
    if customer.identifiers:
        sent = identifiers(customer.identifiers, source=source, path="customer.", country=customer.country or "")
        known = known.named_by(one_of_each_source(sent, known.external_id, source, "customer."), source=source)
    if known.is_nobody:
        if customer.external_id or customer.email or customer.phone:
            return NOBODY  # only placeholders, which storefronts send of guests
        raise Problem(
            "customer_unidentified",
            "Send external_id, email, phone or identifiers; leave `customer` out for an order of nobody known.",
            field="customer",
        )
    return known


def _exponent(currency: str) -> int:
    try:
        return exponent(currency)
    except BadAmount as error:
        raise Problem(error.code, _SAY[error.code], field="currency") from None


def _amount(text: str, currency: str, path: str, name: str = "") -> int:
    """`name` is joined only for a problem: most paths are never read."""
    try:
        minor = _known_minor(text, currency)
    except BadAmount as error:
        raise Problem(error.code, _SAY[error.code], field=path + name) from None
    if minor < 0:
        raise Problem(
            "negative_amount", "Send amounts as zero or more; money given back is a refund.", field=path + name
        )
    return minor


_known_minor = lru_cache(maxsize=20_000)(to_minor)  # the same prices come again and again


def _minor(amount: str | Decimal, currency: str, path: str, name: str) -> int:
    try:
        return to_minor(amount, currency)
    except BadAmount as error:
        raise Problem(error.code, _SAY[error.code], field=path + name) from None


def _rate(body: OrderBody, context: Context) -> Decimal | None:
    if body.exchange_rate is None:
        return context.rates.get(body.currency)
    _minor(body.exchange_rate, "GBP", "exchange_rate", "")  # is it plain decimal text?
    rate = Decimal(body.exchange_rate)
    if not is_usable(rate):
        raise Problem("out_of_range", "What one unit of `currency` is worth in the shop's.", field="exchange_rate")
    is_own = body.currency == context.shop.currency  # then it can only be 1
    return Decimal(1) if is_own else minor_rate(context.shop, body.currency, rate)


def checked_moment(moment: datetime, context: Context, path: str, name: str = "") -> datetime:
    if moment > context.latest:
        raise Problem(
            "date_in_future", "The time is still to come. Is its zone right (+08:00, not Z)?", field=path + name
        )
    if moment < OLDEST:
        raise Problem("date_out_of_range", "Times before 1970 are not kept.", field=path + name)
    if moment.tzinfo is not UTC:
        try:
            moment = as_utc(moment)
        except ValueError:
            text = "There is no such time: its year or its zone is out of range."
            raise Problem("date_out_of_range", text, field=path + name) from None
    return moment


def external_id(text: str, path: str) -> str:
    # ".0" is kept: nothing on this way makes floats of ids, as spreadsheets do.
    return _normal(normalise_external_id(text, undo_float=False), path) or _empty(path)


def customer_id(text: str, path: str) -> str:
    """The storefront's number of a customer; "" for a placeholder, such as the 0 that guests carry."""
    return "" if is_placeholder(text) else external_id(text, path)


def known_id(text: str) -> str:
    """An id out of an address, in the form in which ids are kept; "" if it can be nobody's."""
    return normalise_external_id(text, undo_float=False).value or ""


def email_of(text: str, path: str) -> str:
    return _normal(normalise_email(text), path)


def phone_of(text: str, path: str, country: str = "") -> str:
    """A number without + is read as one of the country that its own record names. Never by the shop's: a program can
    say which country it means.
    """
    return _normal(normalise_phone(text, phone_region(country, "")), path)


def identifiers(
    bodies: Sequence[IdentifierBody], *, source: str, path: str = "", country: str = ""
) -> list[IdentifierIn]:
    """source: whose numbers those are that say nothing of it. country: as of `phone_of`.

    Problems: those of the kind, unknown_identifier_kind, too_short where nobody is meant.
    """
    region = phone_region(country, "")
    return [_identifier(body, source, region, f"{path}identifiers[{n}]") for n, body in enumerate(bodies)]


def _identifier(body: IdentifierBody, own_source: str, region: str, path: str) -> IdentifierIn:
    kind = IDENTIFIER_KINDS.get(body.kind)
    if kind is None:
        text = f"One of: {', '.join(each.name for each in IDENTIFIER_KINDS)}."
        raise Problem("unknown_identifier_kind", text, field=f"{path}.kind")
    value = _normal(kind.normalise(body.value, region), f"{path}.value") or _empty(f"{path}.value")
    source = own_source if body.source is None and kind.name == "external" else body.source or ""
    if source and not kind.has_source:
        raise Problem("invalid_value", "This kind has no sources; leave it out.", field=f"{path}.source")
    return IdentifierIn(kind.name, clean_text(source, f"{path}.source"), value)


def one_of_each_source(sent: Sequence[IdentifierIn], number: str, source: str, path: str) -> Sequence[IdentifierIn]:
    """The same identifiers. Problem: invalid_value, where a source says two of one person, which are two people's.

    number: the storefront's own, "" for none.
    """
    known = {("external", source): number} if number else {}
    for n, (kind, of, value) in enumerate(sent):
        if IDENTIFIER_KINDS[kind].has_source and known.setdefault((kind, of), value) != value:
            text = "A source has one of this kind for a person. Send one."
            raise Problem("invalid_value", text, field=f"{path}identifiers[{n}].value")
    return sent


def _normal(checked: Checked, path: str) -> str:
    if checked.problem and checked.problem != PLACEHOLDER:
        # One code for programs: what they have to do about it is the same.
        code = _CODES.get(checked.problem, checked.problem)
        raise Problem(code, _SAY[checked.problem], field=path)
    return checked.value or ""


def _empty(path: str) -> str:
    raise Problem("too_short", "It is blank.", field=path)


def clean_text(text: str, path: str) -> str:
    """One line, runs of spaces made single. Problem: control_character."""
    return " ".join(_plain(text, path).split())


def long_text(text: str, path: str) -> str:
    """As it is, with its lines, trimmed. Problem: control_character, too_short where nothing is left."""
    lines = _plain(text, path).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip() or _empty(path)


def _plain(text: str, path: str) -> str:
    # What is printable holds no control character.
    if not text.isprintable() and any(unicodedata.category(sign) == "Cc" and not sign.isspace() for sign in text):
        raise Problem("control_character", _SAY["control_character"], field=path)
    return text


def tag_names(names: Sequence[str], path: str) -> list[str]:
    return [clean_text(name, f"{path}[{n}]") or _empty(f"{path}[{n}]") for n, name in enumerate(names)]


def given(value: "str | UnsetType | None", clean: Callable[[str, str], str], path: str) -> str | None:
    """The cleaned text, "" for null; None where the field was not sent."""
    return None if value is UNSET else clean(value, path) if isinstance(value, str) else ""


def contact_given(value: "str | UnsetType | None", clean: Callable[[str, str], str], path: str) -> str | None:
    """As given(), and a placeholder is as if it had not been sent: it must not erase what is known."""
    return None if isinstance(value, str) and is_placeholder(value) else given(value, clean, path)


_OF_ATTRIBUTES = {
    "wrong_type": "Send what its type says: text, a number, true or false, a date as text, a list of texts.",
    "control_character": _SAY["control_character"],
    "too_long": f"At most {TEXT_LENGTH} characters.",
    "not_a_number": "Send a number.",
    "out_of_range": "Send zero, or a number between 0.000000000001 and 1000000000000000, of whichever sign.",
    "invalid_date": "Write a date like 2026-11-20, one of every year like 11-20.",
    "unknown_choice": "Send one of its choices as it is written there; archived ones cannot be chosen.",
}


def bad_attribute(bad: BadValue) -> Problem:
    """What is wrong with the value of an attribute, whose key is its note."""
    return Problem(bad.code, _OF_ATTRIBUTES[bad.code], field=f"attributes.{bad.__notes__[0]}")


_OF_PERSONS = {
    "invalid_date": "There is no such day. Write 1990-05-17, or --05-17 where the year is not known.",
    "date_in_future": "The day is still to come.",
    "date_out_of_range": "Birthdays before 1900 are not kept.",
    "unknown_language": "Send a tag of BCP 47 such as zh-Hans, en or pt-BR.",
    "unknown_time_zone": "Send a name of the IANA database such as Asia/Shanghai.",
    "unknown_kind": "Send the key of a kind of relation that is not archived, see /customer-kinds.",
    "control_character": _SAY["control_character"],
    "too_long": _SAY["too_long"],
}


def person_given(value: "str | UnsetType | None", read: Callable[[str], str], path: str) -> str | None:
    """As given(), of what customers/domain/profile.py and customers/profile read."""
    if value is UNSET:
        return None
    try:
        return read(value) if isinstance(value, str) else ""
    except BadValue as bad:
        raise Problem(bad.code, _OF_PERSONS[bad.code], field=path) from None


def flag_given(value: "bool | UnsetType | None") -> bool | None:
    """False for null; None where the field was not sent."""
    return None if value is UNSET else bool(value)


def amount_given(value: "str | UnsetType | None", currency: str, path: str) -> int | tuple[()] | None:
    """In minor units; () for null, None where the field was not sent."""
    return None if value is UNSET else () if value is None else _amount(str(value), currency, path)


def category_paths(paths: Sequence[str], path: str) -> list[str]:
    """Each once, without spaces around its parts and without empty ones."""
    found = []
    for n, text in enumerate(paths):
        parts = [part for each in clean_text(text, f"{path}[{n}]").split(BELOW) if (part := each.strip())]
        found.append(BELOW.join(parts) or _empty(f"{path}[{n}]"))
    return list(dict.fromkeys(found))
