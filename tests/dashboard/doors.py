from crm.shops.roles import Right
from tests.tenancy.door import ANY, page

# Everything under /s/<slug>/ that is this app's.
PAGES = {
    "overview": page(GET=ANY, fine=(200, 302)),  # who may not see it lands on the customers
    "jobs": page(GET=ANY),
    "jobs_ring": page(GET=ANY),
    "search": page(GET=ANY),
    "search_suggest": page(GET=ANY),
    "help": page(GET=ANY),
    "orders": page(GET=Right.SEE_CUSTOMERS),
}
