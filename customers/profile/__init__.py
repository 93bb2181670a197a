"""What the record says about the person: their relation to the shop, their zone, and whether they may be scored."""

from customers.profile.definitions import KindRefused, change_kind, create_kind
from customers.profile.kinds import Kind, Kinds, holders, kinds, kinds_for_writing, kinds_not_scored
from customers.profile.profiling import OUT_OF_SCORES, WhyNot, are_left_out, left_out, lock, settle, why_not
from customers.profile.zones import time_zone_of

__all__ = [
    "OUT_OF_SCORES",
    "Kind",
    "KindRefused",
    "Kinds",
    "WhyNot",
    "are_left_out",
    "change_kind",
    "create_kind",
    "holders",
    "kinds",
    "kinds_for_writing",
    "kinds_not_scored",
    "left_out",
    "lock",
    "settle",
    "time_zone_of",
    "why_not",
]
