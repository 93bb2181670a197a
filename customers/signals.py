"""News of customers for the apps above, which may not be imported here."""

from django.dispatch import Signal

# An import has written its last order. In the transaction that says so: what a receiver writes stands or falls with it.
# Sent by ImportJob with `job`, `shop`, `at` (an aware datetime).
import_finished = Signal()

# Customers were deleted, many at once, in the transaction that does it: whoever keeps ids where no foreign key finds
# them takes these out. Sent by Customer with `shop`, `ids` (a list of int).
customers_removed = Signal()

# No scores are made of these customers from now on: whoever has made any forgets them, in the transaction that says so
# and under the lock of customers/profile. Sent by Customer with `ids` (a list of int).
customers_left_out = Signal()

# An import was undone to the end, in the transaction that says so. Sent by ImportJob with `job`, `shop`, `at`.
import_undone = Signal()
