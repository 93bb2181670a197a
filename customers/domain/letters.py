"""How an address is written on a letter: in the order of its country."""

from .addresses import AddressIn
from .countries import country_code

# Where the greatest comes first and the recipient last.
_GREATEST_FIRST = frozenset(("CN", "TW", "JP", "KR"))
# Where town, state and postcode are one line in this order, and where each has a line of its own.
_STATE_THEN_POSTCODE = frozenset(("US", "CA", "AU"))
_LINE_EACH = frozenset(("GB", "IE", "JE", "GG", "IM"))


def letter_lines(address: AddressIn, country_name: str = "") -> list[str]:
    """The lines that say something, without the phone. country_name: what the country is called to whoever reads it,
    "" for as it is written.

    An address whose country is not known is written as in most of Europe: the postcode before the town.
    """
    code = country_code(address.country) if address.country else None
    country = country_name or address.country
    who, street = [address.recipient, address.company], [address.line1, address.line2]
    if code in _GREATEST_FIRST:
        lines = [country, _joined(address.region, address.city), _joined(*street), address.postcode, *reversed(who)]
    elif code in _STATE_THEN_POSTCODE:
        state = _joined(address.region, address.postcode)
        lines = [*who, *street, _joined(address.city, state, by=", " if code == "US" else " "), country]
    elif code in _LINE_EACH:
        lines = [*who, *street, address.city, address.region, address.postcode, country]
    else:
        lines = [*who, *street, _joined(address.postcode, address.city), address.region, country]
    return [line for line in lines if line]


def _joined(*parts: str, by: str = " ") -> str:
    return by.join(filter(None, dict.fromkeys(parts)))  # a city that is a province stands once
