"""What is kept of customers and imports for a while only."""

from crm.lib.retention import Retention
from customers.imports.journals import forget_old_journals

RETENTION = [Retention("journals of imports", 30, forget_old_journals)]
