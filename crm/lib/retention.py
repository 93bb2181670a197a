"""What is kept for a while only: a list `RETENTION` in the module `retention` of an app; crm/tasks.py clears up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Forget(Protocol):
    def __call__(self, *, now: datetime) -> int:
        """Delete some of what is over by now, of all shops, as the platform; return how many, 0 once none are left."""


@dataclass(frozen=True)
class Retention:
    name: str
    order: int
    forget: Forget
