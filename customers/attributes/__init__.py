"""Attributes of a shop's own: their definitions, and the values that customers have of them.

Who writes values first calls `definitions_for_writing`, which keeps definitions as they are to the end of the
transaction; who changes a definition waits for those who do.
"""

from customers.attributes.definitions import (
    AttributeRefused,
    Known,
    change_definition,
    create_definition,
    definitions,
    definitions_for_writing,
    holders,
    shape_of,
)
from customers.attributes.values import (
    STAGING,
    Change,
    UnknownAttribute,
    cell_of,
    change_attributes,
    open_staging,
    read_json,
    release_attribute,
    stage_values,
    values_of,
    write_compared,
    write_staged,
    write_values,
)

__all__ = [
    "STAGING",
    "AttributeRefused",
    "Change",
    "Known",
    "UnknownAttribute",
    "cell_of",
    "change_attributes",
    "change_definition",
    "create_definition",
    "definitions",
    "definitions_for_writing",
    "holders",
    "open_staging",
    "read_json",
    "release_attribute",
    "shape_of",
    "stage_values",
    "values_of",
    "write_compared",
    "write_staged",
    "write_values",
]
