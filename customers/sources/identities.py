"""The customer's number, e-mail and phone in a row, in their normal forms; what is wrong with them is told."""

import re
from collections.abc import Callable, Mapping, Sequence

from customers.domain.countries import phone_region
from customers.domain.identity import (
    MASKED,
    PLACEHOLDER,
    Checked,
    is_unsaid,
    normalise_customer_id,
    normalise_email,
    normalise_phone,
)

from .fields import IDENTIFYING
from .lines import Memo
from .mapping import Columns
from .problems import Reject, RowProblem, as_reject

# Whose phone or country a column holds: of who pays, or of who receives.
_SIDES = (
    re.compile(r"(?:^|[^a-z])(?:ship|post to|delivery|recipient)|收货|收件", re.IGNORECASE),
    re.compile(r"(?:^|[^a-z])(?:bill|buyer|invoice|payer|payment)|买家|付款", re.IGNORECASE),
)
_RECIPIENT = 0


class CountryOfPhone:
    """Which of a row's countries its phone number is of, where a file has several columns of countries.

    A number out of the address of delivery is read by the country of that address, if it names one.
    """

    def __init__(self, columns: Columns, header: Sequence[str]) -> None:
        phones, countries = (columns.sources.get(name, ()) for name in ("phone", "country"))
        sides = {at: _side(header[at]) for at in (*phones, *countries)}
        self._choices = [
            (phone, sorted(countries, key=lambda at: sides[at] != sides[phone])) for phone in phones if countries[1:]
        ]

    def __call__(self, cells: Sequence[str], country: str) -> str:
        """country: the row's, as the file's other uses have it. "" where the row names none."""
        for phone, countries in self._choices:
            if cells[phone].strip():
                country = next((cells[at] for at in countries if not _is_empty(cells[at])), country)
                break
        return "" if _is_empty(country) else country


class RecipientPhone:
    """Whether a row's phone is of who receives, and so of nobody whom another of its cells names.

    Of a present it is that of somebody else: the two would become one customer. Only where a file has phones of buyers,
    too: who exports no other phone means the buyer's.
    """

    def __init__(self, columns: Columns, header: Sequence[str]) -> None:
        phones = columns.sources.get("phone", ())
        self._others = [at for at in phones if _side(header[at]) != _RECIPIENT]
        self._has_both = 0 < len(self._others) < len(phones)

    def __call__(self, cells: Sequence[str]) -> bool:
        return self._has_both and all(_is_empty(cells[at]) for at in self._others)


def _is_empty(text: str) -> bool:
    return not text.strip() or is_unsaid(text)


def _side(heading: str) -> int:
    text = heading.replace("_", " ")
    return next((side for side, words in enumerate(_SIDES) if words.search(text)), len(_SIDES))


class Identities:
    """Reads the three of a row. Made once per file; what a kept row loses is added to `warnings`.

    headings: of the three fields, "" for one without a column. region: the country of phone numbers without a country
    code, in rows that name no country. ignored: how many placeholders ("Guest", 0, N/A) stood where an identifier
    should.
    """

    def __init__(
        self,
        headings: Mapping[str, str],
        region: str,
        warnings: list[Reject],
        email: Callable[[str], Checked] = normalise_email,
    ) -> None:
        self._headings, self._region, self._warnings = headings, region, warnings
        self.ignored = 0
        self._customers: Memo[str, Checked] = Memo(normalise_customer_id)
        self._emails: Memo[str, Checked] = Memo(email)
        self._regions: Memo[str, str] = Memo(lambda country: phone_region(country, region))
        self._phones: Memo[tuple[str, str], Checked] = Memo(lambda key: normalise_phone(*key))

    def __call__(
        self,
        row_no: int,
        customer_text: str,
        email_text: str,
        phone_text: str,
        country: str,
        cells: list[str],
        *,
        is_recipients_phone: bool = False,
    ) -> tuple[str | None, str | None, str | None]:
        """The three. A broken one is left out with a warning, or rejects the row if it is the only one.

        country: of the phone number, as the row names it, "" where it names none. is_recipients_phone: it counts only
        where the row names nobody else.
        """
        customer, email = self._customers[customer_text], self._emails[email_text]
        if is_recipients_phone and (customer.value or email.value):
            phone_text = ""
        phone = self._phones[phone_text, self._regions[country] if country else self._region]
        if customer.problem or email.problem or phone.problem:
            texts = (customer_text, email_text, phone_text)
            self._warn(row_no, (customer, email, phone), texts, country, cells)
        return customer.value, email.value, phone.value

    def checked(self, name: str, text: str, country: str) -> Checked:
        """A text as it would be in the column of one of the three. country: as in a call."""
        if name == "phone":
            return self._phones[text, self._regions[country]]
        return (self._emails if name == "email" else self._customers)[text]

    def problem(self, name: str, code: str, text: str, country: str) -> RowProblem:
        """What is wrong with the text in the column of one of the three. country: as in a call."""
        region = self._regions[country] or country.strip() or "?"
        return RowProblem(code, column=self._headings[name], value=text, region=region, limit=200)

    def _warn(
        self, row_no: int, checked: Sequence[Checked], texts: Sequence[str], country: str, cells: list[str]
    ) -> None:
        self.ignored += sum(result.problem == PLACEHOLDER for result in checked)
        problems = [
            self.problem(name, result.problem, text, country)
            for name, result, text in zip(IDENTIFYING, checked, texts, strict=True)
            if result.problem not in ("", PLACEHOLDER)
        ]
        # Over several lines it is no slip in one value: other rows are in it, and must not vanish with a warning.
        broken = [problem for problem in problems if problem.code not in MASKED]
        if broken and (not any(result.value for result in checked) or any("\n" in text for text in texts)):
            raise broken[0]
        self._warnings.extend(as_reject(row_no, problem, cells) for problem in problems)
