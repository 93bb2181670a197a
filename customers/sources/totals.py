"""Whether a column of totals is of orders or of rows, and a column of prices of one piece or of all pieces of a row.

A heading such as "Total" or "应付金额" stands above both in exports, and so does "Price". The rows prove it: quantity x
price is the total on each row, or the sum of the order's rows is the total that each of them says. Amounts are compared
as numbers, and each order has one vote, so that a single odd one turns nothing round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from .lines import Memo
from .mapping import Columns, heading_key
from .numbers import Number, is_free, is_no_amount, minor_units, parse_number, parse_quantity
from .problems import RowProblem

PER_ORDER, PER_ROW = "order", "row"
PROVEN = 0.9  # of the orders that tell; the others are noise
MOST_ROWS = 200_000  # that are remembered, until the other rows of their orders have come
_FEWEST_LINE_PRICES = 2  # one order may come to the price of one piece by itself, such as "two for one"
# Without prices, equal totals on the rows of an order prove something where there are many, and not all the same.
_MANY_ORDERS, _MANY_TOTALS = 10, 5
# Headings that do not even say that they are of the order.
_BARE = frozenset(
    map(heading_key, ("total", "total price", "total amount", "amount", "总金额", "总价", "合计", "金额"))
)


def is_bare(heading: str) -> bool:
    """Whether the heading names a total, but not of what."""
    return heading_key(heading) in _BARE


class _Row(NamedTuple):
    """Minor units. total: None where the cell is empty. worth, as_line: what the row comes to where its price is that
    of one piece, or of all; None where the file has no prices. The others: 0 where the row says nothing.
    """

    total: int | None
    worth: int | None
    as_line: int | None
    off: int
    shipping: int
    tax: int


@dataclass
class _Votes:
    """Of orders. sure: their sums fit in this reading only. likely: the other reading would be odd."""

    sure: int = 0
    likely: int = 0

    @property
    def all(self) -> int:
        return self.sure + self.likely


class Totals:
    """What the rows seen so far say. digits: decimals of money, at least those of the file's currency.

    said: "row" where somebody has said so; "" leaves it to the rows.
    """

    def __init__(self, columns: Columns, decimal: str, digits: int, said: str = "") -> None:
        self._at, self._said = columns.at, said
        self.heading = columns.headings["order_total"]
        self._has_line_total, self._has_price = "line_total" in self._at, "unit_price" in self._at
        self._numbers: Memo[str, Number] = Memo(lambda text: parse_number(text, decimal))
        self._quantities: Memo[str, int] = Memo(lambda text: parse_quantity(text, decimal))
        self._digits = digits
        self._rows: dict[str, list[_Row | None]] = {}
        self._remembered = 0
        self._by_order, self._by_row = _Votes(), _Votes()
        self._open, self._open_totals = 0, set[int]()
        self._as_orders = self._as_rows = 0  # what all totals come to in each reading
        self._of_lines = self._with_more = 0  # orders whose rows' totals are without shipping and tax, or with them
        self._of_one = self._of_all = self._of_several = 0  # orders of several pieces: whose price is it

    def add_all(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of one order may stand apart."""
        order_at = self._at["order_id"]
        for cells in rows:
            if order_at < len(cells) and (order := cells[order_at].strip()):
                self._rows.setdefault(order, []).append(self._row(cells))
        self._remembered += len(rows)
        if self._remembered > MOST_ROWS:
            self._count()

    def matters(self) -> bool:
        """Whether it makes a difference of what the totals are."""
        self._count()
        return bool(self._said or self._by_order.all or self._by_row.all or self._open)

    def reading(self) -> str:
        """ "order" or "row"; "" where the rows do not tell, and it makes a difference."""
        self._count()
        if self._said:
            return self._said
        order, row = self._by_order, self._by_row
        sure, all_ = order.sure + row.sure, order.all + row.all + self._open
        if not all_:
            return PER_ORDER
        for reading, votes in ((PER_ORDER, order), (PER_ROW, row)):
            if sure * 2 >= all_ and votes.sure >= PROVEN * sure:
                return reading
        # Equal totals on all rows of an order speak for neither; they are what totals of rows seldom are.
        if row.all >= PROVEN * all_:
            return PER_ROW
        if order.all and order.all >= PROVEN * (order.all + row.all):
            return PER_ORDER
        is_seldom_odd = row.all <= (1 - PROVEN) * all_
        is_many = self._open >= _MANY_ORDERS and len(self._open_totals) >= _MANY_TOTALS
        return PER_ORDER if is_seldom_odd and (is_many or not is_bare(self.heading)) else ""

    def worth(self) -> tuple[int, int]:
        """What all totals come to where each order has one, and where each row has, with `digits` decimals."""
        self._count()
        return self._as_orders, self._as_rows

    def is_line_total(self) -> bool:
        """Whether a total of rows is that of their lines alone, so that shipping and tax come on top of it.

        A heading that says more than "Total" is of what is paid, with all that is in it.
        """
        self._count()
        return is_bare(self.heading) and not self._has_line_total and self._of_lines >= self._with_more

    def is_price_of_all(self) -> bool:
        """Whether totals prove that a price is that of all pieces of its row."""
        self._count()
        told = self._of_one + self._of_all
        is_sure = self._of_all >= _FEWEST_LINE_PRICES and self._of_all >= PROVEN * told
        return is_sure and told * 2 >= self._of_several

    def _row(self, cells: Sequence[str]) -> _Row | None:
        """None where a number cannot be read: the row will be left out, and tells nothing."""
        try:
            discount = abs(self._amount("discount", cells) or 0)
            worth = as_line = None
            if self._has_line_total:
                worth = self._amount("line_total", cells) or 0
            elif self._has_price:
                quantity = self._quantity(cells)
                as_line = (self._amount("unit_price", cells) or 0) - discount
                worth = (self._amount("unit_price", cells, quantity) or 0) - discount
            return _Row(
                self._amount("order_total", cells),
                worth,
                as_line,
                abs(self._amount("order_discount", cells) or 0),
                self._amount("shipping", cells) or 0,
                self._amount("tax", cells) or 0,
            )
        except RowProblem:
            return None

    def _amount(self, name: str, cells: Sequence[str], times: int = 1) -> int | None:
        text = self._text(name, cells)
        is_none = is_no_amount(text) or (name == "shipping" and is_free(text))
        return None if is_none else minor_units(self._numbers[text], self._digits, times)

    def _quantity(self, cells: Sequence[str]) -> int:
        return self._quantities[self._text("quantity", cells)] if "quantity" in self._at else 1

    def _text(self, name: str, cells: Sequence[str]) -> str:
        at = self._at.get(name)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    def _count(self) -> None:
        for rows in self._rows.values():
            known = [row for row in rows if row]
            said = [row.total or 0 for row in known]
            self._as_orders += max(said, default=0)
            self._as_rows += sum(said)
            if len(known) == len(rows):
                self._look_at_prices(known)
                if len(known) > 1:
                    self._look_at_totals(known)
        self._rows.clear()
        self._remembered = 0

    def _look_at_prices(self, rows: Sequence[_Row]) -> None:
        if any(row.worth != row.as_line for row in rows) and rows[0].as_line is not None:
            self._of_several += 1
            of_one, of_all = (any(_fits(rows, (name,))) for name in ("worth", "as_line"))
            self._of_one += of_one and not of_all
            self._of_all += of_all and not of_one

    def _look_at_totals(self, rows: Sequence[_Row]) -> None:
        said = [row.total for row in rows if row.total]
        if not said:
            return
        is_same = len(set(said)) == 1
        as_order, as_row = _fits(rows, ("worth", "as_line"))
        if as_order and as_row:
            return
        if as_order:
            self._by_order.sure += 1
        elif as_row:
            self._by_row.sure += 1
            self._note_of_lines(rows)
        elif not is_same:
            self._by_row.likely += 1
        elif len(said) == 1 or len({row.worth for row in rows if row.worth}) > 1:
            self._by_order.likely += 1
        else:
            self._open += 1
            if len(self._open_totals) < _MANY_TOTALS:
                self._open_totals.add(said[0])

    def _note_of_lines(self, rows: Sequence[_Row]) -> None:
        if any(row.shipping or row.tax for row in rows):
            is_bare_sum = all((row.total or 0) <= max(row.worth or 0, row.as_line or 0) + 1 for row in rows)
            self._of_lines += is_bare_sum
            self._with_more += not is_bare_sum


def _fits(rows: Sequence[_Row], names: Sequence[str]) -> tuple[bool, bool]:
    """Whether the totals are that of the order on each row, and whether each is that of its row. names: of which worth,
    the likelier first.

    A cent for rounding is given where nothing fits without it.
    """
    if rows[0].worth is None:
        return False, False
    totals = {row.total for row in rows if row.total}
    for slack, name in product((0, 1), names):
        worths = [getattr(row, name) for row in rows]
        as_row = all(_is_row_of(row, worth, slack) for row, worth in zip(rows, worths, strict=True))
        as_order = len(totals) == 1 and _is_order_of(rows, sum(worths), min(totals), slack * len(rows))
        if as_order or as_row:
            return as_order, as_row
    return False, False


def _is_row_of(row: _Row, worth: int, slack: int) -> bool:
    total = row.total or 0
    more = product((0, row.off), (0, row.shipping), (0, row.tax))
    asked = {worth - off + shipping + tax for off, shipping, tax in more}
    return total == worth == 0 or (bool(total) and min(abs(total - each) for each in asked) <= slack)


def _is_order_of(rows: Sequence[_Row], worth: int, total: int, slack: int) -> bool:
    """Whether the order comes to the total with what the file says of it, be it on each row again or in parts."""
    parts = zip(*((row.off, row.shipping, row.tax) for row in rows), strict=True)
    asked = [worth - off + shipping + tax for off, shipping, tax in product(*({0, max(p), sum(p)} for p in parts))]
    return any(abs(total - each) <= slack for each in asked)
