"""News of customers for the apps above, which may not be imported here."""

from django.dispatch import Signal

# An import has written its last order. In the transaction that says so: what a receiver writes stands or falls with it.
# Sent by ImportJob with `job`, `shop`, `at` (an aware datetime).
import_finished = Signal()
