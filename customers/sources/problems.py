"""What can be wrong with a file or one of its rows: codes for programs, sentences for people."""

from collections.abc import Mapping as Params
from collections.abc import Sequence
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


def as_reject(row_no: int, problem: RowProblem, cells: Sequence[str]) -> Reject:
    """The problem as a row for the report. NUL is shown: no database column takes it."""
    raw = tuple(cell.replace("\0", "␀") for cell in cells)
    return Reject(row_no, problem.column, problem.code, problem.params, raw)


class SourceError(Exception):
    """The file as a whole cannot be read (further). `row` and `column` say where, 0 and "" when it is everywhere."""

    def __init__(self, code: str, *, row: int = 0, column: str = "", **params: Param) -> None:
        super().__init__(code, row, column, params)
        self.code, self.row, self.column = code, row, shown_text(column)
        self.params: dict[str, Param] = {key: shown(value) for key, value in params.items()}


class Question(NamedTuple):
    """Something a file does not prove, and that changes money, people or days: it is asked before anything is written.

    The mapping's entry `entry` ("date_order", "per.shipping") answers it with one of `readings`. `samples` are cells.
    worth: what the file comes to in each of the readings, such as "84.00 USD"; () where that is not known.
    """

    code: str
    entry: str
    column: str
    readings: tuple[str, ...]
    samples: tuple[str, ...] = ()
    worth: tuple[str, ...] = ()


class Unsure(SourceError):
    """The file can be read in more than one way; `questions` say where, one a column."""

    def __init__(self, questions: Sequence[Question]) -> None:
        first = questions[0]
        columns = ", ".join(each.column for each in questions if each.column)
        super().__init__("unsure" if columns else first.code, column=first.column, columns=columns)
        self.questions = list(questions)


def shown(value: Param) -> Param:
    return shown_text(value) if isinstance(value, str) else value


def shown_text(text: str) -> str:
    """Short enough for a message, and fit for a database, which knows no NUL."""
    text = text.replace("\0", "␀")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


SENTENCES: dict[str, str | Promise] = {
    # Rows
    "address_too_long": _(
        "“%(value)s” is longer than the %(limit)s characters that an address has room for. The row is used without it."
    ),
    "ambiguous_date": _("“%(value)s” may be day first or month first. Say in the mapping which it is."),
    "ambiguous_number": _("“%(value)s” may be thousands or a decimal. Say in the mapping which sign marks decimals."),
    "amount_too_large": _("The amount “%(value)s” is too large to be true."),
    "buddhist_year": _("The year in “%(value)s” is counted in the Buddhist era. Write it 543 years lower."),
    "control_character": _("“%(value)s” holds a control character, which no id has."),
    "currency_mismatch": _("“%(value)s” names another currency than the row, which is in %(currency)s."),
    "date_in_future": _("The time “%(value)s” is still to come. Check the order of day and month, and the time zone."),
    "date_out_of_range": _("The date “%(value)s” lies before 1970 or after 2100."),
    "discount_too_large": _("The discount is larger than the price of the line."),
    "excel_serial_date": _("“%(value)s” is a spreadsheet's inner number. Format the column as a date and save again."),
    "fractional_quantity": _("The quantity “%(value)s” is not a whole number."),
    "hidden_letters": _(
        "Only its format shows “%(value)s” with letters, in a way we cannot read. Format the column as text."
    ),
    "invalid_date": _("“%(value)s” is not a date we can read. Write it like 2026-11-22 or 2026-11-22 18:30."),
    "invalid_email": _("“%(value)s” is not an e-mail address."),
    "invalid_phone": _("“%(value)s” is not a phone number of %(region)s, nor one with a country code."),
    "unassigned_phone": _("“%(value)s” is not a phone number that any country has given out. Check its digits."),
    "invalid_addresses": _(
        "These are not addresses as we write them into files, at most %(limit)s. The row is used without them."
    ),
    "identifier_taken": _("“%(value)s” is of another customer already, and stays with them."),
    "masked_address": _("Addresses are masked in this file, here first. Rows are used without those that are."),
    "masked_email": _("“%(value)s” is masked. The row is used without an e-mail address."),
    "masked_id": _("“%(value)s” is masked and may be of many. The row is used without a customer number."),
    "masked_phone": _("“%(value)s” is masked. The row is used without a phone number."),
    "missing_value": _("This cell is empty, but every row needs it."),
    "no_sale": _("“%(value)s” is neither a sale nor a refund to a buyer."),
    "not_a_number": _("“%(value)s” is not a number."),
    "names_nobody": _("The row names nobody: it has no customer number, e-mail or phone that can be used."),
    "no_address": _("The row holds no e-mail address or phone number that can be used."),
    "not_yes_or_no": _("“%(value)s” is neither yes nor no."),
    "nul_character": _("The row holds a NUL character: the file was damaged or is not text."),
    "no_order": _("“%(value)s” is no order: it was never placed, or it was thrown away."),
    "order_incomplete": _("The file holds only a part of order “%(order)s”: its lines and amounts were kept."),
    "order_left_out": _("Row %(row)s of this order cannot be used, and an order is taken whole or not at all."),
    "other_day": _("The order's first row is of %(first)s, this one of %(value)s: give each order a number."),
    "other_order": _(
        "The shop has an order %(order)s already, of another day or buyer. If these are of another storefront, put"
        " something before their numbers."
    ),
    "two_orders": _("“%(value)s” is another order than “%(first)s”, with the same number."),
    "other_number": _("The product is known by the number “%(value)s”. The one in this row is not taken."),
    "other_currency": _("The order's first row is in %(first)s, this one in %(value)s: an order has one currency."),
    "other_customer": _("The order's first row names “%(first)s”, this one “%(value)s”: give each order a number."),
    "placeholder": _("“%(value)s” stands for no number: rows that have nothing in common may carry it."),
    "quantity_too_large": _("The quantity “%(value)s” is too large to be true."),
    "quote_not_closed": _("A quotation mark seems not to be closed here: the row runs over %(lines)s lines."),
    "refund_unsure": _(
        "The total is below zero and the state is “%(value)s”, so it is not sure whether the money went back. Write"
        " refunded as the state if it did, and leave the row out if it did not."
    ),
    "refund_unknown": _("Part of the order was refunded (“%(value)s”), but no column says how much."),
    "refund_too_large": _("More is refunded of order “%(order)s” than this total, or in another currency."),
    "rounded_numbers": _(
        "%(count)s order numbers end in zeros, as “%(value)s” does: a spreadsheet may have rounded them."
    ),
    "reserved_email": _("“%(value)s” is in a reserved domain, such as .test or .local, where no mail arrives."),
    "row_repeated": _("This row stands in the file before, at row %(row)s. It was counted once."),
    "rounded_customer_numbers": _(
        "%(count)s customer numbers end in zeros, as “%(value)s” does: a spreadsheet may have rounded them."
    ),
    "same_customer": _("Row %(row)s is of the same customer. Where the two differ, this later one counts."),
    "same_product": _("Row %(row)s is of the same product. Where the two differ, this later one counts."),
    "second_number": _("“%(value)s” is another number for a customer who has one already, and is not taken."),
    "several_emails": _("“%(value)s” seems to hold several e-mail addresses. Put semicolons between them."),
    "scientific_id": _("“%(value)s” was shortened by a spreadsheet. Format the column as text and save again."),
    "unknown_consent": _(
        "There is no consent “%(value)s”: its channel or topic is not known here. The column is left out."
    ),
    "unknown_consent_word": _("“%(value)s” does not say whether somebody agreed. The row is used without it."),
    "unclear_opt_out": _("“%(value)s” does not say whether somebody has opted out. They are taken to have."),
    "invalid_price": _("“%(value)s” is no amount that a product can have. The product is taken without it."),
    "invalid_category": _(
        "The category “%(value)s” is too long, or has an empty part. The product is taken without its categories."
    ),
    "too_many_categories": _("The cell holds more than %(limit)s categories. The product is taken without them."),
    "invalid_ip": _("“%(value)s” is not an IP address. The consent is taken without it."),
    "unknown_attribute": _(
        "There is no attribute “%(value)s”. Make it in the settings first; until then the column is left out."
    ),
    "invalid_attribute": _("“%(value)s” is no value of this attribute. The row is used without it."),
    "invalid_about": _("“%(value)s” cannot be taken here. The row is used without it."),
    "tag_too_long": _("The tag “%(value)s” is longer than %(limit)s characters. The row is used without its tags."),
    "too_many_addresses": _(
        "“%(value)s” is not taken: its customer has %(limit)s addresses already, as many as one can."
    ),
    "too_many_identifiers": _(
        "“%(value)s” is not taken: its customer has %(limit)s numbers, e-mails and phones already, as many as one can."
    ),
    "too_many_tags_worn": _("“%(value)s” is not put on: its customer wears %(limit)s tags, as many as one can."),
    "too_many_tags": _("The cell holds more than %(limit)s tags. The row is used without them."),
    "too_long": _("The text is longer than %(limit)s characters."),
    "two_digit_year": _("The year in “%(value)s” has two digits only. Write four."),
    "unknown_zone": _("“%(value)s” is the time of several parts of the world, or of none that we know."),
    "unknown_currency": _("“%(value)s” is not a currency code such as EUR or CNY."),
    "unknown_record": _("“%(value)s” is not a kind of row that our own files have."),
    "unknown_status": _("“%(value)s” is not a status we know. Say in the mapping what it means."),
    "virtual_phone": _("“%(value)s” is lent to many buyers by a marketplace. The row is used without it."),
    "wrong_cell_count": _("The row has %(found)s cells, the heading %(expected)s."),
    # Files
    "ambiguous_dates": _("All dates could be read day first or month first. Say in the mapping which it is."),
    "archive_empty": _("There is no file in the archive."),
    "archive_encrypted": _("The archive is locked with a password."),
    "archive_members": _("The archive holds %(found)s files (%(names)s). Upload each of them on its own."),
    "archive_nested": _("There is another archive inside the archive. Upload the file itself."),
    "cell_too_long": _("A cell of row %(row)s does not end: most likely a quotation mark is never closed."),
    "compression_bomb": _("The archive unpacks to more than %(ratio)s times its size. Upload the file itself."),
    "corrupt_archive": _("The archive is damaged and cannot be unpacked."),
    "document": _("This is a text document or presentation, not a table. Export the orders as CSV or .xlsx."),
    "duplicate_column": _("Two columns are called “%(name)s”. Rename one, so that we know which to read."),
    "empty_file": _("The file is empty."),
    "encoding_mixed": _(
        "From about row %(row)s the text no longer reads as %(encoding)s. Save the file as “CSV UTF-8”."
    ),
    "encoding_unclear": _(
        "The encoding is not sure (perhaps %(candidates)s). Say which it is, or save the file as “CSV UTF-8”."
    ),
    "file_too_large": _("The file unpacks to more than %(limit)s bytes. Split it and import the parts one by one."),
    "heading_row_missing": _("Row %(row)s, which should be the heading, is empty or missing."),
    "json": _("This is JSON, not a table. Export the orders as CSV or .xlsx."),
    "line_too_long": _("Row %(row)s is longer than %(limit)s characters. This is not a list of orders."),
    "mail": _("This is a mail, not a table. Save the file attached to it and upload that."),
    "mapping_invalid": _("The mapping cannot be used: %(reason)s"),
    "missing_column": _("The column “%(name)s” is missing."),
    "missing_address_column": _("No column holds addresses: an e-mail or phone is needed."),
    "missing_customer_column": _("No column says who the customer is: a customer number, e-mail or phone is needed."),
    "no_amounts": _("We found no amount in this file: all its orders would come to 0."),
    "no_rows": _("The file has a heading, but no rows."),
    "not_found": _("The file cannot be opened."),
    "not_text": _("This is not a text file, so it cannot be a table. Export the orders as CSV or .xlsx."),
    "old_workbook": _("This is a workbook of an old Excel (.xls). Save it as .xlsx and upload that."),
    "opendocument": _("This is an OpenDocument file (.ods). Save it as .xlsx or “CSV UTF-8” and upload that."),
    "other_heading": _("In row %(row)s another table begins, with other columns. Import the two one by one."),
    "other_kind": _("This preset or mapping is not for a list of %(kind)s."),
    "pdf": _("This is a PDF, not a table. Export the orders as CSV or .xlsx."),
    "picture": _("This is a picture, not a table. Export the orders as CSV or .xlsx."),
    "rtf": _("This is formatted text (RTF), not a table. Export the orders as CSV or .xlsx."),
    "too_many_different_tags": _(
        "The column of tags holds more than %(limit)s different ones: it seems to be a column of something else."
    ),
    "too_many_orders": _("The file has no order numbers, and more than %(limit)s orders: too many to number safely."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it and import the parts one by one."),
    "unsure": _("The file can be read in more than one way: %(columns)s. Say which one is right."),
    "undecodable": _("In row %(row)s is a byte that is no %(encoding)s text. Save the file as “CSV UTF-8”."),
    "unknown_preset": _("There is no preset “%(name)s”."),
    "unterminated_quote": _("The quotation mark opened in row %(row)s is never closed."),
    "web_page": _(
        "This is a web page, not a table: perhaps the page that asks to log in. Export the orders as CSV or .xlsx."
    ),
    "workbook": _("Spreadsheets of this kind cannot be read. Save it as .xlsx or “CSV UTF-8” and upload that."),
    "workbook_damaged": _(
        "The workbook is damaged and cannot be opened. Open it in Excel, save it again and upload that."
    ),
    "workbook_encrypted": _("The workbook is locked with a password. Save it without one and upload that."),
    "workbook_too_large": _("The workbook is too large to open here. Save its sheet as “CSV UTF-8” and upload that."),
    "xml": _("This is XML, not a table. Export the orders as CSV or .xlsx."),
}  # fmt: skip


# The entry of the mapping that says what a cell, or the file, leaves open.
ENTRIES = {
    "ambiguous_date": "date_order",
    "ambiguous_dates": "date_order",
    "ambiguous_number": "decimal",
    "unknown_status": "statuses",
    "unknown_zone": "zones",
    "encoding_unclear": "encoding",
}


def describe_reject(code: str, params: Params[str, Param]) -> str:
    """The sentence for a code, translated only when it is shown. Also for a SourceError: describe_error()."""
    return _described(code, dict(params))


def describe_error(error: SourceError) -> str:
    """The sentence for a file that cannot be read."""
    return _described(error.code, {"row": error.row, "column": error.column, **error.params})


class Reasons:
    """The sentences of many rows in the language that is active, each translated once."""

    def __init__(self) -> None:
        self._sentences: dict[str, str] = {}

    def __call__(self, code: str, params: Params[str, Param]) -> str:
        if (sentence := self._sentences.get(code)) is None:
            sentence = self._sentences[code] = _sentence(code)
        return sentence % _Lenient(params)


@lazy
def _described(code: str, params: dict[str, Param]) -> str:
    return _sentence(code) % _Lenient(params)


def _sentence(code: str) -> str:
    sentence = SENTENCES.get(code)
    if sentence is None:
        return gettext("The row cannot be used (%(code)s).") % {"code": code.replace("%", "%%")}
    return str(sentence)


class _Lenient(dict[str, Param]):
    """A report must appear even if an older row lacks a parameter."""

    def __missing__(self, key: str) -> str:
        return "?"
