from crm.shops.audit.chain import record
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import JobKind
from tests.toy.models import ReminderJob, Wish


def _remind(job, at):
    with shop_scope(job.shop_id):
        Wish.objects.update(is_reminded=True)
        record("wish.reminded", by=None)
        job.finish(ReminderJob.State.DONE)


REMINDERS = JobKind(
    "toy.remind",
    ReminderJob,
    do=_remind,
    right="see_customers",
    label=lambda job: "Reminding of wishes",
    url=lambda job, slug: f"/s/{slug}/wishes/",
)
