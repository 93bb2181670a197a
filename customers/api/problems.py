"""What the API answers when orders, customers or products cannot be taken: the codes of this app."""

from crm.rest.problems import PROBLEM_KINDS, ProblemKind

for _kind in (
    ProblemKind("identifier_taken", 409, "The identifier belongs to another customer"),
    ProblemKind("too_many_identifiers", 400, "The customer has as many identifiers as one can have"),
    ProblemKind("too_many_tags", 400, "The customer would wear more tags than one can"),
    ProblemKind("unknown_identifier_kind", 400, "The kind of identifier is not known"),
    ProblemKind("same_customer", 409, "A customer cannot be merged into itself"),
    ProblemKind("customer_merged", 409, "The customer was merged with another"),
    ProblemKind("merge_undone", 409, "The merge was undone before"),
    ProblemKind("note_of_staff", 403, "The note is not a program's"),
    ProblemKind("unknown_channel", 400, "The channel is not known"),
    ProblemKind("unknown_purpose", 400, "The purpose is not known"),
    ProblemKind("unknown_kind", 400, "The kind of entry is not known"),
    ProblemKind("unknown_status", 400, "The status is not known"),
    ProblemKind("scientific_id", 400, "An id was shortened by a spreadsheet"),
    ProblemKind("customer_unidentified", 400, "The customer has no identifier"),
    ProblemKind("unknown_attribute", 400, "The shop has no such attribute"),
    ProblemKind("unknown_choice", 400, "The attribute has no such choice"),
    ProblemKind("invalid_key", 400, "The key of an attribute cannot be used"),
    ProblemKind("key_taken", 409, "Another attribute has the key"),
    ProblemKind("unknown_type", 400, "The type of the attribute is not known"),
    ProblemKind("type_in_use", 409, "Customers have values of the former type"),
    ProblemKind("too_many_attributes", 409, "The shop has as many attributes as it can have"),
    ProblemKind("too_many_choices", 400, "Too many choices"),
    ProblemKind("no_choices", 400, "The attribute has no choices"),
    ProblemKind("needs_no_choices", 400, "An attribute of this type has no choices"),
    ProblemKind("duplicate_choice", 400, "Two choices are the same"),
    ProblemKind("semicolon_in_choice", 400, "A choice holds a semicolon"),
    ProblemKind("discount_too_large", 400, "A discount is larger than its line"),
    ProblemKind("duplicate_refund", 400, "Two refunds of one order have the same id"),
    ProblemKind("refund_too_large", 400, "The refunds are larger than the order"),
):
    PROBLEM_KINDS.register(_kind)
