"""What a page or file says of why two customers may be one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.domain.likeness import WEIGHTS, Evidence
from customers.merging.finder import evidence_of
from customers.models import DuplicatePair

SENTENCES: dict[str, Promise] = {
    "email": _("One record gave the same e-mail address for both"),
    "email_dots": _("E-mail addresses differ only by dots or what follows a plus sign"),
    "email_domain": _("Same e-mail address but for a slip after the @"),
    "email_provider": _("Same e-mail name at another provider"),
    "email_alike": _("E-mail addresses differ by one letter"),
    "email_role": _("Same mailbox, one that several people use"),
    "emails_differ": _("Different e-mail addresses"),
    "phone": _("One record gave the same phone number for both"),
    "phone_country": _("Same phone number but for the country"),
    "phone_alike": _("Phone numbers differ by one digit"),
    "phones_differ": _("Different phone numbers"),
    "other": _("One record gave the same identifier for both"),
    "name_rare": _("Same name, which few have"),
    "name_same": _("Same name"),
    "name_common": _("Same name, which many have"),
    "name_pinyin": _("The name of one is that of the other in pinyin"),
    "name_sound": _("Names sound the same"),
    "name_alike": _("Names differ by a slip of the keyboard"),
    "name_longer": _("One name is the other with more words"),
    "name_initials": _("Same name with initials"),
    "name_single": _("Same single name"),
    "name_family": _("Names share a part, as in a family"),
    "names_differ": _("Different names"),
    "address": _("Same address"),
    "address_many": _("Same house, in which many live"),
    "city_same": _("Same city"),
    "city_differs": _("Different cities"),
    "country_differs": _("Different countries"),
    "numbers_differ": _("Your shop has given them two customer numbers"),
}


@dataclass(frozen=True)
class Reason:
    """One piece of evidence in words; speaks_for: it makes them more likely one person. weight: "+30", "−5"."""

    text: str
    weight: str
    speaks_for: bool


def in_words(evidence: Iterable[Evidence]) -> list[Reason]:
    """The heaviest first, as they come."""
    return [
        Reason(str(SENTENCES.get(kind, kind)), f"+{weight}" if weight > 0 else f"\N{MINUS SIGN}{-weight}", weight > 0)
        for kind, weight in evidence
    ]


def reasons_of(pair: DuplicatePair) -> list[Reason]:
    """Of a search; of a pair that none has looked at yet, what one record named both by."""
    if pair.reasons:
        return in_words(evidence_of(pair.reasons))
    kinds = [each["kind"] if each["kind"] in ("email", "phone") else "other" for each in pair.evidence]
    return in_words(Evidence(kind, WEIGHTS[kind]) for kind in dict.fromkeys(kinds))
