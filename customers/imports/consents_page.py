"""What the pages of an import say of consents: which columns they are read from, and what becomes of them."""

from collections.abc import Mapping as Report
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.ui import formats
from customers.consent.channels import CHANNELS, MARKETING, purposes_asked
from customers.models import ImportJob
from customers.sources.consent_headings import OPT_OUT
from customers.sources.consents import AT, PARTS
from customers.sources.fields import CONSENT

_PARTS: dict[str, Promise] = {
    "at": gettext_lazy("said on"),
    "granted_at": gettext_lazy("agreed on"),
    "withdrawn_at": gettext_lazy("withdrawn on"),
    "opt_out": gettext_lazy("opted out"),
    "source": gettext_lazy("source"),
    "text_version": gettext_lazy("version of the text"),
    "evidence": gettext_lazy("evidence"),
    "ip": gettext_lazy("IP address"),
}


@dataclass(frozen=True)
class ConsentChange:
    """Of how many customers the consent to one channel and purpose changes, and how, or is kept against the file."""

    label: str
    gained: int
    lost: int
    withdrawn: int
    pending: int
    kept: int


def consent_label(field: str) -> str:
    """ "E-mail: Marketing (said on)" for "consent.email.marketing.at"."""
    name = field.removeprefix(CONSENT)
    before, _dot, part = name.rpartition(".")
    part = part if part in PARTS and "." in before else ""
    channel, _dot, purpose = (before if part else name).partition(".")
    known = CHANNELS.get(channel)
    words = {"channel": known.label if known else channel, "purpose": purposes_asked().get(purpose, purpose)}
    label = _("%(channel)s: %(purpose)s") % words
    return _("%(label)s (%(part)s)") % {"label": label, "part": _PARTS[part]} if part else label


def consent_labels() -> dict[str, str]:
    """Field → label of the columns that can be chosen by hand: advertising by each channel, what else is asked by mail,
    who has opted out, and when each was said. A file can have more, under headings of ours.
    """
    names = [f"{channel.name}.{MARKETING}" for channel in CHANNELS]
    names += [name for purpose in purposes_asked() if (name := f"{CHANNELS['email'].name}.{purpose}") not in names]
    fields = [f"{CONSENT}{name}{part}" for name in names for part in ("", f".{OPT_OUT}", f".{AT}")]
    return {field: consent_label(field) for field in fields}


def consent_changes(report: Report[str, Any]) -> list[ConsentChange]:
    """By channel and purpose, those of which the file says anything that is not so already."""
    return [
        ConsentChange(consent_label(name), **counted) for name, counted in sorted(report.get("consents", {}).items())
    ]


def consent_notes(job: ImportJob, report: Report[str, Any]) -> list[str]:
    """What else is to be known of a list of customers before anybody of it is written to."""
    notes = []
    if number := report.get("suppressed_addresses", 0):
        text = ngettext(
            "%(number)s of the file's addresses is on your block list: its customer comes in, and is not written to.",
            "%(number)s of the file's addresses are on your block list: its customers come in, and are not written to.",
            number,
        )
        notes.append(text % {"number": formats.number(number)})
    if number := report.get("conflicts", 0):
        text = ngettext(
            "%(number)s pair of customers may be one person: it waits among the duplicates, and nothing is merged.",
            "%(number)s pairs of customers may be one person: they wait among the duplicates, and nothing is merged.",
            number,
        )
        notes.append(text % {"number": formats.number(number)})
    if report.get("consents"):
        as_pending = (job.mapping or {}).get("consent_grants") == "pending"
        notes.append(
            _("Who is only said to have agreed, without date or proof, has to confirm it first.")
            if as_pending
            else _("Where the file only says yes, its name, row and column are kept as the evidence.")
        )
        notes.append(_("A withdrawal that is later than what the file says stays. Nobody is written to by an import."))
    return notes
