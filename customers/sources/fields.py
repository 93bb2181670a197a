"""What a file can be a list of, and which fields each kind of list has."""

from collections.abc import Collection
from dataclasses import dataclass

from customers.domain.addresses import PARTS, TYPES

ORDERS, CUSTOMERS, PRODUCTS, SUPPRESSIONS = "orders", "customers", "products", "suppressions"
KINDS = (ORDERS, CUSTOMERS, PRODUCTS, SUPPRESSIONS)

FIELDS = (
    "order_id", "ordered_at", "customer_id", "email", "phone", "name", "city", "country", "product_id", "product_name",
    "quantity", "unit_price", "currency", "discount", "status",
    "line_total", "order_discount", "subtotal", "shipping", "tax", "order_total", "refunded", "refunded_at",
    "refund_of",
)  # fmt: skip
REQUIRED = ("order_id", "ordered_at")
IDENTIFYING = ("customer_id", "email", "phone")
ADDRESSES = ("email", "phone")  # of which a list of addresses not to be written to needs one
OF_SUPPRESSIONS = ("reason", "suppressed_at")  # what only such a list says
AMOUNTS = ("unit_price", "line_total", "order_total")  # without one of them a file says nothing of money

# A column of a list of customers called so, with the key of an attribute of the shop's own behind it.
ATTRIBUTE = "attribute."
# And one called so, with a channel, a purpose and perhaps what of it: customers/sources/consents.py.
CONSENT = "consent."
# Columns of postal addresses are called so, with a type and a part behind it, such as "address.shipping.city"; what a
# customer has beside one of each type is in one column: customers/sources/addresses.py.
POSTAL = "address."
MORE_ADDRESSES = f"{POSTAL}more"

# What a list of customers says of the person, beside name and place. A file can say that somebody is a minor or not to
# be profiled, and takes neither back.
FLAGS = ("minor", "do_not_profile")
ABOUT = ("birthday", "language", "time_zone", "company", "kind", *FLAGS)

# What becomes of a value where another one, or none, is known already.
FILL, OVERWRITE, KEEP = "fill", "overwrite", "keep"
_VALUE = (FILL, OVERWRITE, KEEP)


def is_attribute(field: str) -> bool:
    return field.startswith(ATTRIBUTE) and field != ATTRIBUTE


def postal_field(kind: str, part: str) -> str:
    """The column of a part of the address of that type, such as "address.shipping.city"."""
    return f"{POSTAL}{kind}.{part}"


POSTAL_FIELDS = tuple(postal_field(kind, part) for kind in TYPES for part in PARTS)


def is_postal(field: str) -> bool:
    """Whether a column may be that of postal addresses."""
    return field in POSTAL_FIELDS or field == MORE_ADDRESSES


def postal_of(kind: str) -> str:
    """What all addresses of a type are among the fields that have a policy, such as "address.shipping"."""
    return f"{POSTAL}{kind}"


@dataclass(frozen=True)
class FileKind:
    """fields: in the sequence in which they are shown. matches: by what a row is recognised, the default first.

    policies: for each field that may be known already what can be chosen, the default first. has_attributes: columns
    called ATTRIBUTE and a key are read, too. addresses: the policies of each type of postal address, () where none are
    read.
    """

    fields: tuple[str, ...]
    matches: tuple[str, ...] = ()
    policies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_attributes: bool = False
    addresses: tuple[str, ...] = ()

    def policies_of(self, field: str) -> tuple[str, ...]:
        if self.has_attributes and is_attribute(field):
            return _VALUE
        if field in POSTAL_POLICIES:
            return self.addresses
        return dict(self.policies).get(field, ())

    def has(self, field: str) -> bool:
        """Whether a column may be that."""
        return field in self.fields or (self.has_attributes and is_attribute(field))


POSTAL_POLICIES = tuple(map(postal_of, TYPES))
# A customer can have several of these: they are added to those known, and none is taken away.
_SEVERAL = (FILL, KEEP)
FILE_KINDS = {
    ORDERS: FileKind(FIELDS, addresses=_SEVERAL),
    CUSTOMERS: FileKind(
        (*IDENTIFYING, "name", "city", "country", "tags", *ABOUT),
        matches=("auto", *IDENTIFYING),
        policies=(
            *((name, _SEVERAL) for name in IDENTIFYING),
            *((name, _VALUE) for name in ("name", "city", "country")),
            ("tags", _SEVERAL),
            *((name, _SEVERAL if name in FLAGS else _VALUE) for name in ABOUT),
        ),
        has_attributes=True,
        addresses=_VALUE,
    ),
    PRODUCTS: FileKind(
        ("product_id", "product_name", "brand", "price", "cost", "currency", "categories"),
        matches=("product_id", "product_name"),
        policies=tuple((name, _VALUE) for name in ("product_name", "brand", "price", "cost", "categories")),
    ),
    SUPPRESSIONS: FileKind((*ADDRESSES, *OF_SUPPRESSIONS)),
}


def kind_of(fields: Collection[str]) -> str:
    """What a file is a list of whose columns are these fields."""
    names = set(fields)
    if names & set(OF_SUPPRESSIONS) and all(map(FILE_KINDS[SUPPRESSIONS].has, names)):
        return SUPPRESSIONS
    if names & set(IDENTIFYING) and all(map(FILE_KINDS[CUSTOMERS].has, names)):
        return CUSTOMERS
    return PRODUCTS if names and names.issubset(FILE_KINDS[PRODUCTS].fields) else ORDERS


# What a list of customers does not say. One column of discounts or tax may be of a customer, but not two of these; a
# total may be what somebody has spent.
_OF_SALES = {"quantity", "unit_price", "line_total", "product_id", "product_name"}
_RATHER_OF_SALES = {"discount", "order_discount", "subtotal", "shipping", "tax"}


def likely_kind(fields: Collection[str], columns: int) -> str:
    """What a file is a list of in which these fields were recognised, of so many columns.

    Where it is not sure, orders: of those the most is asked, so that nothing is taken for what it is not.
    """
    names = set(fields)
    if names & set(REQUIRED):
        return ORDERS
    if names & set(IDENTIFYING):
        is_sale = names & _OF_SALES or len(names & _RATHER_OF_SALES) > 1
        is_about_people = len(names & set(FILE_KINDS[CUSTOMERS].fields)) > 1 or columns <= 2
        return CUSTOMERS if is_about_people and not is_sale else ORDERS
    return PRODUCTS if names & set(FILE_KINDS[PRODUCTS].fields) else ORDERS
