"""What can be wrong with a file or one of its rows: codes for programs, sentences for people."""

from collections.abc import Mapping as Params
from typing import NamedTuple

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Param = str | int
_SHOWN = 80


class Reject(NamedTuple):
    """One row that cannot be used. Row 1 is the first of the file, as a spreadsheet counts; NULs in `raw` show as ␀."""

    row_no: int
    column: str
    code: str
    params: dict[str, Param]
    raw: tuple[str, ...]


class RowProblem(Exception):
    """Raised while one row is converted; the reader makes it a Reject."""

    def __init__(self, code: str, *, column: str = "", **params: Param) -> None:
        super().__init__(code)
        self.code, self.column = code, column
        self.params: dict[str, Param] = {key: shown(value) for key, value in params.items()}


class SourceError(Exception):
    """The file as a whole cannot be read (further). `row` and `column` say where, 0 and "" when it is everywhere."""

    def __init__(self, code: str, *, row: int = 0, column: str = "", **params: Param) -> None:
        super().__init__(code, row, column, params)
        self.code, self.row, self.column = code, row, shown_text(column)
        self.params: dict[str, Param] = {key: shown(value) for key, value in params.items()}


def shown(value: Param) -> Param:
    return shown_text(value) if isinstance(value, str) else value


def shown_text(text: str) -> str:
    """Short enough for a message, and fit for a database, which knows no NUL."""
    text = text.replace("\0", "␀")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


SENTENCES: dict[str, str | Promise] = {
    # Rows
    "ambiguous_date": _("“%(value)s” may be day first or month first. Say in the mapping which it is."),
    "ambiguous_number": _("“%(value)s” may be thousands or a decimal. Say in the mapping which sign marks decimals."),
    "amount_too_large": _("The amount “%(value)s” is too large to be true."),
    "control_character": _("“%(value)s” holds a control character, which no id has."),
    "date_out_of_range": _("The date “%(value)s” lies before 1970 or after 2100."),
    "discount_too_large": _("The discount is larger than the price of the line."),
    "excel_serial_date": _("“%(value)s” is a spreadsheet's inner number. Format the column as a date and save again."),
    "fractional_quantity": _("The quantity “%(value)s” is not a whole number."),
    "invalid_date": _("“%(value)s” is not a date we can read. Write it like 2026-11-22 or 2026-11-22 18:30."),
    "invalid_email": _("“%(value)s” is not an e-mail address."),
    "invalid_phone": _("“%(value)s” is not a phone number of %(region)s, nor one with a country code."),
    "missing_value": _("This cell is empty, but every row needs it."),
    "not_a_number": _("“%(value)s” is not a number."),
    "nul_character": _("The row holds a NUL character: the file was damaged or is not text."),
    "other_currency": _("The order's first row is in %(first)s, this one in %(value)s: an order has one currency."),
    "other_customer": _("The order's first row names “%(first)s”, this one “%(value)s”: give each order a number."),
    "quantity_too_large": _("The quantity “%(value)s” is too large to be true."),
    "quote_not_closed": _("A quotation mark seems not to be closed here: the row runs over %(lines)s lines."),
    "refund_too_large": _("More is refunded of order “%(order)s” than this total, or in another currency."),
    "reserved_email": _("“%(value)s” is in a reserved domain, such as .test or .local, where no mail arrives."),
    "scientific_id": _("“%(value)s” was shortened by a spreadsheet. Format the column as text and save again."),
    "too_long": _("The text is longer than %(limit)s characters."),
    "two_digit_year": _("The year in “%(value)s” has two digits only. Write four."),
    "unknown_currency": _("“%(value)s” is not a currency code such as EUR or CNY."),
    "unknown_status": _("“%(value)s” is not a status we know. Say in the mapping what it means."),
    "wrong_cell_count": _("The row has %(found)s cells, the heading %(expected)s."),
    # Files
    "ambiguous_dates": _("All dates could be read day first or month first. Say in the mapping which it is."),
    "archive_encrypted": _("The archive is locked with a password."),
    "archive_members": _("The archive must hold exactly one file; this one holds %(found)s."),
    "archive_nested": _("There is another archive inside the archive. Upload the file itself."),
    "cell_too_long": _("A cell of row %(row)s does not end: most likely a quotation mark is never closed."),
    "compression_bomb": _("The archive unpacks to more than %(ratio)s times its size. Upload the file itself."),
    "corrupt_archive": _("The archive is damaged and cannot be unpacked."),
    "duplicate_column": _("Two columns are called “%(name)s”. Rename one, so that we know which to read."),
    "empty_file": _("The file is empty."),
    "encoding_unclear": _("We cannot tell the encoding of the text. Save the file as “CSV UTF-8”."),
    "file_too_large": _("The file unpacks to more than %(limit)s bytes. Split it and import the parts one by one."),
    "line_too_long": _("Row %(row)s is longer than %(limit)s characters. This is not a list of orders."),
    "mapping_invalid": _("The mapping cannot be used: %(reason)s"),
    "missing_column": _("The column “%(name)s” is missing."),
    "missing_customer_column": _("No column says who the customer is: a customer number, e-mail or phone is needed."),
    "no_rows": _("The file has a heading, but no rows."),
    "not_found": _("The file cannot be opened."),
    "too_many_orders": _("The file has no order numbers, and more than %(limit)s orders: too many to number safely."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it and import the parts one by one."),
    "undecodable": _("In row %(row)s is a byte that is no %(encoding)s text. Save the file as “CSV UTF-8”."),
    "unknown_preset": _("There is no preset “%(name)s”."),
    "unterminated_quote": _("The quotation mark opened in row %(row)s is never closed."),
    "workbook": _("This is a spreadsheet file, not CSV. Save it as “CSV UTF-8” and upload that."),
}  # fmt: skip


def describe_reject(code: str, params: Params[str, Param]) -> str:
    """The sentence for a code, translated only when it is shown. Also for a SourceError: describe_error()."""
    return _described(code, dict(params))


def describe_error(error: SourceError) -> str:
    """The sentence for a file that cannot be read."""
    return _described(error.code, {"row": error.row, "column": error.column, **error.params})


@lazy
def _described(code: str, params: dict[str, Param]) -> str:
    sentence = SENTENCES.get(code)
    if sentence is None:
        return gettext("The row cannot be used (%(code)s).") % {"code": code}
    return str(sentence) % _Lenient(params)


class _Lenient(dict[str, Param]):
    """A report must appear even if an older row lacks a parameter."""

    def __missing__(self, key: str) -> str:
        return "?"
