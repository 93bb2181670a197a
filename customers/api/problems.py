"""What the API answers when orders, customers or products cannot be taken: the codes of this app."""

from crm.rest.problems import KINDS, Kind

for _kind in (
    Kind("identifier_taken", 409, "The identifier belongs to another customer"),
    Kind("unknown_status", 400, "The status is not known"),
    Kind("scientific_id", 400, "An id was shortened by a spreadsheet"),
    Kind("customer_unidentified", 400, "The customer has no identifier"),
    Kind("discount_too_large", 400, "A discount is larger than its line"),
    Kind("duplicate_refund", 400, "Two refunds of one order have the same id"),
    Kind("refund_too_large", 400, "The refunds are larger than the order"),
):
    KINDS.register(_kind)
