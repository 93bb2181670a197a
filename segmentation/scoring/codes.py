"""Names by position, for SQL: new_scores.sql carries numbers, the tables hold names."""

from customers.domain import lifecycle
from segmentation.domain.rfm import group_rows

STAGES = [stage.name.lower() for stage in sorted(lifecycle.Stage)]
REASONS = [reason.name.lower() for reason in sorted(lifecycle.Reason)]
# All 125 cells by r, then f, then m: the cell of scores r, f, m is at 25 r + 5 f + m - 30, counted from 1.
GROUPS = [str(group) for _, _, _, group in group_rows()]
