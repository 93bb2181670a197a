"""Makes two customers one, and takes that apart again."""

from customers.merging.identifiers import IdentifierIn, IdentifierOfAnother, is_anonymous, set_identifiers
from customers.merging.merge import CustomerGone, merge_customers, profile_columns, rows_to_move
from customers.merging.undo import AlreadyUndone, undo_merge
from customers.personal_data import SameCustomer

__all__ = [
    "AlreadyUndone",
    "CustomerGone",
    "IdentifierIn",
    "IdentifierOfAnother",
    "SameCustomer",
    "is_anonymous",
    "merge_customers",
    "profile_columns",
    "rows_to_move",
    "set_identifiers",
    "undo_merge",
]
