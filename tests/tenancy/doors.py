"""Which door of the program opens to whom: the table the sweep walks (test_sweep.py).

Every route is here by its name. A new page costs one line:

    "customers:detail": page(GET=Right.SEE_CUSTOMERS),

`page(...)`: what each method in use asks of a member; ANY is every member of the shop. The rest follows from the rule:
nobody → the log-in page; a stranger, a member of another shop, another shop's id → the 404 of what does not exist;
a member without the right → 403. `api(...)` names the scope a key needs: no key → 401, no scope → 403.
Values for the path come from PATH by the name of the route's argument, or from the row's `path`.
"""

from dataclasses import dataclass, field

from crm.shops.models import ApiKey, Invitation, Membership
from crm.shops.roles import ApiScope, Right
from customers.models import Customer, ExportJob, Identifier, ImportJob, Note, Order, Product, Tag
from segmentation.models import ScoreRun

ANY = "any member"
Scope = ApiScope


@dataclass(frozen=True)
class Door:
    """methods: method → right or scope. path: argument → where its value comes from. data: what is sent with writes.

    fine: the answers a person who may gets with their own ids, where not the usual ones (FINE in test_sweep.py).
    """

    methods: dict
    path: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    fine: tuple = ()


def page(*, path=None, data=None, fine=(), **methods):
    return Door(methods, path or {}, data or {}, fine)


api = page

# Route argument → (model, attribute) of the row whose value stands there, or the plain value.
PATH = {
    "customer_id": (Customer, "pk"),
    "order_id": (Order, "pk"),
    "product_id": (Product, "pk"),
    "note_id": (Note, "pk"),
    "tag_id": (Tag, "pk"),
    "import_id": (ImportJob, "pk"),
    "export_id": (ExportJob, "pk"),
    "run_id": (ScoreRun, "pk"),
    "key_id": (ApiKey, "pk"),
    "membership_id": (Membership, "pk"),
    "invitation_id": (Invitation, "pk"),
}

# Everything under /s/<slug>/.
PAGES = {
    "overview": page(GET=ANY, fine=(200, 302)),  # who may not see it lands on the customers
    "jobs": page(GET=ANY),
    "jobs_ring": page(GET=ANY),
    "search": page(GET=ANY),
    "search_suggest": page(GET=ANY),
    "help": page(GET=ANY),
    "orders": page(GET=Right.SEE_CUSTOMERS),
    "insights:rfm": page(GET=Right.SEE_INSIGHTS),
    "insights:cohorts": page(GET=Right.SEE_INSIGHTS),
    "insights:forecast": page(GET=Right.SEE_INSIGHTS),
    "insights:progress": page(GET=Right.SEE_INSIGHTS),
    "insights:score": page(POST=Right.SCORE),
    "settings:index": page(GET=ANY, fine=(302,)),  # on to the first page this person may see
    "settings:shop": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "scoring:settings": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "settings:staff": page(GET=Right.MANAGE_STAFF, POST=Right.MANAGE_STAFF),
    "settings:role": page(POST=Right.MANAGE_STAFF),
    "settings:remove": page(POST=Right.MANAGE_STAFF),
    "settings:resend": page(POST=Right.MANAGE_STAFF),
    "settings:invitation-link": page(POST=Right.MANAGE_STAFF, fine=(201,)),
    "settings:revoke": page(POST=Right.MANAGE_STAFF),
    "settings:keys": page(GET=Right.MANAGE_KEYS, POST=Right.MANAGE_KEYS),
    "settings:key-rotate": page(POST=Right.MANAGE_KEYS),
    "settings:key-revoke": page(POST=Right.MANAGE_KEYS),
    "settings:security": page(GET=ANY),
    "settings:require-two-steps": page(POST=Right.SET_SECURITY),
    "settings:two-step": page(GET=ANY, fine=(302,)),  # nobody here is asked to set it up
    "settings:leave": page(POST=ANY),
    "settings:audit": page(GET=Right.SEE_AUDIT),
    "customers:list": page(GET=Right.SEE_CUSTOMERS),
    "customers:detail": page(GET=Right.SEE_CUSTOMERS),
    "customers:timeline": page(GET=Right.SEE_CUSTOMERS),
    "customers:tag_in_bulk": page(POST=Right.EDIT_CUSTOMERS),
    "customers:exports": page(GET=Right.EXPORT, POST=Right.EXPORT),
    "customers:export": page(GET=Right.EXPORT),
    "customers:export_file": page(GET=Right.EXPORT, fine=(404,)),  # The factory writes no file.
    "customers:edit": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:contacts": page(POST=Right.SEE_CONTACTS),
    "customers:orders": page(GET=Right.SEE_CUSTOMERS),
    "customers:add_note": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:delete_note": page(POST=Right.EDIT_CUSTOMERS, fine=(403,)),  # Only its writer; the factory has none.
    "customers:add_tag": page(GET=Right.EDIT_CUSTOMERS, POST=Right.EDIT_CUSTOMERS),
    "customers:remove_tag": page(POST=Right.EDIT_CUSTOMERS),
    "customers:order": page(GET=Right.SEE_CUSTOMERS),
    "customers:order_lines": page(GET=Right.SEE_CUSTOMERS),
    "imports:list": page(GET=Right.IMPORT, POST=Right.IMPORT),
    "imports:job": page(GET=Right.IMPORT, POST=Right.IMPORT),
    "imports:run": page(POST=Right.IMPORT),
    "imports:cancel": page(POST=Right.IMPORT),
    "imports:progress": page(GET=Right.IMPORT),
    "imports:rejected": page(GET=Right.IMPORT),
}

ORDER = {"external_id": "new", "placed_at": "2026-11-20T10:00:00Z", "currency": "GBP", "status": "paid", "lines": []}

# Everything under /api/v1/.
API = {
    "api-customer-list": api(GET=Scope.READ_CUSTOMERS, POST=Scope.WRITE_CUSTOMERS, data={"external_id": "new"}),
    "api-customer-bulk": api(POST=Scope.WRITE_CUSTOMERS, data={"customers": [{"external_id": "new"}]}),
    "api-customer-detail": api(
        GET=Scope.READ_CUSTOMERS, PATCH=Scope.WRITE_CUSTOMERS, path={"pk": (Customer, "pk")}, data={"city": "Leeds"}
    ),
    "api-customer-by-external-id": api(
        GET=Scope.READ_CUSTOMERS,
        path={"external_id": (Identifier, "value")},
        fine=(404,),  # The factory's identifier is an e-mail address, not an external id.
    ),
    "api-order-list": api(GET=Scope.READ_ORDERS, POST=Scope.WRITE_ORDERS, data=ORDER),
    "api-order-bulk": api(POST=Scope.WRITE_ORDERS, data={"orders": [ORDER]}),
    "api-order-detail": api(GET=Scope.READ_ORDERS, path={"pk": (Order, "pk")}),
    "api-order-by-external-id": api(GET=Scope.READ_ORDERS, path={"external_id": (Order, "external_id")}),
    "api-product-list": api(GET=Scope.READ_PRODUCTS, POST=Scope.WRITE_PRODUCTS, data={"external_id": "new"}),
    "api-product-bulk": api(POST=Scope.WRITE_PRODUCTS, data={"products": [{"external_id": "new"}]}),
    "api-product-detail": api(GET=Scope.READ_PRODUCTS, path={"pk": (Product, "pk")}),
    "api-product-by-external-id": api(GET=Scope.READ_PRODUCTS, path={"external_id": (Product, "external_id")}),
    "api-score-list": api(GET=Scope.READ_SCORES),
    "api-score-detail": api(GET=Scope.READ_SCORES, path={"pk": (Customer, "pk")}),
}

# Open to everybody, and no shop's rows behind them.
OPEN = {
    "healthz",
    "readyz",
    "api-docs",
    "api-schema",
    "api-unknown",
    "styleguide",
    "set_language",
    "favicon",
    "invitation",  # the token opens it; the shop's name is all it shows
    "invitation-link",  # the same, by its other token
}

# Outside every shop, for people who are logged in: their own account, the list of their shops.
LOGGED_IN = {"home", "shop-new"}

# Routes of libraries, by the beginning of their names; they have their own log-in rules, and no shop's rows.
LIBRARIES = ("account_", "mfa_", "usersessions_")

# Celery tasks that work for all shops at once, by a function that returns ids only or as crm_platform, each reviewed.
TASKS_OF_ALL_SHOPS = {"crm.tick", "crm.clean_up"}

# SQL files that name no shop, each with the reason.
SQL_WITHOUT_SHOP = {}
