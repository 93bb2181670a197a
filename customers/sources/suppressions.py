"""Rows of a list of addresses that are not to be written to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from customers.domain.consent import BLOCK_LIST, reason_of
from customers.domain.identity import match_value

from .dates import parse_moment
from .identities import Identities
from .judging import Judgement
from .lines import Context, Memo
from .people import one_email, parts_of
from .problems import Reject, RowProblem, as_reject

ADDRESS_COLUMNS = (
    "row_no",  # row of the file, its first row is 1
    "kind",  # email or phone
    "match_value",  # by which the address is known again, however it is written
    "reason",  # one of customers.domain.consent.REASONS
    "said_at",  # aware UTC; None where the file does not say
)
Address = tuple[int, str, str, str, datetime | None]
_NO_COUNTRY = ""


class SuppressionConverter:
    """Reads the addresses of a row into `facts`; the line itself says nothing but that the row was used."""

    def __init__(self, judgement: Judgement, header: Sequence[str], context: Context) -> None:
        mapping, self.understood = judgement.mapping, judgement.understood
        self._columns = columns = mapping.found(header)
        self.width, self.headings = len(header), columns.headings
        self.has_prices, self.has_order_rows, self.per = True, False, dict[str, str]()
        self.is_exact, self.no_lines = False, list[int]()
        self.warnings: list[Reject] = []
        self.facts: list[Any] = []
        self.addresses: list[tuple[Any, ...]] = []
        names = ("email", "phone", "reason", "suppressed_at")
        self._at = [columns.at.get(name, self.width) for name in names]
        named = {name: columns.headings.get(name, "") for name in ("customer_id", *names)}
        region = mapping.region or context.region
        self._identities = Identities(named, region, self.warnings, one_email)
        zone = ZoneInfo(mapping.zone) if mapping.zone else context.zone
        self._moments: Memo[str, datetime] = Memo(
            lambda text: parse_moment(text, zone, mapping.date_order, now=context.now).at, named["suppressed_at"]
        )
        self._reason = mapping.reason or BLOCK_LIST
        self._reasons: Memo[str, str] = Memo(lambda text: reason_of(text) if text.strip() else self._reason)

    @property
    def ignored_identifiers(self) -> int:
        return self._identities.ignored

    def __call__(self, row_no: int, cells: list[str]) -> tuple[int]:
        """RowProblem no_address, and as the addresses raise it. A date that cannot be read is told, and not taken."""
        row = self._columns.filled(cells)
        email_text, phone_text, reason_text, date_text = (row[at] for at in self._at)
        told = len(self.warnings)
        emails = parts_of(email_text, lambda text: self._identities.checked("email", text, _NO_COUNTRY))
        phones = parts_of(phone_text, lambda text: self._identities.checked("phone", text, _NO_COUNTRY))
        _, email, phone = self._identities(row_no, "", emails[0], phones[0], _NO_COUNTRY, cells)
        if not email and not phone:
            del self.warnings[told:]
            raise RowProblem("no_address")
        reason, said_at = self._reasons[reason_text], self._said_at(row_no, date_text, cells)
        known = [("email", email), ("phone", phone)]
        known += [("email", self._more(row_no, "email", text, cells)) for text in emails[1:]]
        known += [("phone", self._more(row_no, "phone", text, cells)) for text in phones[1:]]
        self.facts.extend((row_no, kind, match_value(kind, value), reason, said_at) for kind, value in known if value)
        return (row_no,)

    def order_of(self, cells: Sequence[str]) -> str | None:
        return None

    def _more(self, row_no: int, kind: str, text: str, cells: list[str]) -> str | None:
        checked = self._identities.checked(kind, text, _NO_COUNTRY)
        if checked.problem:
            problem = self._identities.problem(kind, checked.problem, text, _NO_COUNTRY)
            self.warnings.append(as_reject(row_no, problem, cells))
        return checked.value

    def _said_at(self, row_no: int, text: str, cells: list[str]) -> datetime | None:
        if not text.strip():
            return None
        try:
            return self._moments[text]
        except RowProblem as problem:
            if problem.code != "missing_value":
                self.warnings.append(as_reject(row_no, problem, cells))
            return None
