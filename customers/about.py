"""What a customer's page says about the person, and why they are left out of scores."""

from dataclasses import dataclass

from django.utils.translation import gettext

from crm.shops.models import Shop
from crm.ui import formats
from customers.domain.profile import birthday_parts, language_name
from customers.models import Customer
from customers.profile import Kinds, WhyNot, kinds, time_zone_of, why_not


@dataclass(frozen=True)
class About:
    """rows: (label, value in words, "" for none). reasons: why no scores are made of them, in sentences."""

    rows: list[tuple[str, str]]
    reasons: list[str]


def about(customer: Customer, shop: Shop) -> About:
    known = kinds()
    flags = {gettext("Minor"): customer.is_minor, gettext("Do not profile"): customer.do_not_profile}
    rows = [
        (gettext("Relation"), known.label_of(customer.kind)),
        (gettext("Company"), customer.company),
        (gettext("Birthday"), birthday_text(customer.birthday)),
        (gettext("Language"), language_name(customer.language, formats.locale()) if customer.language else ""),
        (gettext("Time zone"), _zone(customer, shop)),
        *((label, gettext("Yes")) for label, is_so in flags.items() if is_so),
    ]
    return About(rows, reasons(why_not(customer), customer, known))


def birthday_text(birthday: str) -> str:
    """As the reader writes dates; without a year where that is not known. "" for none."""
    if not birthday:
        return ""
    day, has_year = birthday_parts(birthday)
    return formats.day(day) if has_year else formats.short_day(day)


def _zone(customer: Customer, shop: Shop) -> str:
    name = time_zone_of(customer, shop).key.replace("_", " ")
    return name if customer.time_zone else gettext("%(zone)s, as far as known") % {"zone": name}


def reasons(why: list[WhyNot], customer: Customer, known: Kinds) -> list[str]:
    words = {
        WhyNot.MINOR: gettext("No scores: a minor."),
        WhyNot.DO_NOT_PROFILE: gettext("No scores: not to be profiled."),
        WhyNot.KIND: gettext("No scores: none are made of this kind of relation (%(kind)s).")
        % {"kind": known.label_of(customer.kind)},
        WhyNot.OWN_WISH: gettext("No scores: they said on their own page that nothing is to be chosen for them."),
    }
    return [words[each] for each in why]
