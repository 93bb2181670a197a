"""The pages that anybody may open: a shop's form, the link of the mail that confirms, the shop's colour. No cookie is
set or asked for."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from crm.shops.models import Shop
from crm.shops.queries import shop_called
from crm.tenancy.scope import shop_scope
from customers.consent.channels import purposes_asked
from customers.consent.limits import NO_SHOP, is_too_often, too_often
from customers.consent.links import token_of
from customers.domain.colours import button, is_colour
from customers.domain.identity import mailbox
from customers.models import ConsentSettings, ConsentText, Customer, Signup, SignupForm
from customers.queries import owner_of
from customers.signups import actions, guards, links
from customers.signups.forms import AnswerForm, may_lead_to, offered
from customers.signups.mails import nudge_soon

DONE = "done"  # in the query, once the form is sent
CARDS = {"light": "#ffffff", "dark": "#1b2027"}  # --card of crm/ui/static/css/tokens.css


def _for_anybody(page: Any) -> Any:
    """No session stands behind it, so a foreign page could make a browser do nothing in somebody's name."""
    for decorate in (require_http_methods(["GET", "HEAD", "POST"]), never_cache, login_not_required, csrf_exempt):
        page = decorate(page)
    return page


@_for_anybody
def signup_form(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A form of a shop. One and the same answer where there is no such shop, no such form, or it is closed."""
    shop = shop_called(slug)
    shop_id = shop.pk if shop else NO_SHOP
    is_post = request.method == "POST"
    if is_too_often(request, "signup_page", shop_id) or (is_post and is_too_often(request, "signup_sent", shop_id)):
        return too_often(request)
    if shop is None:
        return _no_form(request)
    with shop_scope(shop), timezone.override(shop.zone):
        form = SignupForm.objects.filter(code=code, is_open=True).select_related("text").first()
        if form is None or not offered(form):
            return _no_form(request)
        with translation.override(form.language):
            return _sent(request, shop, form) if is_post else _shown(request, shop, form)


def _no_form(request: HttpRequest) -> HttpResponse:
    return render(request, "customers/signup_gone.html", status=404)


def _shown(request: HttpRequest, shop: Shop, form: SignupForm) -> HttpResponse:
    if DONE in request.GET:
        return _thanks(request, shop, form)
    return _form_page(request, shop, form, form.text, AnswerForm(shop, form, form.text))


def _sent(request: HttpRequest, shop: Shop, form: SignupForm) -> HttpResponse:
    moment = timezone.now()
    try:
        shown = guards.read_mark(request.POST.get("mark", ""), form, now=moment)
        text = ConsentText.objects.get(pk=shown.text_id)
    except (guards.NotShown, ConsentText.DoesNotExist):
        answers = AnswerForm(shop, form, form.text, request.POST)
        answers.full_clean()
        answers.add_error(None, _("This page was open for too long. Please look at it once more, and send it again."))
        return _form_page(request, shop, form, form.text, answers)
    answers = AnswerForm(shop, form, text, request.POST)
    if not answers.is_valid():
        return _form_page(request, shop, form, text, answers)
    sent = answers.sent(ip=get_adapter().get_client_ip(request))
    note = guards.spam_note(request, shown, now=moment)
    if not note and not ratelimit.consume(
        request, app="allauth.account", action="signup_mail", key=mailbox(sent.email)
    ):
        note = Signup.Note.TOO_MANY
    actions.take_in(form, sent, note=note, now=moment)
    nudge_soon(shop.pk)
    settings = ConsentSettings.current()
    if may_lead_to(form.redirect_url, settings):
        return HttpResponseRedirect(form.redirect_url)
    return HttpResponseRedirect(f"{request.path}?{DONE}")


def _form_page(
    request: HttpRequest, shop: Shop, form: SignupForm, text: ConsentText, answers: AnswerForm
) -> HttpResponse:
    settings = ConsentSettings.current()
    context = _frame(shop) | {
        "signup_form": form,
        "form": answers,
        "text": text,
        "mark": guards.mark(form, now=timezone.now()),
        "trap": guards.TRAP,
    }

    def page(request: HttpRequest) -> HttpResponse:
        return render(request, "customers/signup_form.html", context, status=422 if answers.errors else 200)

    if may_lead_to(form.redirect_url, settings):
        # Browsers ask the policy of the page that sends a form also for where the answer leads.
        host = form.redirect_url.split("/")[2]
        page = csp_update({"form-action": [f"https://{host}"]})(page)
    return page(request)


def _thanks(request: HttpRequest, shop: Shop, form: SignupForm) -> HttpResponse:
    context = _frame(shop) | {"signup_form": form, "is_by_mail": ConsentSettings.current().double_opt_in}
    return render(request, "customers/signup_thanks.html", context)


def _frame(shop: Shop) -> dict[str, Any]:
    return {"shop_name": shop.name, "colour": ConsentSettings.current().colour}


@_for_anybody
def signup_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows and changes nothing: mail scanners open every link. POST confirms. A link that is none of ours, of
    somebody who is gone, or too old gets one and the same answer, whatever was wrong with it.
    """
    try:
        link = links.read_token(token)
    except links.BadLink:
        return too_often(request) if is_too_often(request, "bad_link", NO_SHOP) else _bad_link(request)
    if is_too_often(request, "signup_page", link.shop_id):
        return too_often(request)
    shop = Shop.objects.filter(pk=link.shop_id).first()
    if shop is None:
        return _bad_link(request)
    with shop_scope(shop), timezone.override(shop.zone):
        signup = Signup.objects.filter(pk=link.signup_id).select_related("form", "text").first()
        if signup is None or signup.state == Signup.State.SPAM:
            return _bad_link(request)
        with translation.override(signup.form.language):
            if request.method == "POST":
                actions.confirm(signup, ip=get_adapter().get_client_ip(request), now=timezone.now())
                signup.refresh_from_db(fields=["state"])
                if signup.state != Signup.State.CONFIRMED:
                    return _bad_link(request)
            return _confirmed(request, shop, signup)


def _bad_link(request: HttpRequest) -> HttpResponse:
    return render(request, "customers/preferences_gone.html", status=404)


def _confirmed(request: HttpRequest, shop: Shop, signup: Signup) -> HttpResponse:
    labels = purposes_asked()
    context = _frame(shop) | {
        "signup_form": signup.form,
        "text": signup.text,
        "purposes": [labels.get(purpose, purpose) for purpose in signup.purposes],
        "is_confirmed": signup.state == Signup.State.CONFIRMED,
    }
    if context["is_confirmed"]:
        known = owner_of("email", signup.email)
        customer = None if known is None else Customer.objects.filter(pk=known).first()
        if customer is not None:
            own = token_of(customer, actions.CHANNEL, signup.purposes[0])
            context["own_page"] = reverse("preferences", args=[own])
    return render(request, "customers/signup_confirm.html", context)


@login_not_required
@require_safe
def brand(request: HttpRequest, colour: str) -> HttpResponse:
    """The style sheet of a colour: the pages' policy allows no style inside them. It says nothing of any shop."""
    if not is_colour(f"#{colour}"):
        raise Http404
    light, dark = (button(f"#{colour}", ground=ground) for ground in CARDS.values())
    rule = "{{--accent:{0.fill};--accent-deep:{0.fill};--on-accent:{0.words}}}\n"
    style = ':root,[data-bs-theme="light"]' + rule.format(light) + '[data-bs-theme="dark"]' + rule.format(dark)
    return HttpResponse(style, content_type="text/css", headers={"Cache-Control": "public, max-age=86400"})
