"""What relations people have to a shop, before it says anything of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

KEY_LENGTH, LABEL_LENGTH = 40, 80  # as those of attributes
MAX_KINDS = 100  # of a shop, archived ones and the first six among them

# Who is nothing in particular. It is kept as "", so that it is what is not said.
CUSTOMER = "customer"


@dataclass(frozen=True)
class FirstKind:
    """A kind that every shop has. is_scored: whether scores are made of those who are of it."""

    key: str
    position: int
    is_scored: bool = True


# Investors, suppliers and the press deal with the shop, but do not buy from it as customers do.
FIRST_KINDS = (
    FirstKind(CUSTOMER, 10),
    FirstKind("wholesale", 20),
    FirstKind("partner", 30),
    FirstKind("investor", 40, is_scored=False),
    FirstKind("supplier", 50, is_scored=False),
    FirstKind("press", 60, is_scored=False),
)


def kept_key(key: str) -> str:
    """As a customer's row has it."""
    return "" if key == CUSTOMER else key


def shown_key(kept: str) -> str:
    """As people and programs read it."""
    return kept or CUSTOMER


def not_scored(kinds: Sequence[tuple[str, bool]]) -> list[str]:
    """The keys, as rows have them, of whom no score is made. kinds: (key, is_scored)."""
    return sorted(kept_key(key) for key, is_scored in kinds if not is_scored and key != CUSTOMER)
