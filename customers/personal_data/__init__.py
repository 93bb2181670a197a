"""What a shop knows of a person: where it stands, how it is given out, erased, and moved to another customer.

Each app registers its own in `ready()`; tests/tenancy/test_personal_data.py fails where a model that points at a
customer, or a column of text, is not registered. `walk` has the three functions that use it.
"""

from customers.personal_data.columns import COLUMNS, Column
from customers.personal_data.registry import (
    PERSONAL_DATA,
    Changes,
    CustomerRows,
    Delete,
    Drop,
    Fill,
    Keep,
    PackedRows,
    PersonalData,
    Reassign,
    RowsNaming,
    WithParent,
)
from customers.personal_data.rows import Columns, Row
from customers.personal_data.walk import SameCustomer, erase_personal_data, move_personal_data, personal_data_of

__all__ = [
    "COLUMNS",
    "PERSONAL_DATA",
    "Changes",
    "Column",
    "Columns",
    "CustomerRows",
    "Delete",
    "Drop",
    "Fill",
    "Keep",
    "PackedRows",
    "PersonalData",
    "Reassign",
    "Row",
    "RowsNaming",
    "SameCustomer",
    "WithParent",
    "erase_personal_data",
    "move_personal_data",
    "personal_data_of",
]
