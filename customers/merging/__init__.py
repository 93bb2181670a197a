"""Makes two customers one, and takes that apart again."""

from customers.merging.identifiers import IdentifierOfAnother, is_anonymous, merge_recognised, set_identifiers
from customers.merging.merge import CustomerGone, merge_customers, profile_columns, rows_to_move
from customers.merging.undo import AlreadyUndone, undo_merge
from customers.personal_data import SameCustomer

__all__ = [
    "AlreadyUndone",
    "CustomerGone",
    "IdentifierOfAnother",
    "SameCustomer",
    "is_anonymous",
    "merge_customers",
    "merge_recognised",
    "profile_columns",
    "rows_to_move",
    "set_identifiers",
    "undo_merge",
]
