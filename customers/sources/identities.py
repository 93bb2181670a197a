"""The customer's number, e-mail and phone in a row, in their normal forms; what is wrong with them is told."""

from collections.abc import Callable, Mapping, Sequence

from customers.domain.identity import (
    MASKED,
    PLACEHOLDER,
    Checked,
    normalise_customer_id,
    normalise_email,
    normalise_phone,
)

from .fields import IDENTIFYING
from .lines import Memo
from .problems import Reject, RowProblem, as_reject


class Identities:
    """Reads the three of a row. Made once per file; what a kept row loses is added to `warnings`.

    headings: of the three fields, "" for one without a column. region: the country of phone numbers without a country
    code. ignored: how many placeholders ("Guest", 0, N/A) stood where an identifier should.
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
        self.customers: Memo[str, Checked] = Memo(normalise_customer_id)
        self.emails: Memo[str, Checked] = Memo(email)
        self.phones: Memo[str, Checked] = Memo(lambda text: normalise_phone(text, region))

    def __call__(
        self, row_no: int, customer_text: str, email_text: str, phone_text: str, cells: list[str]
    ) -> tuple[str | None, str | None, str | None]:
        """The three. A broken one is left out with a warning, or rejects the row if it is the only one."""
        customer, email, phone = self.customers[customer_text], self.emails[email_text], self.phones[phone_text]
        if customer.problem or email.problem or phone.problem:
            self._warn(row_no, (customer, email, phone), (customer_text, email_text, phone_text), cells)
        return customer.value, email.value, phone.value

    def problem(self, name: str, code: str, text: str) -> RowProblem:
        """What is wrong with the text in the column of one of the three."""
        return RowProblem(code, column=self._headings[name], value=text, region=self._region or "?", limit=200)

    def _warn(self, row_no: int, checked: Sequence[Checked], texts: Sequence[str], cells: list[str]) -> None:
        self.ignored += sum(result.problem == PLACEHOLDER for result in checked)
        problems = [
            self.problem(name, result.problem, text)
            for name, result, text in zip(IDENTIFYING, checked, texts, strict=True)
            if result.problem not in ("", PLACEHOLDER)
        ]
        # Over several lines it is no slip in one value: other rows are in it, and must not vanish with a warning.
        broken = [problem for problem in problems if problem.code not in MASKED]
        if broken and (not any(result.value for result in checked) or any("\n" in text for text in texts)):
            raise broken[0]
        self._warnings.extend(as_reject(row_no, problem, cells) for problem in problems)
