"""How likely two customers are one person: pieces of evidence, each with its weight, and their sum."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from rapidfuzz.distance import OSA

from .houses import House, is_same_house
from .identity import DOTLESS_DOMAINS
from .names import Name, parse_name, place

# From this score on staff are asked. Chosen so that one kind of evidence is never enough, but for an e-mail address
# that both gave, where nothing speaks against it.
WORTH_ASKING = 45
# Of how many customers of a shop a name may be for it to say much.
RARE_UP_TO = 3
COMMON_FROM = 51
MOST_COMPARED = 5  # e-mail addresses, phones and houses of each
MANY_LIVE_FROM = 6  # customers with an address in one house
# Where the names are those of two, an address says nothing.
OF_TWO = ("name_family", "names_differ")

WEIGHTS = {
    "email": 60,  # both were named by one address
    "email_dots": 45,
    "email_domain": 40,  # gmial.com for gmail.com
    "email_provider": 30,
    "email_alike": 20,
    "email_role": 15,  # info@, sales@: a mailbox of many
    "emails_differ": -5,
    "phone": 40,
    "phone_country": 30,
    "phone_alike": 20,
    "phones_differ": -5,
    "other": 40,  # both were named by an identifier of another kind
    "name_rare": 45,
    "name_same": 25,
    "name_common": 15,
    "name_pinyin": 35,
    "name_sound": 22,
    "name_alike": 25,
    "name_longer": 20,
    "name_initials": 15,
    "name_single": 12,
    "name_family": -25,  # they share a part of it, as a family does
    "names_differ": -35,
    "address": 25,  # of names that may be one person's: a family lives together
    "address_many": 10,  # a house in which many live
    "city_same": 15,
    "city_differs": -10,
    "country_differs": -5,
    "numbers_differ": -10,  # one storefront knows them as two
}

_ROLES = frozenset(
    [
        "info", "sales", "office", "contact", "admin", "hello", "shop", "service", "support", "mail", "email", "team",
        "orders", "order", "buero", "kontakt", "vertrieb", "einkauf", "purchasing", "accounts", "accounting", "billing",
        "finance", "invoice", "invoices", "enquiries", "inquiries", "reception", "noreply", "nobody", "webmaster",
        "postmaster", "marketing", "help", "customer", "customers", "kefu", "caigou", "xiaoshou", "caiwu", "company",
    ]
)  # fmt: skip


class Known(NamedTuple):
    """What is compared of a customer. numbers: the sources whose numbers they have."""

    name: str = ""
    city: str = ""
    country: str = ""
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    sources: Sequence[str] = ()
    houses: Sequence[House] = ()


class Evidence(NamedTuple):
    """One reason for or against; kind is one of WEIGHTS."""

    kind: str
    weight: int


class Likeness(NamedTuple):
    """score: 0 to 100. evidence: the heaviest first."""

    score: int
    evidence: list[Evidence]


def likeness(
    one: Known,
    other: Known,
    *,
    named_by: Collection[str] = (),
    same_name: int = 2,
    living: Mapping[str, int] = MappingProxyType({}),
) -> Likeness:
    """named_by: kinds of identifiers that one record gave for both. same_name: how many customers have the name, where
    it is one. living: how many have an address in the house with this key."""
    name = name_likeness(parse_name(one.name), parse_name(other.name))
    kinds = [
        _emails(one, other, is_shared="email" in named_by),
        _phones(one.phones, other.phones, is_shared="phone" in named_by),
        "other" if any(kind not in ("email", "phone") for kind in named_by) else "",
        _rated(name, parse_name(one.name), same_name),
        "" if name in OF_TWO else _houses(one.houses, other.houses, living),
        _compared(place(one.city), place(other.city), "city_same", "city_differs"),
        _compared(place(one.country), place(other.country), "", "country_differs"),
        "numbers_differ" if set(one.sources) & set(other.sources) else "",
    ]
    return summed(kinds)


def summed(kinds: Iterable[str]) -> Likeness:
    """Of the kinds that were found, in the order in which they are asked for; "" is none."""
    evidence = [Evidence(kind, WEIGHTS[kind]) for kind in kinds if kind]
    evidence.sort(key=lambda each: -abs(each.weight))
    return Likeness(max(0, min(100, sum(each.weight for each in evidence))), evidence)


def _compared(one: str, other: str, same: str, differs: str) -> str:
    if not (one and other):
        return ""
    return same if one == other else differs


def name_likeness(one: Name, other: Name) -> str:
    """A code of WEIGHTS, or "" where one of them has no name or two scripts cannot be compared."""
    if not (one.words and other.words):
        return ""
    if one.han and other.han:
        return _han_likeness(one, other)
    if one.han or other.han:
        # Else it may be a Chinese name and an English one of the same person.
        return "name_pinyin" if one.letters == other.letters else ""
    if one.letters == other.letters and len(one.words) != len(other.words):  # Xiaoming, Xiao Ming
        return "name_same"
    return _words_likeness(one.words, other.words)


def _han_likeness(one: Name, other: Name) -> str:
    if sorted(one.han) == sorted(other.han):
        return "name_same"
    if one.letters == other.letters:  # Also traditional and simplified characters.
        return "name_sound"
    shorter = min(len(one.han), len(other.han))
    if shorter >= 5 and OSA.distance(one.han, other.han, score_cutoff=1) <= 1:  # A company.
        return "name_alike"
    return "name_family" if one.surname == other.surname else "names_differ"


def _words_likeness(one: Sequence[str], other: Sequence[str]) -> str:
    shorter, rest = sorted((list(one), list(other)), key=len)
    are_typos = are_initials = False
    unmatched = 0
    for word in sorted(shorter, key=len, reverse=True):
        found = next((each for each in rest if each == word), None)
        if found is None:
            found = next((each for each in rest if _is_typo(word, each)), None)
            are_typos = are_typos or found is not None
        if found is None:
            found = next((each for each in rest if 1 in (len(word), len(each)) and each[0] == word[0]), None)
            are_initials = are_initials or found is not None
        if found is None:
            unmatched += 1
        else:
            rest.remove(found)
    if unmatched:
        if len(one) != len(other) and _is_typo("".join(one), "".join(other)):
            return "name_alike"
        return "name_family" if unmatched < len(shorter) else "names_differ"
    if are_initials:
        return "name_initials"
    if rest:
        return "name_longer" if len(shorter) > 1 else "name_single"
    return "name_alike" if are_typos else "name_same"


def _is_typo(one: str, other: str) -> bool:
    """One letter in four to seven, two in more; short words such as Tim and Tom are two names."""
    shorter = min(len(one), len(other))
    most = 0 if shorter < 4 else 1 if shorter < 8 else 2
    return bool(most) and OSA.distance(one, other, score_cutoff=most) <= most


def _rated(kind: str, name: Name, same_name: int) -> str:
    """A name says the less, the shorter it is and the more people have it."""
    if kind not in ("name_same", "name_pinyin", "name_sound"):
        return kind
    if not name.han and len(name.words) < 2:
        return "name_single"
    if same_name >= COMMON_FROM:
        return "name_common"
    is_long = len(name.han) > 2 or (not name.han and len(name.letters) > 7)
    return "name_rare" if kind == "name_same" and is_long and same_name <= RARE_UP_TO else kind


def _emails(one: Known, other: Known, *, is_shared: bool) -> str:
    if is_shared:
        given = [*one.emails, *other.emails]
        return "email_role" if any(is_of_many(local_part(address)) for address in given) else "email"
    if not (one.emails and other.emails):
        return ""
    kinds = [_address_likeness(a, b) for a in one.emails[:MOST_COMPARED] for b in other.emails[:MOST_COMPARED]]
    return max(kinds, key=lambda kind: WEIGHTS[kind])


def is_of_many(local: str) -> bool:
    """Whether the mailbox is one that several people read."""
    return local in _ROLES


def local_part(address: str) -> str:
    """What an address is compared by: before the @, without dots and what follows a plus sign."""
    return address.partition("@")[0].partition("+")[0].replace(".", "")


def _address_likeness(one: str, other: str) -> str:
    locals_ = local_part(one), local_part(other)
    domains = one.partition("@")[2], other.partition("@")[2]
    is_same_provider = domains[0] == domains[1] or set(domains) <= DOTLESS_DOMAINS
    if locals_[0] == locals_[1] and not is_of_many(locals_[0]):
        if is_same_provider:
            return "email_dots"
        if OSA.distance(*domains, score_cutoff=2) <= 2 and min(map(len, domains)) > 6:
            return "email_domain"
        if len(locals_[0]) > 4:
            return "email_provider"
    elif is_same_provider and min(map(len, locals_)) > 5 and OSA.distance(*locals_, score_cutoff=1) == 1:
        return "emails_differ" if differ_by_digits(*locals_) else "email_alike"
    return "emails_differ"


def differ_by_digits(one: str, other: str) -> bool:
    """Whether they are the same without: anna1 and anna2 are two on purpose."""
    letters = ["".join(sign for sign in local if not sign.isdigit()) for local in (one, other)]
    return letters[0] == letters[1]


def _phones(one: Sequence[str], other: Sequence[str], *, is_shared: bool) -> str:
    if is_shared:
        return "phone"
    if not (one and other):
        return ""
    kinds = [_number_likeness(a.lstrip("+"), b.lstrip("+")) for a in one[:MOST_COMPARED] for b in other[:MOST_COMPARED]]
    return max(kinds, key=lambda kind: WEIGHTS[kind])


def _houses(one: Sequence[House], other: Sequence[House], living: Mapping[str, int]) -> str:
    same = [a.key for a in one[:MOST_COMPARED] for b in other[:MOST_COMPARED] if is_same_house(a, b)]
    if not same:
        return ""
    return "address" if min(living.get(key, 2) for key in same) < MANY_LIVE_FROM else "address_many"


def _number_likeness(one: str, other: str) -> str:
    if min(len(one), len(other)) < 9:
        return "phones_differ"
    if one[-9:] == other[-9:]:
        return "phone_country"
    is_alike = len(one) == len(other) and OSA.distance(one, other, score_cutoff=1) <= 1
    return "phone_alike" if is_alike else "phones_differ"
