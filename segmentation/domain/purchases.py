"""From purchase days, which the models count, to orders, which the shop counts."""

import numpy as np

from segmentation.domain.summary import Floats, Numbers

# So many of the shop's days are lent to each customer: two orders on the first day are chance, on fifty days a habit.
BORROWED_DAYS = 5.0


def orders_per_purchase(orders: Numbers, purchase_days: Numbers) -> Floats:
    """Orders on one purchase day of each customer, shape (n,), at least 1: their own, shrunk towards the shop's.

    Expected purchases times this are expected orders, and the value of a purchase divided by it is that of an order;
    so what is expected in money stays the same. ValueError if anybody has fewer orders than days.
    """
    if np.any(orders < purchase_days):
        raise ValueError("There is an order on each purchase day.")
    days = float(purchase_days.sum())
    shop = float(orders.sum()) / days if days else 1.0
    found: Floats = (orders + BORROWED_DAYS * shop) / (purchase_days + BORROWED_DAYS)
    return found
