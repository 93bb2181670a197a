"""Postal addresses: the types, the parts and what each can hold, and by what two are told to be the same."""

import re
from hashlib import md5
from typing import NamedTuple

from .attributes import BadValue, one_line

BILLING, SHIPPING, HOME, WORK, OTHER = TYPES = ("billing", "shipping", "home", "work", "other")
TYPE_LENGTH, DIGEST_LENGTH = 10, 32
MAX_ADDRESSES = 50  # of one customer; a merge may leave more, and then none is added
# The parts of an address in the sequence in which they are written, and how many characters each can have.
LENGTHS = {
    "recipient": 200,
    "company": 200,
    "line1": 200,
    "line2": 200,
    "city": 120,
    "region": 120,
    "postcode": 20,
    "country": 80,
    "phone": 20,
}
PARTS = tuple(LENGTHS)
# One of these has to be said: a name alone is nowhere.
PLACE = ("line1", "line2", "city", "region", "postcode", "country")


class AddressIn(NamedTuple):
    """One address: "" for what it does not say, the phone as E.164. is_default: it is to be the first of its type."""

    type: str = OTHER
    recipient: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""
    is_default: bool = False

    @property
    def is_somewhere(self) -> bool:
        return any(getattr(self, name) for name in PLACE)

    @property
    def digest(self) -> str:
        """Equal where type and parts are. The column `digest` of the model Address is the same by SQL."""
        text = "\x1f".join((self.type, *(getattr(self, name) for name in PARTS)))
        return md5(text.encode(), usedforsecurity=False).hexdigest()


# What marketplaces write over the parts of an address that they do not give away; no street is written with one.
_MASKS = re.compile(r"[*＊•●]")


def is_masked(text: str) -> bool:
    """Whether some of it is not to be seen, such as "文三路***"."""
    return bool(_MASKS.search(text))


def read_part(name: str, text: str) -> str:
    """A part other than the phone, on one line. BadValue: control_character, too_long."""
    line = one_line(text)
    if len(line) > LENGTHS[name]:
        raise BadValue("too_long", line)
    return line
