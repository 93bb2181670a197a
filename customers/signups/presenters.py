"""What staff see of sign-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from crm.shops.models import Shop
from crm.tenancy.hiding import contacts_hidden
from customers.consent.channels import purposes_asked
from customers.models import Signup, SignupForm
from customers.queries import owners_of
from customers.signups.links import form_url

PAGE = 50
CHIPS: Mapping[str, str] = {
    Signup.State.WAITING: "warning",
    Signup.State.CONFIRMED: "positive",
    Signup.State.SPAM: "danger",
}


@dataclass(frozen=True)
class FormRow:
    """A form, where it is, and how many have come by it."""

    form: SignupForm
    url: str
    confirmed: int
    waiting: int


def form_rows(shop: Shop) -> list[FormRow]:
    counted = SignupForm.objects.annotate(
        confirmed=Count("signups", filter=Q(signups__state=Signup.State.CONFIRMED, signups__shop=shop.pk)),
        waiting=Count("signups", filter=Q(signups__state=Signup.State.WAITING, signups__shop=shop.pk)),
    )
    return [
        FormRow(form, form_url(shop, form), form.confirmed, form.waiting)
        for form in counted.select_related("text").order_by("name", "pk")
    ]


@dataclass(frozen=True)
class SignupRow:
    """One sending. customer_id: whose the address is now; None for nobody's."""

    email: str
    name: str
    form: str
    purposes: str
    sent_at: datetime
    state: str
    chip: str
    note: str
    customer_id: int | None


@dataclass(frozen=True)
class SignupPage:
    """state: the filter, "" for all; form: another, None for all. older: the number from which the next page goes on,
    None on the last.
    """

    rows: Sequence[SignupRow]
    state: str
    form: SignupForm | None
    states: Sequence[tuple[str, str]]
    older: int | None


def signup_page(*, state: str, form: str, before: str) -> SignupPage:
    """Parameters as the address has them; one that cannot be read asks nothing."""
    state = state if state in Signup.State.values else ""
    form_id, before_id = _id(form), _id(before)
    only = None if form_id is None else SignupForm.objects.filter(pk=form_id).first()
    rows = Signup.objects.select_related("form").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if only is not None:
        rows = rows.filter(form=only)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    owners, labels = _owners(shown), purposes_asked()
    return SignupPage(
        [_row(signup, owners, labels) for signup in shown],
        state,
        only,
        [(value, str(label)) for value, label in Signup.State.choices],
        shown[-1].pk if len(found) > PAGE else None,
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _owners(shown: Sequence[Signup]) -> dict[int, int]:
    """The customer of each sign-up that has one. By whole addresses: a mask would be nobody's."""
    with contacts_hidden(False):
        emails = dict(Signup.objects.filter(pk__in=[each.pk for each in shown]).values_list("pk", "email"))
    customers = owners_of("email", emails.values())
    return {pk: customers[email] for pk, email in emails.items() if email in customers}


def _row(signup: Signup, owners: Mapping[int, int], labels: Mapping[str, str]) -> SignupRow:
    return SignupRow(
        email=signup.email,
        name=signup.name,
        form=signup.form.name,
        purposes=" · ".join(labels.get(purpose, purpose) for purpose in signup.purposes),
        sent_at=signup.sent_at,
        state=signup.get_state_display(),
        chip=CHIPS[signup.state],
        note=signup.get_note_display() if signup.note else "",
        customer_id=owners.get(signup.pk),
    )
