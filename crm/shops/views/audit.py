"""The audit log."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crm.lib.keyset import BadCursor
from crm.shops.access import requires
from crm.shops.audit.chain import verify_chain
from crm.shops.audit.log import audit_page, filtered
from crm.shops.forms import AuditFilterForm
from crm.shops.middleware import ShopRequest
from crm.shops.models import AuditHead, Membership
from crm.shops.roles import Right

# Up to here the whole chain is walked on every visit; a longer one is walked when asked for.
WALKED_AT_ONCE = 1_000


@require_safe
@requires(Right.SEE_AUDIT)
def audit(request: ShopRequest, shop_slug: str) -> HttpResponse:
    members = Membership.objects.select_related("user").order_by("user__email")
    form = AuditFilterForm([(each.user_id, str(each.user)) for each in members], request.GET)
    form.is_valid()
    since, before = form.bounds(request.shop)
    action, person = form.cleaned_data.get("action") or "", form.cleaned_data.get("person")
    entries = filtered(action=action, person=person, since=since, before=before)
    try:
        page = audit_page(entries, request.GET.get("cursor", ""))
    except BadCursor:
        return redirect("settings:audit", shop_slug=shop_slug)
    context = {
        "page": page,
        "filters": form,
        "is_filtered": any([action, person, since, before]),
    }
    return render(request, "settings/audit.html", context | _proof(request))


def _proof(request: ShopRequest) -> dict[str, Any]:
    """Whether the chain of hashes is whole, in words; only the offer to look where that takes long."""
    head = AuditHead.objects.first()
    if head is not None and head.seq > WALKED_AT_ONCE and "verify" not in request.GET:
        return {"may_verify": True}
    count, fault = verify_chain()
    if fault is None:
        whole = ngettext(
            "The chain is whole: %(count)s entry verified.", "The chain is whole up to entry %(count)s.", count
        )
        return {"proof": whole % {"count": count}, "proof_kind": "positive"}
    broken = _("The chain is broken at entry %(seq)s (%(kind)s). Tell whoever runs this installation.")
    return {"proof": broken % {"seq": fault.seq, "kind": fault.kind}, "proof_kind": "danger"}
