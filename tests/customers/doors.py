from crm.shops.roles import ApiScope as Scope
from crm.shops.roles import Right
from customers.models import (
    Address,
    AttributeDefinition,
    Customer,
    CustomerKind,
    DuplicatePair,
    ExportJob,
    Identifier,
    ImportJob,
    Merge,
    Note,
    Order,
    Product,
    SignupForm,
    Suppression,
    Tag,
    Topic,
)
from tests.tenancy.door import api, page

# Route argument → (model, attribute) of the row whose value stands there, or the plain value.
PATH = {
    "customer_id": (Customer, "pk"),
    "order_id": (Order, "pk"),
    "product_id": (Product, "pk"),
    "merge_id": (Merge, "pk"),
    "pair_id": (DuplicatePair, "pk"),
    "note_id": (Note, "pk"),
    "attribute_id": (AttributeDefinition, "pk"),
    "kind_key": (CustomerKind, "key"),
    "address_id": (Address, "pk"),
    "tag_id": (Tag, "pk"),
    "topic_id": (Topic, "pk"),
    "form_id": (SignupForm, "pk"),
    "import_id": (ImportJob, "pk"),
    "export_id": (ExportJob, "pk"),
}

# Open to everybody.
# Links that are secrets, and what is for all: tests/customers/consent/test_preferences.py, tests/customers/signups.
OPEN = {"preferences", "signup_form", "signup_confirm", "brand"}

# Everything under /s/<slug>/ that is this app's.
PAGES = {
    "customers:list": page(GET=Right.SEE_CUSTOMERS),
    "customers:detail": page(GET=Right.SEE_CUSTOMERS),
    "customers:timeline": page(GET=Right.SEE_CUSTOMERS),
    "customers:tag_in_bulk": page(POST=Right.EDIT_CUSTOMERS),
    "customers:exports": page(GET=Right.EXPORT, POST=Right.EXPORT),
    "customers:new_export": page(GET=Right.EXPORT, POST=Right.EXPORT),
    "customers:export": page(GET=Right.EXPORT),
    "customers:export_file": page(GET=Right.EXPORT, fine=(404,)),  # The factory writes no file.
    "customers:edit": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:merge": page(GET=Right.MERGE_CUSTOMERS, POST=Right.MERGE_CUSTOMERS, fine=(200, 422)),
    "customers:duplicates": page(GET=Right.MERGE_CUSTOMERS),
    "customers:duplicate_search": page(GET=Right.MERGE_CUSTOMERS, POST=Right.MERGE_CUSTOMERS, fine=(302,)),
    "customers:duplicate": page(GET=Right.MERGE_CUSTOMERS, POST=Right.MERGE_CUSTOMERS),
    "customers:undo_merge": page(POST=Right.MERGE_CUSTOMERS),
    "customers:attributes": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:add_address": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:address": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:remove_address": page(POST=Right.EDIT_CUSTOMERS),
    "customers:provenance": page(GET=Right.SEE_CUSTOMERS),
    "customers:release": page(POST=Right.EDIT_CUSTOMERS, data={"release": "city"}),
    "customers:about": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "attributes:kinds": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "attributes:kind": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP, data={"label": "New"}),
    "attributes:settings": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "attributes:change": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "customers:contacts": page(POST=Right.SEE_CONTACTS),
    "customers:orders": page(GET=Right.SEE_CUSTOMERS),
    "customers:add_note": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:delete_note": page(POST=Right.EDIT_CUSTOMERS, fine=(403,)),  # Only its writer; the factory has none.
    "customers:add_tag": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:remove_tag": page(POST=Right.EDIT_CUSTOMERS),
    "customers:record_consent": page(GET=Right.RECORD_CONSENTS, POST=Right.RECORD_CONSENTS),
    "consents:settings": page(GET=Right.MANAGE_SHOP),
    "consents:add_topic": page(POST=Right.MANAGE_SHOP),
    "consents:topic": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "signups:forms": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "signups:new_form": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "signups:form": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "signups:list": page(GET=Right.SEE_CUSTOMERS),
    "consents:add_text": page(POST=Right.MANAGE_SHOP),
    "customers:products": page(GET=Right.SEE_CUSTOMERS),
    "customers:product": page(GET=Right.SEE_CUSTOMERS),
    "customers:order": page(GET=Right.SEE_CUSTOMERS),
    "customers:order_lines": page(GET=Right.SEE_CUSTOMERS),
    "imports:list": page(GET=Right.IMPORT, POST=Right.IMPORT),
    "imports:sample": page(POST=Right.IMPORT),
    "imports:template": page(GET=Right.IMPORT),
    "imports:job": page(GET=Right.IMPORT, POST=Right.IMPORT),
    "imports:heading": page(POST=Right.IMPORT),
    "imports:answer": page(POST=Right.IMPORT),
    "imports:run": page(POST=Right.IMPORT),
    "imports:cancel": page(POST=Right.IMPORT),
    "imports:undo": page(GET=Right.IMPORT, POST=Right.IMPORT),
    "imports:progress": page(GET=Right.IMPORT),
    "imports:rejected": page(GET=Right.IMPORT),
}

ORDER = {"external_id": "new", "placed_at": "2026-11-20T10:00:00Z", "currency": "GBP", "status": "paid", "lines": []}

# Everything under /api/v1/ that is this app's.
API = {
    "api-customer-list": api(GET=Scope.READ_CUSTOMERS, POST=Scope.WRITE_CUSTOMERS, data={"external_id": "new"}),
    "api-customer-bulk": api(POST=Scope.WRITE_CUSTOMERS, data={"customers": [{"external_id": "new"}]}),
    "api-customer-detail": api(
        GET=Scope.READ_CUSTOMERS, PATCH=Scope.WRITE_CUSTOMERS, path={"pk": (Customer, "pk")}, data={"city": "Leeds"}
    ),
    "api-customer-identifiers": api(
        GET=Scope.READ_CUSTOMERS,
        PUT=Scope.WRITE_CUSTOMERS,
        path={"pk": (Customer, "pk")},
        data={"identifiers": [{"kind": "email", "value": "new@example.com"}]},
    ),
    "api-customer-merge": api(
        POST=Scope.WRITE_CUSTOMERS, path={"pk": (Customer, "pk")}, data={"into": 1}, fine=(404, 409)
    ),
    "api-merge-undo": api(POST=Scope.WRITE_CUSTOMERS, path={"pk": (Merge, "pk")}, data={}),
    "api-customer-by-external-id": api(
        GET=Scope.READ_CUSTOMERS,
        path={"external_id": (Identifier, "value")},
        fine=(404,),  # The factory's identifier is an e-mail address, not an external id.
    ),
    "api-customer-notes": api(
        GET=Scope.READ_CUSTOMERS, POST=Scope.WRITE_CUSTOMERS, path={"pk": (Customer, "pk")}, data={"body": "New"}
    ),
    "api-customer-note": api(DELETE=Scope.WRITE_CUSTOMERS, path={"pk": (Customer, "pk"), "note": (Note, "pk")}),
    "api-customer-provenance": api(GET=Scope.READ_CUSTOMERS, path={"pk": (Customer, "pk")}),
    "api-customer-timeline": api(GET=Scope.READ_CUSTOMERS, path={"pk": (Customer, "pk")}),
    "api-customer-consents": api(GET=Scope.READ_CONSENTS, path={"pk": (Customer, "pk")}),
    "api-customer-may-contact": api(GET=Scope.READ_CONSENTS, path={"pk": (Customer, "pk")}, fine=(400,)),
    "api-suppression-list": api(
        GET=Scope.READ_CONSENTS,
        POST=Scope.WRITE_CONSENTS,
        DELETE=Scope.WRITE_CONSENTS,
        data={"email": "new@example.com"},
        fine=(200, 201, 400),
    ),
    "api-suppression-detail": api(DELETE=Scope.WRITE_CONSENTS, path={"pk": (Suppression, "pk")}),
    "api-attribute-list": api(
        GET=Scope.READ_CUSTOMERS, POST=Scope.WRITE_ATTRIBUTES, data={"key": "new", "label": "New", "type": "text"}
    ),
    "api-attribute-detail": api(
        GET=Scope.READ_CUSTOMERS,
        PATCH=Scope.WRITE_ATTRIBUTES,
        path={"pk": (AttributeDefinition, "pk")},
        data={"label": "Changed"},
    ),
    "api-customer-kind-list": api(
        GET=Scope.READ_CUSTOMERS, POST=Scope.WRITE_ATTRIBUTES, data={"key": "new", "label": "New"}
    ),
    "api-customer-kind-detail": api(
        GET=Scope.READ_CUSTOMERS,
        PATCH=Scope.WRITE_ATTRIBUTES,
        path={"pk": (CustomerKind, "key")},
        data={"label": "Changed"},
    ),
    "api-order-list": api(GET=Scope.READ_ORDERS, POST=Scope.WRITE_ORDERS, data=ORDER),
    "api-order-bulk": api(POST=Scope.WRITE_ORDERS, data={"orders": [ORDER]}),
    "api-order-detail": api(GET=Scope.READ_ORDERS, path={"pk": (Order, "pk")}),
    "api-order-by-external-id": api(GET=Scope.READ_ORDERS, path={"external_id": (Order, "external_id")}),
    "api-product-list": api(GET=Scope.READ_PRODUCTS, POST=Scope.WRITE_PRODUCTS, data={"external_id": "new"}),
    "api-product-bulk": api(POST=Scope.WRITE_PRODUCTS, data={"products": [{"external_id": "new"}]}),
    "api-product-detail": api(GET=Scope.READ_PRODUCTS, path={"pk": (Product, "pk")}),
    "api-product-by-external-id": api(GET=Scope.READ_PRODUCTS, path={"external_id": (Product, "external_id")}),
}
