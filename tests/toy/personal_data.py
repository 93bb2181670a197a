from customers.personal_data import PERSONAL_DATA, Columns, CustomerRows, Delete, Reassign
from customers.personal_data.columns import Kind, declare
from tests.toy.models import ReminderJob, Wish

PERSONAL_DATA.register(
    CustomerRows("wishes", Wish, ("customer",), Columns(("what", "wished_at")), Delete(), Reassign())
)
declare(ReminderJob, Kind.OTHER, "A word of the program's own.", "step")
