"""Names by position, for SQL: new_scores.sql carries numbers, the tables hold names."""

from customers.domain import lifecycle

STAGES = [stage.name.lower() for stage in sorted(lifecycle.Stage)]
REASONS = [reason.name.lower() for reason in sorted(lifecycle.Reason)]
