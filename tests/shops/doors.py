from crm.shops.models import ApiKey, Invitation, Membership
from crm.shops.roles import Right
from tests.tenancy.door import ANY, page

# Route argument → (model, attribute) of the row whose value stands there, or the plain value.
PATH = {
    "key_id": (ApiKey, "pk"),
    "membership_id": (Membership, "pk"),
    "invitation_id": (Invitation, "pk"),
}

# Everything under /s/<slug>/ that is this app's.
PAGES = {
    "settings:index": page(GET=ANY, fine=(302,)),  # on to the first page this person may see
    "settings:shop": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
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
}

# Open to everybody, and no shop's rows behind them.
OPEN = {
    "healthz",
    "readyz",
    "invitation",  # the token opens it; the shop's name is all it shows
    "invitation-link",  # the same, by its other token
}

# Outside every shop, for people who are logged in: their own account, the list of their shops.
LOGGED_IN = {"home", "shop-new"}

# Routes of libraries, by the beginning of their names; they have their own log-in rules, and no shop's rows.
LIBRARIES = {"account_", "mfa_", "usersessions_"}
