"""Members, invitations, and the table of what each role may do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.core.internal import ratelimit
from allauth.core.ratelimit import respond_429
from django.conf import settings as project
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.lib import mail_files
from crm.shops import staff as people
from crm.shops.access import requires
from crm.shops.forms import InvitationForm, RoleForm, role_choices
from crm.shops.middleware import ShopRequest
from crm.shops.models import Invitation, Membership
from crm.shops.roles import RIGHT_LABELS, RIGHTS_OF, Right, Role, may_grant
from crm.tenancy.scope import shop_scope
from crm.ui import formats
from crm.ui.parts import Column


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_STAFF)
def staff(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = InvitationForm(request.membership.role, request.POST or None)
    if request.method == "POST" and form.is_valid() and _invited(request, form):
        return redirect("settings:staff", shop_slug=shop_slug)
    return render(request, "settings/staff.html", _context(request, form), status=422 if form.errors else 200)


def _invited(request: ShopRequest, form: InvitationForm) -> bool:
    data = form.cleaned_data
    try:
        with shop_scope(request.shop):
            invited = people.invite(request.shop, email=data["email"], role=data["role"], by=request.user, now=now())
    except people.AlreadyMember:
        form.add_error("email", _("This person works in the shop already."))
    except people.NotAllowed:
        form.add_error("role", _("Your own role does not reach that far."))
    except people.TooManyInvitations as error:
        form.add_error("email" if error.is_address else None, _too_many(error))
    except IntegrityError:
        form.add_error("email", _("Somebody has just invited this person."))
    else:
        _say_whether_sent(request, invited)
        return True
    return False


def _too_many(error: people.TooManyInvitations) -> str:
    words = (
        _("This address was sent %(limit)s invitations within a day. The next can go on %(at)s.")
        if error.is_address
        else _("This shop has sent %(limit)s invitations within an hour. The next can go on %(at)s.")
    )
    return words % {"limit": error.limit, "at": formats.moment(error.until)}


def _say_whether_sent(request: ShopRequest, invitation: Invitation) -> None:
    """After the commit, where the action has sent the mail: the answer is not yet on its way then."""

    def say() -> None:
        email = {"email": invitation.email}
        if invitation.sent_at and mail_files.shown_folder():
            messages.success(request, _("The invitation to %(email)s was written to a file.") % email)
        elif invitation.sent_at:
            messages.success(request, _("The invitation to %(email)s is on its way.") % email)
        else:
            messages.error(
                request, _("The mail to %(email)s could not be sent. Send it again in a few minutes.") % email
            )

    transaction.on_commit(say, robust=True)


@dataclass(frozen=True)
class MemberRow:
    """One member as the page lists them. may_change: the reader's role reaches that far.

    dialog: the id of the question before they are removed.
    """

    membership: Membership
    is_me: bool
    may_change: bool
    dialog: str


@dataclass(frozen=True)
class InvitationRow:
    """One invitation that waits, or has run out; may_change: as for a member."""

    invitation: Invitation
    is_open: bool
    may_change: bool


def _context(request: ShopRequest, form: InvitationForm) -> dict[str, Any]:
    own = request.membership.role
    members = [
        MemberRow(each, each.pk == request.membership.pk, may_grant(own, each.role), f"remove-{each.pk}")
        for each in Membership.objects.select_related("user").order_by("created_at", "pk")
    ]
    waiting = Invitation.objects.select_related("invited_by").filter(accepted_at=None, revoked_at=None)
    invitations = [
        InvitationRow(each, each.is_open(now()), may_grant(own, each.role))
        for each in waiting.order_by("-created_at", "-pk")
    ]
    rights = [
        [label, *("✓" if right in RIGHTS_OF[role] else "–" for role in Role)] for right, label in RIGHT_LABELS.items()
    ]
    return {
        "form": form,
        "members": members,
        "invitations": invitations,
        "roles": role_choices(own),
        "right_columns": [Column(_("Right")), *(Column(role.label) for role in Role)],
        "right_rows": rights,
    }


@require_POST
@requires(Right.MANAGE_STAFF)
def change_role(request: ShopRequest, shop_slug: str, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("user"), pk=membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such role."))
        return redirect("settings:staff", shop_slug=shop_slug)
    role = Role(form.cleaned_data["role"])
    done = _try(request, lambda: people.change_role(membership, role=role, by=request.user))
    if done:
        messages.success(request, _("%(person)s: %(role)s.") % {"person": membership.user, "role": role.label})
    return redirect("settings:staff", shop_slug=shop_slug)


@require_POST
@requires(Right.MANAGE_STAFF)
def remove(request: ShopRequest, shop_slug: str, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("user"), pk=membership_id)
    if _try(request, lambda: people.remove_member(membership, by=request.user)):
        messages.success(request, _("%(person)s no longer works in this shop.") % {"person": membership.user})
    is_me = membership.pk == request.membership.pk
    return redirect("home") if is_me else redirect("settings:staff", shop_slug=shop_slug)


@require_POST
@requires(Right.MANAGE_STAFF)
def resend(request: ShopRequest, shop_slug: str, invitation_id: int) -> HttpResponse:
    """A new link to the same address; the old one ends."""
    old = _waiting(invitation_id)

    def again() -> None:
        invited = people.invite(request.shop, email=old.email, role=old.role, by=request.user, now=now())
        _say_whether_sent(request, invited)

    _try(request, again)
    return redirect("settings:staff", shop_slug=shop_slug)


@never_cache
@require_POST
@requires(Right.MANAGE_STAFF)
def make_link(request: ShopRequest, shop_slug: str, invitation_id: int) -> HttpResponse:
    """No redirect: the link is nowhere kept, so this answer is the only place where it can stand."""
    waiting, tokens = _waiting(invitation_id), list[str]()
    if not ratelimit.consume(request, app="allauth.account", action="invitation_link"):
        too_often: HttpResponse = respond_429(request)
        return too_often
    if not _try(request, lambda: tokens.append(people.make_link(waiting, by=request.user, now=now()))):
        return redirect("settings:staff", shop_slug=shop_slug)
    path = reverse("invitation-link", kwargs={"shop_slug": shop_slug, "token": tokens[0]})
    words = {"invitation": waiting, "link": f"{project.BASE_URL}{path}"}
    return render(request, "settings/link_shown.html", words, status=201)


@require_POST
@requires(Right.MANAGE_STAFF)
def revoke(request: ShopRequest, shop_slug: str, invitation_id: int) -> HttpResponse:
    old = _waiting(invitation_id)
    if _try(request, lambda: people.revoke_invitation(old, by=request.user, now=now())):
        messages.success(request, _("The invitation to %(email)s was taken back.") % {"email": old.email})
    return redirect("settings:staff", shop_slug=shop_slug)


def _waiting(invitation_id: int) -> Invitation:
    invitation = Invitation.objects.filter(pk=invitation_id, accepted_at=None, revoked_at=None).first()
    if invitation is None:
        raise Http404
    return invitation


def _try(request: ShopRequest, action: Callable[[], object]) -> bool:
    """Run it in a savepoint; what the rules forbid becomes a message."""
    try:
        with shop_scope(request.shop):
            action()
    except people.LastOwner:
        messages.error(request, _("A shop needs an owner. Make somebody else an owner first."))
    except people.NotAllowed:
        messages.error(request, _("Your own role does not reach that far."))
    except people.AlreadyMember:
        messages.error(request, _("This person works in the shop already."))
    except people.TooManyInvitations as error:
        messages.error(request, _too_many(error))
    except people.InvitationNotOpen:
        messages.error(request, _("This invitation was used or taken back meanwhile, or is too old."))
    else:
        return True
    return False
