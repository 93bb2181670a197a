"""Consent as the sum of what was said, and whether somebody may be contacted. Values in, values out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

GRANTED, WITHDRAWN, PENDING = "granted", "withdrawn", "pending"

# When a grant was said of which nobody knows when: whatever else was said of it, whenever it becomes known, is later.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

# Why an address is suppressed, whatever its owner has agreed to.
HARD_BOUNCE, COMPLAINT, ERASED, BLOCK_LIST = "hard_bounce", "complaint", "erased", "block_list"
REASONS = (HARD_BOUNCE, COMPLAINT, ERASED, BLOCK_LIST)
# As mailing services and shops write them in their exports; compared by their letters alone.
_REASON_WORDS = {
    HARD_BOUNCE: "hardbounce hardbounced hardbounces bounced bounce cleaned invalidemail hard 硬退信 退信 无效邮箱",
    COMPLAINT: "complaint complained complaints spamcomplaint spam abuse markedasspam spamreport 投诉 举报 垃圾邮件",
    ERASED: "erased erasure gdprerasure forgotten 已删除 注销",
    BLOCK_LIST: (
        "blocklist blocked blacklist blacklisted usersuppressed suppressed manuallysuppressed unsubscribe unsubscribed"
        " optout optedout donotcontact manual 黑名单 拉黑 已拉黑 退订 已退订 拒收"
    ),
}
_REASON_OF = {word: reason for reason, words in _REASON_WORDS.items() for word in words.split()}


def reason_of(text: str, *, surely: bool = False) -> str:
    """Why an address is suppressed, of what a file says. Other words are the block list, the strictest for one address;
    surely: "" for them.
    """
    word = "".join(letter for letter in text.casefold() if letter.isalnum())
    return _REASON_OF.get(word, "" if surely else BLOCK_LIST)


class Said(NamedTuple):
    """One event of one customer, channel and purpose: the state it says, when it was said, and its id."""

    state: str
    at: datetime
    id: int


def fold(said: Iterable[Said]) -> Said | None:
    """The event that counts, in whatever order they come: the last by the time it was said, of one time by id.

    So an older event that arrives late overturns nothing. None where nothing was ever said.
    """
    return max(said, key=lambda each: (each.at, each.id), default=None)


def overturns(new: Said, known: Said | None) -> bool:
    """Whether a new event counts from now on: `fold` with one event more."""
    return known is None or (new.at, new.id) >= (known.at, known.id)


LOOSER_FIRST = (GRANTED, PENDING, WITHDRAWN)


def is_looser(one: str, other: str) -> bool:
    """Whether the one state allows more than the other, or may soon."""
    return LOOSER_FIRST.index(one) < LOOSER_FIRST.index(other)


def strictest(one: str | None, other: str | None) -> str | None:
    """The state of two records of one person, None where nothing was said, until the person says it again.

    Granted stays only where both were granted: nothing may be sent to the joined record that could not have been sent
    to each. What only one of them granted is pending: the other's address was never agreed to.
    """
    states = {one, other}
    if WITHDRAWN in states:
        return WITHDRAWN
    if states == {None}:
        return None
    return GRANTED if states == {GRANTED} else PENDING


class Reason(StrEnum):
    """Why somebody may not be contacted. The first that holds is told."""

    ERASED = "erased"
    SUPPRESSED = "suppressed"
    MINOR = "minor"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True)
class Answer:
    """Whether somebody may be contacted; `reason` is None where they may."""

    reason: Reason | None = None

    @property
    def allowed(self) -> bool:
        return self.reason is None


def decide(
    *, needs_consent: bool, state: str | None, suppressions: Sequence[Collection[str]] | None, is_minor: bool = False
) -> Answer:
    """Whether somebody may be contacted over one channel for one purpose.

    suppressions: for each address that they have there, why it is suppressed (empty: it is not); None for a channel
    whose addresses are not kept as identifiers, of which nothing is asked here.

    Erased, complaint and block list are about the person: one address is enough. A hard bounce is about the address: it
    counts once all have bounced. What needs no consent obeys erased and hard bounce alone. A minor's own consent counts
    for nothing: it would take that of a guardian (PIPL, Article 31), which is not kept here.
    """
    said = set().union(*suppressions) if suppressions else set()
    if ERASED in said:
        return Answer(Reason.ERASED)
    if suppressions and all(HARD_BOUNCE in each for each in suppressions):
        return Answer(Reason.SUPPRESSED)
    if needs_consent:
        if said & {COMPLAINT, BLOCK_LIST}:
            return Answer(Reason.SUPPRESSED)
        if is_minor:
            return Answer(Reason.MINOR)
        if state != GRANTED:
            return Answer({WITHDRAWN: Reason.WITHDRAWN, PENDING: Reason.PENDING}.get(state or "", Reason.NO_CONSENT))
    if suppressions is not None and not suppressions:
        return Answer(Reason.NO_ADDRESS)
    return Answer()
