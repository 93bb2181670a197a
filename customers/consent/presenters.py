"""Consents on a customer's page: what counts of each channel and purpose, and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from customers.consent.channels import CHANNELS, purposes_asked
from customers.consent.joining import UNDONE_MERGE
from customers.consent.links import url_of
from customers.consent.queries import counting, history_of, suppressions_of
from customers.consent.recording import MERGE
from customers.domain.consent import UNDATED, Reason, decide
from customers.models import ConsentEvent, ConsentState, Customer

HISTORY_SHOWN = 50
# Translated when one is shown: a page shows many, of which each would have all of them translated.
OWN_SOURCES: Mapping[str, Promise] = {
    "staff": gettext_lazy("recorded by staff"),
    "api": gettext_lazy("sent by the storefront"),
    "Check-out": pgettext_lazy("source of a consent", "Check-out"),
    "import": gettext_lazy("came with an imported file"),
    "preference_centre": gettext_lazy("by the customer, on their own page"),
    "unsubscribe": gettext_lazy("by the customer, unsubscribed with one click"),
    MERGE: gettext_lazy("two records became one; the strictest of both holds until the customer says it again"),
    UNDONE_MERGE: gettext_lazy("said while this record was one with another that was parted from it since"),
}
FORM = "form:"  # how the source begins of what came by a sign-up form
CHIPS: Mapping[str, str] = {
    ConsentState.GRANTED: "positive",
    ConsentState.PENDING: "warning",
    ConsentState.WITHDRAWN: "danger",
}


@dataclass(frozen=True)
class ConsentRow:
    """What counts for one channel and purpose. since: None where nobody knows. but: why it is not sent to."""

    icon: str
    channel: str
    purpose: str
    state: str
    chip: str
    since: datetime | None
    source: str
    but: str


@dataclass(frozen=True)
class SaidRow:
    """One thing that was said. text: what was agreed to, word by word; version: what the sender calls it."""

    icon: str
    channel: str
    purpose: str
    state: str
    chip: str
    at: datetime | None
    source: str
    evidence: str
    ip: str
    version: str
    text: str


def source_text(source: str) -> str:
    """Sources of the program's own in the reader's language; others as they were sent."""
    if source.startswith(FORM):
        return _("by the sign-up form “%(form)s”") % {"form": source.removeprefix(FORM)}
    return str(OWN_SOURCES.get(source, source))


def consent_rows(customer: Customer) -> list[ConsentRow]:
    purposes, suppressions = purposes_asked(), suppressions_of(customer)
    rows = []
    for consent in counting().filter(customer=customer):
        channel = CHANNELS.get(consent.channel)
        reasons = None
        if channel and channel.kinds:
            reasons = [reasons for kind, reasons in suppressions if kind in channel.kinds]
        answer = decide(needs_consent=True, state=consent.state, suppressions=reasons, is_minor=customer.is_minor)
        rows.append(
            ConsentRow(
                icon=channel.icon if channel else "send",
                channel=str(channel.label) if channel else consent.channel,
                purpose=purposes.get(consent.purpose, consent.purpose),
                state=consent.get_state_display(),
                chip=CHIPS[consent.state],
                since=None if consent.at == UNDATED else consent.at,
                source=source_text(consent.event.source),
                but=but_text(answer.reason) if consent.state == ConsentState.GRANTED else "",
            )
        )
    return rows


def but_text(reason: Reason | None) -> str:
    """Why nothing is sent to somebody who agreed; "" where something is."""
    return (
        {
            Reason.NO_ADDRESS: _("No address is known for it."),
            Reason.SUPPRESSED: _("Not sent: the address bounces, complained, or is on the block list."),
            Reason.ERASED: _("Not sent: the address was erased on request."),
            Reason.MINOR: _("Not sent: a minor's consent is a guardian's to give."),
        }.get(reason, "")
        if reason
        else ""
    )


def said_rows(customer: Customer) -> list[SaidRow]:
    """The last things said, the latest first."""
    purposes = purposes_asked()
    return [_said(event, purposes) for event in history_of(customer)[:HISTORY_SHOWN]]


def _said(event: ConsentEvent, purposes: Mapping[str, str]) -> SaidRow:
    channel = CHANNELS.get(event.channel)
    return SaidRow(
        icon=channel.icon if channel else "send",
        channel=str(channel.label) if channel else event.channel,
        purpose=purposes.get(event.purpose, event.purpose),
        state=event.get_state_display(),
        chip=CHIPS[event.state],
        at=None if event.at == UNDATED else event.at,
        source=source_text(event.source),
        evidence=event.evidence,
        ip=event.ip or "",
        version=event.text_version,
        text=event.text.body if event.text else "",
    )


def said_title(event: ConsentEvent, purposes: Mapping[str, str]) -> str:
    """What was said in a few words. purposes: purposes_asked()."""
    channel = CHANNELS.get(event.channel)
    return _("%(channel)s · %(purpose)s: %(state)s") % {
        "channel": channel.label if channel else event.channel,
        "purpose": purposes.get(event.purpose, event.purpose),
        "state": event.get_state_display(),
    }


def purpose_choices() -> list[tuple[str, str]]:
    return list(purposes_asked().items())


def channel_choices() -> list[tuple[str, str]]:
    return [(channel.name, str(channel.label)) for channel in CHANNELS]


def text_choices(versions: list[str]) -> list[tuple[str, str]]:
    return [("", pgettext("consent text", "None"))] + [(version, version) for version in versions]


def own_page(customer: Customer) -> str:
    """The address of the customer's own page, for staff to pass on."""
    return url_of(customer, "email", "marketing")
