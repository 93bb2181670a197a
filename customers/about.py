"""What a customer's page says about the person, and why they are left out of scores."""

from dataclasses import dataclass

from django.utils.translation import gettext

from crm.shops.models import Shop
from crm.ui import formats
from customers.domain.profile import birthday_parts, language_name
from customers.models import Customer
from customers.profile import Kinds, WhyNot, kinds, time_zone_of, why_not
from customers.provenance import field_label


@dataclass(frozen=True)
class AboutRow:
    """A value in words, "" for none, and the column that it stands in."""

    field: str
    label: str
    text: str
    is_held: bool


@dataclass(frozen=True)
class About:
    """reasons: why no scores are made of them, in sentences."""

    lines: list[AboutRow]
    reasons: list[str]

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(line.label, line.text) for line in self.lines]


def about(customer: Customer, shop: Shop) -> About:
    known = kinds()
    texts = about_texts(customer, known) | {"time_zone": _zone(customer, shop)}
    shown = ["kind", "company", "birthday", "language", "time_zone"]
    shown += [name for name in ("is_minor", "do_not_profile") if getattr(customer, name)]
    lines = [AboutRow(name, field_label(name, {}), texts[name], name in customer.held) for name in shown]
    return About(lines, reasons(why_not(customer), customer, known))


def about_texts(customer: Customer, known: Kinds) -> dict[str, str]:
    """Each column of the customer's own row in words, "" for none."""
    flags = {name: getattr(customer, name) for name in ("is_minor", "do_not_profile")}
    return {
        **{name: getattr(customer, name) for name in ("name", "city", "country", "company")},
        "kind": known.label_of(customer.kind),
        "birthday": birthday_text(customer.birthday),
        "language": language_name(customer.language, formats.locale()) if customer.language else "",
        "time_zone": customer.time_zone.replace("_", " "),
        **{name: gettext("Yes") if is_so else gettext("No") for name, is_so in flags.items()},
    }


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
