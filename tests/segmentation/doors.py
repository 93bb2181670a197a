from crm.shops.roles import ApiScope as Scope
from crm.shops.roles import Right
from customers.models import Customer
from segmentation.models import ScoreRun
from tests.tenancy.door import api, page

# Route argument → (model, attribute) of the row whose value stands there, or the plain value.
PATH = {"run_id": (ScoreRun, "pk")}

# Everything under /s/<slug>/ that is this app's.
PAGES = {
    "insights:rfm": page(GET=Right.SEE_INSIGHTS),
    "insights:cohorts": page(GET=Right.SEE_INSIGHTS),
    "insights:forecast": page(GET=Right.SEE_INSIGHTS),
    "insights:progress": page(GET=Right.SEE_INSIGHTS),
    "scoring:settings": page(GET=Right.MANAGE_SHOP, POST=Right.MANAGE_SHOP),
    "insights:score": page(POST=Right.SCORE),
}

# Everything under /api/v1/ that is this app's.
API = {
    "api-score-list": api(GET=Scope.READ_SCORES),
    "api-score-detail": api(GET=Scope.READ_SCORES, path={"pk": (Customer, "pk")}),
}
