"""The mail that asks whether an address belongs to whoever typed it."""

import logging
from email.utils import formataddr, parseaddr
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.shops.names import harmless
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import nudge
from customers.models import Signup
from customers.signups.actions import note_mailed, take_up
from customers.signups.links import LASTS, confirm_url

logger = logging.getLogger(__name__)

WORK_NAME = "customers.signups"


def do_next(shop_id: int) -> None:
    """Take up the sign-up that is next in the shop, outside any scope."""
    with shop_scope(shop_id):
        signup = take_up(now=now())
        shop = Shop.objects.get(pk=shop_id)
        is_more = Signup.objects.filter(due_at__lte=now()).exists()
    if signup is not None:
        try:
            send(shop, signup)
        except OSError:  # What smtplib raises is one too. It is due again in a while.
            logger.exception("A mail to confirm a sign-up could not be sent.")
        else:
            with shop_scope(shop_id):
                note_mailed(signup, now=now())
    if is_more:
        nudge(WORK_NAME, shop_id)


def send(shop: Shop, signup: Signup) -> None:
    """Nothing in it is of the sender's making, and of the shop's only its name: it goes to whomever anybody names."""
    name = harmless(shop.name, instead=shop.slug)
    words = {"shop": name, "link": confirm_url(signup), "days": LASTS.days}
    with translation.override(signup.form.language):
        subject = " ".join(render_to_string("customers/email/signup_subject.txt", words).split())
        body = render_to_string("customers/email/signup_message.txt", words)
    # RFC 3834: so that no mailbox answers that its owner is away.
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(subject, body, sender_named(name), [signup.email], headers=headers).send()


def sender_named(name: str) -> str:
    """The installation's address under a shop's name: people know the shop, and have never heard of us."""
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def nudge_soon(shop_id: int) -> None:
    """Have a worker look at what has just come in, once it is committed."""
    transaction.on_commit(partial(nudge, WORK_NAME, shop_id), robust=True)
