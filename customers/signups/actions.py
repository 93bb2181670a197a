"""What can happen to sign-up forms and to what is sent with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.models.functions import Now

from crm.shops.audit.chain import Actor, record
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import current_shop_id
from customers.consent.hashing import address_hash
from customers.consent.recording import ConsentIn, append
from customers.domain.consent import GRANTED, PENDING, WITHDRAWN
from customers.domain.identity import Normal, given_of, mailbox
from customers.ingest import Engine
from customers.models import (
    Consent,
    ConsentSettings,
    ConsentText,
    Customer,
    Identifier,
    Signup,
    SignupForm,
    Suppression,
    Through,
)
from customers.queries import owner_of
from customers.upserts import Details, change_customer, person_of_email
from customers.writers import writer

CHANNEL = "email"  # what a form asks consent for

# Forms and settings


class CodeTaken(ValueError):
    """The shop has a form of this code."""


def add_form(fields: dict[str, Any], *, by: Actor, now: datetime) -> SignupForm:
    """fields: columns of SignupForm, all that have no default. Raises CodeTaken."""
    try:
        with transaction.atomic():
            form = SignupForm.objects.create(shop_id=current_shop_id(), created_at=now, **fields)
    except IntegrityError:
        raise CodeTaken(fields["code"]) from None
    record("signup_form.added", form, by=by)
    return form


@transaction.atomic
def change_form(form: SignupForm, fields: dict[str, Any], *, by: Actor) -> bool:
    """Return whether anything changed. The code never does: addresses and consents name it."""
    return _change(form, fields, "signup_form.changed", by=by)


@transaction.atomic
def change_settings(fields: dict[str, Any], *, by: Actor) -> bool:
    """Of the shop in scope; return whether anything changed."""
    settings, _made = ConsentSettings.objects.get_or_create(shop_id=current_shop_id())
    return _change(settings, fields, "consent_settings.changed", by=by)


def _change(row: Any, fields: dict[str, Any], action: str, *, by: Actor) -> bool:
    changed = sorted(name for name, value in fields.items() if getattr(row, name) != value)
    if not changed:
        return False
    for name in changed:
        setattr(row, name, fields[name])
    row.save(update_fields=changed)
    record(action, row, by=by, details={"fields": changed})
    return True


# What is sent


@dataclass(frozen=True)
class Sent:
    """What somebody has filled in, checked: address and number in their normal forms, "" for what was not asked."""

    email: str
    purposes: Sequence[str]
    text: ConsentText
    name: str = ""
    phone: str = ""
    ip: str | None = None


def take_in(form: SignupForm, sent: Sent, *, note: str = "", now: datetime) -> Signup:
    """Keep it. A worker does the rest, so that the answer takes as long for an address we know as for any other.

    note: a Signup.Note; with one of them nothing more is to be done, and all but TOO_MANY are spam.
    """
    is_spam = note not in ("", Signup.Note.TOO_MANY)
    return Signup.objects.create(
        shop_id=form.shop_id,
        form=form,
        state=Signup.State.SPAM if is_spam else Signup.State.WAITING,
        note=note,
        purposes=list(sent.purposes),
        text=sent.text,
        email=sent.email,
        email_given=given_of(sent.email),
        name=sent.name,
        phone=sent.phone,
        phone_given=given_of(sent.phone),
        ip=sent.ip,
        sent_at=now,
        due_at=None if note else now,
    )


# The worker's part

ATTEMPTS, AGAIN_AFTER = 5, timedelta(minutes=2)
# Anybody can type anybody's address: a mailbox gets few of our mails. What a shop sends beyond its bound goes later.
ADDRESS_LIMITS = ((timedelta(hours=1), 2), (timedelta(days=1), 4))
SHOP_LIMIT, SHOP_WINDOW, SHOP_PAUSE = 300, timedelta(hours=1), timedelta(minutes=5)


@transaction.atomic
def take_up(*, now: datetime) -> Signup | None:
    """Do what is next in the shop in scope, and return it if a mail has to go out for it, else None.

    Until `note_mailed` it is due again in a while: a worker that dies between the two costs a second mail, not the
    only one.
    """
    _be_alone(now)
    due = Signup.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=Now())
    signup = due.select_related("form", "text").order_by("due_at", "pk").first()
    if signup is None:
        return None
    if signup.attempts >= ATTEMPTS:
        _leave(signup, Signup.Note.NOT_SENT)
        return None
    if _is_suppressed(signup.email):
        _leave(signup, Signup.Note.SUPPRESSED)
        return None
    customer_id = owner_of("email", signup.email)
    said = _states(customer_id)
    if not ConsentSettings.current().double_opt_in and not _has_withdrawn(signup, said):
        _let_in(signup, ip=signup.ip, is_proved=False, now=now)
        return None
    if _has_enough(signup.email, now=now):
        _leave(signup, Signup.Note.TOO_MANY)
        return None
    if Signup.objects.filter(mailed_at__gt=now - SHOP_WINDOW).count() >= SHOP_LIMIT:
        signup.due_at = now + SHOP_PAUSE
        signup.save(update_fields=["due_at"])
        return None
    if customer_id is not None:
        append(_asked(signup, customer_id, said), now=now)
    signup.attempts += 1
    signup.due_at = now + AGAIN_AFTER * signup.attempts
    signup.save(update_fields=["attempts", "due_at"])
    return signup


def note_mailed(signup: Signup, *, now: datetime) -> None:
    """The mail server has taken it."""
    Signup.objects.filter(pk=signup.pk).update(mailed_at=now, due_at=None)


def _leave(signup: Signup, note: str) -> None:
    signup.note, signup.due_at = note, None
    signup.save(update_fields=["note", "due_at"])


def _be_alone(now: datetime) -> None:
    """First of all: whoever erases or merges a person takes this lock and then the rows that we lock."""
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()


def _is_suppressed(email: str) -> bool:
    hashed = address_hash(current_shop_id(), "email", email)
    return Suppression.objects.filter(kind="email", address_hash=hashed).exists()


def _has_enough(email: str, *, now: datetime) -> bool:
    mails = Signup.objects.filter(mailbox=mailbox(email))
    return any(mails.filter(mailed_at__gt=now - window).count() >= most for window, most in ADDRESS_LIMITS)


def _states(customer_id: int | None) -> dict[str, str]:
    """What counts of the customer by e-mail, by purpose."""
    return dict(Consent.objects.filter(customer=customer_id, channel=CHANNEL).values_list("purpose", "state"))


def _has_withdrawn(signup: Signup, said: dict[str, str]) -> bool:
    """Who has said no is not signed up again by somebody who knows their address: they are asked by mail."""
    return any(said.get(purpose) == WITHDRAWN for purpose in signup.purposes)


def _asked(signup: Signup, customer_id: int, said: dict[str, str]) -> list[ConsentIn]:
    """What waits to be confirmed, where they have said nothing yet: who only types an address overturns nothing."""
    wanted = [purpose for purpose in signup.purposes if purpose not in said]
    return [
        _said(signup, customer_id, purpose, PENDING, ip=signup.ip)._replace(at=signup.sent_at) for purpose in wanted
    ]


def _said(signup: Signup, customer_id: int, purpose: str, state: str, *, ip: str | None, more: str = "") -> ConsentIn:
    evidence = f"sign-up {signup.pk}: sent {signup.sent_at:%Y-%m-%dT%H:%M:%SZ}{more}"
    version = signup.text.version
    return ConsentIn(customer_id, CHANNEL, purpose, state, None, signup.form.source, version, evidence, ip)


# Confirming


@transaction.atomic
def confirm(signup: Signup, *, ip: str | None, now: datetime) -> bool:
    """Whoever reads the address's mail has said yes: they are a customer, and agree. False if they were before."""
    _be_alone(now)
    locked = Signup.objects.select_for_update(of=("self",)).select_related("form", "text").filter(pk=signup.pk).first()
    if locked is None or locked.state != Signup.State.WAITING:
        return False
    if _is_suppressed(locked.email):  # since the mail went out: an erased person does not come back by it
        _leave(locked, Signup.Note.SUPPRESSED)
        return False
    _let_in(locked, ip=ip, is_proved=True, now=now)
    return True


def _let_in(signup: Signup, *, ip: str | None, is_proved: bool, now: datetime) -> None:
    """is_proved: by the mail. Of somebody known, what only was typed changes nothing but what they agree to."""
    email = Normal(signup.email, signup.email_given)
    customer_id, is_new = person_of_email(email, by=writer(None, Through.FORM), now=now)
    said = _states(customer_id)
    if is_new or is_proved:
        _fill(customer_id, signup, now=now)
    how = f", confirmed {now:%Y-%m-%dT%H:%M:%SZ}" if is_proved else ""
    if is_proved:
        append(_asked(signup, customer_id, said), now=now)
    granted = [_said(signup, customer_id, purpose, GRANTED, ip=ip, more=how) for purpose in signup.purposes]
    append(granted, now=now, is_act=True)
    signup.state, signup.confirmed_at, signup.note, signup.due_at = Signup.State.CONFIRMED, now, "", None
    signup.save(update_fields=["state", "confirmed_at", "note", "due_at"])
    record("signup.confirmed", signup, by=None, details={"customer": customer_id, "is_new": is_new})


def _fill(customer_id: int, signup: Signup, *, now: datetime) -> None:
    """Name and number where none is known. A number that somebody else has stays there: it may be anybody's."""
    with contacts_hidden(False):
        customer = Customer.objects.get(pk=customer_id)
        name = signup.name if signup.name and not customer.name else None
        phones = Identifier.objects.filter(kind="phone")
        is_free = signup.phone and not phones.filter(value=signup.phone).exists()
        phone = signup.phone if is_free and not phones.filter(customer=customer_id).exists() else None
        if name or phone:
            details = Details(name=name, phone=phone and Normal(phone, signup.phone_given))
            change_customer(customer, details, by=None, now=now, through=Through.FORM)
