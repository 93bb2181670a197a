"""Addresses of customers as the API reads and writes them."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from crm.rest.problems import Problem
from customers.addresses import Shown
from customers.api import parsing, schemas
from customers.domain.addresses import PARTS, AddressIn


def address_out(shown: Shown) -> schemas.AddressOut:
    address = shown.address
    parts = {name: getattr(address, name) for name in PARTS}
    return schemas.AddressOut(address.pk, address.type, **parts, default=shown.is_first)


def addresses_given(bodies: "Sequence[schemas.AddressBody] | UnsetType | None") -> list[AddressIn] | None:
    """All that the customer is to have, none for null; None where the field was not sent.

    Problems: control_character, invalid_phone, too_short where no place is said, invalid_value where two are the first
    of a type.
    """
    if bodies is UNSET:
        return None
    found = [_read(body, f"addresses[{n}]") for n, body in enumerate(bodies or ())]
    first: set[str] = set()
    for n, each in enumerate(found):
        if each.is_default and each.type in first:
            raise Problem("invalid_value", "Another one of its type is the default.", field=f"addresses[{n}].default")
        if each.is_default:
            first.add(each.type)
    return found


def _read(body: schemas.AddressBody, path: str) -> AddressIn:
    parts = {name: parsing.clean_text(getattr(body, name) or "", f"{path}.{name}") for name in PARTS if name != "phone"}
    phone = parsing.phone_of(body.phone or "", f"{path}.phone", parts["country"])
    address = AddressIn(body.type, **parts, phone=phone, is_default=body.default)
    if not address.is_somewhere:
        raise Problem("too_short", "Say a street, postcode, city, region or country.", field=path)
    return address
