"""What consents know of a person: given out, kept without the person after erasing, and joined when two are one."""

from dataclasses import dataclass

from django.utils.timezone import now

from customers.consent.actions import suppress
from customers.consent.hashing import address_hash
from customers.consent.joining import join, take_apart
from customers.consent.queries import addresses_of
from customers.consent.recording import EVENTS
from customers.domain.consent import ERASED
from customers.models import Consent, ConsentEvent, ConsentText, Customer, Merge, Suppression, Topic
from customers.personal_data import own  # noqa: F401  # in front: erasing hashes the addresses that own deletes
from customers.personal_data.columns import Kind, declare
from customers.personal_data.registry import PERSONAL_DATA, Changes, CustomerRows, Delete, Drop, Keep, Rows
from customers.personal_data.rows import Columns, Row


@dataclass(frozen=True)
class Strictest:
    """The target gets what the source said, and the strictest of both counts: customers/consent/joining.py."""

    def move(self, rows: Rows, to: str, source: Customer, target: Customer) -> Changes:
        return Changes(moved={to: join(source, target, now=now())})


@dataclass(frozen=True)
class ConsentEvents(CustomerRows):
    """What customers said goes back to who said it, and counts for each again."""

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        merge = Merge.objects.get(source_id=source_id, undone_at=None)
        take_apart(merge, changes.moved.get("customer", []), now=now())


@dataclass(frozen=True)
class Suppressions:
    """Suppressed addresses point at nobody: a person's are found by the hashes of their addresses.

    Erasing adds the person's addresses: nobody is to write to them because a file brings them back. Moving changes
    nothing, since the hashes follow the addresses.
    """

    name: str = "suppressions"
    model: type[Suppression] = Suppression

    def export(self, customer: Customer) -> list[Row]:
        hashes = [address_hash(customer.shop_id, kind, value) for kind, value in addresses_of(customer)]
        return Columns(("kind", "reason", "created_at"))(Suppression.objects.filter(address_hash__in=hashes))

    def erase(self, customer: Customer) -> None:
        suppress(addresses_of(customer), ERASED, now=now())

    def move(self, source: Customer, target: Customer) -> Changes:
        return Changes()

    def give_back(self, changes: Changes, *, source_id: int, holder_id: int) -> None:
        """Nothing: they never moved."""


_PROOF = "How many agreed to which text, and took it back when, is for the shop to show; who they were is gone."

for _item in (
    CustomerRows(
        "consents",
        Consent,
        ("customer", "event__customer"),
        Columns(("channel", "purpose", "state", "at")),
        Delete(),
        Drop(),
        is_derived=True,
    ),
    # Behind "consents": moving looks at what counted of both.
    ConsentEvents(
        EVENTS,
        ConsentEvent,
        ("customer",),
        Columns(
            (
                "channel",
                "purpose",
                "state",
                "at",
                "recorded_at",
                "source",
                "text_version",
                "text__body",
                "ip",
                "evidence",
            )
        ),
        Keep(_PROOF, but={"customer": None, "source": "", "ip": None, "evidence": ""}),
        Strictest(),
    ),
    Suppressions(),
):
    PERSONAL_DATA.register(_item)

_WORD = "A word of the program's own."

for _model in (Consent, ConsentEvent):
    declare(_model, Kind.OTHER, _WORD, "channel")
    declare(_model, Kind.OTHER, "A word of the program's own, or a topic of the shop's.", "purpose")
declare(ConsentEvent, Kind.OTHER, "What the shop calls a text of its own.", "text_version")
declare(ConsentText, Kind.OTHER, "What the shop asks all its customers.", "version", "body")
declare(Topic, Kind.OTHER, "What the shop writes about.", "code", "name")
declare(Suppression, Kind.OTHER, _WORD, "kind")
declare(
    Suppression,
    Kind.OTHER,
    "A hash under a key that the database does not hold. It has to outlive the person: else a file would bring the"
    " address back.",
    "address_hash",
)
